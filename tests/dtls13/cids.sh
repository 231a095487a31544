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
# the client of a socket with DTLS_ROAM_TRUST
moves_along() { # OLD NEW
	move "$1" 41001
	ok "... it moves to another port and goes on" goes_on another-port
	move "$2" 41001
	ok "... to another address" goes_on another-address
	move "$1" 41002
	ok "... to another of both" goes_on another-of-both
	ok "... the kernel counts them" moves_are moves:3
	shows "... and there are events" server "event=moved $2"
}
# of one with DTLS_ROAM_ASK
stays_known_there() { # NEW
	move "$1" 41004
	echo from-elsewhere >&7
	ok "... what the client sends from elsewhere is read" wait_for 10 said server '^from-elsewhere'
	ok "... there is an event" wait_for 10 said server "event=seen $1"
	ok "... the answer does not go there" sh -c "sleep 0.5; ! grep -q ^from-elsewhere $dir/client"
	ok "... and no move is counted" sh -c "! nsenter --net=/run/netns/$NS_B dtlsctl show | grep moves:"
}
# of 4 and 10 bytes; "both_end" is the caller's
kernel_to_kernel() {
	both_start "$B6" kernel yes cid=4 -- kernel client server_name=server.test cid=10
	wait_for 20 said client exporter=
	ok "kernel to kernel: data both ways" echoes hello
	ok "... both have both" kernel_has in_a 4 10
	ok "... in either kernel" kernel_has in_b 10 4
}
