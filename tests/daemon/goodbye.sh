#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Peers that say a word and close as soon as the handshake is over: the other
# end reads the word, and then the end. An alert is sent once only.

set -u
. tests/daemon/pair.sh

printf '\n[profile tickets]\nrole = server\nusers = *\ntickets = yes\n' >>"$dir/conf"
printf '%s\n' "certificate = $dir/server.pem" "private-key = $dir/server.key" >>"$dir/conf"
# an input that never ends
mkfifo "$dir/open"
exec 8<>"$dir/open"

# hears N PORT: clients of ours, of a server that leaves at once; the last one's fate
hears() {
	timeout 20 ip netns exec "$NS_A" dtlscat -w 15 -n server.test "$B4" "$2" \
		<&8 >"$dir/said" 2>"$dir/ask.err"
	rc=$?
	[ $rc = 0 ] && [ "$(cat "$dir/said")" = "bye $1" ]
}
# leaves DESCRIPTION TIMES SERVER...: SERVER N PORT is in the background
leaves() {
	local what=$1 times=$2 good=0 i server
	shift 2
	for i in $(seq "$times"); do
		port=$((port + 1))
		"$@" "$i" "$port" & server=$!
		wait_udp in_b "$port"
		if hears "$i" "$port"; then good=$((good + 1))
		else diag "client $i: exit status $rc: $(cat "$dir/ask.err" "$dir/said")"; fi
		kill "$server" 2>/dev/null
		wait "$server" 2>/dev/null
	done
	is "$what: the word is read, and the end" "$good" "$times"
}
ours() { echo "bye $1" | ip netns exec "$NS_B" dtlscat -l -w 20 -p server "$2" 2>/dev/null; }
openssls() {
	ip netns exec "$NS_B" openssl s_server -dtls1_2 -accept "$B4:$2" -mtu 1400 -quiet \
		-naccept 1 -cert "$dir/server.pem" -key "$dir/server.key" \
		< <(echo "bye $1") >"$dir/peer.out" 2>&1
}

# comes ARGS...: a stock client that closes at once; the server's exit status
comes() {
	port=$((port + 1))
	timeout 20 ip netns exec "$NS_B" dtlscat -l -e -w 15 -p tickets "$port" \
		>"$dir/serve.out" 2>&1 & serving=$!
	wait_udp in_b "$port"
	timeout 15 ip netns exec "$NS_A" openssl s_client -dtls1_2 -mtu 1400 \
		-connect "$B4:$port" -CAfile "$dir/ca.pem" "$@" >"$dir/peer.out" 2>&1 </dev/null
	wait "$serving"
}

begin
leaves "a server of ours" 5 ours
leaves "openssl s_server" 3 openssls
ok "a client that leaves, new: the server ends" comes -sess_out "$dir/session"
good=0
for _ in 1 2 3 4; do
	comes -sess_in "$dir/session" && grep -q '^Reused' "$dir/peer.out" &&
		good=$((good + 1))
done
is "... resumed" "$good" 4
done_testing
