#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon's engine of DTLS 1.3 with stock wolfSSL as its peer, workers, sandbox and all,
# over sockets without a kernel module.

set -u
cases=57 what="the engine of DTLS 1.3"
. tests/dtls13/engine_lib.sh

fingerprint=$(openssl x509 -in "$dir/server.pem" -noout -fingerprint -sha256 | cut -d= -f2)
{
	printf '[global]\nworkers = 1\n'
	profile c client "$check"
	profile c-alpn client "$check" "alpn = coap, h3"
	profile c-mutual client "$check" "$(own client)"
	profile c-pinned client "verify = fingerprint" "fingerprint = $fingerprint"
	profile c-other client "verify = fingerprint" "fingerprint = ${fingerprint//[0-9]/7}"
	profile s server "$(own server)" "alpn = coap, h3"
	profile s-tickets server "$(own server)" "tickets = yes"
	profile s-two server "$(own second)" "$(own server)"
	profile s-asks server "$(own server)" "client-cert = required" "ca = $dir/ca.pem" \
		"crl = $dir/crl.pem" "verify = chain"
	profile s-may server "$(own server)" "client-cert = optional" "ca = $dir/ca.pem" \
		"verify = chain"
	profile s-log server "$(own server)" "keylog = /run/engine.$$/keys"
	profile psk both "$shared"
	for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm; do
		profile "c-$c" client "$check" "ciphers = $c"
		profile "s-$c" server "$(own server)" "ciphers = $c"
		profile "psk-$c" both "$shared" "ciphers = $c"
	done
} >"$dir/conf"
mkdir -m 700 "/run/engine.$$"
trap 'stop_peer; rm -rf "$dir" "/run/engine.$$"' EXIT

i=0
for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm; do
	i=$((i + 1))
	peer_server "$(suite $c)" "${cert[@]}"
	as_client c-$c --name server.test "${echo_back[@]}"
	expect "client, $c, X.509: data both ways" status 0 flight '22/2 '  suite 130$i cipher $i verified 1 \
		identity CN=server data ping after-done 0
	peer_server "$(suite $c)" psk=u1:0123456789abcdef
	as_client psk-$c "${echo_back[@]}"
	expect "client, $c, PSK" status 0 suite 130$i verified 1 identity u1 data ping after-done 0
	as_server s-$c --say pong -- "$(suite $c)" "${trust[@]}"
	expect "server, $c, X.509" status 0 suite 130$i data 'hello*' server-name server.test \
		verified 0 after-done 0
	ok "... and the client reads its data" grep -q pong "$dir/peer.out"
	as_server psk-$c -- "$(suite $c)" psk=u1:0123456789abcdef
	expect "server, $c, PSK" status 0 suite 130$i data 'hello*' identity u1 verified 1 \
		after-done 0
done

# the identity of the peer
peer_server $any "${cert[@]}"
as_client c --name other.test
expect "wrong name" status EKEYREJECTED reason '*not for other.test'
ok "... which the server learns" grep -q 'stock:.*alert\|stock: .*certificate' "$dir/peer.out"
for bad in expired revoked stranger; do
	peer_server $any "cert=$dir/$bad.pem" "key=$dir/$bad.key"
	as_client c --name server.test
	expect "$bad certificate" status EKEYREJECTED
	diag "$(val reason)"
done
peer_server $any "${cert[@]}"
as_client c-pinned
expect "fingerprint" status 0 verified 1
peer_server $any "${cert[@]}"
as_client c-other
expect "wrong fingerprint" status EKEYREJECTED reason '*fingerprint*'
peer_server $any "${cert[@]}"
as_client c
expect "no name anywhere" status EKEYREJECTED reason 'no server name to check*'
peer_server $any "cert=$dir/rsa.pem" "key=$dir/rsa.key"
as_client c --name server.test "${echo_back[@]}"
expect "an RSA certificate" status 0 data ping

peer_server $any "${cert[@]}" ask=yes "ca=$dir/ca.pem"
as_client c-mutual --name server.test "${echo_back[@]}"
expect "mutual authentication, as client" status 0 flight '22/2 22/2 22/2 ' data ping
as_server s-asks -- $any "${trust[@]}" "cert=$dir/client.pem" "key=$dir/client.key"
expect "mutual authentication, as server" status 0 verified 1 identity CN=client data 'hello*'
as_server s-asks -- $any "${trust[@]}"
expect "a client without certificate" status EKEYREJECTED reason '*no certificate'
ok "... which the client learns" grep -qi 'stock:.*alert' "$dir/peer.out"
as_server s-asks -- $any "${trust[@]}" "cert=$dir/revoked-client.pem" "key=$dir/revoked-client.key"
expect "a revoked client certificate" status EKEYREJECTED reason '*revoked*'
ok "... which the client learns" grep -qi 'stock:.*alert' "$dir/peer.out"
as_server s-asks -- $any "${trust[@]}" "${cert[@]}"
expect "a certificate not for clients" status EKEYREJECTED reason '*purpose*'
as_server s-may -- $any "${trust[@]}"
expect "optional, without" status 0 verified 0 data 'hello*'
as_server s-may -- $any "${trust[@]}" "cert=$dir/client.pem" "key=$dir/client.key"
expect "optional, with" status 0 verified 1 identity CN=client data 'hello*'

as_server psk -- $any psk=u1:fedcba9876543210
expect "wrong PSK, as server" status EKEYREJECTED reason '*same PSK*'
as_server psk -- $any psk=u2:0123456789abcdef
expect "unknown PSK identity" status EKEYREJECTED reason '*identity is none*'
peer_server TLS13-AES128-GCM-SHA256 psk=u1:fedcba9876543210
as_client psk --timeout 3000
expect "wrong PSK, as client" status ECONNREFUSED reason '*alert*'

# what else is negotiated
as_server s -- $any "${trust[@]}" alpn=h3,coap
expect "ALPN: the server's preference" status 0 alpn coap
as_server s -- $any "${trust[@]}" alpn=nothing
expect "ALPN with nothing in common" status EPROTO
peer_server $any "${cert[@]}" alpn=h3
as_client c-alpn --name server.test
expect "ALPN as client" status 0 alpn h3
as_server s-two -- $any "${trust[@]}"
expect "SNI chooses the certificate" status 0 server-name server.test data 'hello*'
as_server s --exporter EXPORTER_x:32 -- $any "${trust[@]}" exporter=EXPORTER_x
is "exporter equals wolfSSL's" "exporter=$(val exporter)" "$(grep exporter= "$dir/peer.out")"
as_server s-log -- $any "${trust[@]}"
is "the key log has five secrets" "$(cut -d' ' -f1 "/run/engine.$$/keys" | sort | uniq -c | xargs)" \
	"1 CLIENT_HANDSHAKE_TRAFFIC_SECRET 1 CLIENT_TRAFFIC_SECRET_0 1 EXPORTER_SECRET 1 SERVER_HANDSHAKE_TRAFFIC_SECRET 1 SERVER_TRAFFIC_SECRET_0"
as_server s-tickets -- $any "${trust[@]}" "session=$dir/session"
expect "a ticket, for the kernel to send" status 0 flight '22/3 ' data 'hello*' after-done 0 resumed 0
is "... which the client has" "$(sed -n 's/.*ticket=//p' "$dir/peer.out")" 1
as_server s -- $any "${trust[@]}" "session=$dir/session"
expect "the ticket of another daemon" status 0 flight '' data 'hello*' resumed 0
# a datagram of the handshake is lost, and the library sends it again
for n in 0 1; do
	peer_server $any "${cert[@]}"
	as_client c --name server.test --drop-sent $n "${echo_back[@]}"
	expect "client, its datagram $n lost" status 0 data ping after-done 0
done
for n in 0 1 2; do
	hold=3 as_server s --drop-sent $n -- $any "${trust[@]}"
	expect "server, its datagram $n lost" status 0 data 'hello*' after-done 0
done
as_server s --mtu 400 --path 400 -- $any "${trust[@]}"
expect "server on a path of 400 bytes" status 0 data 'hello*'
next_port
daemon_13 --connect "127.0.0.1,$port" --profile c --name server.test --timeout 1500
expect "no answer" status ETIMEDOUT
done_testing
