#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# pion at the other end, in DTLS 1.2: without Connection IDs the daemon uses GnuTLS, with them
# wolfSSL. Each cipher, X.509 and PSK, IPv4 and IPv6, addresses that change, a lost flight.
set -u
cd "$(dirname "$0")/../.." || exit 1
trap "" PIPE
. tests/dtls13/both.sh
. tests/interop/newest.sh

cases=122
newest_skip $cases "pion" "${pion[0]}"
both_setup $cases "pion"
. tests/dtls13/cids.sh

psk_text=0123456789abcdef
echo "u1:$(printf %s $psk_text | xxd -p)" >"$dir/psk-file"
chmod 600 "$dir/psk-file"
shared="psk-file = $dir/psk-file
psk-identity = u1
peers = 10.0.0.0/8, fd77::/64"
ciphers="aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm aes-128-ccm-8"
{
	printf '[global]\nworkers = 1\n'
	versions=1.2
	profile default "$own"
	profile yes "$own" "connection-id = yes"
	profile psk-yes "$shared" "connection-id = yes"
	profile no-curves "$shared" "ciphers = aes-128-gcm"
	for c in $ciphers; do
		profile "$c" "$own" "ciphers = $c"
		profile "$c-yes" "$own" "connection-id = yes" "ciphers = $c"
		# for the sake of its elliptic curves; see below
		profile "$c-psk" "$shared" "ciphers = $c, chacha20-poly1305"
	done
	printf '[profile asks]\nrole = server\nusers = *\nversions = 1.2\nconnection-id = yes\n'
	printf '%s\n' "${own/optional/required}"
} >"$dir/conf"
daemon_in "$NS_A" a
daemon_in "$NS_B" b

# the library's name of a suite
pion_suite() { # x509|psk CIPHER
	local name=${2^^}
	name=${name//-/_}
	case $name in
	*128_GCM | CHACHA*) name=${name}_SHA256 ;;
	*256_GCM) name=${name}_SHA384 ;;
	esac
	case $1 in
	x509) echo "TLS_ECDHE_ECDSA_WITH_$name" ;;
	psk) echo "TLS_PSK_WITH_$name" ;;
	esac
}
gcm=$(pion_suite x509 aes-128-gcm)
pion_server=("$gcm" "${cert[@]}" "$label")
pion_client=("$gcm" "${trust[@]}" "$label")
key=("psk=u1:$psk_text" "$label")
at=$B4
other_family() { [ "$at" = "$B4" ] && at=$B6 || at=$B4; }

# without Connection IDs: less is verified than by talks() of cids.sh, which takes longer
converses() { # NAME
	wait_for 20 said client exporter=
	ok "$1: data both ways" echoes hello
	ok "... the exporters are equal" exporters_equal
	both_end
}
for c in $ciphers; do
	both_start "$at" pion "$(pion_suite x509 "$c")" "${cert[@]}" "$label" -- \
		kernel "$c" server_name=server.test
	converses "kernel is client at $at, $c"
	both_start "$at" kernel "$c" -- pion "$(pion_suite x509 "$c")" "${trust[@]}" "$label"
	converses "kernel is server at $at, $c"
	other_family
	[ "$c" != aes-256-gcm ] || continue	# it has none with a PSK
	both_start "$at" pion "$(pion_suite psk "$c")" "${key[@]}" -- kernel "$c-psk"
	converses "kernel is client at $at, $c, PSK"
	both_start "$at" kernel "$c-psk" -- pion "$(pion_suite psk "$c")" "${key[@]}"
	converses "kernel is server at $at, $c, PSK"
done

# a client without a suite for elliptic curves names other groups only (RFC 7919), for DHE
both_start "$B4" pion "$(pion_suite psk aes-128-gcm)" "${key[@]}" -- kernel no-curves
fails "pion refuses a PSK client that has no elliptic curve" client.err 'error 111'

# with them: both directions, one, the other, none
while read -r ours theirs tx rx what; do
	with=()
	[ "$ours" = - ] || with=("cid=$ours")
	has=()
	[ "$theirs" = - ] || has=("cid=${theirs#empty}")
	both_start "$at" pion "${pion_server[@]}" "${has[@]}" -- \
		kernel yes server_name=server.test "${with[@]}"
	if [ "$what" = "a peer that knows none" ]; then
		fails "kernel is client, $what" client.err 'error 95'
	else
		talks "kernel is client at $at, $what" "$tx" "$rx" in_a
	fi
	other_family
	both_start "$at" kernel yes "${with[@]}" -- pion "${pion_client[@]}" "${has[@]}"
	talks "kernel is server at $at, $what" "$tx" "$rx" in_b
done <<"EOF"
8 seven-b 7 8 both directions
- seven-b 7 0 to send only
8 empty 0 8 to receive only
8 - 0 0 a peer that knows none
EOF
both_start "$B4" kernel default cid=8 -- pion "${pion_client[@]}" cid=theirs
talks "connection-id is not set, kernel is server" 0 0 in_b
while read -r c role; do
	if [ "$role" = client ]; then
		both_start "$at" pion "$(pion_suite x509 "$c")" "${cert[@]}" "$label" cid=theirs -- \
			kernel "$c-yes" server_name=server.test cid=8
		talks "kernel is client at $at, Connection IDs, $c" 6 8 in_a
	else
		both_start "$at" kernel "$c-yes" cid=8 -- \
			pion "$(pion_suite x509 "$c")" "${trust[@]}" "$label" cid=theirs
		talks "kernel is server at $at, Connection IDs, $c" 6 8 in_b
		other_family
	fi
done <<"EOF"
aes-256-gcm client
chacha20-poly1305 server
aes-128-ccm client
aes-128-ccm-8 server
EOF
both_start "$B4" kernel asks cid=8 -- pion "${pion_client[@]}" cid=theirs \
	"cert=$dir/client.pem" "key=$dir/client.key"
talks "a client with a certificate" 6 8 in_b

# wolfSSL has PSKs with a Diffie-Hellman exchange only, pion with none
both_start "$B4" kernel psk-yes cid=8 -- pion "$(pion_suite psk aes-128-gcm)" "${key[@]}" cid=theirs
fails "a PSK and Connection IDs: no suite in common" client.err handshake
shows "... and the log has it" b.log 'failed with profile psk-yes'

# the end of a conversation
both_start "$B4" pion "${pion_server[@]}" cid=theirs -- kernel yes server_name=server.test cid=8
wait_for 20 said client exporter=
exec 7>&-
ok "the kernel closes, and pion's server ends" wait "$server_pid"
both_end
both_start "$B6" kernel yes cid=8 -- pion "${pion_client[@]}" cid=theirs
wait_for 20 said client exporter=
exec 7>&-
ok "pion's client closes, and the kernel's server ends" wait "$server_pid"
both_end

# the server's last flight is lost: ChangeCipherSpec and Finished. Not by a server of pion's
# client with Connection IDs: pion repeats its Finished as the same record, a replay.
ccs=0x14
lose in_a $ccs
both_start "$B4" kernel default -- pion "${pion_client[@]}"
lost in_a "the kernel sends its last flight again" "$NS_A"
for id in "" cid=8; do
	lose in_a $ccs
	both_start "$B4" pion "${pion_server[@]}" ${id:+cid=theirs} -- \
		kernel yes server_name=server.test ${id:+"$id"}
	lost in_a "pion sends its last flight again${id:+, Connection IDs}" "$NS_A"
done

# many clients of one socket, which move
follow() { # SERVER OLD NEW
	both_start "$1" listen yes cid=5 roam=trust -- pion "${pion_client[@]}" cid=theirs
	wait_for 20 said client exporter=
	ok "a listening socket at $1: data both ways" echoes hello
	shows "... the client has both" client "^cid=tx:5,rx:6"
	moves_along "$2" "$3"
	both_end
}
follow "$B4" "$A4" "$A4_NEW"
follow "$B6" "$A6" "$A6_NEW"
both_start "$B4" listen yes cid=5 roam=ask -- pion "${pion_client[@]}" cid=theirs
wait_for 20 said client exporter=
ok "without DTLS_ROAM_TRUST: data both ways" echoes hello
stays_known_there "$A4_NEW"
both_end

# a NAT in front of the kernel's client that gives it another port
rebind() { # PORT-OF-CLIENT NEW
	in_a nft -f - <<-EOF
		table inet rebind {
			chain leave {
				type filter hook output priority 0;
				udp dport $port udp sport set $2
			}
			chain arrive {
				type filter hook prerouting priority 0;
				udp sport $port udp dport $1 drop
				udp sport $port udp dport $2 udp dport set $1
			}
		}
	EOF
}
# it answers the first record at the old address
follows() { # WORD
	echo "first-$1" >&7
	wait_for 10 said server "^first-$1" && echoes "$1"
}
both_start "$B6" pion "${pion_server[@]}" cid=theirs -- kernel yes server_name=server.test cid=8
wait_for 20 said client exporter=
ok "kernel is client, behind a NAT" echoes hello
rebind "$(in_a ss -Hun dport = ":$port" | sed 's/.*:\([0-9]*\) .*/\1/')" 41009
ok "... which gives it another port: pion follows" follows elsewhere
in_a nft delete table inet rebind
ok "... and back" follows back-again
both_end
done_testing
