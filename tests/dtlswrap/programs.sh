#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: tests/dtlswrap/programs.sh [--all | CASE...]
#
# Debian's programs that support only UDP behind dtlswrap, server and
# client (cases.sh): does it work, and is everything on the wire DTLS? The rows of
# the table in Documentation/programs.md are made here ($KDTLS_OUT/programs.md) and
# compared with that page. Runs in a virtual machine: tests/harness/vm/run.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh
. tests/harness/netns.sh
cases=tests/dtlswrap
dir=$(mktemp -d)
at_exit "rm -rf $dir"
chmod 755 "$dir"
can=KDTLS-CANARY-7f3a
out=${KDTLS_OUT:-$dir}
table=Documentation/programs.md
at_once=3	# clients
declare -A port server client result server_pid
order=

row() { # NAME PORTS SERVER CLIENT RESULT
	order="$order $1"
	port[$1]=$2 server[$1]=$3 client[$1]=$4 result[$1]=$5
}
S() {
	# shellcheck disable=SC2086 # words
	ip netns exec "$NS_A" dtlswrap ${option:-} -l "${port[$name]}" -- "$@" \
		</dev/null >"$here/out.s" 2>&1 &
	server_pid[$name]=$!
}
# Its first port (of iperf3, which also listens on TCP), without a program: each
# is slow on an emulated machine.
bound() {
	local hex table lines

	printf -v hex ':%04X ' "${port[$name]%%,*}"
	for table in udp udp6 tcp6; do
		mapfile -t lines <"/proc/${server_pid[$name]}/net/$table"
		[[ ${lines[*]} != *$hex* ]] || return 0
	done
	return 1
}
C() {
	local at=()

	for p in ${port[$name]//,/ }; do at+=(-c "$A4:$p"); done
	# shellcheck disable=SC2086 # words
	timeout -k 2 "${patience:-70}" ip netns exec "$NS_B" dtlswrap ${option:-} -w 50 \
		"${at[@]}" -- "$@" >"$here/out.c" 2>&1
}
# The word; the client stays until the server has received it
late() { echo "$can"; sleep 12; }
has() { wait_for 10 grep -qa -e "$2" "$here/$1"; }
dig_at() { # PORT
	C dig +tries=2 +time=20 +short -p "$1" "@$A4" canary.test TXT && has out.c "$can"
}
. tests/dtlswrap/cases.sh

run() { # NAME
	"c_$1" >"$here/said" 2>&1
	echo $? >"$here/rc"
	phase "$1"
}
daemon() { # a|b
	"in_$1" dtls-handshaked -f -c "$dir/conf" >"$dir/daemon.$1" 2>&1 &
	at_exit "kill $! 2>/dev/null || :"
	wait_for 30 grep -q ready "$dir/daemon.$1"
}
show() { # NAME: when it failed
	for f in said out.s out.c; do
		[ ! -s "$dir/$1/$f" ] || diag "[$f] $(tail -n 6 "$dir/$1/$f" | cut -c1-200)"
	done
}
table_row() { echo "| ${server[$1]} | ${client[$1]} | ${result[$1]} |"; }

case ${1:-} in
--all) list=$order ;;
"") list=$small ;;
*) list=$* ;;
esac
echo "127.0.0.1 localhost $(hostname)" >>/etc/hosts
(umask 077; echo "u1:30313233343536373839616263646566" >"$dir/psk")
cat >"$dir/conf" <<-C
	[profile default]
	role = both
	users = *
	peers = 10.77.0.0/24
	psk-file = $dir/psk
	psk-identity = u1
C
rm -f "$out/programs.md"
netns_setup
daemon a
daemon b
ip netns exec "$NS_B" tcpdump -i veth0 -U -n -s 400 -w "$dir/pcap" udp >"$dir/tcpdump" 2>&1 &
tap=$!
wait_for 20 grep -q listening "$dir/tcpdump"

each() { # COMMAND: with each case's name and directory
	for name in $list; do
		here=$dir/$name
		"$@" "$name"
	done
}
begin() { mkdir "$here" && "s_$1"; }
started() { wait_for 60 bound >"$here/said" || diag "$1: no server"; }
phase() { uptime_now; diag "$uptime_s s: $*"; }
beside() {
	run "$1" &
	clients+=("$!")
	[ "${#clients[@]}" -lt "$at_once" ] || {
		wait "${clients[0]}"
		clients=("${clients[@]:1}")
	}
}
clients=()
phase servers
each begin
each started
phase clients
each beside
wait "${clients[@]}"
phase "the end"
sleep 1
kill "$tap"
wait "$tap"

ports=$(for c in $list; do echo "${port[$c]//,/ }"; done)
# shellcheck disable=SC2086 # words
python3 tests/dtlswrap/wire.py "$dir/pcap" "$can" $ports >"$dir/wire"
records() { grep -q "^${port[$1]%%,*} records [1-9]" "$dir/wire"; }
good() { [ "$(cat "$here/rc")" = 0 ] && records "$1"; }
judge() { # NAME
	ok "${server[$1]} and ${client[$1]}: ${result[$1]}" good "$1"
	if good "$1"; then table_row "$1" >>"$out/programs.md"; else show "$1"; fi
}
each judge
diag "$(tr '\n' ';' <"$dir/wire")"
is "everything on the wire was DTLS" "$(grep ^plain "$dir/wire")" "plain 0"
is "no plaintext in it" "$(grep ^canary "$dir/wire")" "canary 0"
known() { [ -s "$out/programs.md" ] && ! grep -vxFf "$table" "$out/programs.md"; }
ok "$table has these rows" known
done_testing
