#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One listening socket, and stock clients that connect, send and end.

set -u
. tests/daemon/crowd.sh
pki
many=12
to=5000
auth=(-CAfile "$dir/ca.pem" -verify_return_error -servername server.test)

drops() { sed -n "s/^$1\t//p" /proc/net/kdtls_stat; }

example-listen 127.0.0.1 4999 server >"$dir/out" 2>&1
ok "no daemon: an error at once" grep -q "kdtls_listen: No such process" "$dir/out"

begin
serve 5000 server
come 1 127.0.0.1
ok "a client comes and has its echo" echoed 1
is "... it has an association" "$(established)" 1
for ((i = 2; i <= many; i++)); do come $i 127.0.0.$((i % 3 + 1)); done
good=0
for ((i = 1; i <= many; i++)); do echoed $i && good=$((good + 1)); done
is "$many clients at once, to three local addresses" $good $many
is "... on one socket" "$(dtlsctl show | grep -c 5000)" $many

go 2
go 3
others() {
	good=0
	for ((i = 1; i <= many; i++)); do
		[ $i = 2 ] || [ $i = 3 ] || { echoed $i && good=$((good + 1)); }
	done
	[ $good = $((many - 2)) ]
}
ok "two go: all others talk" others
ok "... and only those two are gone" wait_for 10 gone $((many - 2))

kill -9 "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
ok "the daemon is killed: they talk" others
come 20 127.0.0.1
nok "... no new client is admitted" echoed 20 3
begin
ok "it is back: the waiting client is admitted" echoed 20
ok "... and they talk" others

# forged ClientHellos, from many addresses
before=$(drops KdtlsDropQueue)
tests/daemon/hellos.py 127.0.0.1 5000 3000
ok "3000 forged ClientHellos: no association" gone $((many - 1))
ok "... they talk" others
come 21 127.0.0.1
ok "... and a real client comes in" echoed 21
diag "$(($(drops KdtlsDropQueue) - before)) of them were dropped"

# RFC 6347 section 4.2.8
come 30 127.0.0.1 4030
ok "a client of a certain port" echoed 30
first=$(id 30 4030)
reboots 30 127.0.0.1 4030
ok "it is killed, and returns from that port" echoed 30
nok "... as a new association" test "$(id 30 4030)" = "$first"
ok "... in the place of the old one" gone $((many + 1))
ok "... and all others talk" others
go 30

kill "$server_pid"
wait "$server_pid" 2>/dev/null
ok "the server ends: so do they" wait_for 10 gone 0
serve 5001 psk
key=$(sed -n 's/^u1://p' "$dir/psk")
heard() { for _ in $(seq 60); do sleep 0.2; grep -qa '^hello-by-psk' "$dir/out" && break; done; }
: >"$dir/out"
{ echo hello-by-psk; heard; } | timeout 30 openssl s_client -dtls1_2 -mtu 1400 \
	-connect 127.0.0.1:5001 -psk "$key" -psk_identity u1 \
	-cipher PSK-AES128-GCM-SHA256 -quiet -no_ign_eof >"$dir/out" 2>&1
ok "a client with a PSK" grep -qa '^hello-by-psk' "$dir/out"
ok "nothing on the server's standard error" test ! -s "$dir/serve.err"
done_testing
