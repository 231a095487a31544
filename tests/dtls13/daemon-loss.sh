#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each datagram of a handshake of DTLS 1.3 is lost in turn, on its way to the server and to
# the client: dtls-handshaked and the kernel on one side, stock wolfSSL on the other, without
# Connection IDs and with them.
set -u
cd "$(dirname "$0")/../.." || exit 1
trap "" PIPE
. tests/dtls13/both.sh

both_setup 56 "loss in handshakes of DTLS 1.3"
{
	printf '[global]\nworkers = 1\n'
	profile yes "$own" "connection-id = yes"
} >"$dir/conf"
daemon_in "$NS_A" a
daemon_in "$NS_B" b

# the datagram with this number, from 0 on, is lost on its way to the server, or the client
lose_number() { # in_a|in_b NUMBER
	local from=sport
	[ "$1" = in_a ] || from=dport
	"$1" nft -f - <<-EOF
		table inet number
		delete table inet number
		table inet number {
			counter lost { }
			chain arriving {
				type filter hook input priority 0;
				udp $from $((port + 1)) numgen inc mod 60000 $2 counter name lost drop
			}
		}
	EOF
}
was_lost() { "$1" nft list counter inet number lost | grep -q 'packets 1'; }
# the datagram may have been one of data
one_echoes() {
	for word in one two three; do
		echo "$word" >&7
		wait_for 4 said client "^$word" && return
	done
	return 1
}
# survives SIDE NUMBER DESCRIPTION
survives() {
	wait_for 30 said client exporter=
	ok "$3 $2 lost: data both ways" one_echoes
	ok "... which was lost" was_lost "$1"
	"$1" nft delete table inet number
	both_end
}

# with HelloRetryRequest three to the server, the last one its Finished; four to the client
for cids in no yes; do
	ours=() theirs=()
	[ $cids = no ] || ours=(cid=8) theirs=(cid=theirs)
	for lost in in_b:0 in_b:1 in_b:2 in_a:0 in_a:1 in_a:2 in_a:3; do
		side=${lost%:*} number=${lost#*:}
		to="to the client"
		[ "$side" = in_a ] || to="to the server"
		lose_number "$side" "$number"
		both_start "$B4" library $any "${cert[@]}" "$label" "${theirs[@]}" -- \
			kernel yes server_name=server.test "${ours[@]}"
		survives "$side" "$number" "kernel is client, Connection IDs: $cids, $to"
		lose_number "$side" "$number"
		both_start "$B4" kernel yes "${ours[@]}" -- \
			library $any "${trust[@]}" "$label" "${theirs[@]}"
		survives "$side" "$number" "kernel is server, Connection IDs: $cids, $to"
	done
done
done_testing
