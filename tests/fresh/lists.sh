#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The lists of packages of tests/harness/deps name all that the tests and the benchmarks
# use: each command, Python module and header is of a package that a minimal Debian 12
# has with the list, whatever this machine has.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh

out=${KDTLS_OUT:-$(mktemp -d)}
mkdir -p "$out"
# shellcheck disable=SC2016 # for the shell in the root
tests/fresh/root --out "$out" bare -- bash -euo pipefail -c '
	apt-get -qq update
	for list in check bench; do # and sid, which vm/kernels installs
		apt-get -s -q --no-install-recommends install \
			$(tests/harness/deps --list $list sid) |
			sed -n "s/^Inst \([^ ]*\).*/\1/p" >/root/out/$list
		dpkg-query -W -f "\${Package}\n" >>/root/out/$list
	done' >"$out/log" 2>&1
rc=$?
[ $rc != 75 ] || skip_all "no Debian 12 root can be made"
is "a minimal Debian 12 can install both lists" $rc 0
[ $rc = 0 ] || { diag "$(tail -n 5 "$out/log")"; done_testing; exit 1; }

# Not here: the plug-in, with headers of sid; what a machine of systemd or another root
# runs, with lists of its own; dtlswrap's programs and load, no part of make check.
all=$(git ls-files tests 'userspace/*.[ch]' ':!userspace/dtls-handshaked-wolfssl' \
	':!tests/load' ':!tests/fresh' ':!tests/system/*.sh' ':!tests/dtlswrap/cases.sh'
	ls tests/fresh/{needs,root,build.sh,deb.sh,plugin.sh,lists.sh})
echo "$all" | xargs tests/fresh/needs >"$out/needs"

# lacks LIST FILES [PACKAGE]: what these files, an expression, need and the list of
# packages, without PACKAGE, has not
lacks() {
	grep -E "^($2)" "$out/needs" |
		awk -v without="${3:-}" 'NR == FNR { if ($1 != without) has[$1] = 1; next }
			!($3 in has)' "$out/$1" -
}
is "make check: all that its tests use" "$(lacks check '' | grep -v ^tests/bench)" ""
is "make bench: all that it uses" \
	"$(lacks bench 'tests/(bench|harness)|userspace' | grep -v 'first.sh\|vm/sparse')" ""
is "... and a list without xxd would be found" \
	"$(lacks check tests/dtls13/daemon-versions xxd)" "tests/dtls13/daemon-versions.sh xxd xxd"
done_testing
