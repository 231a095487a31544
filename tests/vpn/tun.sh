#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/vpn/tun.sh PROGRAM: a in A, b in C, and a router between them, where the
# wire is watched. The program makes a tun device at each end.

set -eu
. "${KDTLS_TOP:-.}/tests/harness/netns.sh"
. "${KDTLS_TOP:-.}/tests/path/router.sh"

modprobe -q tun || :
# The first TCP connection has the kernel patch its code; QEMU 7.2 with two CPUs
# may run the old instruction meanwhile ("Oops: int3" in inet_ehashfn).
: 2>/dev/null </dev/tcp/127.0.0.1/9 || :
router_setup
# A device may go while a TCP connection of its own still repeats what was
# received: the default route would take that to the wire.
for ns in "$NS_A" "$NS_C"; do
	ip -n "$ns" route add unreachable 10.99.0.0/24 metric 9999
	ip -n "$ns" route add unreachable fd99::/64 metric 9999
done
ELSEWHERE=kdtls-d-$$
at_exit "ip netns del $ELSEWHERE 2>/dev/null || :"
ip netns add "$ELSEWHERE"
ip -n "$ELSEWHERE" link set lo up	# ICMP messages to its own addresses
export END_A=$NS_A END_B=$NS_C ROUTER=$NS_B ELSEWHERE
export A4 A6 B4=10.78.0.2 B6=fd78::2
"$1"
