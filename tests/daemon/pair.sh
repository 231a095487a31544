# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Two namespaces with a daemon each, and dtlscat between them.

trap "" PIPE
. tests/daemon/lib.sh
. tests/harness/netns.sh
netns_setup
# shellcheck disable=SC2016
at_exit 'rm -rf "$dir"'
pki
sed -i 's/127.0.0.0.8/10.77.0.0\/16, 127.0.0.1/' "$dir/conf"

log_a=$dir/a.log log_b=$dir/b.log
start_a() { ip netns exec "$NS_A" dtls-handshaked -f -c "$dir/conf" 2>>"$log_a" & pid_a=$!; wait_for 30 ready "$log_a" "$pid_a"; }
start_b() { ip netns exec "$NS_B" dtls-handshaked -f -c "$dir/conf" 2>>"$log_b" & pid_b=$!; wait_for 30 ready "$log_b" "$pid_b"; }
# the last line that a daemon logs at its start
ready() { kill -0 "$2" && [ "$(pgrep -c -P "$2")" -ge 1 ] && grep -q ready "$1"; }
begin() { : >"$log_a"; : >"$log_b"; start_a; start_b; }
worker() { pgrep -P "$1" | head -n 1; }

# serve ARGS...: dtlscat in B that echoes
serve() {
	ip netns exec "$NS_B" timeout 900 dtlscat -v -e -l "$@" "$B4" 5000 >"$dir/serve.out" 2>&1 </dev/null &
	echo_pid=$!
	wait_udp in_b 5000
}
serve_end() { kill "$echo_pid" 2>/dev/null; wait "$echo_pid" 2>/dev/null; }
# the echo has arrived; each check is slow on a debug kernel
heard() { for _ in $(seq 60); do sleep 0.5; grep -q hello-there "$dir/ask.out" && break; done; }
# ask ARGS...: a client in A sends hello and gets the echo
ask() {
	: >"$dir/ask.out"
	in_a timeout 60 dtlscat -v -w 30 "$@" "$B4" 5000 2>"$dir/ask.err" >"$dir/ask.out" \
		< <(echo hello-there; heard)
	rc=$?
	[ $rc = 0 ] && grep -q hello-there "$dir/ask.out"
}
asks() { # DESCRIPTION SERVER-PROFILE CLIENT-ARGS...
	local what=$1
	serve -p "$2"
	shift 2
	ok "$what" ask "$@"
	serve_end
}
