#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# UDP refuses a batch that IPsec will protect, but only after its records were
# sealed: the same bytes are sent singly, no number is lost or used twice.

set -eu
. "${KDTLS_TOP:-.}/tests/harness/tap.sh"
. "${KDTLS_TOP:-.}/tests/harness/netns.sh"

modprobe -a esp4 esp6 xfrm_user 2>/dev/null || true
netns_setup
export END_A=$NS_A END_B=$NS_B A4 A6 B4 B6
key=0x$(printf '%040d' 7)

# protect FROM TO SPI: everything between the two, both ends know both ways
protect() {
	for ns in "$NS_A" "$NS_B"; do
		ip -n "$ns" xfrm state add src "$1" dst "$2" proto esp spi "$3" \
			reqid 1 mode transport \
			aead 'rfc4106(gcm(aes))' "$key" 128 || return 1
	done
}

# policy NS DIR FROM TO
policy() {
	ip -n "$1" xfrm policy add src "$3" dst "$4" proto udp dir "$2" \
		tmpl src "$3" dst "$4" proto esp reqid 1 mode transport
}

# by all states of B
packets() {
	ip -n "$NS_B" -s xfrm state |
		sed -n 's/.* \([0-9]*\)(packets).*/\1/p' |
		awk '{ n += $1 } END { print n + 0 }'
}

protect "$A4" "$B4" 0x101 || skip_all "no IPsec in this kernel"
protect "$B4" "$A4" 0x102
protect "$A6" "$B6" 0x103
protect "$B6" "$A6" 0x104
for v in 4 6; do
	a=A$v b=B$v
	policy "$NS_A" out "${!a}" "${!b}"
	policy "$NS_A" in "${!b}" "${!a}"
	policy "$NS_B" in "${!a}" "${!b}"
	policy "$NS_B" out "${!b}" "${!a}"
done
ok "batches over IPsec: all arrive, each number once" path-batches
n=$(packets)
diag "$n packets in ESP"
ok "and they did go through IPsec" test "$n" -ge 600
done_testing
