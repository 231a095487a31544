#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Which code seals and opens ChaCha20-Poly1305; needs kdtls and root.
. tests/harness/tap.sh

parameter=/sys/module/kdtls/parameters/crypto_api
out=$(mktemp -d)
trap 'echo 0 >"$parameter"; rm -rf "$out"' EXIT

# The drivers of two sockets with keys; 1 if no record went from one to the other.
driver() {
	local pid good=0

	mkfifo "$out/in"
	handover-calls hold <"$out/in" >"$out/ready" &
	pid=$!
	exec 3>"$out/in"
	for _ in $(seq 100); do
		grep -q ready "$out/ready" && break
		sleep 0.05
	done
	dtlsctl --json show >"$out/json"
	exec 3>&-
	wait "$pid"
	rm "$out/in"
	python3 -c '
import json, sys
a = json.load(open(sys.argv[1]))["associations"]
print(*{x["driver"] for x in a})
sys.exit(sum(x["rx"]["bytes"] for x in a) != 6)
' "$out/json" || good=1
	return "$good"
}

nok "the library passed its check" sh -c 'dmesg | grep "kdtls: ChaCha20"'
is "ChaCha20-Poly1305 is the library's" "$(driver)" library-chacha20-poly1305
ok "crypto_api=1" sh -c "echo 1 >$parameter"
ok "then it is the crypto API's" sh -c "[ '$(driver)' != library-chacha20-poly1305 ]"
ok "which has a driver of that name" grep -Fqx "driver       : $(driver)" /proc/crypto
ok "a record goes from one such socket to the other" driver
ok "crypto_api=0" sh -c "echo 0 >$parameter"
is "new keys are the library's again" "$(driver)" library-chacha20-poly1305
done_testing
