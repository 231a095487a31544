#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/vpn/programs.sh [KERNEL]: makes openconnect and ocserv on kdtls
# (port-openconnect, port-ocserv) and unpacks Debian's own; then, in a machine with
# KERNEL (6.12), runs the commands of Documentation/porting.md, and lets a server in A
# and a client in B talk, ported and stock.

set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/harness/tap.sh"
. "$top/tests/vpn/tunnel.sh"
. "$top/tests/harness/block.sh"

vpn_machine "$0" "$@"
export isolate=true

# porting.md's own commands; their namespaces are others than A and B. The client says
# more when it is in the background.
porting() { # WORDS
	timeout 120 bash -euxc "cd $top; $(block "$1" Documentation/porting.md)" \
		>>"$dir/said" 2>&1 || { cat "$dir/said"; return 1; }
}

documented() {
	ok "porting.md: two namespaces" porting "ip netns add server"
	ok "porting.md: the server" porting "ocserv.conf <<END"
	ok "porting.md: the client" porting "openconnect --background"
	ok "porting.md: pings are answered" porting "dtlsctl show"
	ok "... by what the kernel moved" grep -E \
		'tun tx:packets:[1-9].* rx:packets:[1-9]' "$dir/said"
	ok "porting.md: away again" porting "ip netns del"
}

# What was on the wire: TLS, and records of DTLS.
watch() {
	start in_b tcpdump tcpdump -i veth0 -U -n -s 200 -w "$dir/pcap" udp or tcp
	tcpdump=$last
	wait_for 20 grep -q listening "$dir/tcpdump"
}

not_dtls() {
	tcpdump -n -r "$dir/pcap" 'udp port 443 and
		(udp[8] < 20 or udp[8] > 23)' 2>/dev/null | wc -l
}

# How often the program that has the device has slept: the server's worker, the client.
naps() { # server|client
	local pid=$client_pid
	[ "$1" = client ] || pid=$(pgrep -n ocserv-worker)
	sed -n 's/^voluntary_ctxt_switches:[[:space:]]*//p' "/proc/$pid/status"
}

# Each of 250 packets would wake it.
not_woken() { # server|client COMMAND...
	local before
	before=$(naps "$1")
	"${@:2}" || return
	echo "$1: $(($(naps "$1") - before))"
	[ $(($(naps "$1") - before)) -lt 60 ]
}

pair() { # SERVER CLIENT [LINE OF THE CONFIGURATION...]
	local what="$2 and $1${absent:+, $absent}"
	configure "${@:3}"
	start_server "$1" || { diag "$(tail -n 20 "$dir/server")"; }
	ok "$what: connected, by DTLS" start_client "$2"
	if [ -n "$absent" ]; then
		ok "$what: the server's records are GnuTLS's" \
			wait_for 20 grep 'GnuTLS goes on' "$dir/server"
		ok "$what: the client's, too" grep 'GnuTLS goes on' "$dir/client"
		ok "$what: ping from the client" pings in_b "$server"
		ok "$what: ping from the server" pings in_a "$(cat "$dir/address")"
		stop
		return
	fi
	[ "$1" != ocserv ] ||
		ok "$what: the server's kernel moves its packets" \
			wait_for 20 moved server 1
	[ "$2" != openconnect ] ||
		ok "$what: the client's kernel moves its packets" \
			wait_for 20 moved client 1
	ok "$what: ping from the client" pings in_b "$server"
	ok "$what: ping from the server" pings in_a "$(cat "$dir/address")"
	start_iperf
	ok "$what: TCP to the server" bulk
	ok "$what: TCP from the server" bulk -R
	ok "$what: UDP to the server" bulk -u -b 3M
	ok "$what: UDP from the server" bulk -u -b 3M -R
	[ "$1" != ocserv ] || ok "$what: packets do not wake the server" \
		not_woken server bulk -u -b 3M -R
	[ "$2" != openconnect ] || ok "$what: packets do not wake the client" \
		not_woken client bulk -u -b 3M
	stop_iperf
	if [ $# -gt 2 ]; then
		ok "$what: new keys: the kernel goes on with them" \
			wait_for 60 moved server 2
		ok "$what: ... at the client, too" wait_for 20 moved client 2
		ok "$what: ping from the client" pings in_b "$server"
	fi
	if [ "$tap_failed" != 0 ]; then
		diag "server: $(tail -n 30 "$dir/server")"
		diag "client: $(tail -n 30 "$dir/client")"
	fi
	stop
}

documented
watch
absent=
pair ocserv openconnect "rekey-time = 10" "rekey-method = ssl"
pair ocserv openconnect-stock
pair ocserv-stock openconnect
rmmod kdtls
mkdir -p /run/modprobe.d
echo "install kdtls /bin/false" >/run/modprobe.d/kdtls.conf
absent="without the module"
pair ocserv openconnect
kill "$tcpdump"
wait "$tcpdump" || :
is "the wire: no other datagrams than DTLS" "$(not_dtls)" 0
nok "... and no inner packet" grep -q KDTLS-CANARY "$dir/pcap"
done_testing
