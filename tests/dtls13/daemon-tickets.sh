#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tickets of DTLS 1.3: a server of dtls-handshaked and the kernel, stock wolfSSL returns to it.
# The ticket, or its ACK, is lost; what ends a ticket.
set -u
cd "$(dirname "$0")/../.." || exit 1
trap "" PIPE
. tests/dtls13/both.sh

both_setup 57 "tickets of DTLS 1.3"

served="certificate = $dir/server.pem
private-key = $dir/server.key"
tickets() { # NAME LINE...
	printf '[profile %s]\nrole = server\nusers = *\nversions = 1.3\n%s\n' "$1" "$served"
	printf '%s\n' "tickets = yes" "${@:2}"
}
{
	printf '[global]\nworkers = 2\n'
	tickets one
	tickets other
	tickets cid "connection-id = yes"
	tickets short "ticket-lifetime = 40"
	printf '[profile none]\nrole = server\nusers = *\nversions = 1.3\n%s\n' "$served"
	printf '[profile client]\nrole = client\nusers = *\nversions = 1.3\n'
	printf 'ca = %s\nverify = name\n' "$dir/ca.pem"
} >"$dir/conf"
daemon_in "$NS_A" a
daemon_in "$NS_B" b

# comes PROFILE [SESSION [SUITE [ARG...]]]: a client, which keeps its session
comes() {
	session=$dir/session.${2:-one}
	both_start "$B4" $kind "$1" "${ours[@]}" -- library "${3:-$any}" "${trust[@]}" \
		"$label" "session=$session" "${@:4}"
}
ours=() kind=listen
# leaves WHAT RESUMED TICKET
leaves() {
	wait_for 20 said client exporter=
	ok "$1: data both ways" echoes hello
	is "... resumed" "$(sed -n s/resumed=//p "$dir/client")" "$2"
	both_end
	is "... a ticket" "$(sed -n s/ticket=//p "$dir/client")" "$3"
}

for suite in $any TLS13-AES256-GCM-SHA384; do
	comes one "$suite" "$suite"
	leaves "a client, $suite" 0 1
	comes one "$suite" "$suite"
	leaves "... with its ticket" 1 1
	comes one "$suite" "$suite"
	leaves "... with the one that it got then" 1 1
done
ok "the daemon says so" grep -q 'resumed with profile one' "$dir/b.log"
kind=kernel
comes one TLS13-AES256-GCM-SHA384 TLS13-AES256-GCM-SHA384
leaves "one for a connected socket" 1 1
kind=listen
shows "... of which DTLS_PEER says that nothing is verified" server \
	"version=fefc suite=1302 verified=0 kind=0 identity= name=server.test alpn= cert=no"
ours=(cid=8)
comes cid cid $any cid=theirs
leaves "with Connection IDs" 0 1
comes cid cid $any cid=theirs
leaves "... with its ticket" 1 1
ours=()

# what is lost; the server's new keys wait for the ACK
drop() { # in_a|in_b [MATCH]
	local to=$1
	"$to" nft -f - <<-EOF
		table inet loss
		delete table inet loss
		table inet loss {
			counter lost { }
			set seen { type inet_service; flags dynamic; size 99; }
			chain arriving {
				type filter hook input priority 0;
				udp dport != @seen ${2:-} @th,64,8 0x2f add @seen { udp dport } \
					counter name lost drop
			}
		}
	EOF
}
repetitions() { in_b dtlsctl stats | awk '$1 == "KdtlsFlightRepeated" { print $2 }'; }
repeated() { [ "$(repetitions)" -gt "$1" ]; }
before=$(repetitions)
rm "$dir/session.one" 2>/dev/null
# an ACK has 40 bytes
drop in_a "udp length > 100"
comes one
wait_for 20 said client exporter=
ok "the ticket is lost: data" echoes hello
ok "... it was" sh -c "nsenter --net=/run/netns/$NS_A nft list counter inet loss lost | grep -q 'packets 1'"
ok "... it is sent again" wait_for 10 repeated "${before:-0}"
ok "... and then new keys of the server" echoes server-1
ok "... data under them" echoes onward
in_a nft delete table inet loss
both_end
is "... a ticket" "$(sed -n s/ticket=//p "$dir/client")" 1
before=$(repetitions)
drop in_b
comes one
wait_for 20 said client exporter=
is "the ticket is good" "$(sed -n s/resumed=//p "$dir/client")" 1
ok "... the ACK of the next one is lost: it is sent again" wait_for 10 repeated "$before"
ok "... data" echoes hello
ok "... and then new keys of the server" echoes server-1
ok "... data under them" echoes onward
in_b nft delete table inet loss
both_end

# what ends a ticket
comes other
leaves "another profile" 0 1
comes none
leaves "a profile without tickets" 0 1
comes short short
leaves "a ticket of 40 seconds" 0 1
sleep 14
comes short short
leaves "... within them" 1 1
sleep 30
comes short short
leaves "... behind them, though there was a new one" 0 1

both_start "$B4" kernel one -- kernel client server_name=server.test
talk "a client of the kernel's"
both_end
done_testing
