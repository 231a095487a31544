#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients of dtls-handshaked and the kernel resume in DTLS 1.3: at a server of the same, and at
# stock wolfSSL. Whether they did says the server, and the size of its flight: a full one has
# a certificate.
set -u
cd "$(dirname "$0")/../.." || exit 1
trap "" PIPE
. tests/dtls13/both.sh

both_setup 74 "clients that resume in DTLS 1.3"

profile() { # NAME ROLE VERSIONS LINE...
	printf '[profile %s]\nrole = %s\nusers = *\nversions = %s\n' "$1" "$2" "$3"
	printf '%s\n' "tickets = yes" "${@:4}"
}
served="certificate = $dir/server.pem
private-key = $dir/server.key"
checks="ca = $dir/ca.pem
crl = $dir/crl.pem
verify = name"
{
	printf '[global]\nworkers = 2\n'
	profile one server 1.3 "$served"
	profile other server 1.3 "$served"
	profile s-cid server 1.3 "$served" "connection-id = yes"
	profile client client 1.3 "$checks"
	profile client-2 client 1.3 "$checks"
	profile brief client 1.3 "$checks" "ticket-lifetime = 30"
	profile both client "1.2, 1.3" "$checks"
	profile c-cid client 1.3 "$checks" "connection-id = yes"
} >"$dir/conf"
daemon_in "$NS_A" a
client_daemon=$!
daemon_in "$NS_B" b

# Bytes of the server in datagrams that begin in epochs 0 and 2.
in_a nft -f - <<-END
	table inet flight {
		counter server { }
		chain arriving {
			type filter hook input priority -1;
			udp dport != 0 @th,64,8 { 0x16, 0x2e, 0x3e } counter name server
		}
	}
END
flight_bytes() { in_a nft reset counter inet flight server | sed -n 's/.*bytes \([0-9]*\).*/\1/p'; }

# comes AT CLIENT-PROFILE [OPTION...]: to the server's port of this number, which stays the same
server=(kernel one)
name=server.test
comes() {
	port=$((6000 + $1))
	flight_bytes >/dev/null
	both_start "$B4" "${server[@]}" -- kernel "$2" "server_name=$name" "${@:3}"
}
# arrives WHAT full|resumed
arrives() {
	local bytes
	wait_for 20 said client exporter=
	ok "$1: data both ways" echoes hello
	bytes=$(flight_bytes)
	# the certificate has 429
	: "${whole:=$bytes}"
	if [ "$2" = full ]; then
		ok "... with a certificate, in $bytes bytes" [ "$bytes" -gt $((whole - 200)) ]
	else
		ok "... without a certificate, in $bytes bytes" [ "$bytes" -lt $((whole - 400)) ]
	fi
}
leaves() {
	arrives "$@"
	# the ticket came before the data, or is lost
	sleep 0.5
	both_end
}

comes 1 client
wait_for 20 said client version=
grep version= "$dir/client" >"$dir/peer-full"
leaves "a client" full
comes 1 client
wait_for 20 said client version=
is "... it knows the server as before" "$(grep version= "$dir/client")" "$(cat "$dir/peer-full")"
ok "... the exporters are equal" exporters_equal
leaves "... with its ticket" resumed
comes 1 client
leaves "... with the one that it got then" resumed
ok "the daemons say so: the server's" grep -q "server of uid 0 resumed" "$dir/b.log"
ok "... and the client's" grep -q "client of uid 0 resumed" "$dir/a.log"
comes 1 client
arrives "... and once more" resumed
for keys in client-1 server-1 both-1; do
	ok "... new keys behind a resumption: $keys" echoes $keys
	ok "... data under them" echoes onward
done
sleep 0.5
both_end

# which clients have a session
comes 1 client-2
leaves "another profile of the client" full
comes 2 client
leaves "another server" full
comes 1 client
leaves "... the first one's is there yet" resumed
name=other.test
comes 1 client
fails "another name is not resumed, but refused" client.err "error 129"
name=server.test
server=(kernel other)
comes 1 client
leaves "the server has another key" full
comes 1 client
leaves "... whose ticket is good" resumed
server=(kernel one)

# what is lost
drop() { # in_a [MATCH]
	in_a nft -f - <<-END
		table inet loss
		delete table inet loss
		table inet loss {
			counter lost { }
			set seen { type inet_service; flags dynamic; size 99; }
			chain arriving {
				type filter hook input priority 0;
				udp dport != @seen udp length > 100 @th,64,8 0x2f \
					add @seen { udp dport } counter name lost drop
			}
		}
	END
}
repeated() { [ "$(in_b dtlsctl stats | awk '$1 == "KdtlsFlightRepeated" { print $2 }')" -gt "$1" ]; }
was_lost() { in_a nft list counter inet loss lost | grep -q 'packets 1'; }
before=$(in_b dtlsctl stats | awk '$1 == "KdtlsFlightRepeated" { print $2 }')
drop
comes 3 client
wait_for 20 said client exporter=
ok "a ticket is lost" wait_for 10 was_lost
ok "... new keys of the client meanwhile" echoes client-1
ok "... it is sent again" wait_for 10 repeated "${before:-0}"
leaves "... and the client goes" full
in_a nft delete table inet loss
comes 3 client
leaves "... it comes with the one sent again" resumed
drop
comes 4 client
wait_for 20 said client exporter=
ok "a ticket is lost, and the client goes at once" echoes hello
both_end
in_a nft delete table inet loss
comes 4 client
leaves "... it has none" full

# versions, Connection IDs
comes 5 both
leaves "a client that offers both versions" full
comes 5 both
leaves "... offers no session" full
comes 5 both min=1.3
leaves "... it may with DTLS 1.3 alone" full
comes 5 both min=1.3
leaves "... and does" resumed
server=(kernel s-cid cid=8)
comes 6 c-cid cid=8
leaves "with Connection IDs" full
comes 6 c-cid cid=8
leaves "... with its ticket" resumed

# stock wolfSSL; its server says that it resumed
server=(library "$any" "${cert[@]}" times=3)
comes 7 client
leaves_stock() { # WHAT RESUMED
	wait_for 20 said client exporter=
	shows "$1: a connection" client exporter=
	ok "... data both ways" echoes hello
	is "... the server says: resumed" "$(sed -n 's/.*resumed=//p' "$dir/server" | tail -n 1)" "$2"
	sleep 0.5
}
again() { # the client alone
	echo end >&7
	exec 7>&-
	wait "$client_pid"
	command_of client "$B4" kernel client server_name=server.test
	wait_for 10 in_b grep -q ":$(printf %04X "$port") 00000000:0000" /proc/net/udp
	start client "$NS_A" "${cmd[@]}"
	client_pid=$started
	exec 7>"$dir/in.client"
}
leaves_stock "stock wolfSSL" 0
again
leaves_stock "... with its ticket" 1
again
leaves_stock "... with the one that it sent then" 1
both_end

# what ends a session
server=(kernel one)
comes 8 brief
leaves "sessions of 30 seconds" full
comes 8 brief
leaves "... within them" resumed
sleep 30
comes 8 brief
leaves "... behind them, though there was a new ticket" full
kill -HUP "$client_daemon"
wait_for 20 grep -q "read again" "$dir/a.log"
comes 1 client
leaves "the client's daemon has read its configuration again" full
comes 1 client
leaves "... there are sessions again" resumed
kill "$client_daemon"
wait "$client_daemon"
daemon_in "$NS_A" a
comes 1 client
leaves "it was started again" full
comes 1 client
leaves "... there are sessions again" resumed
done_testing
