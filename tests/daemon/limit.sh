#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stock peers with record_size_limit (RFC 8449): records to them fit,
# both roles; and max_fragment_length (RFC 6066) as before.

# shellcheck disable=SC2094 # each waits for what comes back

set -u
. tests/daemon/pair.sh
# shellcheck disable=SC2016
at_exit 'kill $(jobs -p) 2>/dev/null'

dtls12=NORMAL:-VERS-ALL:+VERS-DTLS1.2
long=$(printf '%0599d' 7) short=$(printf '%0299d' 8)
both() { echo "$long"; echo "$short"; }
# The long one is refused with the size that fits, the short one is echoed.
fits() { # SAID-BY-OURS HEARD LIMIT
	grep -q "600 bytes is too long, $3 fit" "$1" && grep -qaxF "$short" "$2" &&
		! grep -qaxF "$long" "$2"
}
in_time() { wait_for 20 grep -qaxF "$short" "$1"; }

# server DESCRIPTION LIMIT CLIENT...: kdtls sends both when the client is established
server() {
	local what=$1 limit=$2 server client
	shift 2
	port=$((port + 1))
	: >"$dir/heard"
	: >"$dir/out"
	mkfifo "$dir/say.$port"
	ip netns exec "$NS_B" timeout 60 dtlscat -l -w 40 -p server "$port" \
		<"$dir/say.$port" >"$dir/heard" 2>"$dir/said" &
	server=$!
	exec 7>"$dir/say.$port"
	wait_udp in_b "$port"
	{ echo hello; in_time "$dir/out" >&2; } | in_a timeout 60 "$@" >"$dir/out" 2>&1 &
	client=$!
	wait_for 20 grep -q hello "$dir/heard"
	both >&7
	in_time "$dir/out"
	exec 7>&-
	ok "$what" fits "$dir/said" "$dir/out" "$limit"
	wait $server $client
}
# client DESCRIPTION LIMIT SERVER...: which echoes
client() {
	local what=$1 limit=$2 server
	shift 2
	port=$((port + 1))
	: >"$dir/heard"
	ip netns exec "$NS_B" "$@" >"$dir/peer.out" 2>&1 </dev/null &
	server=$!
	wait_udp in_b "$port"
	{ both; in_time "$dir/heard" >&2; } |
		in_a timeout 60 dtlscat -w 20 -n server.test "$B4" "$port" \
			>"$dir/heard" 2>"$dir/said"
	ok "$what" fits "$dir/said" "$dir/heard" "$limit"
	kill $server
	wait $server 2>/dev/null
}
gnutls() { # gnutls-cli, to the current port
	echo gnutls-cli --udp --mtu 1400 --x509cafile "$dir/ca.pem" \
		--verify-hostname server.test --priority "$dtls12" -p $((port + 1)) "$@" "$B4"
}
gnutls_echo() {
	echo gnutls-serv --udp --echo -q --disable-client-cert --mtu 1400 -p $((port + 1)) \
		--x509certfile "$dir/server.pem" --x509keyfile "$dir/server.key" "$@"
}

begin
# shellcheck disable=SC2046 # words without spaces
server "gnutls-cli limits to 512: the kdtls server sends no more" 512 $(gnutls --recordsize 512)
# shellcheck disable=SC2046
client "gnutls-serv limits to 512: the kdtls client sends no more" 512 $(gnutls_echo --recordsize 512)
server "openssl s_client sends max_fragment_length 512" 512 \
	openssl s_client -dtls1_2 -mtu 1400 -maxfraglen 512 -connect "$B4:$((port + 1))" \
	-CAfile "$dir/ca.pem" -quiet -no_ign_eof

done_testing
