#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A listening socket bound to no device, and stock clients with equal addresses
# behind two VRFs: the daemon's answers, and the records, leave by the VRF
# of the client's datagrams (udp_l3mdev_accept).

set -u
. tests/daemon/crowd.sh
pki
to=5000
auth=(-CAfile "$dir/ca.pem" -verify_return_error -servername server.test)
colours=(red blue)

# replaces crowd.sh's: client N is behind the VRF ${colours[N % 2]}
client() {
	for ((fd = 101; fd <= 130; fd++)); do eval "exec $fd>&-"; done
	# shellcheck disable=SC2086 # none or one
	exec ip netns exec "${colours[$1 % 2]}" openssl s_client -dtls1_2 -mtu 1400 \
		-connect "$2:$to" "${auth[@]}" $quiet -no_ign_eof
}

echo 1 >/proc/sys/net/ipv4/udp_l3mdev_accept
modprobe -q vrf
table=10
for c in "${colours[@]}"; do
	ip link add "$c" type vrf table $table ||
		skip_all "this kernel has no VRFs"
	table=$((table + 1))
	ip netns add "$c"
	ip link add "in-$c" type veth peer name veth netns "$c"
	ip link set "$c" up
	ip link set "in-$c" master "$c" up
	ip addr add 10.66.0.1/24 dev "in-$c"
	ip addr add fd66::1/64 dev "in-$c" nodad
	ip -n "$c" addr add 10.66.0.2/24 dev veth
	ip -n "$c" addr add fd66::2/64 dev veth nodad
	ip -n "$c" link set veth up
done
ok "the main table has no way to the clients" \
	test -z "$(ip route show 10.66.0.0/24)"

begin
serve 5000 server
come 1 10.66.0.1
come 2 10.66.0.1
ok "a client behind one VRF has its echo" echoed 1
ok "... behind the other, of the same address" echoed 2
is "two peers" "$(dtlsctl show | grep -c '10.66.0.2:.*1.2')" 2
ok "the first talks on" echoed 1
go 1
ok "it goes: it alone" wait_for 10 gone 1
ok "... and the second talks" echoed 2
go 2
ok "... and goes" wait_for 10 gone 0
done_testing
