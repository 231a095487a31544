# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# TAP for shell tests. Source it; then
#	ok DESCRIPTION COMMAND...	passes when COMMAND succeeds
#	nok DESCRIPTION COMMAND...	passes when COMMAND fails
#	is DESCRIPTION GOT WANTED	passes when both are the same
#	pass D / fail D [DIAG] / skip D WHY
#	skip_all WHY			"1..0 # SKIP", ends the test
#	diag TEXT...
#	done_testing			prints the plan; exit status
# Output of COMMAND is shown as diagnosis when the case fails.

tap_n=0
tap_failed=0
tap_tmp=$(mktemp)
# for pauses without a program: netns.sh
[ -z "${BASH_VERSION:-}" ] || mkfifo "$tap_tmp.pause"

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

pass() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1"
}

fail() {
	tap_n=$((tap_n + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_n - $1"
	[ -z "${2:-}" ] || diag "$2"
}

skip() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $*"
	rm -f "$tap_tmp" "$tap_tmp.pause"
	exit 0
}

ok() {
	tap_desc=$1
	shift
	# in a condition, so that set -e in the caller does not end the test
	if "$@" >"$tap_tmp" 2>&1; then
		pass "$tap_desc"
	else
		tap_rc=$?
		fail "$tap_desc" "exit status $tap_rc: $*"
		sed 's/^/#   /' "$tap_tmp"
		return 0
	fi
}

nok() {
	tap_desc=$1
	shift
	if "$@" >"$tap_tmp" 2>&1; then
		fail "$tap_desc" "succeeded, but must not: $*"
		sed 's/^/#   /' "$tap_tmp"
	else
		pass "$tap_desc"
	fi
}

is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "got:    $2
wanted: $3"
	fi
}

done_testing() {
	rm -f "$tap_tmp" "$tap_tmp.pause"
	echo "1..$tap_n"
	[ "$tap_failed" = 0 ]
}
