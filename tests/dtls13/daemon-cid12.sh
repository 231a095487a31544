#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Connection IDs in handshakes of DTLS 1.2 by dtls-handshaked (RFC 9146): with stock wolfSSL
# and mbedTLS, kernel to kernel, datagrams lost, and clients that go on from another address.
set -u
cd "$(dirname "$0")/../.." || exit 1
trap "" PIPE
. tests/dtls13/both.sh

both_setup 169 "Connection IDs in DTLS 1.2 by the daemon"
. tests/dtls13/cids.sh
sid_mbedtls "$dir" || sid_skip 169 "Connection IDs in DTLS 1.2 by the daemon"

logs=/run/cid12.$$
mkdir -m 700 "$logs"
at_exit "rm -r $logs"

psk_text=0123456789abcdef	# mbedTLS's program has no other
echo "u1:$(printf %s $psk_text | xxd -p)" >"$dir/psk-file"
chmod 600 "$dir/psk-file"
shared="psk-file = $dir/psk-file
psk-identity = u1
peers = 10.0.0.0/8"
{
	printf '[global]\nworkers = 1\n'
	versions=1.2
	profile yes "$own" "connection-id = yes"
	profile default "$own"
	profile psk "$shared" "connection-id = yes"
	profile named "$own" "connection-id = yes" "alpn = coap, h3" "keylog = $logs/keys"
	printf '[profile sni]\nrole = server\nusers = *\nversions = 1.2\nconnection-id = yes\n'
	for name in second server; do
		printf 'certificate = %s.pem\nprivate-key = %s.key\n' "$dir/$name" "$dir/$name"
	done
	checks="role = client\nusers = *\nconnection-id = yes\nca = $dir/ca.pem\nverify = name\n"
	printf '[profile client]\n%b' "$checks"
	printf '[profile mutual]\n%bcertificate = %s.pem\nprivate-key = %s.key\nalpn = coap, h3\n' \
		"$checks" "$dir/client" "$dir/client"
	for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm aes-128-ccm-8; do
		profile "$c" "$own" "connection-id = yes" "ciphers = $c"
	done
	printf '[profile versions]\nrole = server\nusers = *\nversions = 1.2, 1.3\n'
	printf 'certificate = %s.pem\nprivate-key = %s.key\n' "$dir/server" "$dir/server"
	printf 'connection-id = yes\n'
} >"$dir/conf"
daemon_in "$NS_A" a
daemon_in "$NS_B" b

ec=ECDHE-ECDSA-AES128-GCM-SHA256
wolf=("$ec" versions=1.2 "$label")
wolf_server=("${wolf[@]}" "${cert[@]}")
wolf_client=("${wolf[@]}" "${trust[@]}")
mbed=(x509 TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256 name=server.test)

# both directions, one, the other, none
at=$B4
while read -r ours theirs tx rx what; do
	with=()
	[ "$ours" = - ] || with=("cid=$ours")
	has=()
	[ "$theirs" = - ] || has=("cid=${theirs#empty}")
	no_exporter=
	both_start "$at" library "${wolf_server[@]}" "${has[@]}" -- \
		kernel yes server_name=server.test "${with[@]}"
	if [ "$what" = "a peer that knows none" ]; then
		# wolfSSL, of any client, cannot go on without the one that it has offered
		fails "kernel is client of wolfSSL, $what" client.err 'error 95'
		ok "... and the log says so" grep -q 'has no Connection IDs in DTLS 1.2' "$dir/a.log"
	else
		talks "kernel is client of wolfSSL, $what" "$tx" "$rx" in_a
	fi
	both_start "$at" kernel yes "${with[@]}" -- library "${wolf_client[@]}" "${has[@]}"
	talks "kernel is server of wolfSSL, $what" "$tx" "$rx" in_b
	[ "$at" = "$B4" ] && at=$B6 || at=$B4
	# its program says what was negotiated with the option only
	[ "$theirs" != - ] || continue
	no_exporter=yes
	both_start "$at" mbedtls "${mbed[@]}" "${has[@]}" -- \
		kernel yes server_name=server.test "${with[@]}"
	talks "kernel is client of mbedTLS, $what" "$tx" "$rx" in_a
	both_start "$at" kernel yes "${with[@]}" -- mbedtls "${mbed[@]}" "${has[@]}"
	talks "kernel is server of mbedTLS, $what" "$tx" "$rx" in_b
done <<"EOF"
8 seven-b 7 8 both directions
10 ten-bytes- 10 10 both, the longest of wolfSSL
- seven-b 7 0 to send only
8 empty 0 8 to receive only
8 - 0 0 a peer that knows none
EOF

# each cipher of the peers
while read -r word wolf_name mbed_name; do
	no_exporter=
	both_start "$B4" kernel "$word" cid=8 -- library "$wolf_name" versions=1.2 "$label" \
		"${trust[@]}" cid=theirs
	talks "kernel is server of wolfSSL, $word" 6 8 in_b
	no_exporter=yes
	both_start "$B6" mbedtls x509 "TLS-ECDHE-ECDSA-WITH-$mbed_name" cid=theirs -- \
		kernel "$word" server_name=server.test cid=8
	talks "kernel is client of mbedTLS, $word" 6 8 in_a
done <<"EOF"
aes-256-gcm ECDHE-ECDSA-AES256-GCM-SHA384 AES-256-GCM-SHA384
chacha20-poly1305 ECDHE-ECDSA-CHACHA20-POLY1305 CHACHA20-POLY1305-SHA256
aes-128-ccm ECDHE-ECDSA-AES128-CCM AES-128-CCM
aes-128-ccm-8 ECDHE-ECDSA-AES128-CCM-8 AES-128-CCM-8
EOF

# a PSK
no_exporter=yes
suite=TLS-ECDHE-PSK-WITH-CHACHA20-POLY1305-SHA256
both_start "$B4" kernel psk cid=8 -- mbedtls psk $suite cid=theirs
talks "kernel is server of mbedTLS, PSK" 6 8 in_b
both_start "$B4" mbedtls psk $suite cid=theirs -- kernel psk cid=8
talks "kernel is client of mbedTLS, PSK" 6 8 in_a

# the profile decides, and the version
both_start "$B4" kernel default cid=8 -- mbedtls "${mbed[@]}" cid=theirs
talks "connection-id is not set, kernel is server" 0 0 in_b
no_exporter=
both_start "$B4" library "${wolf_server[@]}" cid=theirs -- \
	kernel default server_name=server.test cid=8
talks "connection-id is not set, kernel is client" 0 0 in_a
both_start "$B4" kernel versions cid=8 -- library "${wolf_client[@]}" cid=theirs
talks "kernel is server of both versions" 6 8 in_b

# who the peers are, and what else is negotiated
both_start "$B4" kernel named cid=8 -- library "${wolf_client[@]}" cid=theirs alpn=h3,coap \
	"cert=$dir/client.pem" "key=$dir/client.key" "secrets=$dir/secrets"
talks "a client with a certificate" 6 8 in_b
shows "... DTLS_PEER" server \
	"verified=1 kind=1 identity=CN=client name=server.test alpn=coap cert=yes"
master=$(sed -n 's/^master://p' "$dir/secrets")
ok "... and the key log has its master secret" \
	grep -qixE "CLIENT_RANDOM [0-9a-f]{64} $master" "$logs/keys"
both_start "$B4" library "${wolf_server[@]}" cid=theirs alpn=h3 ask=yes "ca=$dir/ca.pem" -- \
	kernel mutual server_name=server.test cid=8
talks "a server that asks for one" 6 8 in_a
shows "... DTLS_PEER" client \
	"verified=1 kind=1 identity=CN=server name=server.test alpn=h3 cert=yes"
both_start "$B4" kernel sni cid=8 -- library "${wolf_client[@]}" cid=theirs
talks "the certificate that the server's name chooses" 6 8 in_b
both_start "$B4" kernel yes cid=8 -- library "${wolf_client[@]}" cid=theirs \
	"cert=$dir/revoked-client.pem" "key=$dir/revoked-client.key"
fails "a client whose certificate is revoked" server.err 'error 129'
for bad in revoked expired stranger; do
	both_start "$B4" library "${wolf[@]}" cid=theirs "cert=$dir/$bad.pem" "key=$dir/$bad.key" -- \
		kernel yes server_name=server.test cid=8
	fails "a server with a $bad certificate" client.err 'error 129'
done
both_start "$B4" library "${wolf_server[@]}" cid=theirs -- \
	kernel yes server_name=other.test cid=8
fails "a server with another name" client.err 'error 129'

# kernel to kernel
kernel_to_kernel
both_end

# numbers of epoch 1 that leave a namespace: the kernel's follow the library's, and none is used twice
watch() { # NAMESPACE
	ip netns exec "$1" build/tests/interop-wire 6 >"$dir/wire" 2>"$dir/wire.err" &
	watching=$!
	wait_for 10 grep -q ready "$dir/wire.err"
}
numbers_grow() { # DESCRIPTION AT-LEAST
	kill "$watching"
	wait "$watching"
	# shellcheck disable=SC2016
	ok "$1" awk -v least="$2" '
		$2 == 25 && $3 == 1 { bad += n && $4 <= last; last = $4; n++ }
		END { exit bad || n < least }' "$dir/wire"
}

# the server's last flight is lost: ChangeCipherSpec, and Finished with a Connection ID
ccs=0x14
lose in_a $ccs
watch "$NS_B"
both_start "$B4" kernel yes cid=8 -- library "${wolf_client[@]}" cid=theirs
lost in_a "the last flight is sent again by the server's kernel" "$NS_A"
numbers_grow "... by numbers behind the library's" 3
lose in_a $ccs
watch "$NS_A"
both_start "$B4" library "${wolf_server[@]}" cid=theirs -- \
	kernel yes server_name=server.test cid=8
lost in_a "... or by its library" "$NS_A"
numbers_grow "... and the client's kernel goes on behind the library" 3

# many clients of one socket, which move
follow() { # SERVER OLD NEW KIND ARG...: the client
	local at=$1 old=$2 new=$3 kind=$4
	shift 4
	both_start "$at" listen yes cid=5 roam=trust -- "$kind" "$@" cid=theirs
	wait_for 20 said client '^cid='
	ok "a listening socket at $at, client of $kind: data both ways" echoes hello
	shows "... the client has both" client "^cid=tx:5,rx:6"
	moves_along "$old" "$new"
	both_end
}
follow "$B4" "$A4" "$A4_NEW" library "${wolf_client[@]}"
follow "$B6" "$A6" "$A6_NEW" library "${wolf_client[@]}"
follow "$B4" "$A4" "$A4_NEW" mbedtls "${mbed[@]}"
follow "$B6" "$A6" "$A6_NEW" mbedtls "${mbed[@]}"

both_start "$B4" listen yes cid=5 roam=ask -- library "${wolf_client[@]}" cid=theirs
wait_for 20 said client exporter=
ok "without DTLS_ROAM_TRUST: data both ways" echoes hello
stays_known_there "$A4_NEW"
both_end
done_testing
