#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon as server, for OpenSSL and GnuTLS clients.

set -u
. tests/daemon/lib.sh
pki

# ossl ARGS...: a client that says hello twice (the first may be early data)
ossl() {
	{ sleep 0.5; echo hello-from-client; sleep 0.5; echo hello-from-client; sleep "${hold:-0.3}"; } |
		timeout 15 openssl s_client -dtls1_2 -mtu 1400 -connect "127.0.0.1:$port" \
			"$@" >"$dir/peer.out" 2>&1
	return 0
}
gnutls() {
	{ sleep 0.5; echo hello-from-client; sleep "${hold:-0.8}"; } |
		timeout 15 gnutls-cli --udp -p "$port" --mtu 1400 "$@" 127.0.0.1 \
			>"$dir/peer.out" 2>&1
	return 0
}
both() { # SERVER-ARGS... -- CLIENT...
	local args=()
	while [ "$1" != -- ]; do args+=("$1"); shift; done
	shift
	server --wait-data --linger 5000 "${args[@]}"
	"$@"
	wait_server
}
trust=(-CAfile "$dir/ca.pem" -verify_return_error -quiet)

both --profile server --say hello-from-server -- ossl "${trust[@]}" -servername server.test
expect "OpenSSL, X.509: established, keys right" status 0 data 'hello*' \
	server-name server.test flight '20/0 22/1 ' reused 0 after-done 0
ok "the client read the server's data" grep -q hello-from-server "$dir/peer.out"

both --profile asks -- ossl "${trust[@]}" -cert "$dir/client.pem" -key "$dir/client.key"
expect "client certificate" status 0 verified 1 identity CN=client certificate '[1-9]*'
both --profile asks -- ossl "${trust[@]}"
expect "client without certificate" status EKEYREJECTED
diag "$(val reason)"
ok "the client got an alert" grep -q 'alert' "$dir/peer.out"
both --profile asks -- ossl "${trust[@]}" -cert "$dir/revoked-client.pem" -key "$dir/revoked-client.key"
expect "revoked client certificate" status EKEYREJECTED reason '*revoked*'
both --profile asks -- ossl "${trust[@]}" -cert "$dir/server.pem" -key "$dir/server.key"
expect "a certificate not for clients" status EKEYREJECTED reason '*purpose*'
both --profile asks-name -- ossl "${trust[@]}" -cert "$dir/client.pem" -key "$dir/client.key"
expect "a client of another name" status EKEYREJECTED reason '*none of the profile*'
both --profile may-ask -- ossl "${trust[@]}"
expect "optional, without" status 0 verified 0
both --profile may-ask -- ossl "${trust[@]}" -cert "$dir/client.pem" -key "$dir/client.key"
expect "optional, with" status 0 verified 1 identity CN=client

both --profile sni -- ossl -CAfile "$dir/ca.pem" -servername second.test
expect "SNI" status 0 server-name second.test
ok "... chooses the certificate" grep -q 'subject=CN = second' "$dir/peer.out"
for name in second.test. Second.TEST; do
	both --profile sni -- ossl -CAfile "$dir/ca.pem" -servername "$name"
	expect "SNI \"$name\" is second.test to the program" status 0 server-name second.test
done
both --profile sni -- ossl -CAfile "$dir/ca.pem" -servername xn--bcher-kva.test
expect "SNI of A-labels stays as it is" status 0 server-name xn--bcher-kva.test
both --profile sni -- ossl -CAfile "$dir/ca.pem" -servername server.test
ok "... or the other" grep -q 'subject=CN = server' "$dir/peer.out"

both --profile server -- ossl "${trust[@]}" -alpn h3
expect "ALPN" status 0 alpn h3
both --profile server -- ossl "${trust[@]}" -alpn nothing
expect "ALPN with nothing in common" status EPROTO
both --profile server --exporter EXPORTER_x:40 -- \
	ossl -CAfile "$dir/ca.pem" -keymatexport EXPORTER_x -keymatexportlen 40
is "exporter equals OpenSSL's" \
	"$(val exporter)" "$(sed -n 's/.*Keying material: //p' "$dir/peer.out" | tr A-F a-f)"

i=0
for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm aes-128-ccm-8; do
	i=$((i + 1))
	both --profile $c-server -- ossl "${trust[@]}" -cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0
	expect "OpenSSL, $c, X.509" status 0 cipher $i data 'hello*' flight '20/0 22/1 ' reused 0
	both --profile $c-psk -- ossl -psk 0102030405060708090a0b0c0d0e0f10 -psk_identity u1 \
		-cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0
	expect "OpenSSL, $c, PSK" status 0 cipher $i identity u1 verified 1 data 'hello*' reused 0
done
both --profile psk-two -- ossl -psk 2222 -psk_identity u2
expect "second PSK of the file" status 0 identity u2
both --profile psk-two --timeout 3000 -- ossl -psk 2222 -psk_identity u3
expect "unknown PSK identity" status EKEYREJECTED
both --profile psk --timeout 3000 -- ossl -psk ffff -psk_identity u1
expect "wrong PSK" status EKEYREJECTED reason '*same PSK*'

both --profile server -- gnutls --x509cafile="$dir/ca.pem" --verify-hostname=server.test
expect "GnuTLS, X.509" status 0 data 'hello*' flight '20/0 22/1 ' reused 0
# gnutls-cli 3.7.9 crashes with a PSK
coap() {
	printf '\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20' >"$dir/key"
	timeout 10 "coap-client-$1" -B 2 -m get -u u1 -k "$(cat "$dir/key")" \
		"coaps://127.0.0.1:$port/" >"$dir/peer.out" 2>&1
	return 0
}
for lib in gnutls openssl; do
	both --profile psk -- coap $lib
	expect "libcoap with $lib, PSK" status 0 data '?*' identity u1 reused 0
done
both --profile server --timeout 3000 -- gnutls --x509cafile="$dir/ca.pem" --insecure \
	--priority=NORMAL:-VERS-ALL:+VERS-DTLS1.2:%NO_SESSION_HASH
expect "a client without extended master secret" status EPROTO \
	reason '*extended-master-secret = offered in \[profile server\]*'
both --profile server --timeout 3000 -- gnutls --x509cafile="$dir/ca.pem" --insecure \
	--priority=NORMAL:-VERS-ALL:+VERS-DTLS1.2:%DISABLE_SAFE_RENEGOTIATION
expect "a client without secure renegotiation" status EPROTO \
	reason '*secure-renegotiation = offered in \[profile server\]*'
for without in %NO_SESSION_HASH %DISABLE_SAFE_RENEGOTIATION; do
	both --profile loose-server --timeout 3000 -- gnutls --x509cafile="$dir/ca.pem" --insecure \
		--priority=NORMAL:-VERS-ALL:+VERS-DTLS1.2:$without
	expect "... with $without, let in where it is offered" status 0 data 'hello*'
done

# secrets: the daemon's parent keeps them, its worker must not
for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm aes-128-ccm-8; do
	server --profile $c-server --linger 8000 --show-keys --exporter EXPORTER_x:32
	timeout 10 openssl s_client -dtls1_2 -mtu 1400 -connect "127.0.0.1:$port" -quiet \
		-cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0 >"$dir/peer.out" 2>&1 < <(sleep 8) &
	for _ in $(seq 120); do grep -q secret "$dir/out" && break; sleep 0.05; done
	sleep 0.2
	parent=$(pgrep -P "$serving")
	secrets="$(val tx) $(val rx) $(val secret)"
	# shellcheck disable=SC2086
	tests/daemon/memory.py "$parent" $secrets >/dev/null
	is "$c: the scan finds keys where they are" $? 3
	# shellcheck disable=SC2086
	ok "$c: the worker has forgotten them" \
		tests/daemon/memory.py "$(pgrep -P "$parent")" $secrets
	wait_server
done

# the last flight is lost: the port repeats it from plaintext, with new numbers
hold=4
for lose in "0" "1" "0 1"; do
	drops=()
	for n in $lose; do drops+=(--drop-final "$n"); done
	both --profile server "${drops[@]}" -- ossl "${trust[@]}"
	expect "last flight without datagram $lose: OpenSSL completes" status 0 repeats '[1-9]*' \
		data 'hello*' reused 0 after-done 0
	both --profile server "${drops[@]}" -- gnutls --x509cafile="$dir/ca.pem" --verify-hostname=server.test
	expect "last flight without datagram $lose: GnuTLS completes" status 0 repeats '[1-9]*' \
		data 'hello*' reused 0 after-done 0
done
hold=0.3
hold=2 both --profile server --drop-sent 0 -- ossl "${trust[@]}"
expect "HelloVerifyRequest lost" status 0 data 'hello*' reused 0
hold=2 both --profile server --drop-sent 2 -- ossl "${trust[@]}"
expect "a datagram of the server's first flight lost" status 0 data 'hello*' reused 0
both --profile server --mtu 300 -- ossl "${trust[@]}" -mtu 300
expect "small path: fragments both ways" status 0 data 'hello*' reused 0

# renegotiation: the library is no longer involved, so there is no answer
server --profile server --linger 4000
{ sleep 1; echo R; sleep 2; } | timeout 10 openssl s_client -dtls1_2 -mtu 1400 \
	-connect "127.0.0.1:$port" -CAfile "$dir/ca.pem" >"$dir/peer.out" 2>&1
wait_server
expect "renegotiation is not answered" status 0 after-done 0 reused 0
nok "... and does not happen" grep -q 'verify return.*verify return' "$dir/peer.out"

server --profile server --timeout 2000
for i in 1 2 3 4 5 6 7 8; do
	head -c $((i * 37)) /dev/urandom >"/dev/udp/127.0.0.1/$port"
done
wait_server
expect "noise makes no state and no answer" status ETIMEDOUT reason 'no ClientHello*'
done_testing
