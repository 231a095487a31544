#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the memory of a worker and of its parent holds of a handshake by wolfSSL that is over.
# The stock peer says all secrets of it; without a kernel module the parent has the keys.

set -u
cases=52 what="secrets of the engine of DTLS 1.3"
. tests/dtls13/engine_lib.sh

{
	printf '[global]\nworkers = 1\n'
	profile c client "$check"
	profile s server "$(own server)"
	profile s-tickets server "$(own server)" "tickets = yes"
	profile c-tickets client "$check" "tickets = yes"
	profile c-log client "$check" "keylog = /run/secrets.$$/keys"
	profile s-log server "$(own server)" "keylog = /run/secrets.$$/keys"
	profile psk both "$shared"
	versions="1.2, 1.3"
	profile c-both client "$check"
} >"$dir/conf"
mkdir -m 700 "/run/secrets.$$"
trap 'stop_peer; rm -rf "$dir" "/run/secrets.$$"' EXIT

# begin ROLE PROFILE ARG...: the daemon, which stays behind the handshake
begin() {
	daemon_13 "--$1" "127.0.0.1,$port" --linger $((${patience:-20} * 1000)) --show-keys --exporter EXPORTER_x:32 \
		--profile "${@:2}" &
	serving=$!
}
as_client() { # PROFILE -- SUITE OPTION...
	peer_server "${@:3}" "secrets=$dir/secrets"
	begin connect "$1" --name server.test
}
as_server() { # PROFILE -- SUITE OPTION...
	next_port
	begin listen "$1"
	listening
	"${with_sid[@]}" "$dir/stock" client 127.0.0.1 "$port" "${@:3}" "secrets=$dir/secrets" \
		>"$dir/peer.out" 2>&1 < <(exec sleep 20) &
	peer=$!
}
wait_keys() {
	for _ in $(seq 120); do
		grep -q ^secret: "$dir/out" && break
		sleep 0.05
	done
	sleep 0.2
	keeper=$(pgrep -P "$serving")
	parent=$(pgrep -P "$keeper")
	worker=$(pgrep -P "$parent")
}
end() {
	kill "$worker" "$parent" "$keeper" "$serving" 2>/dev/null
	wait "$serving" 2>/dev/null
	stop_peer
}

# Values of the last handshake, in hexadecimal, by their labels. RFC 8446 section 7.1:
# without a PSK everyone knows the early secret, and what is derived from it.
values() { # PATTERN
	grep -vE '^from:(33ad0a1c607ec03b|7ee8206f5570023e)|^derived:' "$dir/secrets" |
		grep -E "^($1):" | cut -d: -f2 | sort -u
}
# has_none WHAT PID LEAST [VALUE]...: of at least so many, nor as a key log has them
has_none() {
	local what=$1 pid=$2 least=$3 hex text=()
	shift 3
	for hex; do text+=("$(printf %s "$hex" | xxd -p -c 0)"); done
	if [ $# -lt "$least" ]; then
		fail "$what" "there are $# secrets only"
	elif tests/daemon/memory.py "$pid" "$@" "${text[@]}" >"$dir/found"; then
		pass "$what"
	else
		fail "$what" "of $#: $(head -n 9 "$dir/found")"
	fi
}
forgotten() { # WHAT LEAST
	local all rest
	wait_keys
	mapfile -t all < <(values '.*'; val secret)
	# all but what the kernel gets
	mapfile -t rest < <(values '.*' | grep -vxF "$(values '[cs] ap traffic|c hs traffic|client|server')")
	tests/daemon/memory.py "$parent" "$(val tx)" "$(val rx)" "$(val secret)" >"$dir/found"
	is "$1: the scan finds keys where they are" $? 3
	has_none "... the worker has forgotten all secrets" "$worker" "$2" "${all[@]}"
	has_none "... the parent has none but the kernel's" "$parent" $(($2 - 3)) "${rest[@]}"
	end
}

# A client's session is kept: the resumption secret, and what is derived from it
kept() { # WHAT LEAST
	local rest session
	wait_keys
	sleep 0.5
	mapfile -t session < <(values 'res master|resumption')
	mapfile -t rest < <({ values '.*'; val secret; } | grep -vxF "$(values 'res master|resumption')")
	tests/daemon/memory.py "$worker" "${session[@]}" >"$dir/found"
	is "$1: the worker has the session" $? 3
	has_none "... and nothing else of the handshake" "$worker" "$2" "${rest[@]}"
	has_none "... the parent has not even that" "$parent" 1 "${session[@]}"
	end
}

for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm; do
	as_client c -- "$(suite $c)" "${cert[@]}"
	forgotten "client, $c" 21
	as_server s -- "$(suite $c)" "${trust[@]}"
	forgotten "server, $c" 21
done
as_server s-tickets -- $any "${trust[@]}"
forgotten "server, a ticket" 22
as_client c-tickets -- $any "${cert[@]}"
kept "client, a ticket" 18
patience=60
as_client c-tickets -- $any "${cert[@]}" no-ticket=yes
wait_keys
mapfile -t waiting < <(values 's ap traffic')
tests/daemon/memory.py "$worker" "${waiting[@]}" >"$dir/found"
is "client, a ticket that does not come: the worker waits" $? 3
sleep 10
forgotten "... behind ten seconds" 21
as_client psk -- $any psk=u1:0123456789abcdef
forgotten "client, PSK" 21
as_server psk -- $any psk=u1:0123456789abcdef
forgotten "server, PSK" 21
as_client c-log -- $any "${cert[@]}"
forgotten "client, key log" 21
as_server s-log -- $any "${trust[@]}"
forgotten "server, key log" 21
as_client c-both -- ECDHE-ECDSA-AES128-GCM-SHA256 versions=1.2 "${cert[@]}"
forgotten "client, DTLS 1.2" 4
as_client c-both -- $any versions=1.3 "${cert[@]}"
forgotten "client, DTLS 1.3 of both" 21
done_testing
