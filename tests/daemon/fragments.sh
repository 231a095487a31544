#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients with a first ClientHello in fragments (RFC 6347 section 4.2.3),
# and floods of fragments.

set -u
. tests/daemon/crowd.sh
pki
quiet=
port=5000 to=5000
trust=(-CAfile "$dir/ca.pem" -verify_return_error)
metrics=$dir/metrics
sed -i "s|^workers = 1|workers = 2\nmetrics-file = $metrics|" "$dir/conf"
cat >>"$dir/conf" <<EOF

[profile mutual-tickets]
role = server
users = *
tickets = yes
certificate = $dir/server.pem
private-key = $dir/server.key
client-cert = required
verify = chain
ca = $dir/ca.pem
EOF

# first fragments of ClientHellos, and later ones, that arrive at port 5000
nft -f - <<EOF
table inet hellos {
	counter first {}
	counter later {}
	chain in {
		type filter hook input priority 0
		udp dport 5000 @th,64,8 22 @th,168,8 1 @th,216,24 0 counter name first
		udp dport 5000 @th,64,8 22 @th,168,8 1 @th,216,24 != 0 counter name later
	}
}
EOF
seen() { nft list counter inet hellos "$1" | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }
count_anew() { nft reset counters table inet hellos >/dev/null; }
came() { is "... $1" "$(seen first) first fragments, $(seen later) later" "$2"; }
metric() { awk -v name="dtls_handshaked_$1" '$1 == name { print $2 }' "$metrics"; }
how() { sed -n 's/^\(New\|Reused\), TLS.*/\1/p' "$dir/out.$1"; }

# comes N WHAT: it gets its echo
comes() {
	count_anew
	come "$1" 127.0.0.1
	ok "$2" echoed "$1"
}

begin
serve 5000 server

count_anew
mkfifo "$dir/in.ncat"
# reading the system's CAs takes long in a guest
echo "127.0.0.1 server.test" >>/etc/hosts
ncat -4 --udp --ssl --ssl-trustfile "$dir/ca.pem" server.test 5000 <"$dir/in.ncat" >"$dir/out.ncat" 2>&1 &
exec 99>"$dir/in.ncat"
echo word-of-ncat >&99
ok "ncat --udp --ssl" wait_for 40 grep -qa word-of-ncat "$dir/out.ncat"
came "nothing had to be repeated" "2 first fragments, 2 later"
exec 99>&-

auth=("${trust[@]}" -mtu 256 -alpn "$(printf x%.0s {1..120}),coap")
comes 1 "openssl, an MTU of 256"
came "nothing had to be repeated" "2 first fragments, 2 later"
long=$(for i in $(seq 60); do printf 'protocol-%02d-%s,' "$i" "$(printf x%.0s {1..30})"; done)coap
auth=("${trust[@]}" -mtu 512 -alpn "$long")
comes 2 "a list of 2.5 KB for ALPN, an MTU of 512"
ok "... in many fragments" test "$(seen later)" -ge 10
ok "... and nothing had to be repeated" test "$(seen first)" = 2
auth=("${trust[@]}" -mtu 9000 -alpn "$long")
comes 3 "the same in one datagram"
came "whole" "2 first fragments, 0 later"

mkfifo "$dir/in.gnutls"
count_anew
gnutls-cli --udp --mtu 220 --x509cafile "$dir/ca.pem" --verify-hostname server.test \
	-p 5000 127.0.0.1 <"$dir/in.gnutls" >"$dir/out.gnutls" 2>&1 &
exec 98>"$dir/in.gnutls"
echo word-of-gnutls >&98
ok "gnutls-cli, an MTU of 220" wait_for 20 grep -qa word-of-gnutls "$dir/out.gnutls"
ok "... its ClientHello is in fragments" test "$(seen later)" -ge 1
exec 98>&-

# the client's certificate is in the ticket, which is in its next ClientHello
kill "$server_pid"
wait "$server_pid" 2>/dev/null
serve 5000 mutual-tickets
mutual=("${trust[@]}" -mtu 600 -cert "$dir/client.pem" -key "$dir/client.key")
auth=("${mutual[@]}" -sess_out "$dir/session")
comes 4 "a client with a certificate is given a ticket"
go 4
auth=("${mutual[@]}" -sess_in "$dir/session")
comes 5 "it returns with it"
is "... and resumes" "$(how 5)" Reused
ok "... with a ClientHello in fragments" test "$(seen later)" -ge 4
ok "... of which nothing had to be repeated" test "$(seen first)" = 2

# a flood of later fragments, and of first ones without a cookie
# KiB of all workers
memory() {
	pgrep -P "$daemon_pid" | xargs -I{} grep -h VmRSS /proc/{}/status | awk '{ s += $2 } END { print s }'
}
before=$(memory)
tests/daemon/hellos.py 127.0.0.1 5000 6000 fragments
auth=("${mutual[@]}")
comes 6 "6000 forged fragments: a client in fragments comes in"
challenged() { [ "$(metric 'client_hellos_total{result="challenged"}')" -ge 100 ]; }
fragments() { [ "$(metric 'client_hellos_total{result="fragment"}')" -ge 100 ]; }
ok "... of forged ones the first are challenged" wait_for 10 challenged
ok "... and later ones counted" wait_for 10 fragments
ok "... nothing is kept of them" test $(($(memory) - before)) -lt 1024
nok "... there is no association" sh -c "dtlsctl show | grep handshake"
done_testing
