#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Workers that listen on one port (SO_REUSEPORT) join and leave: each client
# stays with its worker.

set -u
. tests/daemon/crowd.sh
psk_conf "workers = 2"
to=5002
auth=(-psk "$psk" -psk_identity u1 -cipher PSK-AES128-GCM-SHA256)

declare -A work
works() { # NAME
	tests/daemon/worker.py $to psk "$1" >"$dir/work.$1" 2>&1 &
	work[$1]=$!
	wait_for 10 grep -q listens "$dir/work.$1"
}
ends() { # NAME
	kill "${work[$1]}"
	wait "${work[$1]}" 2>/dev/null
}
# the worker that answered client N last
of() { sed -n 's/^\(.\):word.*/\1/p' "$dir/out.$1" | tail -n 1; }
declare -a mine
clients=()
# each sends a payload, and its own worker echoes it
all() {
	for i in "${clients[@]}"; do
		echoed "$i" || return
		[ "$(of "$i")" = "${mine[$i]}" ] || return
	done
}
arrive() { # N...
	for i; do come "$i" 127.0.0.1 "${port_of[$i]:-0}"; done
	for i; do
		echoed "$i" || return
		mine[i]=$(of "$i")
		clients+=("$i")
	done
}
declare -A port_of=([30]=4030)
by_worker() { for i in "${clients[@]}"; do echo "${mine[$i]}"; done | sort | uniq -c | tr -d '\n'; }

begin
works a
works b
ok "two workers, four clients" arrive 1 2 3 30
diag "clients of each:$(by_worker)"
works c
ok "a third worker joins: each client stays" all

# RFC 6347 section 4.2.8, at any worker that UDP delivers its ClientHello to
first=$(id 30 4030)
reboots 30 127.0.0.1 4030
ok "one is killed, and returns from its port" echoed 30
nok "... as a new association" test "$(id 30 4030)" = "$first"
is "... of the same worker" "$(of 30)" "${mine[30]}"
is "... in the place of the old one" "$(established)" 4
ok "... and all others talk" all

left=()
for i in "${clients[@]}"; do [ "${mine[$i]}" = a ] || left+=("$i"); done
ends a
clients=("${left[@]}")
ok "the first worker ends: its clients do" wait_for 10 gone ${#clients[@]}
ok "... and no others" all
ok "one more comes" arrive 6
ok "... and all talk" all
ends b
ends c
ok "all end" wait_for 10 gone 0
done_testing
