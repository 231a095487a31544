#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Third-party programs at the other end: a cell is a handshake, the
# expected cipher, and a message each way; with libcoap a GET and its
# answer. The profile of the kernel's side chooses the suite.
#	matrix.sh [PEER...]
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh
. tests/harness/netns.sh
. tests/interop/peers.sh

port=5000
finish() { # PROCESS...
	exec 6>&- 7>&-
	kill "$@" 2>/dev/null
	wait "$@" 2>/dev/null
	port=$((port + 1))
}

## lines, by openssl and gnutls

# The profile that chooses the suite, and accepts the peer's limits.
profile_for() { # PEER CIPHER AUTH
	case $1 in
	wolfssl | erlang) echo "$3-$2-$1" ;;
	*) echo "$3-$2" ;;
	esac
}

kernel_client() { # PEER CIPHER AUTH ADDRESS
	local pong=ping-$port
	peer_command "$1" server "$3" "$4" "$port" "$2"
	start peer "$NS_B" "${peer[@]}"
	local p=$started
	exec 6>"$dir/in.peer"
	# an emulated machine takes its time to start Erlang
	wait_for 120 netns_udp_bound in_b "$port"
	start ours "$NS_A" dtlscat -v -w 60 -p "$(profile_for "$@")" -n server.example "$4" "$port"
	local o=$started
	exec 7>"$dir/in.ours"
	echo "ping-$port" >&7
	if [ "$1" = openssl ]; then
		pong=pong-$port
		wait_for 60 says peer "ping-$port" && echo "$pong" >&6
	fi
	wait_for 60 says ours "$pong" && says err.ours "$2,"
	result=$?
	finish "$p" "$o"
}

kernel_server() { # PEER CIPHER AUTH ADDRESS
	start ours "$NS_A" dtlscat -l -e -v -w 120 -p "$(profile_for "$@")" "$4" "$port"
	local o=$started
	exec 7>"$dir/in.ours"
	wait_udp in_a "$port"
	peer_command "$1" client "$3" "$4" "$port" "$2"
	start peer "$NS_B" "${peer[@]}"
	local p=$started
	exec 6>"$dir/in.peer"
	wait_for 120 says err.ours "$2,"
	result=$?
	echo "ping-$port" >&6
	wait_for 60 says peer "ping-$port" || result=1
	finish "$p" "$o"
}

## CoAP, by libcoap: at our end its programs that know no DTLS, and dtlscat

declare -A coaps=([libcoap-openssl]=5684 [libcoap-gnutls]=5784)
word=word-$$-$RANDOM

coap_says_word() { # in_a|in_b ADDRESS PORT
	[ "$("$1" coap-client-notls -B 5 "coap://$2:$3/example_data")" = "$word" ]
}

# A CoAP server with the word as its resource.
coap_server() { # LOG in_a|in_b ADDRESS PORT COMMAND...
	"$2" "${@:5}" >"$dir/$1" 2>&1 </dev/null &
	wait_udp "$2" "$4"
	"$2" coap-client-notls -B 5 -m put -e "$word" "coap://$3:$4/example_data"
	wait_for 5 coap_says_word "$2" "$3" "$4"
}

coap_setup() {
	coap_server notls in_a 127.0.0.1 5683 coap-server-notls -A 127.0.0.1
	for p in "${!coaps[@]}"; do
		peer_command "$p" server any any "${coaps[$p]}"
		coap_server "$p" in_b "$B4" $((coaps[$p] - 1)) "${peer[@]}"
	done
}

# dtlscat between a socket of plain UDP and the network
start_gate() { # SOCAT-ADDRESS DTLSCAT-ARGUMENT...
	start ours "$NS_A" socat "$1" \
		"EXEC:\"dtlscat -d -v -w 60 ${*:2}\",nofork"
	exec 7>"$dir/in.ours"
	wait_udp in_a "$port"
}

coap_kernel_client() { # PEER CIPHER AUTH ADDRESS
	start_gate "UDP-LISTEN:$port,bind=127.0.0.1" -p "$3-$2" \
		-n server.example "$4" "${coaps[$1]}"
	in_a coap-client-notls -B 60 "coap://127.0.0.1:$port/example_data" \
		>"$dir/peer" 2>"$dir/err.peer"
	says peer "
$word
" && says err.ours "$2,"
	result=$?
	finish "$started"
}

coap_kernel_server() { # PEER CIPHER AUTH ADDRESS
	start_gate UDP:127.0.0.1:5683 -l -p "$3-$2" "$4" "$port"
	peer_command "$1" client "$3" "$4" "$port"
	ip netns exec "$NS_B" "${peer[@]}" >"$dir/peer" 2>"$dir/err.peer"
	says peer "
$word
" && says err.ours "$2,"
	result=$?
	finish "$started"
}

## all of them

cell() { # ROLE PEER CIPHER AUTH IP-VERSION
	local name="kernel is $1, $2, $3, $4, IPv$5" addr kind=kernel
	[ -z "${missing[$2]:-}" ] || {
		skip "$name" "${missing[$2]}"
		row="$row $(printf '%-*s' ${#3} skip)"
		return
	}
	case $1-$5 in
	client-4) addr=$B4 ;;
	client-6) addr=$B6 ;;
	server-4) addr=$A4 ;;
	server-6) addr=$A6 ;;
	esac
	case $2 in libcoap-*) kind=coap_kernel ;; esac
	"${kind}_$1" "$2" "$3" "$4" "$addr"
	if [ "$result" = 0 ]; then
		pass "$name"
		row="$row $(printf '%-*s' ${#3} yes)"
	else
		fail "$name" "$(tail -n 3 "$dir/err.ours" "$dir/err.peer" \
			"$dir/daemon.log")"
		row="$row $(printf '%-*s' ${#3} NO)"
	fi
}

# The cells of a peer. Two libraries of Debian 12 need options of the
# profile (dtls-handshaked.conf(5)), and have fewer cells, as has mbedTLS.
# wolfSSL is built there without IPv6.
cell_exists() { # PEER CIPHER AUTH IP-VERSION
	case $1-$2-$3-$4 in
	wolfssl-*-x509-4 | wolfssl-CHACHA20-POLY1305-psk-4) true ;;
	erlang-AES-128-GCM-*-4) true ;;
	mbedtls-*-x509-4 | mbedtls-AES-128-CCM-8-psk-*) true ;;
	wolfssl-* | erlang-* | mbedtls-*) false ;;
	esac
}

peers=(openssl gnutls libcoap-openssl libcoap-gnutls wolfssl erlang mbedtls)
[ $# = 0 ] || peers=("$@")
declare -A missing=()
peers_setup
[[ ${peers[*]} != *mbedtls* ]] || peer_mbedtls_build 2>"$dir/gcc.log" ||
	missing[mbedtls]="no libmbedtls in the root of Debian sid $(head -n 1 "$dir/gcc.log")"
[[ ${peers[*]} != *libcoap* ]] || coap_setup
printf '# %-38s %s\n' "kernel side, peer, keys, IP" "$ciphers" >"$dir/table"
for role in client server; do
	for p in "${peers[@]}"; do
		for auth in x509 psk; do
			for v in 4 6; do
				row=
				for c in $ciphers; do
					cell_exists "$p" "$c" $auth $v || {
						row="$row $(printf '%-*s' ${#c} -)"
						continue
					}
					cell $role "$p" "$c" $auth $v
				done
				printf '# %-38s%s\n' "$role, $p, $auth, IPv$v" "$row" \
					>>"$dir/table"
			done
		done
	done
done
cat "$dir/table"
done_testing
