#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Network faults at which other implementations were reported to fail: the
# HelloVerifyRequest is lost; an answer takes longer than the first timer of the
# handshake; flights arrive reordered.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh
. tests/harness/netns.sh
. tests/harness/first.sh
. tests/interop/peers.sh
. tests/interop/talk.sh

cell() { # WHAT ROLE PEER AUTH
	"kernel_is_$2" "$3" "$4"
	talk "$2" "$3"
	hang_up
	ok "$1: kernel is $2, $3, $4" heard "$2" "$3"
}

network() { # of both sides, for netem; or nothing
	local ns

	for ns in "$NS_A" "$NS_B"; do
		tc -n "$ns" qdisc del dev veth0 root 2>/dev/null
		# shellcheck disable=SC2086 # words
		[ -z "$1" ] || tc -n "$ns" qdisc add dev veth0 root netem $1
	done
}

peers_setup

first_ones "$dir/nft" in_b drop verify
cell "HelloVerifyRequest lost" server openssl x509
is "... it was" "$(came in_b verify)" verify
cell "HelloVerifyRequest lost" server gnutls psk
in_b nft delete table inet first
first_ones "$dir/nft" in_a drop verify
cell "HelloVerifyRequest lost" client gnutls psk
is "... it was" "$(came in_a verify)" verify
in_a nft delete table inet first

network "delay 600ms"
cell "answers take 1.2 s" server openssl x509
cell "answers take 1.2 s" client gnutls psk

# the second, fourth ... overtakes the one before
network "delay 60ms reorder 100% gap 2"
cell "another order" server openssl x509
cell "another order" server gnutls psk
cell "another order" client openssl x509
cell "another order" client gnutls psk
network ""
done_testing
