#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Peers that send one payload and close right after the handshake: the other
# end reads the payload, and then the end. An alert is sent only once.

set -u
. tests/daemon/pair.sh

printf '\n[profile tickets]\nrole = server\nusers = *\ntickets = yes\n' >>"$dir/conf"
printf '%s\n' "certificate = $dir/server.pem" "private-key = $dir/server.key" >>"$dir/conf"
# an input that never ends
mkfifo "$dir/open"
exec 8<>"$dir/open"

# dtlscat also ends with status 0 when nothing arrives: then by its timeout
patience=25
soon() { [ $((SECONDS - since)) -lt $((patience - 5)) ]; }
# hears WORD PORT: a kdtls client of a server that closes at once
hears() {
	since=$SECONDS
	timeout 60 ip netns exec "$NS_A" dtlscat -w $patience -n server.test "$B4" "$2" \
		<&8 >"$dir/said" 2>"$dir/ask.err"
	rc=$?
	[ $rc = 0 ] && soon && [ "$(cat "$dir/said")" = "$1" ]
}
# leaves DESCRIPTION TIMES WORD SERVER...: SERVER PORT is in the background
leaves() {
	local what=$1 times=$2 word=$3 good=0 i server
	shift 3
	for i in $(seq "$times"); do
		port=$((port + 1))
		"$@" "$port" & server=$!
		wait_udp in_b "$port"
		if hears "$word" "$port"; then good=$((good + 1))
		else diag "client $i: exit status $rc after $((SECONDS - since)) s:" \
			"$(cat "$dir/ask.err" "$dir/said")"; fi
		kill "$server" 2>/dev/null
		wait "$server" 2>/dev/null
	done
	is "$what" "$good" "$times"
}
ours() { echo bye | ip netns exec "$NS_B" dtlscat -l -w 60 -p server "$1" 2>/dev/null; }
# comes ARGS...: a stock client that sends the file $word and closes at
# once; the server's exit status
word=/dev/null
comes() {
	port=$((port + 1))
	ip netns exec "$NS_B" timeout 60 dtlscat -l -w $patience -p tickets "$port" \
		<&8 >"$dir/serve.out" 2>&1 & serving=$!
	wait_udp in_b "$port"
	since=$SECONDS
	timeout 30 ip netns exec "$NS_A" openssl s_client -dtls1_2 -mtu 1400 \
		-connect "$B4:$port" -CAfile "$dir/ca.pem" "$@" -no_ign_eof <"$word" >"$dir/peer.out" 2>&1
	wait "$serving" && soon
}

begin
leaves "a kdtls server: its payload is read, and the end" 5 bye ours
ok "a client that leaves, new: the server ends" comes -sess_out "$dir/session"
resumed() {
	comes -sess_in "$dir/session" && grep -q '^Reused' "$dir/peer.out"
}
good=0
for _ in 1 2 3 4; do resumed && good=$((good + 1)); done
is "... resumed" "$good" 4
echo bye >"$dir/bye"
word=$dir/bye
good=0
for _ in 1 2 3 4; do
	if resumed && [ "$(cat "$dir/serve.out")" = bye ]; then good=$((good + 1))
	else diag "after $((SECONDS - since)) s the server has: $(cat "$dir/serve.out")" \
		"the client:" "$(tail -n 5 "$dir/peer.out")"; fi
done
is "... with a payload, which is read" "$good" 4
done_testing
