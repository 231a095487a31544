#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The module is unloaded under a running dtls-handshaked, and loaded again, as in
# an upgrade of the package; and references that prevent unloading.

set -u
trap "" PIPE
. tests/daemon/lib.sh
. tests/harness/netns.sh
# shellcheck disable=SC2016
at_exit 'kill $(jobs -p) 2>/dev/null; rm -rf "$dir"'
psk_conf "workers = 1"
ip link set lo up

start() {
	: >"$dir/log"
	dtls-handshaked -f -c "$dir/conf" 2>"$dir/log" &
	daemon_pid=$!
	wait_for 30 grep -q ready "$dir/log"
}
# gone PID SECONDS: it has ended; $rc
gone() { rc=lives; wait_for "$2" sh -c "! kill -0 $1" && { wait "$1"; rc=$?; }; }
echo_heard() { for _ in $(seq 60); do sleep 0.2; grep -qa hello-there "$dir/heard" && break; done; }
# served: a client of a new listening socket gets its echo
served() {
	local port=$((5000 + RANDOM % 1000)) heard=1

	example-listen 127.0.0.1 $port psk 2>"$dir/serve.err" &
	server=$!
	wait_udp env $port
	{ echo hello-there; echo_heard; } | timeout 30 bash -c "psk_client $port" >"$dir/heard" 2>&1
	grep -qa hello-there "$dir/heard" && heard=0
	kill $server
	wait $server 2>/dev/null
	return $heard
}
leaves() { timeout 20 rmmod kdtls; }
# the last closed socket drops the module's reference a little later
leaves_soon() { wait_for 20 leaves; }

start
ok "the daemon serves" served
dtlsctl monitor 2>"$dir/monitor.err" >/dev/null &
monitor=$!
wait_for 10 sh -c "awk -v p=$monitor '\$2 == 16 && \$3 % 4194304 == p && \$4 !~ /^0+\$/ { f = 1 }
	END { exit !f }' /proc/net/netlink"
ok "neither its sockets nor dtlsctl monitor hold the module" leaves_soon
ok "the daemon ends" gone $daemon_pid 10
is "... with the status of its manual" "$rc" 69
ok "... with the reason" grep -q 'the module kdtls was unloaded' "$dir/log"
ok "... in few lines" test "$(wc -l <"$dir/log")" -le 6
diag "$(cat "$dir/log")"
ok "dtlsctl monitor ends" gone $monitor 10
is "... kdtls is not loaded" "$rc" 3
ok "... which it says" grep -q 'unloaded' "$dir/monitor.err"

# as by the unit: restarted
start
ok "started again it loads the module, and serves" served

# unloaded and loaded between two checks: nothing waits for a second
ok "the module is replaced" sh -c "rmmod kdtls && modprobe kdtls"
ok "... the daemon ends" gone $daemon_pid 10
is "... to be started again" "$rc" 69
start
ok "... and serves" served

# The module is gone permanently.
echo "install kdtls /bin/false" >/etc/modprobe.d/kdtls-gone.conf
leaves_soon
gone $daemon_pid 10
timeout 20 dtls-handshaked -f -c "$dir/conf" 2>"$dir/log"
is "no module, and none to load: it does not start" $? 69
rm /etc/modprobe.d/kdtls-gone.conf

# A socket with a handshake holds the module: unloading fails at once.
start
tests/daemon/held.py 1 >"$dir/held" &
held=$!
wait_for 20 grep -q accepted "$dir/held"
timeout 20 rmmod kdtls 2>"$dir/rmmod.err"
is "a handshake holds the module: rmmod fails, and does not wait" $? 1
ok "... it is in use" grep -qi 'in use' "$dir/rmmod.err"
kill -9 $held
wait $held 2>/dev/null
ok "... and nothing does when it is over" leaves_soon
gone $daemon_pid 10

# Users cannot overrun its socket, since they take turns (netlink/fair);
# daemon/port has the errors of an overrun one.
start
tests/daemon/held.py 30 >"$dir/held" &
held=$!
wait_for 20 grep -q accepted "$dir/held"
tests/daemon/held.py dump >"$dir/dump" &
dump=$!
wait_for 20 grep -q began "$dir/dump"
kill -9 $held
wait $held 2>/dev/null
ok "a dump waits beside it: the daemon serves" served
kill $daemon_pid
wait $daemon_pid 2>/dev/null
sleep 1
timeout 20 rmmod kdtls 2>"$dir/rmmod.err"
is "a dump that is not read to its end holds the module, too" $? 1
kill -9 $dump
wait $dump 2>/dev/null
ok "... as long as it is there" leaves_soon
modprobe kdtls

# A namespace without a name keeps the daemon that was started in it.
export dir
export -f served echo_heard psk_client wait_udp wait_for netns_pause netns_udp_bound netns_udp_listed uptime_now
ip netns add gone
# shellcheck disable=SC2016
ip netns exec gone bash -c '
	ip link set lo up
	dtls-handshaked -f -c "$dir/conf" 2>"$dir/log" &
	wait_for 30 grep -q ready "$dir/log"
	touch "$dir/inside"
	until [ -e "$dir/nameless" ]; do sleep 0.1; done
	served
	echo $? >"$dir/there"
	kill %1
	wait' &
inside=$!
wait_for 40 test -e "$dir/inside"
ip netns del gone
touch "$dir/nameless"
ok "the namespace is deleted: remaining sockets are served" wait_for 60 grep -qx 0 "$dir/there"
wait $inside
ok "... and nothing of it holds the module afterwards" leaves_soon
modprobe kdtls
done_testing
