#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Loads kdtls-kunit.ko, which runs its suites, and prints their results: one
# case for each parameter of a parameterized test. Needs the debug kernel.

set -eu
. "${KDTLS_TOP:-.}/tests/harness/tap.sh"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

modprobe kunit 2>/dev/null || :
mark="kdtls-kunit: begin $$"
echo "$mark" >/dev/kmsg
modprobe kdtls-kunit || { fail 'kdtls-kunit loads' "$(dmesg)"; done_testing; exit 1; }
dmesg | sed -e "1,/$mark/d" -e 's/^\[ *[0-9.]*\] //' >"$dir/log"

# The deepest results are those indented by 8 of tests with parameters, and
# those indented by 4 of tests without; the latter repeat the former as a sum.
awk '
/^        (not )?ok [0-9]+ / { deep = 1 }
/^    # Subtest:/ { suite = $3; deep = 0; next }
/^        # Subtest:/ { test = $3; next }
/^        (not )?ok [0-9]+ / { print_result(suite "/" test ": "); next }
/^    (not )?ok [0-9]+ / {
	if (!deep || /^    not/)
		print_result(suite ": ")
	deep = 0
}
function print_result(name,   rest, result) {
	result = /^ *not ok/ ? "not ok" : "ok"
	rest = $0
	sub(/^ *(not )?ok [0-9]+ (- )?/, "", rest)
	printf "%s - %s%s\n", result, name, rest
}' "$dir/log" >"$dir/results"

awk '{ sub(/ok/, "ok " NR); print } END { print "1.." NR }' "$dir/results"
rmmod kdtls-kunit
if [ ! -s "$dir/results" ] || grep -q '^not ok' "$dir/results"; then
	sed 's/^/# /' "$dir/log"
	exit 1
fi
