#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dtlsctl, against two keyed sockets that wait; needs kdtls and root.
. tests/harness/tap.sh

out=$(mktemp -d)
mkfifo "$out/in"
handover-calls hold <"$out/in" >"$out/ready" &
exec 3>"$out/in"
for _ in $(seq 100); do
	grep -q ready "$out/ready" && break
	sleep 0.05
done

json() {
	dtlsctl --json "$@" >"$out/json" && python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
' "$out/json"
}

status() {	# DESCRIPTION WANTED COMMAND...
	description=$1 wanted=$2
	shift 2
	"$@" >/dev/null 2>&1
	is "$description: exit status" $? "$wanted"
}

query() {	# FILE EXPRESSION: of the associations, a
	python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
a = d.get("associations")
sys.exit(not eval(sys.argv[2]))
' "$1" "$2"
}

ok "show exits 0" dtlsctl show
ok "show --json is JSON" json show
ok "two associations" query "$out/json" 'len(a) == 2'
ok "both established, one client, one server" query "$out/json" \
	'{x["role"] for x in a} == {"client", "server"} and all(x["state"] == "established" for x in a)'
ok "cipher, version, driver" query "$out/json" \
	'all(x["cipher"] == "CHACHA20-POLY1305" and x["version"] == "1.2" and x["driver"] for x in a)'
ok "addresses are each other's" query "$out/json" \
	'a[0]["local"] == a[1]["peer"] and a[0]["peer"] == a[1]["local"] and a[0]["local"]["address"] == "127.0.0.1"'
ok "keyed by the application" query "$out/json" \
	'all(x["keyed_by"] == "application" for x in a)'
ok "a record sent and received" query "$out/json" \
	'sum(x["tx"]["records"] for x in a) == 1 and sum(x["rx"]["bytes"] for x in a) == 6'
ok "the forged one counted by name" query "$out/json" \
	'sum(x["drops"]["tag"] for x in a) == 1'
ok "no member looks like a key" query "$out/json" \
	'not [k for x in a for k in x if "key" in k and k != "keyed_by"]'
nok "no key in what is shown" grep -rq 'cccccccc\|ssssssss\|63636363\|73737373' "$out/json"

id=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["associations"][0]["id"])' "$out/json")
ok "show ID" json show "$id"
ok "is that one" query "$out/json" "len(a) == 1 and a[0]['id'] == $id"
status "show of no association" 5 dtlsctl show 999999
status "close of no association" 5 dtlsctl close 999999
status "not an id" 2 dtlsctl close abc
is "no command: show" "$(dtlsctl)" "$(dtlsctl show)"
ok "mtu is what fits a record" query "$out/json" 'a[0]["mtu"] == 16384'
# of one association, 127.0.0.1:NNNNN: one space between it and the next column
row=$(dtlsctl show "$id" | sed -n 2p) head=$(dtlsctl show "$id" | sed -n 1p)
ok "columns are as wide as their widest cell" \
	grep -qE '^[0-9]+ +established (client|server) 127.0.0.1:[0-9]+ +127.0.0.1:[0-9]+ +1.2  CHACHA20-POLY1305$' <<<"$row"
peer=${row#* 127.0.0.1:} peer=${peer#* } before=${head%%Peer*}
is "... and begin below their heads" ${#before} $((${#row} - ${#peer}))
status "handshakes without a metrics file" 5 dtlsctl handshakes "$out/nothing"
is "... says what is missing" "$(dtlsctl handshakes "$out/nothing" 2>&1)" \
	"dtlsctl: $out/nothing: no such file; set metrics-file in dtls-handshaked.conf"
is "the page has the exit statuses of --help" \
	"$(sed -n '/^.SH EXIT/,/^.SH EX[^I]/s/^.B \([0-9]\)$/\1/p' Documentation/man/dtlsctl.8 | xargs)" \
	"$(dtlsctl --help | sed -n '/^Exit status/,$p' | grep -o '[0-9]' | xargs)"
status "show without the right" 4 setpriv --reuid=65534 --clear-groups dtlsctl show
status "monitor without the right" 4 timeout 5 setpriv --reuid=65534 --clear-groups dtlsctl monitor
ok "stats without any right" setpriv --reuid=65534 --clear-groups dtlsctl stats
ok "stats --json is JSON" json stats
ok "with numbers" query "$out/json" 'd["KdtlsDropTag"] >= 1 and d["KdtlsCurrAssocs"] == 2'

# its socket is in a group when it listens; the port id begins with the pid
listens() {	# PID
	for _ in $(seq 100); do
		awk -v p="$1" '$2 == 16 && $3 % 4194304 == p && $4 !~ /^0+$/ { found = 1 }
			END { exit !found }' /proc/net/netlink && break
		sleep 0.05
	done
}

dtlsctl --json monitor >"$out/events" &
monitor=$!
dtlsctl monitor >"$out/lines" &
lines=$!
listens $monitor
listens $lines
ok "close" dtlsctl close "$id"
for _ in $(seq 100); do
	grep -q closed "$out/events" && break
	sleep 0.05
done
ok "monitor printed it" query <(grep "\"id\":$id,\|\"id\": $id," "$out/events" | head -1) \
	"d['event'] == 'closed' and d['association']['id'] == $id and d['time'].endswith('Z')"
ok "keys of DTLS 1.3 are updated" handover-calls update
for _ in $(seq 100); do
	grep -q ' updated .* tx:epoch:5 rx:epoch:4$' "$out/lines" && break
	sleep 0.05
done
ok "monitor prints the new epochs" \
	grep -qE ' updated +[0-9]+ +established client .* 1.3  CHACHA20-POLY1305 tx:epoch:5 rx:epoch:4$' "$out/lines"
ok "... and in JSON" query <(grep '"updated"' "$out/events" | head -1) \
	"d['event'] == 'updated' and {d['association'][x]['epoch'] for x in ('tx', 'rx')} == {3, 4}"
kill $monitor $lines
exec 3>&-
wait
rm -r "$out"
done_testing
