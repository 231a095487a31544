#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: tests/fuzz/run.sh [EXECUTIONS [SECONDS [TARGET...]]]
#
# Runs the fuzz targets under AddressSanitizer and UBSan, one after the other
# on one core: EXECUTIONS of record code in all (default 2,500,000), and a
# tenth of that of the window, the daemon's parsers and the hellos each; at most SECONDS
# (default 240); executions missing by then are reported, not a failure.
# TARGET: open12 open13 roundtrip window daemon hello (default all).
#
# For a long run give large numbers: `tests/fuzz/run.sh 10000000000 86400`.
# The corpus in build/fuzz/corpus grows from run to run. An input that fails
# is kept in build/fuzz/crashes; `build/fuzz/TARGET FILE` repeats it.

set -eu
# shellcheck source=tests/harness/tap.sh
. "${KDTLS_TOP:-.}/tests/harness/tap.sh"

top=${KDTLS_TOP:-.}
out=$top/build/fuzz
total=${1:-2500000}
seconds=${2:-240}
shift $(($# < 2 ? $# : 2))
targets=("$@")
[ $# -gt 0 ] || targets=(open12 open13 roundtrip window daemon hello)

clang=
for c in clang clang-14 clang-15 clang-16 clang-19; do
	command -v "$c" >/dev/null && clang=$c && break
done
[ -n "$clang" ] || skip_all "no clang with libFuzzer"

# What a target tests.
sources() {
	case $1 in
	daemon)
		echo "-iquote $top/userspace/dtls-handshaked -iquote $top/userspace/libkdtls"
		printf '%s\n' "$top"/userspace/dtls-handshaked/{flight,ipc,gnutls_cookie,client_hello}.c \
			"$top"/userspace/libkdtls/{datagram,gnutls_aead}.c \
			"$top"/kernel/record/cipher.c
		pkg-config --cflags --libs gnutls
		;;
	hello) echo "-iquote $top/userspace/libkdtls $top/userspace/libkdtls/hello.c" ;;
	*) echo "$top"/kernel/record/*.c "$top"/kernel/record/dtls13/*.c ;;
	esac
}

build() {
	# shellcheck disable=SC2046 # words
	"$clang" -std=gnu11 -g -O1 -Wall -Wextra -Werror \
		-Wno-missing-field-initializers -Wno-unused-parameter \
		-fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -fno-omit-frame-pointer \
		-D_GNU_SOURCE -o "$out/$1" $(sources "$1") \
		-I"$top/include/uapi" -iquote "$top/kernel" -I"$top/tests" \
		"$top/tests/fuzz/$1.c"
}

# Percent of all executions, by size of the code and speed.
share() {
	case $1 in
	open12 | open13) echo 45 ;;
	*) echo 10 ;;
	esac
}

# fuzz TARGET EXECUTIONS SECONDS
fuzz() {
	mkdir -p "$out/corpus/$1" "$out/seeds/$1"
	"$out/$1" -runs="$2" -max_total_time="$3" -max_len=512 -timeout=10 \
		-rss_limit_mb=2048 -detect_leaks=0 -print_final_stats=1 \
		-artifact_prefix="$out/crashes/$1-" \
		"$out/corpus/$1" "$out/seeds/$1" >"$out/$1.log" 2>&1
}

# Runs it within the remaining time; adds to $count.
run_target() {
	local runs=$((total * $(share "$1") / 100))
	local left=$((seconds - SECONDS)) n

	fuzz "$1" "$runs" $((left > 1 ? left : 1)) || return 1
	n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$1.log")
	diag "$1: $n of $runs executions"
	case $1 in window | daemon | hello) ;; *) count=$((count + n)) ;; esac
}

# frames of allocations and a long quarantine cost more than they find here
export ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=4
mkdir -p "$out/crashes"
python3 "$top/tests/fuzz/seeds.py" "$out/seeds"
count=0
for t in "${targets[@]}"; do
	if ! build "$t" >"$out/$t.log" 2>&1; then
		fail "$t builds" "$(tail -n 20 "$out/$t.log")"
	elif run_target "$t"; then
		pass "$t"
	else
		fail "$t" "$(tail -n 40 "$out/$t.log")"
	fi
done
diag "$count executions of record code in $SECONDS s"
done_testing
