# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Connection IDs between the two ends of both.sh, and clients that go on from another address.
# Source it behind both_setup.

A4_NEW=10.77.0.3 A6_NEW=fd77::3
ip -n "$NS_A" -batch - <<-EOF
	addr add $A4_NEW/24 dev veth0
	addr add $A6_NEW/64 dev veth0 nodad
EOF

# what the kernel of a side says of its association: bytes to send, to receive
kernel_has() { # in_a|in_b TX RX
	local want=" cid:tx:$2,rx:$3"
	[ "$2$3" != 00 ] || want=" mtu:"
	"$1" dtlsctl show >"$dir/shown" && grep -q "$want" "$dir/shown" &&
		{ [ "$2$3" != 00 ] || ! grep -q cid: "$dir/shown"; }
}
# talks NAME KERNEL-TX KERNEL-RX SIDE: with a program of a library, on the other side
no_exporter=
talks() {
	wait_for 20 said client '^(exporter|cid)='
	ok "$1: data both ways" echoes hello
	[ -n "$no_exporter" ] || ok "... the exporters are equal" exporters_equal
	ok "... the kernel has tx:$2, rx:$3" kernel_has "$4" "$2" "$3"
	local other=server
	[ "$4" = in_a ] || other=client
	shows "... its peer the reverse" $other "^cid=tx:$3,rx:$2"
	both_end
}

move() { # ADDRESS PORT
	echo "move $1 $2" >&7
}
goes_on() { # WORD
	echoes "$1" && return
	in_b dtlsctl show
	cat "$dir/client.err" "$dir/server.err"
	tail -n 4 "$dir/server"
	return 1
}
moves_are() { in_b dtlsctl show | grep -q "$1"; }
