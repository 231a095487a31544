#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Connection IDs in handshakes of dtls-handshaked: with stock wolfSSL, kernel to kernel, and
# clients that go on from another address (RFC 9146, RFC 9147 section 9).
set -u
cd "$(dirname "$0")/../.." || exit 1
trap "" PIPE
. tests/dtls13/both.sh

both_setup 101 "Connection IDs by the daemon"
. tests/dtls13/cids.sh

{
	printf '[global]\nworkers = 1\n'
	profile yes "$own" "connection-id = yes"
	profile default "$own"
	printf '[profile client]\nrole = client\nusers = *\nversions = 1.3\nconnection-id = yes\n'
	printf 'ca = %s\nverify = name\n' "$dir/ca.pem"
	printf '[profile versions]\nrole = server\nusers = *\nversions = 1.2, 1.3\n'
	printf 'certificate = %s.pem\nprivate-key = %s.key\n' "$dir/server" "$dir/server"
	printf 'connection-id = yes\n'
} >"$dir/conf"
daemon_in "$NS_A" a
daemon_in "$NS_B" b

# what the engine of the version learns is told by the one that chose it
both_start "$B4" kernel versions cid=8 -- library $any "${trust[@]}" "$label" cid=seven-b
talks "kernel is server of both versions" 7 8 in_b

# both directions, one, the other, none
at=$B4
while read -r ours theirs tx rx what; do
	with=()
	[ "$ours" = - ] || with=("cid=$ours")
	has=()
	[ "$theirs" = - ] || has=("cid=${theirs#empty}")
	both_start "$at" library $any "${cert[@]}" "$label" "${has[@]}" -- \
		kernel yes server_name=server.test "${with[@]}"
	talks "kernel is client, $what" "$tx" "$rx" in_a
	both_start "$at" kernel yes "${with[@]}" -- library $any "${trust[@]}" "$label" "${has[@]}"
	talks "kernel is server, $what" "$tx" "$rx" in_b
	[ "$at" = "$B4" ] && at=$B6 || at=$B4
done <<"EOF"
8 seven-b 7 8 both directions
10 ten-bytes- 10 10 both, the longest of the library
- seven-b 7 0 to send only
8 empty 0 8 to receive only
8 - 0 0 a peer that knows none
EOF

# the profile decides
both_start "$B4" kernel default cid=8 -- library $any "${trust[@]}" "$label" cid=theirs
talks "connection-id is not set, kernel is server" 0 0 in_b
both_start "$B4" library $any "${cert[@]}" "$label" cid=theirs -- \
	kernel default server_name=server.test cid=8
talks "connection-id is not set, kernel is client" 0 0 in_a
for role in client server; do
	if [ $role = client ]; then
		both_start "$B4" library $any "${cert[@]}" -- kernel yes server_name=server.test cid=20
	else
		both_start "$B4" kernel yes cid=20 -- library $any "${trust[@]}"
	fi
	fails "more than wolfSSL takes, kernel is $role" $role.err 'error 95'
done
ok "... and the log says so" grep -q 'DTLS_CID is 20, and wolfSSL takes 10 bytes' "$dir/b.log"

# kernel to kernel, with new keys by both
kernel_to_kernel
ok "... the client updates" echoes client-1
ok "... the server updates" echoes server-1
ok "... data in the last epochs" echoes at-last
both_end

# datagrams lost: Connection IDs in what is sent again
flight=0x3e ack=0x3f
lose in_b $flight
both_start "$B4" library $any "${cert[@]}" "$label" cid=theirs -- \
	kernel yes server_name=server.test cid=8
lost in_b "the client's last flight is sent again by its kernel" "$NS_B"
lose in_b $flight
both_start "$B4" kernel yes cid=8 -- library $any "${trust[@]}" "$label" cid=theirs
lost in_b "... or by its library" "$NS_B"
lose in_a $ack
both_start "$B4" kernel yes cid=8 -- library $any "${trust[@]}" "$label" cid=theirs
lost in_a "the server's ACK is sent again by its kernel" "$NS_A"

# many clients of one socket, which move
follow() { # SERVER OLD NEW
	both_start "$1" listen yes cid=5 roam=trust -- library $any "${trust[@]}" "$label" cid=theirs
	wait_for 20 said client exporter=
	ok "a listening socket at $1: data both ways" echoes hello
	shows "... the client has both" client "^cid=tx:5,rx:6"
	start other "$NS_A" "${with_sid[@]}" "$dir/stock" client "$1" "$port" $any \
		"${trust[@]}" "$label" cid=
	other_pid=$started
	exec 8>"$dir/in.other"
	wait_for 20 said other exporter=
	echo hello-other >&8
	ok "... a second client, with its own" wait_for 10 said other '^hello-other'
	diag "the first one"
	moves_along "$2" "$3"
	echo client-1 >&7
	wait_for 10 said client '^client-1'
	# the library does not repeat its KeyUpdate if the ACK is lost
	ok "... updates its keys" goes_on settled
	sleep 0.5
	move "$3" 41003
	ok "... and with new keys" goes_on with-new-keys
	echo hello-again >&8
	ok "the second one goes on where it is" wait_for 10 said other '^hello-again'
	exec 8>&-
	kill "$other_pid" 2>/dev/null
	both_end
}
follow "$B4" "$A4" "$A4_NEW"
follow "$B6" "$A6" "$A6_NEW"

stays() { # SERVER NEW
	both_start "$1" listen yes cid=5 roam=ask -- library $any "${trust[@]}" "$label" cid=theirs
	wait_for 20 said client exporter=
	ok "without DTLS_ROAM_TRUST, at $1" echoes hello
	stays_known_there "$2"
	both_end
}
stays "$B4" "$A4_NEW"
stays "$B6" "$A6_NEW"

# without a Connection ID there is nothing to be known by
both_start "$B4" listen default cid=5 roam=trust -- library $any "${trust[@]}" "$label" cid=theirs
wait_for 20 said client exporter=
ok "no Connection IDs: data both ways" echoes hello
move "$A4" 41005
echo from-elsewhere >&7
ok "... what comes from elsewhere is dropped" sh -c "sleep 1; ! grep -q ^from-elsewhere $dir/server"
both_end
done_testing
