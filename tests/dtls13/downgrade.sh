#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An attacker on the path takes DTLS 1.3 out of a ClientHello: the daemon's workers, without a
# kernel module, against stock wolfSSL, in either role.

set -u
cases=16 what="the protection from a downgrade"
. tests/dtls13/engine_lib.sh

{
	printf '[global]\nworkers = 1\n'
	versions="1.2, 1.3"
	profile c client "$check"
	profile s server "$(own server)"
	profile s-cid server "$(own server)" "connection-id = yes"
	versions=1.2
	profile s-12 server "$(own server)"
} >"$dir/conf"
both=TLS13-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256

# in_the_middle MODE: a proxy between a client, which uses $port from now on, and a server
in_the_middle() {
	local server=$port
	next_port
	python3 tests/dtls13/strip.py "$port" "$server" "$1" >"$dir/random" 2>&1 &
	middle=$!
	listening
}
no_more_middle() { kill "$middle"; wait "$middle" 2>/dev/null; }

downgrade="b'DOWNGRD\\\\x01'"
# PROFILE MODE CLIENT-OPTION...: between the daemon and stock wolfSSL
attacked_server() {
	local profile=$1 mode=$2
	shift 2
	next_port
	daemon_13 --listen "127.0.0.1,$port" --wait-data --timeout 3000 --linger 2000 \
		--profile "$profile" &
	serving=$!
	listening
	in_the_middle "$mode"
	{ sleep 0.6; echo hello-from-client; sleep 0.3; } |
		timeout 5 "${with_sid[@]}" "$dir/stock" client 127.0.0.1 "$port" $both \
			"${trust[@]}" "$@" >"$dir/peer.out" 2>&1
	wait "$serving"
	no_more_middle
}
attacked_server s none versions=both
expect "no attack" status 0 version fefc data 'hello*'
ok "... and the random is one" sh -c "! grep -q DOWNGRD $dir/random"
attacked_server s none versions=1.2
expect "a client of DTLS 1.2" status 0 version fefd data 'hello*'
ok "... gets the server's mark in its random" grep -q "$downgrade" "$dir/random"
attacked_server s-cid none versions=1.2 cid=
expect "... with Connection IDs" status 0 version fefd data 'hello*'
ok "... gets it from wolfSSL, too" grep -q "$downgrade" "$dir/random"
attacked_server s-12 none versions=1.2
expect "a profile of DTLS 1.2" status 0 version fefd data 'hello*'
ok "... has no mark" sh -c "! grep -q DOWNGRD $dir/random"
attacked_server s all versions=both
expect "1.3 taken from every hello, as server" status ECONNREFUSED reason '*Illegal parameter*'
ok "... the mark was in the random" grep -q "$downgrade" "$dir/random"
ok "... and stock wolfSSL says why" grep -q 'version error' "$dir/peer.out"
attacked_server s first versions=both
expect "... from the one without a cookie" status ETIMEDOUT reason 'no ClientHello with a valid cookie*'
attacked_server s second versions=both
expect "... from the one with it" status ETIMEDOUT reason 'no ClientHello with a valid cookie*'
peer_server $both "${cert[@]}" versions=both
in_the_middle all
as_client c --name server.test --timeout 3000
expect "1.3 taken from every hello, as client" status EPROTO reason '*ClientHello was changed*'
ok "... stock wolfSSL's mark was in its random" grep -q "$downgrade" "$dir/random"
ok "... and it gets an alert" grep -q 'received alert' "$dir/peer.out"
no_more_middle
done_testing
