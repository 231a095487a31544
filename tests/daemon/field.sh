#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reports from the field (issue 11): real peers and administrators.
# dtlscat and a daemon in A; in B the same, or a third-party program.

set -u
. tests/daemon/pair.sh

profile() { # NAME LINES...
	printf '\n[profile %s]\nusers = *\n' "$1"
	shift
	printf '%s\n' "$@"
}
net="peers = 10.77.0.0/16"
key=0102030405060708090a0b0c0d0e0f10
printf '# identities\nurn:imei:12:%s\n#0001ff:%s\n#75726e3a696d65693a3133:%s\n#01fe:%s\n' \
	$key $key $key $key >"$dir/psk-bytes"
psk_client() { # PROFILE IDENTITY
	profile "$1" "role = client" "psk-file = $dir/psk-bytes" "psk-identity = $2" "$net"
}
{
	psk_client psk-nul "#0001ff"
	psk_client psk-text urn:imei:12
	psk_client psk-tool urn:imei:13
	profile psk-bytes "role = server" "psk-file = $dir/psk-bytes"
} >>"$dir/conf"

chmod 600 "$dir/psk-bytes"
dtls-handshaked --check -c "$dir/conf" || exit 1
ended() { ! kill -0 "$echo_pid" 2>/dev/null; }
begin

## psk-file: identities of bytes, identities with colons
knows() { # DESCRIPTION IDENTITY PROFILE
	serve -p psk-bytes
	ask -p "$3"
	ok "$1" [ "$rc" = 0 ]
	[ "$rc" = 0 ] || diag "$(cat "$dir/ask.err" "$dir/serve.out"; tail -n 2 "$log_a" "$log_b")"
	is "... both ends report it whole" \
		"$(cat "$dir/serve.out" "$dir/ask.err" | grep -c "peer \"$2\", verified")" 2
	serve_end
}
knows "an identity with a NUL byte" "#0001ff" psk-nul
knows "one with colons, as text" urn:imei:12 psk-text
knows "one with colons, as psktool writes it" urn:imei:13 psk-tool
ok "the log shows them, too" grep -q 'established .*, peer #0001ff$' "$log_b"

in_b gnutls-serv --udp --echo -q -p 5001 --mtu 1400 --pskpasswd "$dir/psk-bytes" \
	--priority NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+ECDHE-PSK \
	>"$dir/peer.out" 2>&1 </dev/null &
peer=$!
wait_udp in_b 5001
: >"$dir/ask.out"
in_a timeout 60 dtlscat -w 30 -p psk-nul "$B4" 5001 >"$dir/ask.out" 2>"$dir/ask.err" \
	< <(echo hello-there; heard)
ok "gnutls-serv reads the same file and has the same identity" \
	grep -q hello-there "$dir/ask.out"
stop_peer

serve -p psk-bytes
in_a timeout 60 openssl s_client -dtls1_2 -mtu 1400 -connect "$B4:5000" -quiet -no_ign_eof \
	-psk $key -psk_identity $'\x01\xfe' -cipher PSK-AES128-GCM-SHA256 \
	>"$dir/ask.out" 2>&1 < <(echo hello-there; heard)
ok "openssl s_client with an identity that is no text" \
	grep -q 'peer "#01fe"' "$dir/serve.out"
serve_end

## dtlscat -l: the first that completes a handshake wins
serve -p psk -w 40
send_stray() { in_a bash -c "exec 9<>/dev/udp/$B4/5000; printf '$1' >&9"; }
send_stray 'a stray datagram'
# a ClientHello without continuation, and a client with a wrong key
send_stray '\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00'
ask -p psk-wrong -w 3
is "dtlscat -l: a client with a wrong key is refused" "$rc" 3
ask -p psk
ok "... the next one, past strays, is the peer" [ "$rc" = 0 ]
ok "... and the server has ended with it" wait_for 10 ended
kill "$echo_pid" 2>/dev/null
wait "$echo_pid"
is "... as always" $? 0
in_b timeout 30 dtlscat -l -p psk -w 1 "$B4" 5000 >"$dir/serve.out" 2>&1 </dev/null
is "no client: it ends after --wait" $? 3

done_testing
