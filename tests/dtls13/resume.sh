#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients of the daemon that resume in DTLS 1.3 at stock wolfSSL, without a kernel module: the same
# request twice. The server says whether it resumed.

set -u
cases=24 what="clients that resume in DTLS 1.3"
. tests/dtls13/engine_lib.sh

fingerprint=$(openssl x509 -in "$dir/server.pem" -noout -fingerprint -sha256 | cut -d= -f2)
{
	printf '[global]\nworkers = 2\n'
	profile c client "$check" "tickets = yes"
	profile without client "$check"
	profile pinned client "tickets = yes" "verify = fingerprint" "fingerprint = $fingerprint"
	profile mutual client "$check" "tickets = yes" "$(own client)"
	profile alpn client "$check" "tickets = yes" "alpn = coap, h3"
	for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm; do
		profile "c-$c" client "$check" "tickets = yes" "ciphers = $c"
	done
	versions="1.2, 1.3"
	profile both client "$check" "tickets = yes"
} >"$dir/conf"

# twice PROFILE RESUMED ARG... -- SUITE OPTION...
twice() {
	local profile=$1 wanted=$2 own=()
	shift 2
	while [ "$1" != -- ]; do own+=("$1"); shift; done
	shift
	peer_server "$@" times=2
	as_client "$profile" --name server.test --say ping --linger 1000 --times 2 "${own[@]}"
	is "$profile: what the server says, resumed" "$(sed -n 's/.*resumed=//p' "$dir/peer.out" | xargs)" "$wanted"
}
same=(status 0 verified 1 identity CN=server server-name server.test data ping after-done 0)

for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm; do
	twice c-$c "0 1" -- "$(suite $c)" "${cert[@]}"
	expect "$c: the identity of the server the second time" resumed 1 tickets 1 "${same[@]}"
done
twice without "0 0" -- $any "${cert[@]}"
expect "a profile without tickets" resumed 0 tickets 0 "${same[@]}"
twice both "0 0" -- $any "${cert[@]}" versions=both
expect "both versions offered" resumed 0 tickets 0 "${same[@]}"
twice both "0 1" --min fefc -- $any "${cert[@]}"
expect "... one of them" resumed 1 tickets 1 "${same[@]}"
twice pinned "0 1" -- $any "${cert[@]}"
expect "a fingerprint" resumed 1 "${same[@]}"
twice mutual "0 1" -- $any "${cert[@]}" ask=yes "ca=$dir/ca.pem"
expect "a client with a certificate" resumed 1 "${same[@]}"
twice alpn "0 1" -- $any "${cert[@]}" alpn=h3
expect "ALPN" resumed 1 alpn h3 "${same[@]}"

# a certificate that is good for a moment
brief() {
	cp "$dir/server.key" "$dir/brief.key"
	(cd "$dir" && openssl ca -batch -config ca.cnf -in server.csr -out brief.pem -notext \
		-cert ca.pem -keyfile ca.key -extfile server.ext -startdate 20200101000000Z \
		-enddate "$(date -u -d "+$1 seconds" +%Y%m%d%H%M%SZ)") >"$dir/openssl.log" 2>&1
}
brief 4
twice c "0" --linger 6000 -- $any "cert=$dir/brief.pem" "key=$dir/brief.key"
expect "the certificate expired meanwhile" status EKEYREJECTED reason '*expired*'
brief 60
twice c "0 1" -- $any "cert=$dir/brief.pem" "key=$dir/brief.key"
expect "... it did not" resumed 1 "${same[@]}"
done_testing
