#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: pki.sh DIR: a CA, certificates good and bad, CRL, PSKs, a configuration.

set -eu
mkdir -p "$1"
cd "$1"
umask 077

quiet() { "$@" >openssl.log 2>&1 || { cat openssl.log >&2; exit 1; }; }
ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

ca() { # NAME
	quiet openssl req -x509 "${ec[@]}" -keyout "$1.key" -out "$1.pem" -days 30 \
		-subj "/CN=$1" -addext basicConstraints=critical,CA:TRUE \
		-addext keyUsage=critical,keyCertSign,cRLSign
}
leaf() { # NAME PURPOSE SAN [KEY-OPTIONS...]: from CA "ca", or as $days and $by say
	local name=$1 purpose=$2 san=$3
	shift 3
	[ $# -gt 0 ] || set -- "${ec[@]}"
	quiet openssl req "$@" -keyout "$name.key" -out "$name.csr" -subj "/CN=$name"
	printf 'subjectAltName=%s\nextendedKeyUsage=%s\n' "$san" "$purpose" >"$name.ext"
	quiet openssl ca -batch -config ca.cnf -in "$name.csr" -out "$name.pem" -notext \
		-cert "${by:-ca}.pem" -keyfile "${by:-ca}.key" -extfile "$name.ext" \
		"${dates[@]}"
}

cat >ca.cnf <<'EOF'
[ca]
default_ca = own
[own]
dir = .
database = index
new_certs_dir = .
serial = serial
rand_serial = yes
default_md = sha256
default_days = 10
default_crl_days = 10
policy = any
unique_subject = no
[any]
commonName = supplied
EOF
: >index
dates=(-days 10)
ca ca
ca other
leaf server serverAuth DNS:server.test,IP:127.0.0.1,IP:::1
leaf second serverAuth DNS:second.test,DNS:xn--bcher-kva.test
leaf rsa serverAuth DNS:server.test -newkey rsa:2048 -nodes
leaf revoked serverAuth DNS:server.test
leaf client clientAuth DNS:client.test
leaf revoked-client clientAuth DNS:client.test
by=other leaf stranger serverAuth DNS:server.test
dates=(-startdate 20200101000000Z -enddate 20200201000000Z)
leaf expired serverAuth DNS:server.test
quiet openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -revoke revoked.pem
quiet openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -revoke revoked-client.pem
quiet openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl -out crl.pem

echo "u1:0102030405060708090a0b0c0d0e0f10" >psk
echo "u1:ffffffffffffffffffffffffffffffff" >psk-wrong
printf '# two\nu1:0102030405060708090a0b0c0d0e0f10\nu2:2222\n' >psk-two
fingerprint=$(openssl x509 -in server.pem -noout -fingerprint -sha256 | cut -d= -f2)

profile() { # NAME ROLE LINES...
	printf '\n[profile %s]\nrole = %s\nusers = *\n' "$1" "$2"
	shift 2
	printf '%s\n' "$@"
}
own() { echo "certificate = $PWD/$1.pem"; echo "private-key = $PWD/$1.key"; }
check=("ca = $PWD/ca.pem" "crl = $PWD/crl.pem" "verify = name")
{
	printf '[global]\nworkers = 1\n'
	profile default client "${check[@]}"
	profile named client "${check[@]}" "peer-name = server.test, *.example.test"
	profile idn client "${check[@]}" "peer-name = Bücher.Test."
	profile alpn client "${check[@]}" "peer-name = server.test" "alpn = coap, h3"
	profile mutual client "${check[@]}" "$(own client)"
	profile mutual-revoked client "${check[@]}" "$(own revoked-client)"
	profile pinned client "verify = fingerprint" "fingerprint = $fingerprint"
	profile pinned-other client "verify = fingerprint" \
		"fingerprint = 0000000000000000000000000000000000000000000000000000000000000000"
	profile loose client "${check[@]}" "extended-master-secret = offered" \
		"secure-renegotiation = offered"
	profile loose-server server "$(own server)" "extended-master-secret = offered" \
		"secure-renegotiation = offered"
	profile psk both "psk-file = $PWD/psk" "psk-identity = u1" \
		"peers = 127.0.0.0/8, ::1"
	profile psk-wrong both "psk-file = $PWD/psk-wrong" "psk-identity = u1" \
		"peers = 127.0.0.0/8, ::1"
	profile psk-far client "psk-file = $PWD/psk" "peers = 192.0.2.0/24"
	profile psk-two server "psk-file = $PWD/psk-two"
	profile server server "$(own server)" "alpn = coap, h3"
	profile sni server "$(own second)" "$(own server)"
	profile asks server "$(own server)" "client-cert = required" \
		"ca = $PWD/ca.pem" "crl = $PWD/crl.pem" "verify = chain"
	profile asks-name server "$(own server)" "client-cert = required" \
		"ca = $PWD/ca.pem" "verify = name" "peer-name = somebody.test"
	profile may-ask server "$(own server)" "client-cert = optional" \
		"ca = $PWD/ca.pem" "verify = chain"
	printf '\n[profile mine]\nrole = client\nusers = 4711\nca = %s\nverify = name\n' "$PWD/ca.pem"
	for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm aes-128-ccm-8; do
		profile "$c" client "${check[@]}" "ciphers = $c"
		profile "$c-server" server "$(own server)" "ciphers = $c"
		profile "$c-psk" both "psk-file = $PWD/psk" "psk-identity = u1" \
			"peers = 127.0.0.0/8" "ciphers = $c"
	done
} >conf
