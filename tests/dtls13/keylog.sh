#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A key log of sessions of DTLS 1.3, and of DTLS 1.2 with Connection IDs; what the tshark of
# Debian sid reads with it from a capture is exactly what was sent (Documentation/debugging.md).
set -u
cd "$(dirname "$0")/../.." || exit 1
trap "" PIPE
. tests/dtls13/both.sh
. tests/interop/newest.sh

cases=23
newest_skip $cases "tshark" "$peers_root/bin/tshark"
both_setup $cases "tshark"

mkdir -m 700 "$dir/logs"
keys=$dir/logs/keys
log="keylog = $keys"
caller() { # NAME LINE...
	printf '[profile %s]\nrole = client\nusers = *\nversions = %s\n' "$1" "$versions"
	shift
	printf '%s\n' "ca = $dir/ca.pem" "verify = name" "$@"
}
ids="connection-id = yes"
{
	printf '[global]\nworkers = 1\n'
	profile default "$own"
	caller client
	caller client-logged "$log"
	for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm; do
		profile "$c" "$own" "$log" "ciphers = $c"
	done
	for versions in 1.3 1.2; do
		profile "ids-$versions" "$own" "$ids"
		profile "ids-$versions-logged" "$own" "$ids" "$log"
		caller "client-ids-$versions" "$ids"
		caller "client-ids-$versions-logged" "$ids" "$log"
	done
} >"$dir/conf"
daemon_in "$NS_A" a
daemon_in "$NS_B" b

first=$((port + 1))
: >"$dir/sent"
sends() { # WORD: there and back
	echoes "$1" && printf '%s\n' "$A4 $1" "$B4 $1" >>"$dir/sent"
}
# converse WHAT SERVER-PROFILE CLIENT-PROFILE [SERVER-OPTION [CLIENT-OPTION]]
converse() {
	local n=$((port + 1))
	both_start "$B4" kernel "$2" ${4:+"$4"} -- \
		kernel "$3" server_name=server.test ${5:+"$5"}
	wait_for 20 said client exporter=
	shows "$1" client exporter=
	sends "quick-$n"
	sends "fox-of-$n"
	both_end
}
in_b tcpdump -i veth0 -U -w "$dir/capture.pcap" udp 2>"$dir/tcpdump" &
tcpdump=$!
wait_for 20 grep -q listening "$dir/tcpdump"
converse "a profile without a key log" default client
is "... is not in the file" "$(grep -c . "$keys")" 0
: >"$dir/sent"

lines() { # LABEL
	grep -cxE "$1 [0-9a-f]{64} ([0-9a-f]{64}|[0-9a-f]{96})" "$keys"
}
for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm; do
	converse "DTLS 1.3, $c, the server's daemon logs" "$c" client
done
converse "... the client's" default client-logged
for v in 1.3 1.2; do
	converse "DTLS $v, Connection IDs of both" ids-$v-logged client-ids-$v cid=4 cid=10
	converse "... of the server" ids-$v-logged client-ids-$v cid=8
	converse "... of the client, which logs" ids-$v client-ids-$v-logged "" cid=8
done
for label in {CLIENT,SERVER}_HANDSHAKE_TRAFFIC_SECRET {CLIENT,SERVER}_TRAFFIC_SECRET_0 EXPORTER_SECRET; do
	is "$label of each session of DTLS 1.3" "$(lines "$label")" 8
done
is "CLIENT_RANDOM of each of DTLS 1.2" "$(lines CLIENT_RANDOM)" 3
is "... the file has no other line" "$(grep -c . "$keys")" 43
is "... and mode 0600" "$(stat -c %a "$keys")" 600
ok "the daemon warns" grep -q 'profile ids-1.3-logged. WRITES THE KEYS' "$dir/b.log"
kill $tcpdump
wait $tcpdump 2>/dev/null

# the page's command
tshark() {
	WIRESHARK_DATA_DIR=$peers_root/share/wireshark WIRESHARK_PLUGIN_DIR=$dir/none \
		"${with_peers[@]}" "$peers_root/bin/tshark" "$@" 2>"$dir/tshark"
}
decrypt() {
	local page
	# shellcheck disable=SC2016 # backquotes of Markdown
	page=$(sed -n '/^tshark/,/^```/{/^```/!p}' Documentation/debugging.md)
	page=${page//\/tmp\/capture.pcap/$dir/capture.pcap}
	page=${page//\/run\/dtls-handshaked\/keys/$keys}
	eval "${page//4433/$first-$port}" | while read -r from hex; do
		printf '%s %s\n' "$from" "$(xxd -r -p <<<"$hex")"
	done
}
begun=$SECONDS
is "tshark reads exactly what was sent, in its order" "$(decrypt)" "$(cat "$dir/sent")"
diag "tshark: $((SECONDS - begun)) s"
done_testing
