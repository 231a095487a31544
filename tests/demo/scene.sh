#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
#	namespace A                          namespace B
#	dtlscat (client)                     dtlscat --echo (server)
#	  | UDP socket                         | UDP socket
#	 [kdtls] -- 10.77.0.1 == veth == 10.77.0.2 -- [kdtls]
#	  | netlink                            | netlink
#	dtls-handshaked                      dtls-handshaked
#
# Run in a virtual machine by tests/demo/run.

set -eu
# shellcheck source=tests/harness/netns.sh
. "$(dirname "$0")/../harness/netns.sh"

dir=$(mktemp -d)
# shellcheck disable=SC2016 # expanded at exit
at_exit 'rm -rf "$dir"'
# the logs have the error
# shellcheck disable=SC2016
at_exit '[ -e "$dir/good" ] || tail -n 20 "$dir"/*.log "$dir"/*.out >&2'
canary="The quick brown fox"
failed=0

step() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
check() { # WHAT COMMAND...
	local what=$1
	shift
	if "$@" >/dev/null 2>&1; then
		echo "  [ok] $what"
	else
		echo "  [FAILED] $what"
		failed=1
	fi
}
show() { echo "\$ $*"; "$@"; }

certificates() {
	(
		cd "$dir"
		umask 077
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -days 2 -keyout ca.key -out ca.pem -subj "/CN=Demo CA"
		openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -keyout server.key -out server.csr \
			-subj "/CN=server.example"
		echo "subjectAltName=DNS:server.example" >server.ext
		openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key \
			-CAcreateserial -days 2 -extfile server.ext -out server.pem
	) >"$dir/openssl.log" 2>&1
}

configurations() {
	cat >"$dir/client.conf" <<-CONF
	[profile default]
	role = client
	verify = name
	ca = $dir/ca.pem
	users = root
	CONF
	cat >"$dir/server.conf" <<-CONF
	[profile default]
	role = server
	certificate = $dir/server.pem
	private-key = $dir/server.key
	users = root
	CONF
}

daemon() { # in_a|in_b NAME
	"$1" dtls-handshaked --foreground --config "$dir/$2.conf" \
		>"$dir/$2-daemon.log" 2>&1 &
	at_exit "kill $! 2>/dev/null || :"
}
ready() { grep -q 'ready' "$dir/$1-daemon.log"; }

step "Two network namespaces, a daemon in each"
certificates
configurations
netns_setup
daemon in_a client
daemon in_b server
wait_for 10 ready client
wait_for 10 ready server
echo "client (A): $A4, server (B): $B4, dtls-handshaked runs in both"

step "What goes over the wire is recorded"
in_b tcpdump -i veth0 -U -n -w "$dir/wire.pcap" udp >"$dir/tcpdump.log" 2>&1 &
tcpdump=$!
at_exit "kill $tcpdump 2>/dev/null || :"
wait_for 10 grep -q listening "$dir/tcpdump.log"

step "A server and a client; both have nothing but a UDP socket"
echo "B\$ dtlscat --listen --echo $B4 4433"
in_b dtlscat --listen --echo -v "$B4" 4433 >"$dir/server.out" 2>&1 &
server=$!
wait_udp in_b 4433
echo "A\$ dtlscat --server-name server.example $B4 4433"
mkfifo "$dir/lines"
in_a dtlscat -v -q 2 --server-name server.example "$B4" 4433 \
	<"$dir/lines" >"$dir/client.out" 2>"$dir/client.err" &
client=$!
exec 5>"$dir/lines"
for i in 1 2 3; do
	echo "$canary $i" >&5
	wait_for 20 grep -q "$canary $i" "$dir/client.out" || break
done
cat "$dir/client.err"
sed 's/^/  came back: /' "$dir/client.out"

step "What the kernel knows about it"
show in_a dtlsctl show
show in_b dtlsctl show
in_a dtlsctl show --json >"$dir/show.json"

exec 5>&-
client_status=0
wait "$client" || client_status=$?
server_status=0
wait "$server" || server_status=$?
kill "$tcpdump"
wait "$tcpdump" 2>/dev/null || :

step "What tcpdump saw"
echo "\$ tcpdump -n -q -r wire.pcap"
tcpdump -r "$dir/wire.pcap" -n -q 2>/dev/null | tail -n 8
tcpdump -r "$dir/wire.pcap" -n -x 2>/dev/null |
	grep -A 3 "$A4.*> $B4.*UDP" | tail -n 4 || :

step "Is it true?"
came_back() { [ "$(grep -c "$canary" "$dir/client.out")" = 3 ]; }
no_plaintext() { ! grep -qa "$canary" "$dir/wire.pcap"; }
# 17 fe fd 00 01: application data, DTLS 1.2, epoch 1
records() { LC_ALL=C grep -qaP '\x17\xfe\xfd\x00\x01' "$dir/wire.pcap"; }
established() { grep -q established "$dir/show.json"; }
check "three messages went and came back" came_back
check "the wire carried DTLS records" records
check "the wire carried no plaintext" no_plaintext
check "dtlsctl shows the association" established
check "the client ended well (close_notify)" [ "$client_status" = 0 ]
check "the server ended well (close_notify)" [ "$server_status" = 0 ]
if [ "$failed" != 0 ]; then
	echo "demo: something is not as it should be" >&2
	exit 1
fi
touch "$dir/good"
printf '\nAll of it holds.\n'
