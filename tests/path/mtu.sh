#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# a in A, a router in B, b in C; then path-mtu.

set -eu
. "${KDTLS_TOP:-.}/tests/lib/netns.sh"

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
in_b sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
# answers as many as are asked for
in_b sh -c 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
	echo 0 >/proc/sys/net/ipv6/icmp/ratelimit'
ip -n "$NS_A" route add default via "$B4"
ip -n "$NS_A" route add default via "$B6"
ip -n "$NS_C" route add default via 10.78.0.1
ip -n "$NS_C" route add default via fd78::1
export END_A=$NS_A END_B=$NS_C ROUTER=$NS_B ROUTER_LINK=link-c
export A4 A6 B4=10.78.0.2 B6=fd78::2
path-mtu
