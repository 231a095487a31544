#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tests/harness/check itself, with tests of its own: which are run a second time, and
# what it prints and returns then.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/harness/tap.sh"

dir=$(mktemp -d /tmp/kdtls-tries.XXXXXX)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir"/tests/{harness,t}
cp "$top/tests/harness/check" "$dir/tests/harness/"

# row NAME WORDS...: a test of one case that prints WORDS at its first try, and is green then
row() {
	printf '%s | 1 | host | 10 | if [ -e %s ]; then echo ok 1; else : >%s; echo "%s"; fi\n' \
		"$1" "$dir/$1" "$dir/$1" "${*:2}"
}
check() {
	KDTLS_CACHE=$dir "$dir/tests/harness/check" --no-build --lanes 1 "$@" >"$dir/out" 2>&1
	rc=$?
	last=$(tail -n 1 "$dir/out")
}

{
	row unlucky "not ok 1 - late"
	row bails "Bail out! no socket: No such device"
	row silent
	echo 'sound | 2 | host | 10 | echo ok 1; echo ok 2'
} >"$dir/tests/t/tests.list"
check
is "red, then green alone" "$rc $last" "0 5 passed, 0 failed, 0 skipped"
for name in unlucky bails silent; do
	ok "$name: the report names it" grep -q "^  t/$name on host: .*first.log" "$dir/out"
done
rm "$dir"/{unlucky,bails,silent}
check t
is "none when tests are named" "$rc $last" "1 2 passed, 3 failed, 0 skipped"
echo 'red | 1 | host | 10 | echo not ok 1' >"$dir/tests/t/tests.list"
check
is "red twice is red" "$rc $last" "1 0 passed, 1 failed, 0 skipped"
for i in 1 2 3 4; do
	row "late$i" "not ok 1 - late"
done >"$dir/tests/t/tests.list"
check
is "four are no coincidence" "$rc $last" "1 3 passed, 1 failed, 0 skipped"
echo 'oops | 1 | host | 10 | echo not ok 1; exit 97' >"$dir/tests/t/tests.list"
check
nok "none after a complaint of the kernel" grep -q "second try" "$dir/out"
done_testing
