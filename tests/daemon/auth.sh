#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Profiles: permitted users and peers, authentication; and where secrets
# are stored.

set -u
. tests/daemon/pair.sh

# fails DESCRIPTION PATTERN SERVER-PROFILE CLIENT-ARGS...
fails() {
	local what=$1 pattern=$2
	serve -p "$3"
	shift 3
	ask "$@"
	if [ $rc = 3 ] && tail -n 1 "$log_a" | grep -q "$pattern"; then
		pass "$what"
	else
		fail "$what" "exit status $rc: $(cat "$dir/ask.err"; tail -n 1 "$log_a")"
	fi
	serve_end
}

begin
asks "X.509" server -n server.test
asks "PSK" psk -p psk
asks "mutual authentication" asks -p mutual -n server.test
ok "... and the server has the client's identity" grep -q 'CN=client' "$dir/serve.out"
asks "fingerprint" server -p pinned
asks "ALPN" server -p alpn -n server.test -a h3
fails "wrong name" "not for other.test" server -n other.test
fails "wrong fingerprint" "fingerprint" server -p pinned-other
fails "the server wants a certificate" "Connection refused" asks -n server.test
fails "no such profile" "there is no" server -p nothing
fails "another's profile" "may not use" server -p mine -n server.test
fails "wrong PSK" "same PSK" psk -p psk-wrong -w 4
for c in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-128-ccm aes-128-ccm-8; do
	asks "$c" "$c-server" -p "$c" -n server.test
done

# secrets are only where they are needed
ip netns exec "$NS_B" tests/daemon/exporter.py server psk "$B4" "$A4" 5003 \
	>"$dir/ex.b" 2>&1 < <(exec sleep 60) &
wait_udp in_b 5003
ip netns exec "$NS_A" tests/daemon/exporter.py client psk "$A4" "$B4" 5003 \
	>"$dir/ex.a" 2>&1 < <(exec sleep 60) &
program=$!
wait_for 40 test -s "$dir/ex.a"
wait_for 40 test -s "$dir/ex.b"
secret=$(cat "$dir/ex.a")
ok "exporter: 32 bytes" grep -qE '^[0-9a-f]{64}$' "$dir/ex.a"
is "... the same on both sides" "$(cat "$dir/ex.b")" "$secret"
tests/daemon/memory.py "$program" "$(echo -n "$secret" | od -An -tx1 | tr -d ' \n')" >/dev/null
is "... the scan finds it where it is (as text)" $? 3
ok "... the parent has forgotten it" tests/daemon/memory.py "$pid_a" "$secret"
ok "... the worker has forgotten it" tests/daemon/memory.py "$(worker "$pid_a")" "$secret"
kill "$program"
done_testing
