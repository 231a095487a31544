#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Programs under dtlswrap send no plaintext UDP by any call;
# --plain permits its ports and no others.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh
. tests/harness/netns.sh

dir=$(mktemp -d)
at_exit "rm -rf $dir"
chmod 755 "$dir"
speak=$PWD/build/tests/dtlswrap-speak
ip link set lo up
for port in 53 9999; do
	socat -u "UDP4-RECV:$port" "OPEN:$dir/heard.$port,creat,append" &
	at_exit "kill $! 2>/dev/null || :"
	wait_for 10 eval "ss -Huln 'sport = :$port' | grep -q ."
done

# said WRAP-OPTION... -- COMMAND...: its output, and stderr: err
said() { dtlswrap "$@" 2>"$dir/err"; }
err_has() { grep -q "$1" "$dir/err"; }
lines() { grep -c "$1" "$dir/err"; }
# heard PORT: the count; a datagram of the test marks the end
heard() {
	local end=end-$RANDOM-$RANDOM

	echo "$end" | socat -u - "UDP4-SENDTO:127.0.0.1:$1"
	wait_for 10 grep -qa "$end" "$dir/heard.$1" >&2
	grep -ao SPOKEN "$dir/heard.$1" | wc -l
}

ok "datagrams of an unwrapped program arrive" "$speak" libc 127.0.0.1 9999
is "... once" "$(heard 9999)" 1
: >"$dir/heard.9999"

for way in libc:ENOTCONN unconnected:ENOTCONN upper:ENOTCONN message:ENOTCONN \
	written:ENOTCONN by-hand:EPERM lite:EPROTONOSUPPORT uring:ENOSYS race:ENOTCONN; do
	is "${way%:*}: is refused" \
		"$(said -l 5684 -- "$speak" "${way%:*}" 127.0.0.1 9999)" "${way/:/ }"
done
is "a script's child, without the environment: too" \
	"$(said -l 5684 -- sh -c "env -i $speak libc 127.0.0.1 9999")" "libc ENOTCONN"
ok "... and a line that it has no library" err_has "dtlswrap-speak.*without libkdtls-preload"
said -l 5684 -- sh -c "$speak libc 127.0.0.1 9999" >"$dir/out"
is "one line about the port" "$(lines 'port 9999 has no DTLS')" 1
said -l 5684 -- python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.1', 777))
c = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
print(c.getsockname()[1], c.get_inheritable())"  >"$dir/out"
is "one line about a port that is bound" "$(lines 'UDP port 777 is bound without DTLS')" 1
is "a socket that sends nothing has no line" "$(cat "$dir/out")" "0 False"
is "the same for a user" "$(su nobody -s /bin/sh -c \
	"$(command -v dtlswrap) -l 5684 -- $speak written 127.0.0.1 9999")" "written ENOTCONN"
exec 7<>/dev/udp/127.0.0.1/9999
is "a socket that it is given does not send" \
	"$(said -l 5684 -- sh -c 'echo SPOKEN >&7 || echo no' 2>/dev/null)" no
ok "... and a line says so" err_has "descriptor 7 has no DTLS"
exec 7>&-
is "a socket of another network namespace exists, and does not send" \
	"$(said -l 5684 -- unshare -n sh -c "ip link set lo up; $speak libc 127.0.0.1 9999")" \
	"libc ENOTCONN"
is "none of these datagrams arrived" "$(heard 9999)" 0

## --plain

plain=(-l 5684 --plain 53)
for way in libc:sent written:sent "unconnected:ENOTCONN" kept:sent again:EACCES elsewhere:EACCES; do
	is "--plain 53, ${way%:*}" \
		"$(said "${plain[@]}" -- "$speak" "${way%:*}" 127.0.0.1 53 9999)" "${way/:/ }"
done
is "permitted datagrams arrive" "$(heard 53)" 2
is "another port is not" "$(said "${plain[@]}" -- "$speak" libc 127.0.0.1 9999)" \
	"libc ENOTCONN"
is "... nor arrives" "$(heard 9999)" 0
is "a server on a port of --plain answers any client" \
	"$(said -l 5684 --plain 777 -- python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', 777))
print(s.sendto(b'SPOKEN', ('127.0.0.1', 9999)))")" 6

## what is not started, and what stays

go() {
	printf '%s\n' 'asm(".section .note.go.buildid,\"a\",@note\n.long 4,4,4\n"' \
		'".asciz \"Go\\0\"\n.long 7\n.previous\n");' \
		'int main(void) { return 0; }' >"$dir/go.c"
	gcc -o "$dir/go" "$dir/go.c"
	! said -l 5684 -- "$dir/go" && err_has "written in Go"
}
ok "a Go program is not started" go
nested() { ! said -l 1 -- dtlswrap -l 2 -- true && err_has "another dtlswrap"; }
ok "a dtlswrap in another is refused" nested
is "the program has the process id of dtlswrap" \
	"$(sh -c 'echo $$; exec dtlswrap -l 1 -- sh -c "echo \$\$"' | uniq | wc -l)" 1
is "its exit status is the program's" "$(said -l 1 -- sh -c 'exit 7'; echo $?)" 7
gone() { ! pgrep -x dtlswrap; }
ok "the supervisors have ended with their programs" wait_for 10 gone
is "a program that goes to the background does not keep the pipe of stderr" \
	"$(timeout 20 dtlswrap -l 1 -- sh -c 'sleep 60 >/dev/null 2>&1 & echo $!' 2>&1 |
		tee "$dir/sleep" | wc -l)" 1
kill "$(cat "$dir/sleep")"
done_testing
