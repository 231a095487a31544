# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Flights that are long: a chain of three RSA certificates, and a list of CAs of
# 16 KB. Source it; then
#	chains DIR		makes key, chain.pem (leaf, two, one), root.pem,
#				cas.pem (with the long name), short.pem, leaf.pem
#	chains_conf DIR		prints the profiles server and client that use them

# One key for all: the certificates and the names of CAs are long.
chains_certificate() { # DIR NAME BY EXTENSION
	openssl req -x509 -new -key "$1/key" -CA "$1/$3.pem" -CAkey "$1/key" \
		-days 2 -out "$1/$2.pem" -addext "$4" \
		-subj "/O=$(printf 'x%.0s' {1..60})/CN=$2"
}

chains() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1/key" -days 2 \
		-out "$1/root.pem" -subj /CN=root
	openssl req -x509 -key "$1/key" -days 2 -out "$1/many.pem" \
		-subj "$(printf '/OU=%060d' {1..220})/CN=many"
	chains_certificate "$1" one root nsComment=one
	chains_certificate "$1" two one nsComment=two
	chains_certificate "$1" leaf two subjectAltName=DNS:server.test
	cat "$1"/{leaf,two,one}.pem >"$1/chain.pem"
	cat "$1"/{root,many}.pem >"$1/cas.pem"
	openssl req -x509 -key "$1/key" -days 2 -out "$1/short.pem" \
		-subj /CN=short -addext subjectAltName=DNS:server.test
}

chains_conf() {
	cat <<-CONF
	[profile server]
	role = server
	users = *
	certificate = $1/chain.pem
	private-key = $1/key
	client-cert = required
	verify = chain
	ca = $1/cas.pem

	[profile client]
	role = client
	users = *
	certificate = $1/chain.pem
	private-key = $1/key
	verify = name
	ca = $1/short.pem
	CONF
}
