#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The life of the daemon with the kernel: rights, reload, crashes.

set -u
. tests/daemon/pair.sh

status() { sed -n "s/^$2:\t*//p" "/proc/$1/status"; }

in_a setpriv --reuid 65534 --clear-groups -- dtls-handshaked -f \
	-c userspace/dtls-handshaked/dtls-handshaked.conf >"$dir/out" 2>&1
is "without CAP_NET_ADMIN: exit status" $? 77
diag "$(cat "$dir/out")"

begin
is "the parent: CAP_NET_ADMIN in effect" "$(status "$pid_a" CapEff)" 0000000000001000
w=$(worker "$pid_a")
is "a worker: no capability" "$(status "$w" CapPrm) $(status "$w" CapEff)" \
	"0000000000000000 0000000000000000"
is "a worker: another user" "$(status "$w" Uid | tr '\t' ' ')" "65534 65534 65534 65534"
is "a worker: no new privileges, filtered system calls" \
	"$(status "$w" NoNewPrivs) $(status "$w" Seccomp)" "1 2"
# shellcheck disable=SC2012
is "a worker: stdio and one socket" "$(ls "/proc/$w/fd" | tr '\n' ' ')" "0 1 2 3 "

# an association that must survive the daemons
serve -p server
mkfifo "$dir/in"
ip netns exec "$NS_A" timeout 900 dtlscat -n server.test "$B4" 5000 <"$dir/in" >"$dir/long.out" 2>&1 &
exec 9>"$dir/in"
lines=0
goes_on() {
	lines=$((lines + 1))
	echo "line-$lines" >&9
	wait_for 30 grep -q "line-$lines\$" "$dir/long.out"
}
ok "a conversation begins" goes_on

cp "$dir/conf" "$dir/good"
echo "nonsense" >>"$dir/conf"
: >"$log_a"
kill -HUP "$pid_a"
ok "reload with an error is refused" wait_for 30 grep -q "is unchanged" "$log_a"
is "... the workers stay" "$(worker "$pid_a")" "$w"
sed 's/\[profile default\]/[profile was-default]/' "$dir/good" >"$dir/conf"
: >"$log_a"
kill -HUP "$pid_a"
ok "reload" wait_for 30 grep -q "read again" "$log_a"
ok "... brings new workers" wait_for 30 test ! -e "/proc/$w"
serve_main=$echo_pid
in_a timeout 60 dtlscat -n server.test "$B4" 5001 >"$dir/out" 2>&1 </dev/null
ok "... the old profile is gone" grep -q 'there is no .profile default' "$log_a"
ok "... and it goes on" goes_on
cp "$dir/good" "$dir/conf"
: >"$log_a"
kill -HUP "$pid_a"
wait_for 30 grep -q "read again" "$log_a"

: >"$log_a"
kill -9 "$(worker "$pid_a")"
ok "a killed worker is replaced" wait_for 30 worker "$pid_a"
ok "... and it goes on" goes_on
kill -9 "$pid_a" "$pid_b"
wait "$pid_a" "$pid_b" 2>/dev/null
ok "both daemons killed: the association works" goes_on
ok "workers do not outlive the parent" wait_for 30 sh -c '! pgrep dtls-worker'
in_a timeout 60 dtlscat -n server.test "$B4" 5001 >"$dir/out" 2>&1 </dev/null
ok "no daemon: an error at once" grep -qi 'dtls-handshaked' "$dir/out"
begin
ok "restarted: it still works" goes_on
exec 9>&-
kill "$serve_main" 2>/dev/null
wait "$serve_main" 2>/dev/null
asks "restarted: new handshakes" server -n server.test

# no server at 5002: the handshake stays in flight
flying() {
	ip netns exec "$NS_A" dtlscat -w 60 -n server.test "$B4" "$1" >"$dir/fly.out" 2>&1 \
		< <(exec sleep 60) &
	fly_pid=$!
}
# ended: the program of flying failed, and printed the reason
ended() { ! kill -0 "$fly_pid" 2>/dev/null && grep -qi 'abort\|daemon ended' "$dir/fly.out"; }
ip netns exec "$NS_B" socat -u UDP-RECV:5002 /dev/null &
wait_udp in_b 5002
flying 5002
ok "in flight" wait_for 30 sh -c "ip netns exec $NS_A dtlsctl show | grep -qi handshake"
kill -9 "$(worker "$pid_a")"
ok "its worker dies: it fails at once" wait_for 30 ended
flying 5002
wait_for 30 sh -c "ip netns exec $NS_A dtlsctl show | grep -qi handshake"
kill -9 "$pid_a"
ok "the daemon dies: it fails at once" wait_for 30 ended
wait "$pid_a" 2>/dev/null
start_a
flying 5002
wait_for 30 sh -c "ip netns exec $NS_A dtlsctl show | grep -qi handshake"
: >"$log_a"
kill "$fly_pid"
ok "the program ends: the daemon is notified" wait_for 30 grep -q 'ended by the kernel' "$log_a"

# Two daemons, both stopped: requests wait, for 5 s. The second has another user, or it
# would end.
: >"$log_a"
install -m 644 "$dir/ca.pem" "$dir/ca.open"
printf '[profile default]\nrole = client\nusers = *\nca = %s\nverify = name\n' "$dir/ca.open" \
	>"$dir/conf.client"
ip netns exec "$NS_A" setpriv --reuid 65534 --clear-groups --inh-caps +net_admin --ambient-caps +net_admin \
	dtls-handshaked -f -c "$dir/conf.client" 2>>"$log_a" &
pid_a2=$!
wait_for 60 ready "$log_a" "$pid_a2"
kill -STOP "$pid_a" "$pid_a2"
serve -p server
assocs() { sed -n 's/^KdtlsCurrAssocs\t//p' /proc/net/kdtls_stat; }
export -f assocs
before=$(in_a bash -c assocs)
ask -n server.test &
ask_pid=$!
# one process waits in there: each start takes part of the 5 s
# shellcheck disable=SC2016
in_a timeout 30 bash -c 'until [ "$(assocs)" -gt "$1" ]; do :; done' sh "$before"
kill -CONT "$pid_a2"
ok "what a stopped daemon left waiting another takes" wait "$ask_pid"
serve_end
kill -9 "$pid_a" "$pid_a2"
wait "$pid_a" "$pid_a2" 2>/dev/null

ok "into the background" in_a dtls-handshaked -c "$dir/conf"
asks "... it serves from there" server -n server.test
in_a pkill -TERM -x dtls-handshaked
ok "... and ends on SIGTERM" wait_for 30 sh -c "! ip netns pids $NS_A | xargs -r ps -o comm= -p | grep -q dtls"
done_testing
