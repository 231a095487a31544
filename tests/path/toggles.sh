#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Batches across a veth pair with each of its offloads on and off, at the
# sending and at the receiving end.

set -eu
. "${KDTLS_TOP:-.}/tests/harness/tap.sh"
. "${KDTLS_TOP:-.}/tests/harness/netns.sh"

netns_setup
export END_A=$NS_A END_B=$NS_B A4 A6 B4 B6

# set_features in_a|in_b WORDS: prints settings that had no effect
set_features() {
	local side=$1 feature
	shift
	"$side" ethtool -K veth0 "$@" >/dev/null 2>&1 || true
	while [ $# -gt 0 ]; do
		feature=$1
		case $1 in
		gro) feature=generic-receive-offload ;;
		tx) feature=tx-checksumming ;;
		sg) feature=scatter-gather ;;
		esac
		"$side" ethtool -k veth0 | grep -q "^$feature: $2" ||
			diag "$side: $1 is not $2"
		shift 2
	done
}

receivers=(
	"gro off rx-gro-list off rx-udp-gro-forwarding off"
	"gro on rx-gro-list off rx-udp-gro-forwarding off"
	"gro on rx-gro-list on rx-udp-gro-forwarding off"
	"gro on rx-gro-list off rx-udp-gro-forwarding on"
	"gro on rx-gro-list on rx-udp-gro-forwarding on"
)
senders=(
	"tx on sg on tx-udp-segmentation on"
	"tx on sg on tx-udp-segmentation off"
	"tx on sg off tx-udp-segmentation off"
	"tx off sg off tx-udp-segmentation off"
)

for s in "${senders[@]}"; do
	# shellcheck disable=SC2086 # words
	set_features in_a $s
	for r in "${receivers[@]}"; do
		# shellcheck disable=SC2086 # words
		set_features in_b $r
		ok "sender: $s; receiver: $r" path-batches
	done
done
done_testing
