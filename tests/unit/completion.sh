#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What bash would offer, by calling the completion function as bash does.

set -u
. tests/harness/tap.sh
. userspace/completion/kdtls.bash
PATH=build/bin:$PATH

offer() { # PROGRAM WORD BEFORE
	_kdtls "$@"
	echo "${COMPREPLY[*]}"
}
for p in dtlscat dtlsctl dtlswrap dtls-handshaked; do
	ok "$p: the function is registered" \
		sh -c "echo '$(complete -p $p)' | grep -q -- '-F _kdtls'"
	ok "$p --he" test "$(offer $p --he $p)" = --help
	ok "$p --: each option that --help has" test \
		"$(offer $p -- $p | wc -w)" = \
		"$($p --help | grep -oE -- '--[a-z][a-z-]*' | sort -u | wc -l)"
done
is "dtlsctl s" "$(offer dtlsctl s dtlsctl)" "show stats"
is "dtlsctl close, with no associations to be seen" "$(offer dtlsctl '' close)" ""
done_testing
