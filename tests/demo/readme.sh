#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The README's commands and example work, and the files that it names exist.
set -eu
cd "$(dirname "$0")/../.."
. tests/harness/tap.sh

# the ```sh blocks are the commands for a newcomer; make check runs now
# shellcheck disable=SC2016 # backquotes of Markdown
commands() { sed -n '/^```sh$/,/^```$/{/^```/!p}' README.md; }
is "the README names two commands" "$(commands)" "make demo
make check"

# -z defs: every function it calls is in the library
example() {
	# shellcheck disable=SC2016 # backquotes of Markdown
	sed -n '/^```c$/,/^```$/{/^```/!p}' README.md |
		cc -std=c11 -Wall -Wextra -Werror -Iinclude -Iinclude/uapi \
			-x c - -shared -fPIC -o /dev/null -Wl,-z,defs \
			-Lbuild/lib -lkdtls
}
ok "the README's example compiles and links" example

# in a root directory without the project's packages, if available; 30 s on an
# idle machine, which this one need not be
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
ok "every file the README links to exists" missing
tools() {
	for p in dtlscat dtlsctl dtls-handshaked; do
		LD_LIBRARY_PATH=build/lib build/bin/$p --help >/dev/null || return 1
	done
}
ok "every program has --help" tools
done_testing
