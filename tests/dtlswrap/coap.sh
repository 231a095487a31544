#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A real server without DTLS, Debian's coap-server-notls of libcoap,
# behind dtlswrap, with stock clients of coaps. Then a client without DTLS
# behind dtlswrap.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh
. tests/harness/netns.sh
. tests/interop/peers.sh

cipher=AES-128-GCM
declare -A port=([psk]=5684 [x509]=5784)
many=8
word=KDTLS-CANARY:$RANDOM

refused() { # WORD COMMAND...
	if ! "${@:2}" >"$dir/refused" 2>&1; then
		grep -q "$1" "$dir/refused" && return
	fi
	cat "$dir/refused"
	return 1
}
ip link set lo up
ok "no daemon: bind() fails" refused "bind: no dtls-handshaked" timeout 20 \
	dtlswrap -l 5684 -- coap-server-notls -A 127.0.0.1 -p 5684

peers_setup
for ((i = 3; i < 3 + many; i++)); do
	ip -n "$NS_B" addr add "10.77.0.$i/24" dev veth0
done
ip netns exec "$NS_A" build/tests/interop-wire >"$dir/wire" 2>"$dir/err.wire" &
tap=$!
wait_for 10 says err.wire ready

serve() { # AUTH
	in_a dtlswrap --listen "${port[$1]}" --profile "$1-$cipher" -- \
		coap-server-notls -A "$A4" -p "${port[$1]}" >"$dir/wrapped.$1" 2>&1 &
	at_exit "kill $! 2>/dev/null || :"
	wait_udp in_a "${port[$1]}"
}

# coaps LIBRARY AUTH ARGUMENT...: a stock client's request; what it prints
coaps() {
	peer_command "libcoap-$1" client "$2" "$A4" "${port[$2]}"
	timeout 60 ip netns exec "$NS_B" "${peer[@]}" "${@:3}" 2>>"$dir/err.client"
}

plain() { # AUTH: the same by a client without DTLS
	in_b coap-client-notls -B 3 "coap://$A4:${port[$1]}/example_data" \
		2>>"$dir/err.client"
}

## what is refused

server=(coap-server-notls -A "$A4" -p 5684)
ok "a profile's name that is too long: bind() fails" refused "bind: .*too long" \
	in_a timeout 20 dtlswrap -l 5684 -p "$(printf %070d 0)" -- "${server[@]}"
ok "no port: usage" refused "^Usage" dtlswrap -- true
printf '#! /bin/sh\nexit 0\n' >"$dir/script"
chmod 755 "$dir/script"
ok "a script is judged by its interpreter" dtlswrap -l 1 -- "$dir/script"
printf 'int main(void) { return 0; }\n' >"$dir/static.c"
gcc -static -o "$dir/static" "$dir/static.c"
ok "a static program is not started" refused "linked statically" \
	dtlswrap -l 5684 -- "$dir/static"
cp "$dir/static" "$dir/true"
ok "nor one of a dynamic one's name, where PATH says: here" \
	refused "linked statically" env -C "$dir" "PATH=:$PATH" dtlswrap -l 5684 -- true
cp /bin/true "$dir/rights"
chown nobody "$dir/rights"
chmod 4755 "$dir/rights"
ok "nor a setuid one" refused "other rights" dtlswrap -l 5684 -- "$dir/rights"
ip netns exec "$NS_B" dtlswrap -l 5684 --plain 5683 -- coap-server-notls -A "$B4" -p 5683 >"$dir/other" 2>&1 &
other=$!
wait_udp in_b 5683
ok "a port of --plain stays plain" \
	in_b coap-client-notls -B 5 -o "$dir/plain" "coap://$B4:5683/"
ok "... and answers" test -s "$dir/plain"
kill "$other"

## the server

serve psk
serve x509
for auth in psk x509; do
	for lib in openssl gnutls; do
		coaps $lib $auth -m put -e "$word-$lib"
		is "$lib, $auth: what it PUT it GETs" \
			"$(coaps $lib $auth)" "$word-$lib"
	done
	is "$auth: a client without DTLS gets nothing" "$(plain $auth)" ""
done

for ((i = 3; i < 3 + many; i++)); do
	coaps openssl psk -a "10.77.0.$i" >"$dir/got.$i" &
	pids[i]=$!
done
wait "${pids[@]}"
is "$many clients at once, each from its address" \
	"$(grep -lx "$word-gnutls" "$dir"/got.* | wc -l)" $many

## block-wise, and observed

big=$dir/big
{ for ((i = 0; i < 1500; i++)); do echo "$word, line $i of many"; done; } >"$big"
coaps openssl psk -s 30 -o "$dir/seen" &
observer=$!
observed() { [ -s "$dir/seen" ]; }
ok "a client observes" wait_for 30 observed
coaps gnutls psk -m put -f "$big"
coaps openssl psk -o "$dir/back"
ok "$(stat -c %s "$big") bytes PUT block-wise come back" cmp "$dir/back" "$big"
all_seen() { tail -c "$(stat -c %s "$big")" "$dir/seen" | cmp - "$big"; }
ok "... and the observer has seen them" wait_for 40 all_seen
kill "$observer"

## a client that knows no DTLS

cat >>"$dir/conf" <<-CONF
	[profile trust]
	role = client
	users = root
	verify = name
	ca = $dir/ca.pem
CONF
in_b dtls-handshaked -f -c "$dir/conf" >"$dir/daemon.b" 2>&1 &
at_exit "kill $! 2>/dev/null || :"
wait_for 20 says daemon.b ready
wrapped() { # AUTH PROFILE DTLSWRAP-ARGUMENT...
	in_b dtlswrap -w 20 -p "$2" "${@:3}" -- coap-client-notls -B 20 \
		"coap://$A4:${port[$1]}/example_data"
}
coaps openssl psk -m put -e "$word"
is "a client without DTLS, wrapped" "$(wrapped psk psk-$cipher -c "$A4:5684")" "$word"
coaps openssl x509 -m put -e "$word"
is "... that looks at the certificate's name" \
	"$(wrapped x509 trust -c "*:5784" -n server.example)" "$word"
ok "... which is another: connect() fails" refused "connect: .*certificate" \
	wrapped x509 trust -c "$A4:5784" -n other.example
cat >"$dir/ping.py" <<-PY
	import errno, socket, sys
	one, other = ("$A4", 5684), ("$A4", 5784)
	for send in (lambda: s.sendto(b"\x40\0\x12\x34", one),
	             lambda: s.sendmsg([b"\x40\0\x12\x35"], [], 0, one)):
	    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	    s.settimeout(20)
	    send()
	    print(s.recvfrom(99))
	try:
	    s.sendto(b"\x40\0\x12\x36", other)
	except OSError as e:
	    print(errno.errorcode[e.errno])
PY
ping() {
	in_b dtlswrap -p psk-$cipher -c "$A4:5684" -c "$A4:5784" -- \
		python3 "$dir/ping.py" 2>"$dir/err.ping"
}
is "the first message of a socket that is not connected connects it; one peer each" \
	"$(ping)" "(b'p\\x00\\x124', ('$A4', 5684))
(b'p\\x00\\x125', ('$A4', 5684))
EISCONN"
is "... and a line says so" "$(cat "$dir/err.ping")" \
	"dtlswrap: UDP to port 5784: the socket has DTLS with another peer: not sent"

kill "$tap"
wait "$tap"
diag "$(tail -n 1 "$dir/wire")"
is "no plaintext on the wire" "$(sed -n 's/^packets [1-9][0-9]* //p' "$dir/wire")" \
	"unseen 0 plaintext 0"
is "the servers have not complained" "$(cat "$dir"/wrapped.*)" ""
done_testing
