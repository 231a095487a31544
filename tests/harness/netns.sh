# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Two network namespaces, A and B, joined by a veth pair. Source it; then
#	netns_setup [MTU]	$NS_A 10.77.0.1 fd77::1, $NS_B 10.77.0.2 fd77::2
#	in_a COMMAND... / in_b COMMAND...
#	netns_netem a|b "loss 5% delay 1ms"	for datagrams of that side
#	netns_cleanup		runs at exit too
#	at_exit COMMAND		more to do at exit (last added, first done)
#	wait_for SECONDS COMMAND...	until COMMAND succeeds; never sleep blindly
#	wait_udp in_a|in_b PORT		until something is bound to that UDP port
# Names contain the process id, so that parallel tests do not collide.

NS_A=kdtls-a-$$
NS_B=kdtls-b-$$
A4=10.77.0.1
B4=10.77.0.2
A6=fd77::1
B6=fd77::2
netns_exit=

in_a() { ip netns exec "$NS_A" "$@"; }
in_b() { ip netns exec "$NS_B" "$@"; }

at_exit() {
	netns_exit="$1
$netns_exit"
	trap 'eval "$netns_exit"; exit 143' TERM INT HUP
	trap 'eval "$netns_exit"' EXIT
}

netns_cleanup() {
	for ns in "$NS_A" "$NS_B"; do
		if [ -e "/run/netns/$ns" ]; then
			# shellcheck disable=SC2046 # a list
			kill -9 $(ip netns pids "$ns") 2>/dev/null || true
			ip netns del "$ns"
		fi
	done
}

veth_up() { ip -n "$NS_A" link show veth0 | grep -q 'state UP'; }

netns_setup() {
	at_exit netns_cleanup
	ip netns add "$NS_A"
	ip netns add "$NS_B"
	ip -n "$NS_A" link add veth0 mtu "${1:-1500}" type veth \
		peer name veth0 mtu "${1:-1500}" netns "$NS_B"
	for s in "$NS_A $A4 $A6" "$NS_B $B4 $B6"; do
		# shellcheck disable=SC2086 # three words
		set -- $s
		ip -n "$1" link set lo up
		# no duplicate address detection: usable at once
		ip -n "$1" addr add "$2/24" dev veth0
		ip -n "$1" addr add "$3/64" dev veth0 nodad
		ip -n "$1" link set veth0 up
	done
	wait_for 5 veth_up
}

netns_netem() {
	case $1 in
	a) netns_ns=$NS_A ;;
	b) netns_ns=$NS_B ;;
	esac
	shift
	# shellcheck disable=SC2086,SC2048 # words
	tc -n "$netns_ns" qdisc replace dev veth0 root netem $*
}

# Whole seconds since boot. Without a program: each is slow on an emulated machine.
uptime_now() {
	read -r uptime_s _ </proc/uptime
	uptime_s=${uptime_s%.*}
}

wait_for() {
	uptime_now
	wait_end=$((uptime_s + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		uptime_now
		[ "$uptime_s" -lt "$wait_end" ] || {
			echo "# timed out waiting for: $*"
			return 1
		}
		sleep 0.1
	done
}

netns_udp_bound() {
	"$1" ss -Hulan "sport = :$2" | grep -q .
}

wait_udp() { wait_for 10 netns_udp_bound "$1" "$2"; }
