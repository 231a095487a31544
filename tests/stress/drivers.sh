#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Asynchronous drivers. An instance of pcrypt, and one of cryptd with a
# queue of one request, replace the kernel's default driver; then unchanged
# tests run: threads that send and receive, forgeries, sockets closed and
# processes killed meanwhile, unload. No test that needs messages in order:
# a reader may overtake the work item, which waits for its driver.

set -eu
. "${KDTLS_TOP:-.}/tests/harness/tap.sh"

t=/sys/kernel/tracing

# The driver that a socket gets for a cipher, by the name of the algorithm.
best() {
	awk -v name="$1" '
	function done() {
		if (n == name && internal == "no" && prio + 0 > max) {
			max = prio + 0; best = driver
		}
		n = ""
	}
	$1 == "name" { n = $3 } $1 == "driver" { driver = $3 }
	$1 == "priority" { prio = $3 } $1 == "internal" { internal = $3 }
	NF == 0 { done() } END { done(); print best }' /proc/crypto
}

# Lookups instantiate templates: ask for them once, by a pair with keys.
warm_up() { socket-talk >/dev/null; }

# Completions, by their error: 0, or -115 when the backlog moved on.
watch() {
	echo 'p:kdtls_done crypto_req_done err=%si:s32' >$t/kprobe_events
	[ ! -e $t/events/kprobes/kdtls_done/trigger ] ||
		echo 'hist:keys=err' >$t/events/kprobes/kdtls_done/trigger ||
		return 1
	echo 1 >$t/events/kprobes/kdtls_done/enable
}

unwatch() {
	echo 0 >$t/events/kprobes/kdtls_done/enable
	echo '!hist:keys=err' >$t/events/kprobes/kdtls_done/trigger
	echo >$t/kprobe_events
}

# completions ERROR; histograms print -115 without its sign
completions() {
	sed -n "s/^{ err: *$(($1)) } hitcount: *//p
		s/^{ err: *$(printf %u "$1") } hitcount: *//p
		s/^{ err: *$(($1 & 0xffffffff)) } hitcount: *//p" \
		$t/events/kprobes/kdtls_done/hist | head -n 1
}

# More concurrent requests than the driver's queue holds.
crowded() {
	local pids=() p

	for _ in 1 2 3; do
		socket-threads --dtls12 &
		pids+=($!)
	done
	for p in "${pids[@]}"; do
		wait "$p" || return 1
	done
}

# The tap of one may not keep up with all three, and then proves nothing.
crowded_and_seen() { crowded || crowded || crowded; }

# under WHAT NAME: the tests, with NAME replacing the driver that it wraps.
under() {
	local what=$1 name=$2

	ok "$what: instance $name" stress-instance "$name"
	watch 2>/dev/null && watching=1 || watching=
	for test in socket-talk socket-threads stress-forge stress-churn; do
		ok "$what: $test" "$test"
	done
	ok "$what: three times socket-threads" crowded_and_seen
	if [ -n "$watching" ]; then
		late=$(completions 0)
		moved=$(completions -115)
		diag "$what: ${late:-0} answers came later, ${moved:-0} waited for space in the queue"
		unwatch
		ok "$what: answers came later" test "${late:-0}" -gt 100
	else
		late=0 moved=0
		skip "$what: answers came later" "no histograms in this kernel"
	fi
	ok "$what: nothing of it is used any more" stress-instance -d "$name"
}

modprobe -a crypto_user pcrypt cryptd 2>/dev/null || true
warm_up
for alg in 'gcm(aes)' 'rfc7539(chacha20,poly1305)' 'ccm(aes)'; do
	under "pcrypt, $alg" "pcrypt($(best "$alg"))"
done

# cryptd's queue is made when it is loaded
if [ -e /sys/module/cryptd/initstate ]; then
	rmmod kdtls
	modprobe -r aesni_intel ghash_clmulni_intel 2>/dev/null || true
	modprobe -r cryptd
	modprobe cryptd cryptd_max_cpu_qlen=1
	modprobe -a ghash_generic kdtls
	tiny=1
else
	tiny=
fi
under "cryptd" "cryptd(gcm_base(ctr(aes-generic),ghash-generic))"
if [ -n "$tiny" ]; then
	ok "cryptd: some found a queue of one full" test "${moved:-0}" -gt 0
else
	skip "cryptd: some found a queue of one full" "cryptd is built in"
fi
done_testing
