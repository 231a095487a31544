# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2153
#
# a in A, a router in B, b in C. Source it after netns.sh; then
#	router_setup		$NS_C 10.78.0.2 fd78::2 behind link-c of B
#	in_c COMMAND...

in_c() { ip netns exec "$NS_C" "$@"; }

router_setup() {
	netns_setup
	NS_C=kdtls-c-$$
	at_exit "ip netns del $NS_C"
	ip netns add "$NS_C"
	ip -n "$NS_B" -batch - <<-EOF
		link add link-c type veth peer name veth0 netns $NS_C
		addr add 10.78.0.1/24 dev link-c
		addr add fd78::1/64 dev link-c nodad
		link set link-c up
	EOF
	ip -n "$NS_C" -batch - <<-EOF
		link set lo up
		addr add 10.78.0.2/24 dev veth0
		addr add fd78::2/64 dev veth0 nodad
		link set veth0 up
		route add default via 10.78.0.1
		route add default via fd78::1
	EOF
	ip -n "$NS_A" -batch - <<-EOF
		route add default via $B4
		route add default via $B6
	EOF
	# answers without a rate limit
	in_b sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
		echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
		echo 0 >/proc/sys/net/ipv6/icmp/ratelimit'
}
