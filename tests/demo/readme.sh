#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The README's commands work, and what it points to is there.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh

# the ```sh blocks are what a newcomer types; make check is what runs now
# shellcheck disable=SC2016 # backquotes of Markdown
commands() { sed -n '/^```sh$/,/^```$/{/^```/!p}' README.md; }
is "the README tells two commands" "$(commands)" "make demo
make check"

# 30 s on an idle machine; this one may be busy with other tests
ok "make demo" timeout 400 make demo

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
