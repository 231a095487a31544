#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A user loads the daemon as fast as it can; others' handshakes complete.

set -u
trap "" PIPE
. tests/daemon/lib.sh
. tests/harness/netns.sh
# shellcheck disable=SC2016
at_exit 'kill $(jobs -p) 2>/dev/null; rm -rf "$dir"'
ip link set lo up
psk_conf "workers = 2"
printf '[profile default]\nrole = client\nusers = *\npeers = 127.0.0.0/8\npsk-file = %s\n' \
	"$dir/psk" >>"$dir/conf"
hostile=65534
calm=1001
soon=15	# s; for a slow machine

bound() { ss -Hln -u "sport = :$1" | grep -q .; }
dtls-handshaked -f -c "$dir/conf" 2>>"$dir/log" &
daemon_pid=$!
wait_for 30 grep -q ready "$dir/log"
example-listen 0.0.0.0 5000 psk 2>>"$dir/serve.err" &
wait_for 10 bound 5000

heard() { for _ in $(seq $((soon * 5))); do sleep 0.5; grep -qa hello-there "$dir/out" && break; done; }
# A stock client of another user's listening socket gets its echo. It is slow
# on a busy machine.
comes() {
	: >"$dir/out"
	{ echo hello-there; heard; } |
		timeout $((3 * soon)) bash -c "psk_client 5000" >"$dir/out" 2>&1
	grep -qa '^hello-there' "$dir/out"
}
# another user's own request, to that socket: the daemon runs both sides
asks() {
	timeout $soon setpriv --reuid $calm --regid $calm --clear-groups \
		example-client 127.0.0.1 5000 name >"$dir/out" 2>&1
	grep -q '^hello' "$dir/out" || { cat "$dir/out"; false; }
}
# timed DESCRIPTION COMMAND
timed() {
	local begun=$EPOCHREALTIME
	ok "$@"
	diag "after $(echo "$EPOCHREALTIME - $begun" | bc) s"
}
# while_user WHAT...: each separately, at the same time
while_user() {
	local pids=() what
	for what; do
		build/tests/daemon-hostile $hostile "$what" 300 >"$dir/hostile.$what" &
		pids+=($!)
	done
	# each takes its share of the processors too
	soon=$((15 * $#))
	for what; do wait_for 30 grep -q begun "$dir/hostile.$what"; done
	sleep 3
	timed "$*: another user's own request" asks
	timed "$*: ... and again" asks
	timed "$*: a client of another user's socket comes in" comes
	kill "${pids[@]}"
	wait "${pids[@]}" 2>/dev/null
}

timed "a client comes in" comes
timed "a user's own request" asks
while_user datagrams
while_user requests
while_user hellos
while_user datagrams requests hellos
soon=15
timed "and afterwards, in peace" comes
kill -TERM "$daemon_pid"
wait "$daemon_pid"
is "the daemon ends well" $? 0
done_testing
