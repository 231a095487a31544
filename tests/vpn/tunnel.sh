# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# ocserv in namespace A and openconnect in B, as tests/vpn/port-* have made them or
# Debian has. Source it after tap.sh; then
#	vpn_programs			makes them all, on this machine
#	vpn_machine SCRIPT [KERNEL]	... and runs the script in a virtual one (6.12),
#					where it goes on; what follows is for there
#	vpn_setup			namespaces, certificate, user
#	configure [LINE...]		lines of ocserv.conf besides those that it needs;
#					isolate=true: its workers below seccomp
#	start_server ocserv|ocserv-stock
#	start_client openconnect|openconnect-stock	until it has DTLS
#	stop				both
#	moved server|client N		did the kernel take over N times, by its log?
#	pings in_a|in_b ADDRESS		with the canary as payload
#	start_iperf, stop_iperf		a server of iperf3 behind the tunnel, for
#	bulk OPTION...			one second of iperf3's client
# $dir/server and $dir/client are their logs, $dir/address that of the client;
# $server the server's.

# shellcheck disable=SC2154 # top: of those who source it
vpn=$top/build/vpn

# The ports are this tree's, and fetched only when they are not there.
vpn_programs() {
	local p option
	for p in openconnect ocserv; do
		for option in "" --stock; do
			"$top/tests/vpn/port-$p" $option >/dev/null || return
		done
	done
}

vpn_machine() { # SCRIPT [KERNEL]
	if [ "${2:-}" = --in-guest ]; then
		# shellcheck source=tests/harness/netns.sh
		. "$top/tests/harness/netns.sh"
		vpn_setup
		return
	fi
	vpn_programs || {
		rc=$?
		[ $rc = 75 ] || exit $rc
		skip_all "the archive of this machine lacks openconnect or ocserv"
	}
	rm -f "$tap_tmp" "$tap_tmp.pause"
	exec "$top/tests/harness/vm/run" --kernel "${2:-6.12}" --smp 2 \
		--timeout 1200 -- "$1" --in-guest
}

export server=192.168.99.1
canary=4b44544c532d43414e415259	# KDTLS-CANARY

# Namespaces, a certificate and a user, in $dir.
vpn_setup() {
	export LD_LIBRARY_PATH=$top/build/lib
	dir=$(mktemp -d)
	at_exit "rm -rf $dir"
	modprobe -q tun || :
	mkdir -p /dev/net
	[ -e /dev/net/tun ] || mknod /dev/net/tun c 10 200
	netns_setup
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=vpn.example -keyout "$dir/key" -out "$dir/cert" 2>/dev/null
	pin=pin-sha256:$(openssl x509 -in "$dir/cert" -pubkey -noout |
		openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
	echo "user:*:$(openssl passwd -5 secret)" >"$dir/passwd"
	client_script
}

client_script() {
	cat >"$dir/script" <<-'EOF'
		#!/bin/sh
		case $reason in
		connect)
			ip link set "$TUNDEV" up mtu "$INTERNAL_IP4_MTU"
			ip addr add "$INTERNAL_IP4_ADDRESS/32" peer 192.168.99.1 dev "$TUNDEV"
			echo "$INTERNAL_IP4_ADDRESS" >"${0%/*}/address"
			;;
		esac
	EOF
	chmod +x "$dir/script"
}

configure() { # LINE...
	cat >"$dir/conf" <<-EOF
		auth = "plain[passwd=$dir/passwd]"
		listen-host = $A4
		tcp-port = 443
		udp-port = 443
		run-as-user = root
		run-as-group = root
		socket-file = $dir/socket
		pid-file = $dir/pid
		server-cert = $dir/cert
		server-key = $dir/key
		isolate-workers = ${isolate:-false}
		use-occtl = false
		device = vpns
		ipv4-network = 192.168.99.0/24
		cisco-client-compat = false
		dtls-legacy = true
		compression = false
		ping-leases = false
		try-mtu-discovery = false
		max-clients = 4
		keepalive = 300
		dpd = 60
		$(printf '%s\n' "$@")
	EOF
}

# In the namespace itself: $! of a function would be a shell's.
start() { # in_a|in_b LOG COMMAND...
	local ns=$NS_A
	[ "$1" = in_a ] || ns=$NS_B
	nsenter --net="/run/netns/$ns" -- "${@:3}" >"$dir/$2" 2>&1 </dev/null &
	last=$!
}

start_server() { # ocserv|ocserv-stock
	start in_a server "$vpn/$1/ocserv" -f -d 3 -c "$dir/conf"
	server_pid=$last
	wait_for 60 grep -q 'listening (TCP)' "$dir/server"
}

start_client() { # openconnect|openconnect-stock
	rm -f "$dir/address"
	echo secret >"$dir/secret"
	nsenter --net="/run/netns/$NS_B" -- "$vpn/$1/openconnect" --user=user \
		--passwd-on-stdin --servercert "$pin" --script "$dir/script" \
		--interface=vpnc0 --non-inter --timestamp "https://$A4" \
		<"$dir/secret" >"$dir/client" 2>&1 &
	client_pid=$!
	wait_for 30 test -s "$dir/address" &&
		wait_for 30 grep -q 'Established DTLS connection' "$dir/client"
}

stop() {
	kill -INT "$client_pid" 2>/dev/null || :
	wait "$client_pid" 2>/dev/null || :
	kill "$server_pid" 2>/dev/null || :
	wait "$server_pid" 2>/dev/null || :
}

moved() { # server|client N
	[ "$(grep -c 'moved by the kernel' "$dir/$1")" -ge "$2" ]
}

pings() { # in_a|in_b ADDRESS
	"$1" ping -n -q -c 5 -i 0.2 -W 10 -p "$canary" "$2" | grep '5 received'
}

start_iperf() {
	start in_a iperf3 iperf3 --forceflush -s -B "$server"
	iperf=$last
	wait_for 10 grep -q listening "$dir/iperf3"
}

stop_iperf() {
	kill "$iperf" 2>/dev/null || :
}

# Bytes arrive; how many is not asked of an emulated machine.
bulk() { # OPTION...
	in_b timeout 60 iperf3 -c "$server" -t 1 --connect-timeout 20000 -J "$@" \
		>"$dir/iperf" || return
	python3 -c 'import json, sys
end = json.load(sys.stdin)["end"]
sum = end.get("sum_received") or end["sum"]
sys.exit(sum["bytes"] < 100000 or sum.get("lost_percent", 0) > 50)' <"$dir/iperf"
}
