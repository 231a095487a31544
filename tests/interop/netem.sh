#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A path with loss, reordering and duplication: netem.sh [MESSAGES]
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh
. tests/harness/netns.sh

count=${1:-10000}
dir=$(mktemp -d)
# shellcheck disable=SC2016 # expanded at exit
at_exit 'rm -rf "$dir"'
umask 077
echo "u1:0102030405060708090a0b0c0d0e0f10" >"$dir/psk"
cat >"$dir/conf" <<-CONF
[profile psk]
role = both
users = root
peers = 10.77.0.0/24
psk-file = $dir/psk
psk-identity = u1
CONF

daemon() { # in_a|in_b LOG
	"$1" dtls-handshaked --foreground --config "$dir/conf" >"$dir/$2" 2>&1 &
	at_exit "kill $! 2>/dev/null || :"
	wait_for 20 grep -q ready "$dir/$2"
}

netns_setup
daemon in_a log.a
daemon in_b log.b
path="loss 5% duplicate 2% delay 2ms 1ms reorder 95% 25%"
netns_netem a "$path"
netns_netem b "$path"

in_b build/tests/interop-stream server "$B4" "$A4" 5000 "$count" >"$dir/b" 2>"$dir/err.b" &
server=$!
in_a build/tests/interop-stream client "$A4" "$B4" 5000 "$count" >"$dir/a" 2>"$dir/err.a"
client_status=$?
wait "$server"
server_status=$?
diag "client $(cat "$dir/a" "$dir/err.a")"
diag "server $(cat "$dir/b" "$dir/err.b")"

is "the client had an association" "$client_status" 0
is "the server had an association" "$server_status" 0
for side in a b; do
	read -r _ received _ wrong _ twice <"$dir/$side" || received=0
	ok "to $side: at least 90 % of $count arrive" \
		[ "${received:-0}" -ge $((count * 90 / 100)) ]
	is "to $side: each right, none twice" "${wrong:-?} ${twice:-?}" "0 0"
done
done_testing
