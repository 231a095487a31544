#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A key log (dtls-handshaked.conf(5)), and tshark with it: Documentation/debugging.md.
set -u
. tests/daemon/lib.sh
. tests/harness/netns.sh
netns_setup
# shellcheck disable=SC2016 # expanded at exit
at_exit 'rm -rf "$dir"'

out=${KDTLS_OUT:-$dir}
mkdir -m 700 "$dir/logs"
keys=$dir/logs/keys
echo "u1:$psk" >"$dir/psk"
chmod 600 "$dir/psk"
{
	printf '[global]\nworkers = 2\n'
	for p in plain default; do
		printf '[profile %s]\nrole = both\nusers = *\npeers = 10.77.0.0/24\npsk-file = %s\npsk-identity = u1\ntickets = yes\n' \
			$p "$dir/psk"
	done
} >"$dir/conf"
cp "$dir/conf" "$dir/conf.a"
# tshark 4.0 does not decrypt ChaCha20-Poly1305 in DTLS 1.2, of openssl either
printf 'keylog = %s\nciphers = aes-128-gcm\n' "$keys" >>"$dir/conf"
start() { # a|b CONF
	"in_$1" dtls-handshaked -f -c "$2" 2>"$dir/$1.log" &
	wait_for 30 grep -q ready "$dir/$1.log"
}
start a "$dir/conf.a"
start b "$dir/conf"
ok "the daemon warns of a key log" grep -q 'profile default. WRITES THE KEYS' "$dir/b.log"
serve() { # PROFILE PORT
	in_b timeout 100 dtlscat -e -l -p "$1" "$B4" "$2" >/dev/null 2>&1 &
	wait_udp in_b "$2"
}
ask() { # PORT TEXT
	in_a timeout 60 dtlscat -q 2 -w 30 -p plain "$B4" "$1" <<<"$2"
}
serve plain 5001
is "a conversation of another profile" "$(ask 5001 other-text)" other-text
is "... is not in the file" "$(grep -c . "$keys")" 0
serve default 5000
in_b tcpdump -i veth0 -U -w "$out/capture.pcap" udp port 5000 2>"$dir/tcpdump" &
tcpdump=$!
wait_for 20 grep -q listening "$dir/tcpdump"
is "a conversation of the profile" "$(ask 5000 quick-brown-fox)" quick-brown-fox
kill $tcpdump
wait $tcpdump 2>/dev/null
is "is in the file, in NSS format" "$(grep -cxE 'CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}' "$keys")" 1
is "... which has no other line" "$(grep -c . "$keys")" 1
is "... and mode 0600" "$(stat -c %a "$keys")" 600
ok "dtlsctl show warns" sh -c "ip netns exec $NS_B dtlsctl show | grep -q '^WARNING: .*(keylog)'"
is "... as JSON, too, in that namespace alone" "$(for n in "$NS_A" "$NS_B"; do
	ip netns exec "$n" dtlsctl --json show | grep -o '"keylog": [a-z]*'; done | xargs)" "keylog: false keylog: true"
# a worker has the file for appending, and nothing else
worker=$(ip netns pids "$NS_B" | xargs -n 1 ps -o pid=,comm= -p | awk '$2 == "dtls-worker" { print $1; exit }')
is "a worker has the descriptor" "$(readlink /proc/"$worker"/fd/* | grep -c "$keys")" 1

# openssl resumes: the line is that of its own log, without a new key exchange
for flag in -sess_out -sess_in; do
	in_b timeout 60 dtlscat -e -l "$B4" 5002 >/dev/null 2>&1 &
	wait_udp in_b 5002
	in_a timeout 60 openssl s_client -dtls1_2 -mtu 1400 -connect "$B4:5002" -psk "$psk" -psk_identity u1 \
		-cipher DHE-PSK-AES128-GCM-SHA256:PSK-AES128-GCM-SHA256 -keylogfile "$dir/openssl" $flag "$dir/session" \
		-ign_eof >"$dir/client" 2>&1 < <(sleep 1; echo Q) &
	client=$!
	wait_for 20 grep -q 'Cipher is' "$dir/client"
	sleep 1
	kill $client
	wait $client 2>/dev/null
	in_b pkill -x dtlscat
done
ok "a session is resumed" grep -q '^Reused' "$dir/client"
is "both are in the file, as openssl logs them" "$(grep -cFf <(grep '^CLIENT' "$dir/openssl") "$keys")" 2

if command -v tshark >/dev/null; then
	begun=$SECONDS
	# shellcheck disable=SC2016 # backquotes of Markdown
	page=$(sed -n '/^tshark/,/^```/{/^```/!p}' Documentation/debugging.md)
	page=${page//\/tmp\/capture.pcap/$out/capture.pcap}
	page=${page//\/run\/dtls-handshaked\/keys/$keys}
	in_b bash -c "${page//4433/5000}" >"$out/shown" 2>"$out/tshark"
	is "tshark decrypts the capture, both directions" \
		"$(grep -c "$(printf quick-brown-fox | od -An -tx1 | tr -d ' \n')" "$out/shown")" 2
	diag "tshark: $((SECONDS - begun)) s"
else
	skip "tshark decrypts the capture" "no tshark here"
fi
done_testing
