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

# unlike ip-netns(8) no mount of /sys, nothing of /etc/netns, and few libraries
in_a() { nsenter --net="/run/netns/$NS_A" -- "$@"; }
in_b() { nsenter --net="/run/netns/$NS_B" -- "$@"; }

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

# A process of a namespace shows what is there below its /proc: to read that
# takes no program. Not a child, so that a plain wait does not wait for it.
netns_holder() {
	ip netns exec "$1" sleep infinity >/dev/null 2>&1 </dev/null &
	echo $!
}

netns_setup() {
	at_exit netns_cleanup
	ip netns add "$NS_A"
	ip netns add "$NS_B"
	netns_in_a=$(netns_holder "$NS_A")
	netns_in_b=$(netns_holder "$NS_B")
	ip -n "$NS_A" link add veth0 mtu "${1:-1500}" type veth \
		peer name veth0 mtu "${1:-1500}" netns "$NS_B"
	for s in "$NS_A $A4 $A6" "$NS_B $B4 $B6"; do
		# shellcheck disable=SC2086 # three words
		set -- $s
		# nodad: usable at once; one program instead of four
		ip -n "$1" -batch - <<-EOF
			link set lo up
			addr add $2/24 dev veth0
			addr add $3/64 dev veth0 nodad
			link set veth0 up
		EOF
	done
	wait_for 10 test "/proc/$netns_in_a/ns/net" -ef "/run/netns/$NS_A"
	wait_for 10 test "/proc/$netns_in_b/ns/net" -ef "/run/netns/$NS_B"
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

# Bash needs no program for it: each is slow on an emulated machine.
netns_pause() {
	if [ -p "${tap_tmp:-}.pause" ]; then
		# shellcheck disable=SC3045 # only bash has made the pipe
		read -r -t 0.1 _ <>"$tap_tmp.pause" || :
	else
		sleep 0.1
	fi
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
		netns_pause
	done
}

# Is it the local port of a line of /proc/net/udp?
netns_udp_listed() { # FILE HEXADECIMAL-PORT
	while read -r _ netns_local _; do
		[ "${netns_local##*:}" != "$2" ] || return 0
	done <"$1"
	return 1
}

netns_udp_bound() {
	case $1 in
	in_a) netns_of=/proc/$netns_in_a ;;
	in_b) netns_of=/proc/$netns_in_b ;;
	*) netns_of=/proc/self ;;
	esac
	netns_port=$(printf %04X "$2")
	netns_udp_listed "$netns_of/net/udp" "$netns_port" ||
		netns_udp_listed "$netns_of/net/udp6" "$netns_port"
}

wait_udp() { wait_for 10 netns_udp_bound "$1" "$2"; }
