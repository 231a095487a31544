#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stock clients return with a ticket: they are verified again, and
# each datagram of the short handshake may be lost.

set -u
. tests/daemon/crowd.sh
. tests/harness/first.sh
pki
quiet=		# prints whether the session is new
port=5000 to=5000

tickets() { # NAME LINES...
	printf '\n[profile %s]\nrole = server\nusers = *\ntickets = yes\n' "$1"
	printf '%s\n' "${@:2}"
}
own=("certificate = $dir/server.pem" "private-key = $dir/server.key")
sed -i "s|^workers = 1|workers = 2\nmetrics-file = $dir/metrics|" "$dir/conf"
{
	tickets one "${own[@]}"
	tickets other "${own[@]}"
	tickets key "psk-file = $dir/psk"
	tickets mutual-one "${own[@]}" "client-cert = required" "verify = chain" \
		"ca = $dir/ca.pem"
} >>"$dir/conf"

# A client that saves a session uses it when it returns.
with() { # save|use SESSION ARGS...
	local flag=-sess_out
	[ "$1" = save ] || flag=-sess_in
	auth=("$flag" "$dir/session.$2" "${@:3}")
}
trust=(-CAfile "$dir/ca.pem" -verify_return_error)
with_one() { with "$1" one "${trust[@]}"; }
with_key() { with "$1" key -psk "$psk" -psk_identity u1 -cipher PSK-AES128-GCM-SHA256; }
with_certificate() { with "$1" "$2" "${trust[@]}" -cert "$dir/$2.pem" -key "$dir/$2.key"; }

# New or Reused
how() { sed -n 's/^\(New\|Reused\), TLS.*/\1/p' "$dir/out.$1"; }
# comes N WHAT New|Reused [PORT]
comes() {
	come "$1" 127.0.0.1 "${4:-0}"
	ok "$2: it has its echo" echoed "$1"
	is "... $3" "$(how "$1")" "$3"
}
leaves() { for i; do go "$i"; done; }
# who TEXT: the daemon's last line about an admitted client
who() { grep ' with profile ' "$dir/log" | tail -n 1 | grep -q "$1"; }
reload() {
	: >"$dir/log"
	kill -HUP "$daemon_pid"
	wait_for 30 grep -q "read again" "$dir/log"
}
resumed() { [ "$(dtlsctl handshakes "$dir/metrics" |
	awk '$1 == "resumed_total" { print $2 }')" = "$1" ]; }

begin
serve 5000 one
with_one save
comes 1 "a client without a ticket" New
ok "... is given one" test -s "$dir/session.one"
with_one use
comes 2 "it comes with its ticket" Reused
ok "metrics: one was resumed" wait_for 20 resumed 1

# the parent assigns workers by address and port, so these two get different ones
comes 10 "a client of the one worker" Reused 4100
comes 11 "a client of the other" Reused 4100
old=$(pgrep -P "$daemon_pid")
# shellcheck disable=SC2086 # a list
kill -9 $old
others() { [ "$(pgrep -c -P "$daemon_pid")" = 2 ] && ! pgrep -P "$daemon_pid" | grep -qxF "$old"; }
ok "both are killed and replaced" wait_for 30 others
comes 12 "a client of the one's successor" Reused 4100
comes 13 "a client of the other's" Reused 4100
leaves 1 2 10 11 12 13

# RFC 6347 section 4.2.8
comes 14 "a client of a certain port" Reused 4014
first=$(id 14 4014)
reboots 14 127.0.0.1 4014
ok "it is killed, and returns from that port" echoed 14
is "... with its ticket" "$(how 14)" Reused
nok "... as a new association" test "$(id 14 4014)" = "$first"
ok "... in the place of the old one" wait_for 10 gone 1
leaves 14

## each datagram is lost

n=15
# lost KIND...
lost() {
	first_ones "$dir/nft" command drop "$@"
	comes $n "the first of these is lost: $*" Reused
	is "... it was" "$(came command "$@" | xargs)" "$*"
	leaves $n
	n=$((n + 1))
}
lost hello
lost ccs
lost finished
lost hello ccs finished
# the client's data then arrives before its Finished
lost client_ccs
lost hello ccs finished client_ccs
nft delete table inet first

# slower than the daemon's timer: its Finished comes again, without need
stat() { dtlsctl stats | awk -v name="$1" '$1 == name { print $2 }'; }
before=$(stat KdtlsDropPlaintext)
repeated() { [ "$(stat KdtlsDropPlaintext)" -gt "$before" ]; }
tc qdisc add dev lo root netem delay 700ms
comes $n "a slow network" Reused
ok "... its last flight comes once more" wait_for 10 repeated
ok "... and does no harm" echoed $n
tc qdisc del dev lo root
leaves $n

# a full handshake, with a ticket in the last flight
with_one save
first_ones "$dir/nft" command drop ticket ccs finished
comes 22 "the last flight is lost" New
is "... it was" "$(came command ticket ccs finished | xargs)" "ticket ccs finished"
nft delete table inet first
with_one use
comes 23 "... and the ticket is good" Reused
leaves 22 23

## identity of resumed clients

serve 5001 key
to=5001
with_key save
comes 24 "a client with a PSK" New
with_key use
comes 25 "... comes with its ticket" Reused
ok "... its identity is known" wait_for 5 who 'resumed with profile key: .*, peer u1$'
leaves 24 25

# told FILE: a server for one client, that prints DTLS_PEER
told() {
	tests/daemon/connected.py mutual-one 127.0.0.1 5002 >"$dir/$1" 2>&1 </dev/null &
	program=$!
	wait_for 10 bound 5002
}
tells_no_more() {
	kill "$program" 2>/dev/null
	wait "$program" 2>/dev/null
}
# known CERTIFICATE FILE WHAT New|Reused
known() {
	told "$2"
	comes 26 "$3" "$4"
	ok "... its certificate is known" grep -q "\"CN=$1\"" "$dir/$2"
	leaves 26
	tells_no_more
}
to=5002
with_certificate save client
known client told.1 "a client with a certificate" New
with_certificate use client
known client told.2 "... comes with its ticket" Reused
is "... its identity is the same" "$(cat "$dir/told.2")" "$(cat "$dir/told.1")"
with_certificate save revoked-client
known revoked-client told.3 "one that will be revoked" New
with_certificate use revoked-client
known revoked-client told.4 "... comes with its ticket" Reused

## tickets that are no longer valid

serve 5003 other
to=5003
with_one use
comes 27 "a ticket of another profile" New
leaves 27
serve 5004 server
to=5004
comes 27 "a profile without tickets" New
nok "... gives none" grep -q "TLS session ticket:" "$dir/out.27"
leaves 27

sed -i "/^\[profile mutual-one\]/a crl = $dir/crl.pem" "$dir/conf"
reload
to=5000
comes 27 "a full handshake after a reload" New
leaves 27
to=5002
with_certificate use revoked-client
told told.5
come 28 127.0.0.1
ok "it is revoked: it does not come in" \
	wait_for 30 grep -qa "alert certificate revoked" "$dir/out.28"
nok "... and not with its ticket" grep -q Reused "$dir/out.28"
leaves 28
tells_no_more

: >"$dir/gnutls"
heard() { wait_for 40 grep -qa '^word-of-gnutls' "$dir/gnutls" >&2; }
{ echo word-of-gnutls; heard; } |
	timeout 60 gnutls-cli --udp --resume -p 5000 --mtu 1400 --x509cafile "$dir/ca.pem" \
		--verify-hostname server.test 127.0.0.1 >"$dir/gnutls" 2>&1
ok "gnutls-cli --resume" grep -q 'This is a resumed session' "$dir/gnutls"
ok "... and its echo" grep -qa '^word-of-gnutls' "$dir/gnutls"

to=5000
with_one save
comes 29 "a client with a new ticket" New
kill -TERM "$daemon_pid"
wait "$daemon_pid"
begin
with_one use
comes 30 "a full handshake with another daemon" New
ok "nothing on the servers' standard error" test ! -s "$dir/serve.err"
done_testing
