# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the parts of tests/system, which run in the installed system.

. tests/harness/tap.sh
. tests/harness/netns.sh
. tests/harness/block.sh

unit=dtls-handshaked
# shellcheck disable=SC2034 # the caller's
conf=/etc/dtls-handshaked.conf
port=4500

property() { systemctl show -P "$1" "${2:-$unit}"; }
loaded() { grep -q '^kdtls ' /proc/modules; }
gone() { ! loaded; }
# said WORDS: the log of the service has them, since the last "mark"
mark() { since=$(date +%s); }
said() { journalctl -q -u "$unit" --since "@$since" -o cat | grep -F "$1"; }

# talks [SECONDS]: a server and a client of README's configuration: a new handshake
talks() {
	local limit=${1:-60} server answer

	port=$((port + 1))
	timeout "$limit" dtlscat --listen --echo 127.0.0.1 $port &
	server=$!
	wait_udp env $port
	answer=$(echo hello | timeout "$limit" dtlscat -q 2 -n server.example 127.0.0.1 $port)
	kill $server 2>/dev/null
	wait $server
	[ "$answer" = hello ]
}

# An association that stays: "alive WORD" sends a word, and its echo arrives.
associate() {
	port=$((port + 1))
	mkfifo "/tmp/in.$port"
	: >/tmp/heard
	dtlscat --listen --echo 127.0.0.1 $port &
	wait_udp env $port
	dtlscat -n server.example 127.0.0.1 $port <"/tmp/in.$port" >/tmp/heard &
	exec 7>"/tmp/in.$port"
	alive first
}
alive() { echo "$1" >&7 && wait_for 60 grep -qx "$1" /tmp/heard; }
# dtlscat's end is its input's
dissociate() { exec 7>&-; }

# restarted OLD-PID: the service runs again, as another process
restarted() {
	[ "$(property ActiveState)" = active ] && [ "$(property MainPID)" != "$1" ]
}
