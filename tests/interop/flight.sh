#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The last flight of a handshake loses each of its datagrams in turn, and all
# of them, on its way to or from third-party programs. The server sends it
# (of resumed sessions: daemon/resume): on the kernel's side the kernel
# repeats it, else the daemon makes the peer repeat it.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh
. tests/harness/netns.sh
. tests/harness/first.sh
. tests/interop/peers.sh
. tests/interop/talk.sh

kinds="ccs finished"	# of datagrams; there are no tickets

## what the kernel's side sends

tap_start() {
	ip netns exec "$NS_A" build/tests/interop-wire >"$dir/wire" 2>"$dir/err.wire" &
	tap=$!
	wait_for 10 says err.wire ready
}

tap_end() {
	kill "$tap"
	wait "$tap"
}

# Epoch and number of records sent twice, then the tap's count of plaintext.
on_the_wire() {
	awk 'NF == 5 { print $3, $4 }' "$dir/wire" | sort | uniq -d
	sed -n 's/^packets [1-9][0-9]* //p' "$dir/wire"
}

repeats() { in_a dtlsctl stats | awk '$1 == "KdtlsFlightRepeated" { print $2 }'; }

flight() { # ROLE PEER AUTH FLIGHT LOST
	local name="kernel is $1, $2, $3, lost: ${5:-nothing}" at=in_b before
	[ "$1" = server ] || at=in_a
	before=$(repeats)
	# shellcheck disable=SC2086 # words
	if [ -n "$5" ]; then
		first_ones "$dir/nft" "$at" drop $5
	else
		first_ones "$dir/nft" "$at" accept $kinds
	fi
	tap_start
	"kernel_is_$1" "$2" "$3"
	talk "$1" "$2"
	diag "early: $(times client early)"
	hang_up
	tap_end

	ok "$name: messages both ways, none twice" heard "$1" "$2"
	# shellcheck disable=SC2086 # words
	is "... ${5:+lost }the first of these" "$(came "$at" $kinds | xargs)" "${5:-$4}"
	is "... no number twice, no plaintext" "$(on_the_wire)" \
		"unseen 0 plaintext 0"
	[ "$1-${5:+lost}" != server-lost ] ||
		ok "... the kernel repeated it" [ "$(repeats)" -gt "$before" ]
}

flights() { # ROLE PEER AUTH FLIGHT
	local kind
	flight "$@" ""
	for kind in $4; do
		flight "$@" "$kind"
	done
	[[ $4 != *" "* ]] || flight "$@" "$4"
}

peers_setup
flights server openssl x509 "ccs finished"
flights server gnutls psk "ccs finished"
flights client openssl x509 ccs		# one datagram has both
flights client gnutls psk "ccs finished"
done_testing
