# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# Peers that only Debian sid has, of the layer "peers" of tests/fresh/root. Source it behind
# tests/dtls13/sid.sh, then:
#	"${pion[@]}" ARG...	tests/interop/pion.go, which newest-build has built
#	"${with_peers[@]}" "$peers_root"/PROGRAM ARG...	with the layer's libraries
#	newest_skip CASES WHAT FILE	ends a test of so many cases, if FILE is not there

peers_root=${KDTLS_CACHE:-/var/cache/kdtls}/fresh/peers/root/usr
peers_lib=$peers_root/lib/x86_64-linux-gnu
with_peers=("$sid_lib/ld-linux-x86-64.so.2" --library-path
	"$peers_lib:${with_sid[2]}")
pion=(build/tests/interop-pion)

newest_skip() { # CASES WHAT FILE
	local i
	[ ! -x "$3" ] || return 0
	for ((i = 0; i < $1; i++)); do
		skip "$2" "no ${3##*/} of Debian sid"
	done
	done_testing
	exit 0
}
