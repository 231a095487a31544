#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# DTLS 1.3 end to end: dtls-handshaked and the kernel on one side, a program of stock
# wolfSSL on the other; and the kernel on both. The daemon's engine is wolfSSL's, too, so
# that all of them run with the libraries of Debian sid.
set -u
cd "$(dirname "$0")/../.." || exit 1
trap "" PIPE
. tests/dtls13/both.sh

both_setup 81 "DTLS 1.3 by the daemon"

echo "u1:$(printf 0123456789abcdef | xxd -p)" >"$dir/psk-text"
echo "u1:$(printf fedcba9876543210 | xxd -p)" >"$dir/psk-bad"
chmod 600 "$dir/psk-text" "$dir/psk-bad"
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

daemon_in "$NS_A" a
daemon_in "$NS_B" b

at=$B4
i=0
for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm; do
	i=$((i + 1))
	both_start "$at" library "$(suite $c)" "${cert[@]}" "$label" alpn=h3 -- \
		kernel "x509-$c" server_name=server.test
	talk "kernel is client, $c, X.509, $at"
	shows "... DTLS_PEER" client \
		"version=fefc suite=130$i verified=1 kind=1 identity=CN=server name=server.test alpn=h3 cert=yes"
	both_end
	both_start "$at" library "$(suite $c)" psk=u1:0123456789abcdef "$label" -- kernel "psk-$c"
	talk "kernel is client, $c, PSK, $at"
	shows "... DTLS_PEER" client "version=fefc suite=130$i verified=1 kind=2 identity=u1"
	both_end
	both_start "$at" kernel "x509-$c" -- library "$(suite $c)" "${trust[@]}" "$label" alpn=h3,coap
	talk "kernel is server, $c, X.509, $at"
	shows "... DTLS_PEER" server \
		"version=fefc suite=130$i verified=0 kind=0 identity= name=server.test alpn=coap cert=no"
	both_end
	both_start "$at" kernel "psk-$c" -- library "$(suite $c)" psk=u1:0123456789abcdef "$label"
	talk "kernel is server, $c, PSK, $at"
	both_end
	[ "$at" = "$B4" ] && at=$B6 || at=$B4
done

# new keys, by either side and by both at once, behind the daemon's handshake
epochs() { # in_a|in_b: sending and receiving
	"$1" dtlsctl show | sed -n 's/.*tx:epoch:\([0-9]*\),.* rx:epoch:\([0-9]*\),.*/\1 \2/p'
}
advanced() { # in_a|in_b TX RX
	local now
	read -ra now < <(epochs "$1")
	[ "${now[0]}" -gt "$2" ] && [ "${now[1]}" -gt "$3" ]
}
ten_by_both() { # in_a|in_b
	local i before
	for i in {10..19}; do
		read -ra before < <(epochs "$1")
		{ echoes "both-$i" && wait_for 10 advanced "$1" "${before[@]}" &&
			echoes "then-$i"; } || return
	done
}
epochs_agree() {
	local b
	read -ra b < <(epochs in_b)
	[ "$(epochs in_a)" = "${b[1]} ${b[0]}" ]
}
updates() { # NAME in_a|in_b: where a kernel is
	wait_for 20 said client exporter=
	ok "$1: data" echoes hello
	ok "... the client updates" echoes client-1
	ok "... data in the new epoch" echoes again
	ok "... the server updates" echoes server-1
	ok "... data in the next one" echoes at-last
	sleep 0.5
	ok "... both update at once, ten times, with data in each epoch" ten_by_both "$2"
}
both_start "$B4" library $any "${cert[@]}" "$label" -- \
	kernel x509-aes-128-gcm server_name=server.test
updates "KeyUpdate, kernel is client" in_a
both_end
ok "... epochs have advanced" grep -q 'epochs=[12][0-9]/[12][0-9]' "$dir/client"
both_start "$B4" kernel x509-aes-128-gcm -- library $any "${trust[@]}" "$label"
updates "KeyUpdate, kernel is server" in_b
both_end
both_start "$B4" kernel x509-aes-128-gcm -- kernel client server_name=server.test
updates "KeyUpdate, kernel to kernel" in_a
ok "... both have the same epochs" wait_for 5 epochs_agree
both_end
ok "... epochs have advanced" grep -q 'epochs=[12][0-9]/[12][0-9]' "$dir/client"

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
