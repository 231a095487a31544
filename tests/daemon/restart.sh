#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: restart.sh [KILLS]
# dtls-handshaked is killed and restarted every second, with a listening
# socket: established clients lose nothing, and new ones are admitted.

set -u
trap "" PIPE
. tests/daemon/lib.sh
. tests/harness/netns.sh
# shellcheck disable=SC2016
at_exit 'touch "$dir/done"; kill $(cat "$dir/pid") $(jobs -p) 2>/dev/null; rm -rf "$dir"'
psk_conf "workers = 2"
ip link set lo up
kills=${1:-10}
old=3

begin() {
	dtls-handshaked -f -c "$dir/conf" 2>>"$dir/log" &
	daemon_pid=$!
	echo "$daemon_pid" >"$dir/pid"
}
come() {
	mkfifo "$dir/in.$1"
	{
		for ((fd = 101; fd <= 100 + old; fd++)); do eval "exec $fd>&-"; done
		psk_client 5000 -bind "127.0.1.$1:0"
	} <"$dir/in.$1" >"$dir/out.$1" 2>&1 &
	eval "exec $((100 + $1))>\"\$dir/in.$1\""
}
said=0
# Every client sends a payload; the number without echo.
silent() {
	local i n=0

	said=$((said + 1))
	for ((i = 1; i <= old; i++)); do echo "word-$said-of-$i" >&$((100 + i)); done
	for ((i = 1; i <= old; i++)); do
		wait_for 20 grep -qa "word-$said-of-$i\$" "$dir/out.$i" || n=$((n + 1))
	done
	return $n
}
killer() {
	for ((i = 0; i < kills; i++)); do
		# one second of CPU time, also on a busy machine
		until [ "$(grep -c ready "$dir/log")" -gt "$i" ]; do sleep 0.1; done
		sleep 1
		kill -9 "$daemon_pid"
		wait "$daemon_pid" 2>/dev/null
		begin
	done
	touch "$dir/done"
}
new_heard() { for _ in $(seq 30); do sleep 0.2; grep -qa hello-new "$dir/new" && break; done; }
# One after the other retries for some seconds, as a program would.
newcomers() {
	local n=9 last=

	while :; do
		[ -e "$dir/done" ] && last=1
		n=$((n + 1))
		: >"$dir/new"
		{ echo hello-new; new_heard; } |
			timeout 8 bash -c "psk_client 5000 -bind 127.0.1.$n:0" >"$dir/new" 2>&1
		grep -ca '^hello-new' "$dir/new" >>"$dir/came"
		[ -z "$last" ] || break
	done
}

begin
wait_for 30 grep -q ready "$dir/log"
example-listen 0.0.0.0 5000 psk 2>>"$dir/serve.err" &
for ((i = 1; i <= old; i++)); do come $i; done
ok "$old clients have their echo" silent

killer >/dev/null 2>&1 &
newcomers >/dev/null 2>&1 &
newcomers=$!
lost=0
until [ -e "$dir/done" ]; do
	silent || lost=$((lost + $?))
done
is "$kills kills: established clients lost nothing" "$lost" 0
diag "each said $said words"
back() { [ "$(grep -c ready "$dir/log")" = $((kills + 1)) ]; }
ok "... the daemon came back each time" wait_for 20 back
wait "$newcomers"
diag "$(grep -c 1 "$dir/came") of $(wc -l <"$dir/came") new clients came in at their first try"
ok "... new clients came in" grep -q 1 "$dir/came"
is "... the last one when all was over" "$(tail -n 1 "$dir/came")" 1
ok "nothing on the server's standard error" test ! -s "$dir/serve.err"
done_testing
