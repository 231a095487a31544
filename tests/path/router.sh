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
	ip -n "$NS_B" link add link-c type veth peer name veth0 netns "$NS_C"
	ip -n "$NS_C" link set lo up
	ip -n "$NS_B" addr add 10.78.0.1/24 dev link-c
	ip -n "$NS_B" addr add fd78::1/64 dev link-c nodad
	ip -n "$NS_C" addr add 10.78.0.2/24 dev veth0
	ip -n "$NS_C" addr add fd78::2/64 dev veth0 nodad
	ip -n "$NS_B" link set link-c up
	ip -n "$NS_C" link set veth0 up
	# answers without a rate limit
	in_b sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
		echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
		echo 0 >/proc/sys/net/ipv6/icmp/ratelimit'
	ip -n "$NS_A" route add default via "$B4"
	ip -n "$NS_A" route add default via "$B6"
	ip -n "$NS_C" route add default via 10.78.0.1
	ip -n "$NS_C" route add default via fd78::1
}
