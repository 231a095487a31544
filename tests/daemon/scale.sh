#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Limits of a listening socket's clients, a stuck worker, and whether
# the metrics file reports it.

set -u
trap "" PIPE
. tests/daemon/lib.sh
. tests/harness/netns.sh
# shellcheck disable=SC2016
at_exit 'kill $(jobs -p) 2>/dev/null; rm -rf "$dir"'
ip link set lo up
metrics=$dir/handshakes.prom
psk_conf "workers = 2" "metrics-file = $metrics" "max-handshakes-per-address = 4" \
	"max-handshakes-per-listener = 10"

bound() { ss -Hln -u "sport = :$1" | grep -q .; }
serve() { # PORT
	example-listen 0.0.0.0 "$1" psk 2>>"$dir/serve.err" &
	server_pid=$!
	wait_for 10 bound "$1"
}
heard() { for _ in $(seq "$1"); do sleep 0.2; grep -qa hello-there "$dir/out" && break; done; }
# comes PORT [SECONDS]: a real client, that gets its echo
comes() {
	: >"$dir/out"
	{ echo hello-there; heard $((${2:-30} * 5)); } |
		timeout "${2:-30}" bash -c "psk_client $1" >"$dir/out" 2>&1
	grep -qa '^hello-there' "$dir/out"
}
# halfway PORT COUNT FIRST ADDRESSES: how many are in flight now
halfway() {
	rm -f "$dir/half"
	tests/daemon/halfway.py 127.0.0.1 "$1" "$2" "$3" "$4" a8 2 \
		>"$dir/half" < <(exec sleep 60) &
	wait_for 60 grep -q end "$dir/half"
	far=$(tail -n 2 "$dir/half" | head -n 1)
}
metric() { awk -v name="dtls_handshaked_$1" '$1 == name { print $2 }' "$metrics"; }
says() { [ "$(metric "$1")" = "$2" ]; }
# counted DESCRIPTION NAME VALUE: the file is written every 5 s
counted() {
	if wait_for 20 says "$2" "$3"; then
		pass "$1"
	else
		fail "$1" "$2 is '$(metric "$2")', not '$3'"
	fi
}
flying() { awk '/^dtls_handshaked_in_flight/ { n += $2 } END { print n }' "$metrics"; }
fly() { [ "$(flying)" = "$1" ]; }

dtls-handshaked -f -c "$dir/conf" 2>>"$dir/log" &
daemon_pid=$!
wait_for 30 grep -q ready "$dir/log"
serve 5000
first=$server_pid

halfway 5000 6 127.1.0.1 1
is "one address has four handshakes in flight, and no more" "$far" 4
ok "a client of another address comes in" comes 5000
halfway 5000 20 127.2.0.1 20
is "twenty addresses: one listener has ten" "$far" 6
nok "... a real client waits like others" comes 5000 3
serve 5001
ok "... at another listener it is admitted" comes 5001
ok "metrics: ten in flight" wait_for 20 fly 10
counted "metrics: two established" established_total 2
counted "metrics: and nothing failed" 'failed_total{reason="protocol"}' 0
ok "metrics: refused by address" test "$(metric 'refused_total{limit="address_in_flight"}')" -ge 2
ok "metrics: refused by listener" test "$(metric 'refused_total{limit="listener"}')" -ge 14
ok "metrics: each was challenged" \
	test "$(metric 'client_hellos_total{result="challenged"}')" -ge 28
ok "metrics: Prometheus can read it" tests/daemon/prometheus.py "$metrics"
is "dtlsctl shows the same" "$(dtlsctl handshakes "$metrics" | awk '$1 == "established_total" { print $2 }')" \
	"$(metric established_total)"
is "... as JSON too" "$(dtlsctl -j handshakes "$metrics" |
	python3 -c 'import json, sys; print(json.load(sys.stdin)["established_total"])')" \
	"$(metric established_total)"
is "metrics: world-readable" "$(stat -c %a "$metrics")" 644

kill "$first"
counted "a server ends with ten in flight: cancelled" 'failed_total{reason="cancelled"}' 10
ok "... none is left" fly 0

# half of the clients belong to a stuck worker
stuck=$(pgrep -P "$daemon_pid" | head -n 1)
kill -STOP "$stuck"
one_comes() { for _ in $(seq 6); do comes 5001 3 && return; done; false; }
ok "a worker is stuck: the other one's clients come in" one_comes
ok "... it is found and replaced" wait_for 40 grep -q "worker $stuck does not answer" "$dir/log"
ok "... and it is dead" wait_for 10 test ! -e "/proc/$stuck"
all_come() { for _ in 1 2 3 4; do comes 5001 || return; done; }
ok "... then all come in" all_come
counted "metrics: a worker was stuck" worker_stuck_total 1
counted "metrics: and restarted" worker_restarts_total 1
kill -TERM "$daemon_pid"
wait "$daemon_pid"
is "it ends well" $? 0
done_testing
