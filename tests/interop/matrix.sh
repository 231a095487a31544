#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Programs nobody here wrote, at the other end: a cell is a handshake, the
# cipher that was to be, and a message each way. The peer (in B) chooses the
# suite; in A stand kdtls and dtls-handshaked.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh

dir=$(mktemp -d)
# shellcheck disable=SC2016 # expanded at exit
at_exit 'rm -rf "$dir"'
port=5000
ciphers="AES-128-GCM AES-256-GCM CHACHA20-POLY1305 AES-128-CCM AES-128-CCM-8"

setup() {
	(
		cd "$dir" || exit 1
		umask 077
		ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
		# shellcheck disable=SC2086 # several words
		openssl req -x509 $ec -days 2 -keyout ca.key -out ca.pem -subj "/CN=CA"
		# shellcheck disable=SC2086
		openssl req -new $ec -keyout server.key -out server.csr \
			-subj "/CN=server.example"
		echo "subjectAltName=DNS:server.example" >server.ext
		openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key \
			-CAcreateserial -days 2 -extfile server.ext -out server.pem
	) >"$dir/openssl.log" 2>&1
	umask 077
	echo "u1:0102030405060708090a0b0c0d0e0f10" >"$dir/psk"
	cat >"$dir/conf" <<-CONF
	[profile x509]
	role = both
	users = root
	verify = name
	ca = $dir/ca.pem
	certificate = $dir/server.pem
	private-key = $dir/server.key
	client-cert = optional

	[profile psk]
	role = both
	users = root
	peers = 10.77.0.0/24, fd77::/64
	psk-file = $dir/psk
	psk-identity = u1
	CONF
	netns_setup
	in_a dtls-handshaked -f -c "$dir/conf" >"$dir/daemon.log" 2>&1 &
	at_exit "kill $! 2>/dev/null || :"
	wait_for 20 grep -q ready "$dir/daemon.log"
}

openssl_suite() { # CIPHER AUTH
	local kx=ECDHE-ECDSA-
	[ "$2" = x509 ] || kx=PSK-
	case $1 in
	AES-128-GCM) echo "${kx}AES128-GCM-SHA256" ;;
	AES-256-GCM) echo "${kx}AES256-GCM-SHA384" ;;
	CHACHA20-POLY1305) echo "${kx}CHACHA20-POLY1305" ;;
	AES-128-CCM) echo "${kx}AES128-CCM" ;;
	AES-128-CCM-8) echo "${kx}AES128-CCM8" ;;
	esac
}

gnutls_priority() { # CIPHER AUTH
	local p=NORMAL:-VERS-ALL:+VERS-DTLS1.2:-CIPHER-ALL:+${1^^}
	[ "$2" = x509 ] || p=$p:-KX-ALL:+PSK
	echo "$p"
}

# PEER-as-ROLE CIPHER AUTH ADDRESS: the command, in the array peer
peer_command() {
	local what=$1 cipher=$2 auth=$3 addr=$4 bracket=$4
	case $addr in *:*) bracket="[$addr]" ;; esac
	case $what in
	openssl-*)
		peer=(openssl "s_${what#*-}" -dtls1_2 -mtu 1400 -quiet
			-cipher "$(openssl_suite "$cipher" "$auth"):@SECLEVEL=0")
		[ "$auth" = x509 ] ||
			peer+=(-psk 0102030405060708090a0b0c0d0e0f10 -psk_identity u1)
		;;&
	openssl-client) peer+=(-connect "$bracket:$port") ;;
	openssl-server)
		peer+=(-accept "$bracket:$port")
		if [ "$auth" = x509 ]; then
			peer+=(-cert "$dir/server.pem" -key "$dir/server.key")
		else
			peer+=(-nocert)
		fi
		;;
	gnutls-client)
		peer=(gnutls-cli --udp --insecure -p "$port" --mtu 1400
			--priority "$(gnutls_priority "$cipher" "$auth")")
		[ "$auth" = x509 ] ||
			peer+=(--pskusername u1 --pskkey 0102030405060708090a0b0c0d0e0f10)
		peer+=("$addr")
		;;
	gnutls-server)
		peer=(gnutls-serv --udp --echo -p "$port" --mtu 1400
			--priority "$(gnutls_priority "$cipher" "$auth")")
		if [ "$auth" = x509 ]; then
			peer+=(--x509certfile "$dir/server.pem"
				--x509keyfile "$dir/server.key" --disable-client-cert)
		else
			peer+=(--pskpasswd "$dir/psk")
		fi
		;;
	esac
}

# A pipe that stays open: these programs end when their input does.
start() { # LOG IN_NAMESPACE COMMAND...
	local log=$1 where=$2
	shift 2
	rm -f "$dir/in.$log"
	mkfifo "$dir/in.$log"
	"$where" "$@" <"$dir/in.$log" >"$dir/$log" 2>"$dir/err.$log" &
	started=$!
}

says() { grep -qai "$2" "$dir/$1"; }

kernel_client() { # PEER CIPHER AUTH ADDRESS
	local pong=ping-$port
	peer_command "$1-server" "$2" "$3" "$4"
	start peer in_b "${peer[@]}"
	local p=$started
	exec 6>"$dir/in.peer"
	wait_udp in_b "$port"
	start ours in_a dtlscat -v -w 15 -p "$3" -n server.example "$4" "$port"
	local o=$started
	exec 7>"$dir/in.ours"
	echo "ping-$port" >&7
	if [ "$1" = openssl ]; then
		pong=pong-$port
		wait_for 15 says peer "ping-$port" && echo "$pong" >&6
	fi
	wait_for 15 says ours "$pong" && says err.ours "$2,"
	result=$?
	finish "$p" "$o"
}

kernel_server() { # PEER CIPHER AUTH ADDRESS
	start ours in_a dtlscat -l -e -v -w 15 -p "$3" "$4" "$port"
	local o=$started
	exec 7>"$dir/in.ours"
	wait_udp in_a "$port"
	peer_command "$1-client" "$2" "$3" "$4"
	start peer in_b "${peer[@]}"
	local p=$started
	exec 6>"$dir/in.peer"
	wait_for 15 says err.ours "$2,"
	result=$?
	echo "ping-$port" >&6
	wait_for 15 says peer "ping-$port" || result=1
	finish "$p" "$o"
}

finish() { # PEER OURS: processes
	exec 6>&- 7>&-
	kill "$@" 2>/dev/null
	wait "$@" 2>/dev/null
	port=$((port + 1))
}

setup
printf '# %-38s %s\n' "kernel side, peer, keys, IP" "$ciphers" >"$dir/table"
for role in client server; do
	for p in openssl gnutls; do
		for auth in x509 psk; do
			for v in 4 6; do
				addr=$A4
				[ $v = 4 ] || addr=$A6
				if [ $role = client ]; then
					addr=$B4
					[ $v = 4 ] || addr=$B6
				fi
				row=
				for c in $ciphers; do
					"kernel_$role" "$p" "$c" "$auth" "$addr"
					name="kernel is $role, $p, $c, $auth, IPv$v"
					if [ "$result" = 0 ]; then
						pass "$name"
						row="$row $(printf '%-*s' ${#c} yes)"
					else
						fail "$name" "$(tail -n 3 "$dir/err.ours" \
							"$dir/err.peer" "$dir/daemon.log")"
						row="$row $(printf '%-*s' ${#c} NO)"
					fi
				done
				printf '# %-38s%s\n' "$role, $p, $auth, IPv$v" "$row" \
					>>"$dir/table"
			done
		done
	done
done
cat "$dir/table"
echo "# libcoap: not here; its tools choose the suite themselves and speak CoAP"
done_testing
