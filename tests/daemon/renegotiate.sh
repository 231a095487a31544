#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Renegotiation, begun by stock peers in both roles, is refused by a warning
# (RFC 5246 section 7.4.1.1 and 7.2.2): no other handshake begins and the
# association goes on.

set -u
. tests/daemon/crowd.sh
pki
quiet=-msg		# interactive: "R" renegotiates; prints alerts
port=5000 to=5000
auth=(-CAfile "$dir/ca.pem" -verify_return_error)

stat() { dtlsctl stats | awk -v name="$1" '$1 == name { print $2 }'; }
handshakes() { grep -c ' with profile ' "$dir/log"; }
# OpenSSL 3.0 prints the alert's bytes, gnutls-cli no number
refused_in() { # FILE
	grep -qE '^ *01 64|warning alert has been received' "$1"
}

begin
serve 5000 server
come 1 127.0.0.1
come 2 127.0.0.1
ok "a client of OpenSSL" echoed 1
ok "... and another" echoed 2
before=$(handshakes)
echo R >&101
ok "its second ClientHello is refused by an alert" wait_for 20 refused_in "$dir/out.1"
# OpenSSL ends a session that it cannot renegotiate
ok "... its association ends, by its own alert" wait_for 20 gone 1
ok "... and the other client has its echo" echoed 2
is "... no handshake has begun" "$(handshakes)" "$before"
go 1
go 2
ok "the other leaves" wait_for 10 gone 0

says() { # FD WORD FILE
	echo "$2" >&"$1"
	wait_for 20 grep -qa "^$2" "$dir/$3"
}

# gnutls-cli tries again until its timeout
mkfifo "$dir/in.gnutls"
gnutls-cli --udp --rehandshake -p 5000 --mtu 1400 --x509cafile "$dir/ca.pem" \
	--verify-hostname server.test 127.0.0.1 <"$dir/in.gnutls" >"$dir/gnutls" 2>&1 &
gnutls_pid=$!
exec 7>"$dir/in.gnutls"
ok "gnutls-cli --rehandshake is refused by an alert" wait_for 60 refused_in "$dir/gnutls"
is "... no handshake has begun" "$(handshakes)" $((before + 1))
kill $gnutls_pid
exec 7>&-

# a server's HelloRequest
mkfifo "$dir/in.server" "$dir/in.client"
openssl s_server -dtls1_2 -mtu 1400 -accept 127.0.0.1:5001 -cert "$dir/server.pem" \
	-key "$dir/server.key" -msg <"$dir/in.server" >"$dir/out.server" 2>&1 &
exec 8>"$dir/in.server"
wait_for 10 bound 5001
dtlscat -w 60 -n server.test 127.0.0.1 5001 <"$dir/in.client" >"$dir/out.client" 2>&1 &
exec 9>"$dir/in.client"
ok "a server of OpenSSL" says 9 word-1 out.server
ok "... and back" says 8 word-2 out.client
echo R >&8
ok "its HelloRequest is refused by an alert" wait_for 20 refused_in "$dir/out.server"
# only it has written since: no ClientHello came (22 fe fd 00 01)
client_hello() { sed '1,/^word-1/d' "$dir/out.server" | grep -A 1 '^<<<' | grep -q '^ *16 fe fd'; }
nok "... and by no ClientHello" client_hello
ok "... and it ends the session, by a fatal alert" \
	wait_for 20 grep -q 'Connection reset by peer' "$dir/out.client"
done_testing
