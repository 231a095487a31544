#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# DTLS 1.3 end to end: dtls-handshaked and the kernel on one side, a program of stock
# wolfSSL on the other; and the kernel on both. The daemon's engine is wolfSSL's, too, so
# that all of them run with the libraries of Debian sid.
set -u
cd "$(dirname "$0")/../.." || exit 1
trap "" PIPE
. tests/daemon/lib.sh
. tests/harness/netns.sh
. tests/dtls13/sid.sh

sid_build "$dir" || sid_skip 77 "DTLS 1.3 by the daemon"
netns_setup
# shellcheck disable=SC2016
at_exit 'rm -rf "$dir"'
pki

echo "u1:$(printf 0123456789abcdef | xxd -p)" >"$dir/psk-text"
echo "u1:$(printf fedcba9876543210 | xxd -p)" >"$dir/psk-bad"
chmod 600 "$dir/psk-text" "$dir/psk-bad"
profile() { # NAME LINE...
	printf '[profile %s]\nrole = both\nusers = *\nversions = 1.3\n' "$1"
	shift
	printf '%s\n' "$@"
}
own="certificate = $dir/server.pem
private-key = $dir/server.key
client-cert = optional
ca = $dir/ca.pem
crl = $dir/crl.pem
verify = name
peer-name = server.test, other.test, client.test"
shared="psk-identity = u1
peers = 10.77.0.0/16, fd77::/64"
{
	printf '[global]\nworkers = 1\n'
	for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm; do
		profile "x509-$c" "$own" "ciphers = $c" "alpn = coap, h3"
		profile "psk-$c" "psk-file = $dir/psk-text" "$shared" "ciphers = $c"
	done
	printf '[profile client]\nrole = client\nusers = *\nversions = 1.3\n'
	printf 'ca = %s\ncrl = %s\nverify = name\nciphers = aes-128-gcm\n' "$dir/ca.pem" "$dir/crl.pem"
	profile bad-psk "psk-file = $dir/psk-bad" "$shared" "ciphers = aes-128-gcm"
	printf '[profile asks]\nrole = server\nusers = *\nversions = 1.3\n'
	printf 'certificate = %s.pem\nprivate-key = %s.key\n' "$dir/server" "$dir/server"
	printf 'client-cert = required\nca = %s\nverify = chain\n' "$dir/ca.pem"
} >"$dir/conf"

ready() { grep -q ready "$dir/$1.log"; }
daemon_in() { # NAMESPACE NAME
	ip netns exec "$1" "${with_sid[@]}" "$bin/dtls-handshaked" -f --engines "$dir" \
		-c "$dir/conf" 2>"$dir/$2.log" &
	at_exit "kill $! 2>/dev/null || :"
	wait_for 30 ready "$2"
}
daemon_in "$NS_A" a
daemon_in "$NS_B" b

suite() {
	case $1 in
	aes-128-gcm) echo TLS13-AES128-GCM-SHA256 ;;
	aes-256-gcm) echo TLS13-AES256-GCM-SHA384 ;;
	chacha20-poly1305) echo TLS13-CHACHA20-POLY1305-SHA256 ;;
	aes-128-ccm) echo TLS13-AES128-CCM-SHA256 ;;
	esac
}
port=5000
said() { grep -q "$2" "$dir/$1"; }
# start WHO NAMESPACE COMMAND...: a pipe to its stdin is held open as fd $WHO
start() {
	local who=$1 where=$2
	shift 2
	rm -f "$dir/in.$who"
	mkfifo "$dir/in.$who"
	# what the one before printed is not to be found
	: >"$dir/$who"
	: >"$dir/$who.err"
	nsenter --net="/run/netns/$where" -- timeout 60 "$@" <"$dir/in.$who" >"$dir/$who" \
		2>"$dir/$who.err" &
	started=$!
}
kernel=(python3 tests/dtls13/daemon.py)
# both_start SERVER... -- CLIENT...: ADDRESS and PORT are put behind the first two words
both_start() { # ADDRESS SERVER-KIND ... -- CLIENT-KIND ...
	local at=$1 server=() client=()
	shift
	port=$((port + 1))
	while [ "$1" != -- ]; do server+=("$1"); shift; done
	shift
	client=("$@")
	command_of server "$at" "${server[@]}"
	start server "$NS_B" "${cmd[@]}"
	server_pid=$started
	exec 6>"$dir/in.server"
	wait_udp in_b "$port"
	command_of client "$at" "${client[@]}"
	start client "$NS_A" "${cmd[@]}"
	client_pid=$started
	exec 7>"$dir/in.client"
}
command_of() { # ROLE ADDRESS kernel PROFILE OPTION... | library SUITE OPTION...
	case $3 in
	kernel) cmd=("${kernel[@]}" "$1" "$4" "$2" "$port" "${@:5}") ;;
	listen) cmd=("${kernel[@]}" listen "$4" "$2" "$port" "${@:5}") ;;
	library) cmd=("${with_sid[@]}" "$dir/stock" "$1" "$2" "$port" "${@:4}") ;;
	esac
}
both_end() {
	exec 6>&- 7>&-
	kill "$server_pid" 2>/dev/null
	wait "$client_pid" 2>/dev/null
	kill "$client_pid" 2>/dev/null
	wait "$server_pid" "$client_pid" 2>/dev/null
}
# a word there and back
echoes() {
	echo "$1" >&7
	wait_for 10 said client "^$1"
}
shows() { # DESCRIPTION WHO PATTERN
	if said "$2" "$3"; then
		pass "$1"
	else
		fail "$1" "$(tail -n 3 "$dir/server" "$dir/server.err" "$dir/client" \
			"$dir/client.err" "$dir/a.log" "$dir/b.log")"
	fi
}
fails() { # DESCRIPTION FILE PATTERN: before anything was negotiated
	wait_for 20 test -s "$dir/$2"
	shows "$1" "$2" "$3"
	both_end
}

exporters_equal() {
	wait_for 5 said server exporter=
	said client exporter= &&
		[ "$(grep exporter= "$dir/client")" = "$(grep exporter= "$dir/server")" ]
}
# KERNEL is kernel-client, kernel-server or both
talk() { # NAME KERNEL
	wait_for 20 said client exporter=
	ok "$1: data both ways" echoes hello
	ok "$1: the exporters are equal" exporters_equal
}

cert=("cert=$dir/server.pem" "key=$dir/server.key")
trust=("ca=$dir/ca.pem" name=server.test)
label=exporter=EXPORTER_x
at=$B4
i=0
for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm; do
	i=$((i + 1))
	both_start "$at" library "$(suite $c)" "${cert[@]}" "$label" alpn=h3 -- \
		kernel "x509-$c" server_name=server.test
	talk "kernel is client, $c, X.509, $at"
	shows "... DTLS_PEER" client \
		"version=fefc suite=130$i verified=1 kind=1 identity=CN=server name=server.test alpn=h3 cert=True"
	both_end
	both_start "$at" library "$(suite $c)" psk=u1:0123456789abcdef "$label" -- kernel "psk-$c"
	talk "kernel is client, $c, PSK, $at"
	shows "... DTLS_PEER" client "version=fefc suite=130$i verified=1 kind=2 identity=u1"
	both_end
	both_start "$at" kernel "x509-$c" -- library "$(suite $c)" "${trust[@]}" "$label" alpn=h3,coap
	talk "kernel is server, $c, X.509, $at"
	shows "... DTLS_PEER" server \
		"version=fefc suite=130$i verified=0 kind=0 identity= name=server.test alpn=coap cert=False"
	both_end
	both_start "$at" kernel "psk-$c" -- library "$(suite $c)" psk=u1:0123456789abcdef "$label"
	talk "kernel is server, $c, PSK, $at"
	both_end
	[ "$at" = "$B4" ] && at=$B6 || at=$B4
done

# new keys, by either side, behind the daemon's handshake
updates() { # NAME
	wait_for 20 said client exporter=
	ok "$1: data" echoes hello
	ok "... the client updates" echoes client-1
	ok "... data in the new epoch" echoes again
	ok "... the server updates" echoes server-1
	ok "... data in the next one" echoes at-last
	sleep 0.5
	both_end
}
any=TLS13-AES128-GCM-SHA256
both_start "$B4" library $any "${cert[@]}" "$label" -- \
	kernel x509-aes-128-gcm server_name=server.test
updates "KeyUpdate, kernel is client"
ok "... epochs have advanced" grep -q 'epochs=[4-9]/[4-9]' "$dir/client"
both_start "$B4" kernel x509-aes-128-gcm -- library $any "${trust[@]}" "$label"
updates "KeyUpdate, kernel is server"
both_start "$B4" kernel x509-aes-128-gcm -- kernel client server_name=server.test
updates "KeyUpdate, kernel to kernel"
ok "... epochs have advanced" grep -q 'epochs=[4-9]/[4-9]' "$dir/client"

# unknown clients of one socket: a HelloRetryRequest without state
both_start "$B4" listen x509-aes-128-gcm -- library $any "${trust[@]}" "$label"
wait_for 20 said client exporter=
ok "a listening socket: data both ways" echoes hello
start other "$NS_A" "${with_sid[@]}" "$dir/stock" client "$B4" "$port" $any "${trust[@]}" "$label"
other_pid=$started
exec 8>"$dir/in.other"
wait_for 20 said other exporter=
echo hello-other >&8
ok "... and with a second client" wait_for 10 said other '^hello-other'
ok "... while the first goes on" echoes once-more
exec 8>&-
kill "$other_pid" 2>/dev/null
both_end
both_start "$B4" listen psk-aes-256-gcm -- library TLS13-AES256-GCM-SHA384 \
	psk=u1:0123456789abcdef "$label"
wait_for 20 said client exporter=
ok "a listening socket, PSK: data both ways" echoes hello
both_end

# the first datagram that begins with this byte is lost on its way to the server, or the client
lose() { # in_a|in_b BYTE
	local from=sport to=dport
	[ "$1" = in_b ] || from=dport to=sport
	"$1" nft -f - <<-EOF
		table inet lose
		delete table inet lose
		table inet lose {
			set seen { type inet_service; flags dynamic; size 99; }
			chain arriving {
				type filter hook input priority 0;
				udp $to $((port + 1)) @th,64,8 $2 udp $from != @seen add @seen { udp $from } drop
			}
		}
	EOF
}
lost() { # in_a|in_b DESCRIPTION: both sides are done, and something was lost
	wait_for 20 said server exporter=
	wait_for 20 said client exporter=
	ok "$2" echoes hello
	ok "... which was lost" sh -c "nsenter --net=/run/netns/$3 nft list set inet lose seen | grep -q elements"
	"$1" nft delete table inet lose
	both_end
}
flight=0x2e ack=0x2f
lose in_b $flight
both_start "$B4" library $any "${cert[@]}" "$label" -- kernel client server_name=server.test
lost in_b "the client's last flight is sent again by its kernel" "$NS_B"
lose in_b $flight
both_start "$B4" kernel x509-aes-128-gcm -- library $any "${trust[@]}" "$label"
lost in_b "... or by its library" "$NS_B"
lose in_a $ack
both_start "$B4" kernel x509-aes-128-gcm -- library $any "${trust[@]}" "$label"
lost in_a "the server's ACK is sent again by its kernel" "$NS_A"

# refusals
both_start "$B4" library $any "${cert[@]}" -- kernel x509-aes-128-gcm server_name=other.test
fails "wrong name" client.err 'error 129'
both_start "$B4" library $any "cert=$dir/stranger.pem" "key=$dir/stranger.key" -- \
	kernel x509-aes-128-gcm server_name=server.test
fails "untrusted CA" client.err 'error 129'
both_start "$B4" library $any psk=u1:0123456789abcdef -- kernel bad-psk
fails "wrong PSK, kernel is client" client.err 'error 111'
both_start "$B4" kernel bad-psk -- library $any psk=u1:0123456789abcdef
fails "wrong PSK, kernel is server" server.err 'error 129'
both_start "$B4" kernel asks -- library $any "${trust[@]}"
fails "no client certificate, kernel is server" server.err 'error 129'
both_start "$B4" library $any "${cert[@]}" -- kernel x509-aes-128-gcm max=1.2
fails "a program that wants DTLS 1.2 alone" client.err 'error 95'
done_testing
