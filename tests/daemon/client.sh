#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon as client, against OpenSSL and GnuTLS servers.

set -u
. tests/daemon/lib.sh
pki

serve() { ossl_server -cert "$dir/$1.pem" -key "$dir/$1.key" "${@:2}"; }

serve server -CAfile "$dir/ca.pem"
client --name server.test --wait-data --linger 4000
expect "OpenSSL, X.509: established, keys right" status 0 verified 1 \
	identity CN=server data 'hello-from-server*' reused 0 after-done 0
is "the fingerprint is reported" "$(val sha256)" \
	"$(openssl x509 -in "$dir/server.pem" -noout -fingerprint -sha256 |
		cut -d= -f2 | tr -d : | tr A-F a-f)"
stop_peer

serve server
client --name other.test
expect "wrong name" status EKEYREJECTED reason '*not for other.test'
ok "the server got an alert" grep -q 'alert bad certificate' "$dir/peer.out"
stop_peer

sni() { # CERTIFICATE NAME: a server that requires this name
	serve "$1" -servername "$2" -servername_fatal -cert2 "$dir/$1.pem" -key2 "$dir/$1.key"
}
for name in server.test. Server.Test; do
	sni server server.test
	client --name "$name"
	expect "\"$name\" is server.test, in SNI too" status 0 verified 1 server-name server.test
	stop_peer
done
sni server server.test
client --profile named --name SERVER.test.
expect "... and allowed where the profile has server.test" status 0
stop_peer
client --profile named --name "server..test"
expect "what is no name" status EINVAL reason '*not a valid server name*empty*'
sni second xn--bcher-kva.test
client --name 'Bücher.test.'
expect "a name of U-labels" status 0 verified 1 server-name xn--bcher-kva.test
stop_peer
sni second xn--bcher-kva.test
client --profile idn
expect "... from the profile" status 0 verified 1 server-name xn--bcher-kva.test
stop_peer

serve server
client --name 127.0.0.1
expect "an address as name" status 0
stop_peer
client
expect "no name anywhere" status EKEYREJECTED reason 'no server name to check*'
client --profile named --name www.server.test
expect "a name that the profile does not allow" status EACCES
client --profile mine --name server.test --uid 12
expect "a user that the profile does not permit" status EACCES reason 'uid 12 may not use*'
client --profile none --name server.test
expect "no such profile" status EACCES
client --profile server
expect "a profile of the other role" status EACCES
client --name server.test --exporter "key expansion"
expect "a reserved exporter label" status EINVAL

for bad in expired revoked stranger; do
	serve $bad
	client --name server.test
	expect "$bad certificate" status EKEYREJECTED
	diag "$(val reason)"
	stop_peer
done

serve server
client --profile pinned
expect "fingerprint" status 0 verified 1
stop_peer
serve server
client --profile pinned-other
expect "wrong fingerprint" status EKEYREJECTED reason '*fingerprint*'
stop_peer

serve server -Verify 1 -CAfile "$dir/ca.pem" -verify_return_error
client --profile mutual --name server.test
expect "mutual authentication" status 0
stop_peer
serve server -Verify 1 -CAfile "$dir/ca.pem" -verify_return_error
client --name server.test
expect "the server wants a certificate, we have none" status ECONNREFUSED reason '*alert*'
stop_peer

serve server -alpn h3,coap
client --profile alpn
expect "ALPN of the profile" status 0 alpn h3 server-name server.test
stop_peer
serve server -alpn h3,coap
client --profile alpn --alpn other,coap
expect "ALPN of the socket" status 0 alpn coap
stop_peer

quiet=
serve server -keymatexport EXPORTER_test -keymatexportlen 24
client --name server.test --exporter EXPORTER_test:24 --wait-data --linger 4000
is "exporter equals OpenSSL's" \
	"$(val exporter)" "$(sed -n 's/.*Keying material: //p' "$dir/peer.out" | tr A-F a-f)"
stop_peer
# ... with a context value, as RFC 5705 section 4 makes it of the master secret
for context in "" 00 636f6e74657874; do
	serve server -msg -keylogfile "$dir/keylog"
	client --name server.test --exporter "EXPORTER_test:24:$context" --wait-data --linger 4000
	is "exporter with the context value \"$context\"" "$(val exporter)" \
		"$(tests/daemon/rfc5705.py "$dir/keylog" "$dir/peer.out" EXPORTER_test 24 "$context")"
	stop_peer
	rm -f "$dir/keylog"
done
quiet=-quiet

serve server
client --name server.test --drop-sent 0
expect "first ClientHello lost" status 0 reused 0
stop_peer
serve server
client --name server.test --drop-sent 3 --wait-data
expect "a datagram of the client's last flight lost" status 0 reused 0
stop_peer

i=0
for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm aes-128-ccm-8; do
	i=$((i + 1))
	ossl_server -cert "$dir/server.pem" -key "$dir/server.key" -cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0
	client --profile $c --name server.test --wait-data --linger 4000
	expect "OpenSSL, $c, X.509" status 0 cipher $i data 'hello*' reused 0
	stop_peer
	ossl_server -nocert -psk 0102030405060708090a0b0c0d0e0f10 -psk_identity u1 \
		-cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0
	client --profile $c-psk --wait-data --linger 4000
	expect "OpenSSL, $c, PSK" status 0 cipher $i identity u1 data 'hello*' reused 0
	stop_peer
done

ossl_server -nocert -psk ffff -psk_identity u1
client --profile psk --timeout 3000
expect "wrong PSK" status EKEYREJECTED reason '*same PSK*'
client --profile psk-far --timeout 3000
expect "PSK for other peers only" status EACCES reason '*not for this peer'
stop_peer

gnutls_server --x509certfile "$dir/server.pem" --x509keyfile "$dir/server.key"
client --name server.test --say ping-to-gnutls --wait-data --linger 4000
expect "GnuTLS, X.509: echo" status 0 data ping-to-gnutls reused 0
stop_peer
gnutls_server --pskpasswd "$dir/psk" --priority NORMAL:-VERS-ALL:+VERS-DTLS1.2:+ECDHE-PSK:+PSK
client --profile psk --say ping-to-gnutls --wait-data --linger 4000
expect "GnuTLS, PSK: echo" status 0 data ping-to-gnutls reused 0
stop_peer
gnutls_server --x509certfile "$dir/server.pem" --x509keyfile "$dir/server.key" \
	--priority NORMAL:-VERS-ALL:+VERS-DTLS1.2:%NO_SESSION_HASH
client --name server.test
expect "a server without extended master secret" status EPROTO \
	reason '*extended-master-secret = offered in \[profile default\]*'
client --profile loose --name server.test --say ping-to-gnutls --wait-data --linger 4000
expect "... is let in with extended-master-secret = offered" status 0 data ping-to-gnutls
stop_peer
gnutls_server --x509certfile "$dir/server.pem" --x509keyfile "$dir/server.key" \
	--priority NORMAL:-VERS-ALL:+VERS-DTLS1.2:%NO_SESSION_HASH
client --profile loose --name server.test --exporter EXPORTER_test:24
expect "... but there is no exporter" status EPROTO reason '*RFC 7627 section 5.4*'
stop_peer
gnutls_server --x509certfile "$dir/server.pem" --x509keyfile "$dir/server.key" \
	--priority NORMAL:-VERS-ALL:+VERS-DTLS1.2:%DISABLE_SAFE_RENEGOTIATION
client --name server.test
expect "a server without secure renegotiation" status EPROTO \
	reason '*secure-renegotiation = offered in \[profile default\]*'
client --profile loose --name server.test --say ping-to-gnutls --wait-data --linger 4000
expect "... is let in with secure-renegotiation = offered" status 0 data ping-to-gnutls
stop_peer
next_port
openssl s_server -dtls1 -accept "127.0.0.1:$port" -cipher ALL:@SECLEVEL=0 -quiet \
	-cert "$dir/server.pem" -key "$dir/server.key" >"$dir/peer.out" 2>&1 < <(sleep 10) &
peer=$!
listening
client --name server.test
expect "a server of DTLS 1.0 only" status ECONNREFUSED reason '*alert*'
stop_peer

next_port
client --name server.test --timeout 2000
expect "no answer" status ETIMEDOUT
done_testing
