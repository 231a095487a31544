#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The README's commands work, and what it points to is there.
set -eu
cd "$(dirname "$0")/../.."
. tests/harness/tap.sh

# the ```sh blocks are what a newcomer types; make check is what runs now
# shellcheck disable=SC2016 # backquotes of Markdown
commands() { sed -n '/^```sh$/,/^```$/{/^```/!p}' README.md; }
is "the README tells two commands" "$(commands)" "make demo
make check"

# on a machine that has never seen the project, where one can be had; 30 s on an
# idle one, this may be busy with other tests
demo() {
	rc=0
	timeout 1000 tests/fresh/root demo -- make demo || rc=$?
	[ $rc = 75 ] || return $rc
	timeout 400 make demo
}
ok "make demo" demo

missing() {
	bad=0
	# shellcheck disable=SC2013 # no white space in them
	for f in $(grep -oE '\]\([^)#]+' README.md | cut -c3-); do
		[ -e "$f" ] || { echo "$f"; bad=1; }
	done
	return $bad
}
ok "every file the README points to is there" missing
tools() {
	for p in dtlscat dtlsctl dtls-handshaked; do
		LD_LIBRARY_PATH=build/lib build/bin/$p --help >/dev/null || return 1
	done
}
ok "every program has --help" tools
done_testing
