#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Style and static checks; nothing here needs a virtual machine.

set -eu
cd "${KDTLS_TOP:-.}"
. tests/harness/tap.sh

cache=${KDTLS_CACHE:-/var/cache/kdtls}
src=$cache/linux-source-6.12

# files that git tracks or would add
files() { git ls-files -co --exclude-standard -- "$@" | while read -r f; do
	[ ! -f "$f" ] || echo "$f"; done; }

# What was clean once is clean as long as neither it nor the checker changes:
# the cache has a line "CHECKER SUM  FILE" for each.
clean=$cache/lint.clean
touch "$clean" 2>/dev/null || clean=/dev/null

# CHECKER COMMAND [ARG...] -- FILE...: the command must like each file
each_clean() {
	local checker=$1 command=() sums

	shift
	while [ "$1" != -- ]; do command+=("$1"); shift; done
	shift
	sums=$(sha256sum "$@" | sed "s|^|$checker |" | grep -vxFf "$clean") ||
		return 0
	cut -d ' ' -f 4- <<<"$sums" |
		xargs -d '\n' -n 10 -P 2 "${command[@]}" || return
	echo "$sums" >>"$clean"
}

checkpatch() { # IGNORED FILE...
	local checker

	checker=$({ cat "$src"/scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch}
		echo "$1"; } | sha256sum | cut -c 1-16)
	each_clean "$checker" \
		"$src/scripts/checkpatch.pl" --no-tree --strict --terse \
		--no-summary --show-types --ignore "$1" -f -- "${@:2}"
}

# Types that require facilities of the kernel, or that a single file triggers
# although the project as a whole is correct.
# CONST_STRUCT: the copies of proto_ops are filled in at run time
ignore=FILE_PATH_CHANGES,LINUX_VERSION_CODE,SPDX_LICENSE_TAG,CONST_STRUCT
user_ignore=$ignore,PREFER_KERNEL_TYPES,NEW_TYPEDEFS,ENOSYS,AVOID_EXTERNS
user_ignore=$user_ignore,STRCPY,STRNCPY,STRLCPY,SSCANF_TO_KSTRTO,VOLATILE
user_ignore=$user_ignore,PREFER_FALLTHROUGH,CONSIDER_KSTRTO,USE_NEGATIVE_ERRNO
user_ignore=$user_ignore,PREFER_DEFINED_ATTRIBUTE_MACRO,BIT_MACRO,YIELD
# cmocka and libFuzzer choose their names
user_ignore=$user_ignore,CAMELCASE
user_ignore=$user_ignore,MACRO_ARG_REUSE,MACRO_ARG_PRECEDENCE,MACRO_WITH_FLOW_CONTROL

# tables of cases, a line each; names of cases that are names of functions
test_ignore=$user_ignore,TRAILING_STATEMENTS,EMBEDDED_FUNCTION_NAME
test_ignore=$test_ignore,MULTIPLE_ASSIGNMENTS,LONG_LINE_STRING
test_ignore=$test_ignore,PARENTHESIS_ALIGNMENT,SPACING

if tests/harness/vm/kernels get source >/dev/null 2>&1; then
	mapfile -t f < <(files 'kernel/*.[ch]' 'include/*.h')
	ok "checkpatch --strict: kernel and include" \
		checkpatch "$ignore" "${f[@]}"
	mapfile -t f < <(files 'userspace/*.[ch]')
	ok "checkpatch --strict: user space" \
		checkpatch "$user_ignore" "${f[@]}"
	mapfile -t f < <(files 'tests/*.[ch]')
	ok "checkpatch --strict: tests" \
		checkpatch "$test_ignore" "${f[@]}"
else
	skip "checkpatch --strict: kernel and include" "no linux-source-6.12"
	skip "checkpatch --strict: user space" "no linux-source-6.12"
	skip "checkpatch --strict: tests" "no linux-source-6.12"
fi

scripts() {
	files . | while read -r f; do
		case $f in
		*.sh) echo "$f" ;;
		*.*) ;;
		*) head -n 1 "$f" | grep -qE '^#!.*[/ ](busybox sh|sh|bash)$' &&
			echo "$f" ;;
		esac
	done || true
}
mapfile -t f < <(scripts; echo .ci/run)
# what one says depends on those that it sources
shellchecks() {
	local all

	all="shellcheck $({ shellcheck --version; cat "$@"; } | sha256sum) $*"
	! grep -qxF -- "$all" "$clean" || return 0
	printf '%s\n' "$@" | xargs -d '\n' -n 20 -P 2 \
		shellcheck -x -P tests/harness -P . -e SC1091 || return
	echo "$all" >>"$clean"
}
ok "shellcheck" shellchecks "${f[@]}"

no_spdx() {
	bad=0
	for f in $(files '*.[chS]' '*.go' '*.sh' '*.py' '*.yaml' '*.mk' Makefile Kbuild \
		dkms.conf .ci/run; scripts); do
		head -n 3 "$f" | grep -q 'SPDX-License-Identifier: ' ||
			{ echo "$f"; bad=1; }
	done
	return $bad
}
ok "every source file has an SPDX tag" no_spdx

licences() {
	for l in $(git grep -hoE '^.{1,5}SPDX-License-Identifier: [^*]+' -- . \
		':!LICENSES' | sed 's/.*: //; s/-->//; s/[()"]//g' |
		tr ' ' '\n' | grep -vxE 'WITH|OR|AND|' | sort -u); do
		# "GPL-2.0" is the kernel's way to write GPL-2.0-only
		ls LICENSES/*/"$(echo "$l" | sed 's/-or-later$//; s/-only$//')" >/dev/null ||
			{ echo "no text of $l"; return 1; }
	done
}
ok "every licence named has its text in LICENSES" licences

# a patch that does not apply plants no bug
planted() {
	bad=0
	for p in tests/mutants/*.patch tests/mutants/daemon/*.patch; do
		git apply --check "$p" || { echo "$p"; bad=1; }
	done
	return $bad
}
ok "every mutant applies as it stands" planted

# sparse has been called for every file of the module (tests/harness/vm/module)
checked() {
	[ "$1" != debug ] || return 0
	for f in kernel/*.c; do
		grep -q "CHECK  *.*${f#kernel/}" "build/$1/build.log" ||
			{ echo "sparse has not read $f"; return 1; }
	done
}
# messages of the compiler and sparse about the module that the tests load
said() {
	# Debian's headers lack the tools for BTF, or sid's are newer; no error of the module
	grep -E 'warning:|error:|WARNING|ERROR' "build/$1/build.log" |
		grep -vE 'Skipping BTF|compiler differs|pahole version differs'
}
quiet_build() {
	tests/harness/vm/module "$1" W=1 C=1 >/dev/null 2>&1 ||
		{ tail -n 30 "build/$1/build.log"; return 1; }
	! said "$1" >/dev/null && checked "$1" && return 0
	# it may be fixed since: rebuild all
	rm -f "build/$1/.stamp" "build/$1/kdtls.ko"
	find "build/$1/kernel" "build/$1/tests" -name '*.o' -delete
	tests/harness/vm/module "$1" W=1 C=1 >/dev/null 2>&1
	! said "$1" && checked "$1"
}
for v in 6.1 6.12 7.x debug; do
	rc=0
	tests/harness/vm/kernels get $v >/dev/null 2>&1 || rc=$?
	if [ $rc = 75 ]; then
		skip "no warning with W=1 C=1 on $v" "no kernel $v here"
	else
		ok "no warning with W=1 C=1 on $v" quiet_build $v
	fi
done

# of what was there long ago nothing is asked any more
[ "$clean" = /dev/null ] || { tail -n 5000 "$clean" >"$clean.new" && mv "$clean.new" "$clean"; }
done_testing
