#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The examples of hand-over, against servers without kdtls.
. tests/harness/tap.sh

out=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$out"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$out/key" -out "$out/cert" -days 2 -subj /CN=test.example \
	-addext subjectAltName=DNS:test.example 2>/dev/null

wait_for() {	# until COMMAND succeeds
	for _ in $(seq 200); do
		"$@" && return
		sleep 0.05
	done
	return 1
}

bound() { ss -Hln -u "sport = :$1" | grep -q .; }
said() { grep -qa "$1" "$out/$2"; }

# s_server ends with its standard input, and sends the data read from it
mkfifo "$out/stdin"
exec 3<>"$out/stdin"
openssl s_server -dtls1_2 -accept 127.0.0.1:4501 -cert "$out/cert" \
	-key "$out/key" -quiet <&3 >"$out/openssl" 2>&1 &
gnutls-serv --udp --echo -p 4502 --x509certfile "$out/cert" \
	--x509keyfile "$out/key" <&3 >"$out/gnutls" 2>&1 &
if ! wait_for bound 4501 || ! wait_for bound 4502; then
	cat "$out/openssl" "$out/gnutls"
	skip_all "no servers"
fi

for lib in openssl gnutls; do
	: >"$out/openssl"
	timeout 20 "example-$lib-handover" 127.0.0.1 4501 test.example \
		"$out/cert" >"$out/answer" 2>&1 &
	client=$!
	ok "$lib handed over, openssl s_server receives" \
		wait_for said hello openssl
	echo answer >&3
	wait $client
	is "$lib handed over, it receives from openssl s_server" \
		"$(cat "$out/answer")" answer
	is "$lib handed over, to gnutls-serv and back" \
		"$(timeout 20 "example-$lib-handover" 127.0.0.1 4502 \
		   test.example "$out/cert" 2>&1)" hello
	nok "$lib refuses a server of another name" \
		timeout 20 "example-$lib-handover" 127.0.0.1 4502 \
		other.example "$out/cert"
done
is "what the application keys: example-keys" "$(timeout 5 example-keys)" \
	"sealed on the wire"
done_testing
