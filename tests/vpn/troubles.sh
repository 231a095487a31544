#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/vpn/troubles.sh [KERNEL]: what a VPN meets, between ported ends: loss, a
# path that becomes narrower, silence, a server or a process that goes, another
# address. The tunnel is there afterwards, and the kernel moves its packets.

set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/harness/tap.sh"
. "$top/tests/vpn/tunnel.sh"

vpn_machine "$0" "$@"
export isolate=true

# Of the association with DTLS_TUN there: an expression of Python's with a
of_assoc() { # in_a|in_b EXPRESSION
	"$1" dtlsctl show --json | python3 -c '
import json, sys
a = [a for a in json.load(sys.stdin)["associations"] if a["tunnel"]][-1]
print(eval(sys.argv[1]))' "$2"
}

# What follows takes the kernel over once more, at both ends.
again() { # TEXT COMMAND...
	local text=$1
	wanted=$((wanted + 1))
	shift
	"$@"
	ok "$text: the kernel moves packets again" wait_for 120 moved client "$wanted"
	ok "$text: ... at the server, too" wait_for 30 moved server "$wanted"
	works "$text"
}

works() { # TEXT
	ok "$1: ping from the client" pings in_b "$server"
	ok "$1: ping from the server" pings in_a "$(cat "$dir/address")"
}

# iperf's packets are the tunnel's, but for those of its own TCP connection.
counted() {
	local before
	before=$(of_assoc in_b 'a["tunnel"]["tx"]["packets"]')
	bulk -u -b 1M || return
	python3 -c 'import json, sys
sent = json.load(open(sys.argv[1]))["end"]["sum"]["packets"]
more = int(sys.argv[3]) - int(sys.argv[2]) - sent
print(sent, more)
sys.exit(not 0 <= more < 100)' "$dir/iperf" "$before" \
		"$(of_assoc in_b 'a["tunnel"]["tx"]["packets"]')"
}

most_answered() {
	in_b ping -n -q -c 60 -i 0.1 -W 5 "$server" |
		grep -E ' (4[0-9]|5[0-9]|60) received'
}

lossy() {
	netns_netem a "loss 5%"
	netns_netem b "loss 5%"
	ok "5 % loss: most pings are answered" most_answered
	ok "5 % loss: TCP to the server" bulk
	ok "5 % loss: TCP from the server" bulk -R
	in_a tc qdisc del dev veth0 root
	in_b tc qdisc del dev veth0 root
}

set_mtu() { # BYTES
	in_a ip link set veth0 mtu "$1"
	in_b ip link set veth0 mtu "$1"
}

# by the ICMP message, or by what it has learned from one
told() {
	in_b ping -n -c 3 -W 3 -M "do" -s 1200 "$server" >"$dir/ping" 2>&1 || :
	cat "$dir/ping"
	grep -qE 'Frag needed|too long' "$dir/ping"
}

narrow() {
	set_mtu 1200
	ok "a path of 1,200: the stack is told" told
	ok "a path of 1,200: TCP to the server" bulk
	ok "a path of 1,200: TCP from the server" bulk -R
	set_mtu 1500
}

# The programs' own, beside the packets of the tunnel.
records() {
	of_assoc in_a 'a["rx"]["records"] - a["tunnel"]["rx"]["packets"]'
}

more_records() { # N
	[ "$(records)" -gt "$1" ]
}

silence() {
	ok "silence: the programs' DPD arrives" \
		wait_for 60 more_records $(($(records) + 1))
	ok "silence: the session lives on" moved client "$wanted"
	works "silence"
}

# UDP is blocked: the client finds the peer dead, and uses TLS.
blocked() {
	in_b nft -f - <<-EOF
		table inet kdtls {
			chain out {
				type filter hook output priority 0;
				oifname "veth0" udp dport 443 drop
			}
		}
	EOF
	ok "UDP blocked: the client notices" wait_for 60 \
		grep -qi 'dead peer' "$dir/client"
	# the server's DTLS has not ended: its own DPD has to notice
	ok "UDP blocked: ping by TLS" wait_for 60 pings in_b "$server"
	in_b nft delete table inet kdtls
}

close_assoc() {
	in_a dtlsctl close "$(of_assoc in_a 'a["id"]')"
}

# the one that serves the client, not the one that listens
kill_worker() {
	pkill -9 -P "$server_pid" -n
}

move_client() {
	in_b ip addr del "$B4/24" dev veth0
	in_b ip addr add 10.77.0.3/24 dev veth0
	kill -USR2 "$client_pid"
}

configure "dpd = 5"
wanted=1
start_server ocserv
ok "connected, by DTLS" start_client openconnect
ok "the client's kernel moves its packets" wait_for 20 moved client 1
ok "the server's, too" wait_for 20 moved server 1
start_iperf
ok "counters agree with iperf's" counted
lossy
narrow
silence
again "close_notify" close_assoc
again "the worker is killed" kill_worker
again "another address" move_client
again "UDP blocked for a while" blocked
[ "$tap_failed" = 0 ] || {
	diag "server: $(tail -n 40 "$dir/server")"
	diag "client: $(tail -n 60 "$dir/client")"
}
stop_iperf
stop
done_testing
