# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# A daemon, and stock clients of port $to that connect, send and end, with the
# credentials of "${auth[@]}". In a guest.

. tests/daemon/lib.sh
. tests/harness/netns.sh
trap "" PIPE
# shellcheck disable=SC2016
at_exit 'kill $(jobs -p) 2>/dev/null; rm -rf "$dir"'
ip link set lo up

begin() {
	: >"$dir/log"
	dtls-handshaked -f -c "$dir/conf" 2>>"$dir/log" &
	daemon_pid=$!
	wait_for 30 grep -q ready "$dir/log"
}
bound() { ss -Hln -u "sport = :$1" | grep -q .; }
serve() { # PORT PROFILE
	example-listen 0.0.0.0 "$1" "$2" 2>>"$dir/serve.err" &
	server_pid=$!
	wait_for 10 bound "$1"
}

# come N HOST [PORT]: client N, from its own address; it stays until go N
declare -a pid
come() {
	[ -p "$dir/in.$1" ] || mkfifo "$dir/in.$1"
	client "$1" "$2" "${3:-0}" <"$dir/in.$1" >"$dir/out.$1" 2>&1 &
	pid[$1]=$!
	eval "exec $((100 + $1))>\"\$dir/in.$1\""
}
# only this shell may hold the other end of a client's input
client() {
	for ((fd = 101; fd <= 130; fd++)); do eval "exec $fd>&-"; done
	# shellcheck disable=SC2086 # none or one
	exec openssl s_client -dtls1_2 -mtu 1400 -bind "127.0.1.$1:$3" \
		-connect "$2:$to" "${auth[@]}" $quiet -no_ign_eof
}
go() { eval "exec $((100 + $1))>&-"; wait "${pid[$1]}"; }
# reboots N HOST PORT: killed without a close_notify, returns from its port
reboots() {
	kill -9 "${pid[$1]}"
	wait "${pid[$1]}" 2>/dev/null
	come "$@"
}
# the association of client N at this port
id() { dtlsctl show | awk -v peer="127.0.1.$1:$2" '$5 == peer { print $1 }'; }
said=0
# echoed N: a new payload is echoed
echoed() {
	said=$((said + 1))
	echo "word-$said-of-$1" >&$((100 + $1))
	wait_for "${2:-30}" grep -qa "word-$said-of-$1\$" "$dir/out.$1"
}
established() { dtlsctl show | grep -c established; }
gone() { [ "$(established)" = "$1" ]; }
