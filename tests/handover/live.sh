#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The examples that hand over, against servers that know nothing of kdtls.
. tests/lib/tap.sh

out=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$out"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$out/key" -out "$out/cert" -days 2 -subj /CN=test.example \
	-addext subjectAltName=DNS:test.example 2>/dev/null

listening() {
	for _ in $(seq 200); do
		ss -Hlun "sport = :$1" | grep -q . && return
		sleep 0.05
	done
	return 1
}

# stdin stays open: s_server ends with it
openssl s_server -dtls1_2 -accept 127.0.0.1:4501 -cert "$out/cert" \
	-key "$out/key" -rev -quiet < <(sleep 600) >"$out/openssl" 2>&1 &
gnutls-serv --udp --echo -p 4502 --x509certfile "$out/cert" \
	--x509keyfile "$out/key" < <(sleep 600) >"$out/gnutls" 2>&1 &
listening 4501 && listening 4502 || skip_all "no servers"

for lib in openssl gnutls; do
	is "$lib handed over, to openssl s_server" \
		"$(timeout 20 example-$lib-handover 127.0.0.1 4501 test.example "$out/cert" 2>&1)" olleh
	is "$lib handed over, to gnutls-serv" \
		"$(timeout 20 example-$lib-handover 127.0.0.1 4502 test.example "$out/cert" 2>&1)" hello
	nok "$lib refuses a server of another name" \
		timeout 20 example-$lib-handover 127.0.0.1 4502 other.example "$out/cert"
done
is "what the application keys: example-keys" "$(timeout 5 example-keys)" \
	"sealed on the wire"
done_testing
