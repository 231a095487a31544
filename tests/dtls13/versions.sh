#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Profiles with both versions: the daemon's workers, sandbox and all, over sockets without a
# kernel module. Peers are stock wolfSSL with one version or both, OpenSSL and GnuTLS. Attacks:
# downgrade.sh.

set -u
cases=83 what="both versions in one profile"
. tests/dtls13/engine_lib.sh

all_ciphers="aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm aes-128-ccm-8"
{
	printf '[global]\nworkers = 1\n'
	versions="1.2, 1.3"
	profile c client "$check"
	profile c-old client "$check" "extended-master-secret = offered" \
		"secure-renegotiation = offered"
	profile c-alpn client "$check" "alpn = coap, h3"
	profile c-mutual client "$check" "$(own client)"
	profile c-log client "$check" "keylog = /run/versions.$$/keys"
	profile s server "$(own server)" "alpn = coap, h3" "tickets = yes"
	profile s-asks server "$(own server)" "client-cert = required" "ca = $dir/ca.pem" \
		"crl = $dir/crl.pem" "verify = chain"
	profile s-may server "$(own server)" "client-cert = optional" "ca = $dir/ca.pem" \
		"verify = chain" "tickets = yes"
	profile s-psk server "$(own server)" "$shared" "tickets = yes"
	profile psk both "$shared"
	for c in $all_ciphers; do
		profile "c-$c" client "$check" "ciphers = $c, aes-256-gcm"
		profile "s-$c" server "$(own server)" "ciphers = $c, aes-256-gcm"
	done
} >"$dir/conf"
mkdir -m 700 "/run/versions.$$"
trap 'stop_peer; rm -rf "$dir" "/run/versions.$$"' EXIT

both=TLS13-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-PSK-AES128-GCM-SHA256
both=$both:DHE-PSK-AES128-GCM-SHA256
secret=psk=u1:0123456789abcdef
hex=$(printf 0123456789abcdef | xxd -p)
pem=(-cert "$dir/server.pem" -key "$dir/server.key")
trusted=(-CAfile "$dir/ca.pem" -verify_return_error -servername server.test)
gnutls_pem=(--x509certfile "$dir/server.pem" --x509keyfile "$dir/server.key")
# as_server_of PROFILE [ARG...] -- COMMAND...: the peer is a client; @ is replaced by the port
as_server_of() {
	local own=() cmd
	while [ "$1" != -- ]; do own+=("$1"); shift; done
	shift
	next_port
	cmd=("${@//@/$port}")
	daemon_13 --listen "127.0.0.1,$port" --wait-data --linger 4000 --profile "${own[@]}" &
	serving=$!
	listening
	{ sleep 0.6; echo hello-from-client; sleep 0.3; } |
		timeout 15 "${cmd[@]}" >"$dir/peer.out" 2>&1
	wait "$serving"
}
ossl_client=(openssl s_client -dtls1_2 -mtu 1400 -connect 127.0.0.1:@ -quiet -no_ign_eof)
# what the configuration file may say
checked() { # LINE...
	{ printf '[global]\nworkers = 1\n' && versions="1.2, 1.3" profile "$@"; } >"$dir/check.conf"
	"${with_sid[@]}" "$bin/dtls-handshaked" --engines "$dir" --check -c "$dir/check.conf" \
		2>"$dir/check.err"
}
ok "--check: tickets, protections, a cipher of either version" checked p server "$(own server)" \
	"tickets = yes" "extended-master-secret = offered" "ciphers = aes-128-ccm-8, aes-128-gcm"
nok "--check: a client's PSK with a cipher for which wolfSSL has no suite" checked p client \
	"$shared" "ciphers = aes-128-ccm-8, aes-128-gcm"
ok "... and why" grep -q 'no PSK suite of DTLS 1.2 with aes-128-ccm-8' "$dir/check.err"
nok "--check: a client's Connection IDs with both versions" checked p client \
	"$shared" "connection-id = yes"
ok "... and why" grep -q 'set "versions = 1.2" or "versions = 1.3"' "$dir/check.err"
ok "--check: a server's Connection IDs" checked p server "$(own server)" \
	"connection-id = yes"

# which version it is
for v in 1.2:fefd 1.3:fefc both:fefc; do
	as_server s --say pong -- $both "${trust[@]}" "versions=${v%:*}"
	expect "server, client of ${v%:*}" status 0 version "${v#*:}" data 'hello*' \
		server-name server.test after-done 0 reused 0
	ok "... and the client reads its data" grep -q pong "$dir/peer.out"
	peer_server $both "${cert[@]}" "versions=${v%:*}"
	as_client c --name server.test "${echo_back[@]}"
	expect "client, server of ${v%:*}" status 0 version "${v#*:}" data ping verified 1 \
		identity CN=server server-name server.test after-done 0 reused 0
	as_server psk -- $both $secret "versions=${v%:*}"
	expect "server, client of ${v%:*}, PSK" status 0 version "${v#*:}" data 'hello*' \
		identity u1 verified 1 after-done 0
	peer_server $both $secret "versions=${v%:*}"
	as_client psk "${echo_back[@]}"
	expect "client, server of ${v%:*}, PSK" status 0 version "${v#*:}" data ping identity u1 \
		verified 1 after-done 0
done

# what a program wants
as_server s --max fefd -- $both "${trust[@]}" versions=both
expect "server, the program wants 1.2" status 0 version fefd data 'hello*'
as_server s --min fefc -- $both "${trust[@]}" versions=both
expect "server, the program wants 1.3" status 0 version fefc data 'hello*'
as_server s --min fefc --timeout 1500 -- $both "${trust[@]}" versions=1.2
expect "... and the client has 1.2 only" status ETIMEDOUT
peer_server $both "${cert[@]}" versions=both
as_client c --name server.test --max fefd "${echo_back[@]}"
expect "client, the program wants 1.2" status 0 version fefd data ping
peer_server $both "${cert[@]}" versions=1.2
as_client c --name server.test --max fefd "${echo_back[@]}"
expect "... of a server that has no other" status 0 version fefd data ping
peer_server $both "${cert[@]}" versions=1.2
as_client c --name server.test --min fefc --timeout 1500
expect "client, the program wants 1.3 and the server has 1.2" status 'E[PT]*'
diag "$(val status): $(val reason)"

# stock libraries without DTLS 1.3
as_server_of s -- "${ossl_client[@]}" "${trusted[@]}"
expect "server, OpenSSL" status 0 version fefd data 'hello*' server-name server.test
as_server_of psk -- "${ossl_client[@]}" -psk "$hex" -psk_identity u1
expect "server, OpenSSL, PSK" status 0 version fefd data 'hello*' identity u1
as_server_of s -- "${ossl_client[@]}" "${trusted[@]}" -mtu 400 \
	-alpn "$(printf 'protocol-%s-of-many,' {1..40})coap"
expect "server, OpenSSL, its ClientHello in fragments" status 0 version fefd alpn coap data 'hello*'
as_server_of s -- gnutls-cli --udp --x509cafile "$dir/ca.pem" --sni-hostname server.test \
	--verify-hostname server.test -p @ 127.0.0.1
expect "server, GnuTLS" status 0 version fefd data 'hello*'
ossl_server "${pem[@]}"
as_client c --name server.test "${echo_back[@]}"
expect "client, OpenSSL without a cookie" status 0 version fefd data 'hello*' verified 1
ossl_server -listen "${pem[@]}"
as_client c --name server.test "${echo_back[@]}"
expect "client, OpenSSL with a cookie" status 0 version fefd data 'hello*' verified 1
ossl_server -nocert -psk "$hex"
as_client psk "${echo_back[@]}"
expect "client, OpenSSL, PSK" status 0 version fefd data 'hello*' identity u1 verified 1
gnutls_server "${gnutls_pem[@]}" --priority NORMAL:%SAFE_RENEGOTIATION
as_client c --name server.test "${echo_back[@]}"
expect "client, GnuTLS" status 0 version fefd data ping
ossl_server -cert "$dir/rsa.pem" -key "$dir/rsa.key"
as_client c --name server.test "${echo_back[@]}"
expect "client, RSA" status 0 version fefd data 'hello*'
ossl_server -cert "$dir/rsa.pem" -key "$dir/rsa.key" -cipher DHE-RSA-AES128-GCM-SHA256
as_client c --name server.test "${echo_back[@]}"
expect "client, RSA, Diffie-Hellman" status 0 version fefd suite 009e data 'hello*'

# every cipher, in either version: the profile's first that the peer has
i=0
for c in $all_ciphers; do
	i=$((i + 1))
	old=$(printf '%s\n' ECDHE-ECDSA-AES{128,256}-GCM-SHA{256,384} ECDHE-ECDSA-CHACHA20-POLY1305 \
		ECDHE-ECDSA-AES128-CCM{,8} | grep -v 'AES128-GCM-SHA384\|AES256-GCM-SHA256' | sed -n ${i}p)
	ossl_server "${pem[@]}" -cipher "$old:@SECLEVEL=0"
	as_client "c-$c" --name server.test "${echo_back[@]}"
	expect "client, 1.2, $c" status 0 version fefd cipher $i data 'hello*' after-done 0
	as_server_of "s-$c" -- "${ossl_client[@]}" "${trusted[@]}" -cipher "$old:@SECLEVEL=0"
	expect "server, 1.2, $c" status 0 version fefd cipher $i data 'hello*' after-done 0
	[ $i != 5 ] || continue
	peer_server "$(suite "$c")" "${cert[@]}" versions=both
	as_client "c-$c" --name server.test "${echo_back[@]}"
	expect "client, 1.3, $c" status 0 version fefc suite 130$i data ping
	as_server "s-$c" -- "$(suite "$c")" "${trust[@]}" versions=both
	expect "server, 1.3, $c" status 0 version fefc suite 130$i data 'hello*'
done

# the identity of a server of DTLS 1.2
ossl_server "${pem[@]}"
as_client c --name other.test
expect "wrong name" status EKEYREJECTED reason '*not for other.test'
ok "... which the server learns" grep -q 'alert bad certificate' "$dir/peer.out"
for bad in expired revoked stranger; do
	ossl_server -cert "$dir/$bad.pem" -key "$dir/$bad.key"
	as_client c --name server.test
	expect "$bad certificate" status EKEYREJECTED
	ok "... which the server learns" grep -q 'alert' "$dir/peer.out"
done
ossl_server -nocert -psk "${hex//3/4}"
as_client psk --timeout 3000
expect "wrong PSK" status EKEYREJECTED reason '*same PSK*'
ossl_server "${pem[@]}" -Verify 1 -CAfile "$dir/ca.pem" -verify_return_error
as_client c-mutual --name server.test "${echo_back[@]}"
expect "mutual authentication, as client" status 0 version fefd data 'hello*'
as_server_of s-asks -- "${ossl_client[@]}" "${trusted[@]}" -cert "$dir/client.pem" \
	-key "$dir/client.key"
expect "mutual authentication, as server" status 0 version fefd verified 1 identity CN=client

# what a profile asks of servers of DTLS 1.2
gnutls_server "${gnutls_pem[@]}" --priority NORMAL:%NO_SESSION_HASH
as_client c --name server.test
expect "no extended master secret" status EPROTO reason '*RFC 7627*would allow it'
gnutls_server "${gnutls_pem[@]}" --priority NORMAL:%NO_SESSION_HASH
as_client c-old --name server.test "${echo_back[@]}"
expect "... which a profile may allow" status 0 version fefd data ping
gnutls_server "${gnutls_pem[@]}" --priority NORMAL:%NO_SESSION_HASH
as_client c-old --name server.test --exporter EXPORTER_x:32
expect "... but not with an exporter" status EPROTO reason '*exporter*'
gnutls_server "${gnutls_pem[@]}" --priority NORMAL:%DISABLE_SAFE_RENEGOTIATION
as_client c --name server.test
expect "no secure renegotiation" status EPROTO reason '*RFC 5746*would allow it'
gnutls_server "${gnutls_pem[@]}" --priority NORMAL:%DISABLE_SAFE_RENEGOTIATION
as_client c-old --name server.test "${echo_back[@]}"
expect "... which a profile may allow" status 0 version fefd data ping

# what else is negotiated
peer_server $both "${cert[@]}" alpn=h3 versions=1.2
as_client c-alpn --name server.test
expect "ALPN as client" status 0 version fefd alpn h3
as_server s -- $both "${trust[@]}" alpn=h3,coap versions=1.2
expect "ALPN as server" status 0 version fefd alpn coap
peer_server $both "${cert[@]}" exporter=EXPORTER_x versions=1.2
as_client c --name server.test --exporter EXPORTER_x:32 --linger 300
is "exporter equals wolfSSL's" "exporter=$(val exporter)" "$(grep exporter= "$dir/peer.out")"
ossl_server "${pem[@]}" -keylogfile "$dir/keys"
as_client c-log --name server.test
is "key log equals OpenSSL's" "$(grep ^CLIENT_RANDOM "/run/versions.$$/keys" | tr '[:upper:]' '[:lower:]')" \
	"$(grep ^CLIENT_RANDOM "$dir/keys" | tr '[:upper:]' '[:lower:]')"

# a datagram of a handshake of DTLS 1.2 is lost, and the library sends it again
for n in 0 1 2; do
	ossl_server -listen "${pem[@]}"
	as_client c --name server.test --drop-sent $n --timeout 9000 "${echo_back[@]}"
	expect "client, its datagram $n lost" status 0 version fefd verified 1 reused 0
done
peer_server $both "${cert[@]}" versions=1.2
as_client c --name server.test --mtu 700 --path 700 "${echo_back[@]}"
expect "client on a path of 700 bytes" status 0 version fefd data ping


# tickets of DTLS 1.3 would have to be judged again, and could not be
as_server s-may -- $any "${trust[@]}" "session=$dir/session"
expect "a server that asks for certificates, in DTLS 1.3" status 0 flight '' data 'hello*'
ok "... issues no ticket" grep -q ticket=0 "$dir/peer.out"
as_server s-psk -- TLS13-AES128-GCM-SHA256 "$secret" "session=$dir/session"
expect "a server, of a client with a PSK" status 0 flight '' identity u1 data 'hello*'
ok "... issues no ticket" grep -q ticket=0 "$dir/peer.out"
done_testing
