#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an administrator and a user are shown: one daemon a namespace, errors with their
# cause; README's configuration serves README's examples and those of dtlscat(1).
set -u
. tests/daemon/lib.sh
. tests/harness/netns.sh
netns_setup
# shellcheck disable=SC2016 # expanded at exit
at_exit 'rm -rf "$dir"'

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=host.test \
	-addext subjectAltName=DNS:host.test -keyout "$dir/key" -out "$dir/cert" 2>/dev/null
chmod 600 "$dir/key"
{
	printf '[global]\nworkers = 1\n'
	for role in client server; do
		printf '[profile %s]\nrole = %s\nusers = *\ncertificate = %s\nprivate-key = %s\n' \
			$role $role "$dir/cert" "$dir/key"
	done
} >"$dir/conf"
sed -i '/^.profile client/a verify = name\npeer-name = host.test\nca = '"$dir/cert" "$dir/conf"

pid_a='' pid_b=''
start() { # a|b [ARG...]: without a shell between, for the process id
	local ns=$1 name=$NS_A
	[ "$ns" = a ] || name=$NS_B
	shift
	: >"$dir/$ns.log"
	ip netns exec "$name" dtls-handshaked -f "${@:--c$dir/conf}" 2>>"$dir/$ns.log" &
	eval "pid_$ns=$!"
	wait_for 30 grep -q ready "$dir/$ns.log"
}
stop() { kill "$1"; wait "$1" 2>/dev/null; }
# says DESCRIPTION STATUS TEXT ARG...: of dtlscat in A
says() {
	local what=$1 status=$2 text=$3
	shift 3
	in_a timeout 60 dtlscat "$@" "$B4" 5000 >"$dir/out" 2>&1 </dev/null
	local rc=$?
	if [ $rc = "$status" ] && grep -qF -- "$text" "$dir/out"; then
		pass "$what"
	else
		fail "$what" "exit status $rc
$(cat "$dir/out")"
	fi
}

missing="no dtls-handshaked runs in this network namespace; start one: systemctl start dtls-handshaked@$NS_A"
says "no daemon: the command that starts one here" 3 "$missing" -p client
start b
says "... though one serves another namespace" 3 "$missing" -p client
is "with 1 worker" "$(grep -c 'with 1 worker$' "$dir/b.log")" 1

start a
in_a timeout 20 dtls-handshaked -f -c "$dir/conf" >"$dir/second" 2>&1
is "a second daemon ends" $? 75
ok "... and names the first" grep -q "another dtls-handshaked (pid $pid_a) serves this network namespace" "$dir/second"
ok "... which goes on" kill -0 "$pid_a"
ok "--check is no second daemon" in_a dtls-handshaked --check -c "$dir/conf"

says "a profile that does not exist is named" 3 'profile "nothing", client, peer' -p nothing
says "... with what may be wrong" 3 'no such profile, or not for this user, role, peer or server name' -p nothing
says "a role that is not permitted is named" 3 'profile "server", client, peer' -p server
says "a server name that is not permitted is named" 3 'server name "other.test"' -p client -n other.test
ok "... the log has which" grep -q 'is not for a server of this name' "$dir/a.log"
serve() { # ARG...
	in_b timeout 100 dtlscat -v -e -l "$@" >"$dir/serve" 2>&1 &
	server=$!
	wait_udp in_b "${@: -1}"
}
serve -p server "$B4" 5000
says "a certificate is verified" 0 'peer "CN=host.test", verified' -v -w 30 -p client
wait $server
ok "an anonymous peer is called so" grep -q '^dtlscat: an anonymous peer$' "$dir/serve"
stop "$pid_a"

ip netns exec "$NS_A" python3 -c '
import os, socket, time
os.setuid(65534)
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("\0dtls-handshaked")
s.listen()
print("bound", flush=True)
time.sleep(60)' >"$dir/squat" &
squatter=$!
wait_for 20 grep -q bound "$dir/squat"
ok "another user that holds the daemon's address does not prevent its start" start a
ok "... and is logged" grep -q "another user holds the address" "$dir/a.log"
kill $squatter
stop "$pid_a"
stop "$pid_b"

# shellcheck disable=SC2016 # backquotes of Markdown
readme() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/{/^\`\`\`/!p}" README.md; }
# shellcheck disable=SC2016 # backquotes of Markdown
bash -euc "$(sed -n '/^(umask 077; openssl req/,/^```/{/^```/!p}' README.md | sed '1i mkdir -p /etc/dtls-handshaked')" 2>/dev/null
readme ini >/etc/dtls-handshaked.conf
is "README's configuration has no error and no warning" "$(dtls-handshaked --check 2>&1)" ""
ok "... --check accepts it" dtls-handshaked --check
start b -c/etc/dtls-handshaked.conf
# .EX to .EE of the first example
example=$(sed -n '/^An echo server/,/^.EE/{/^[$]/p}' Documentation/man/dtlscat.1 | sed 's/^[$] //; s/\\-/-/g')
server_line=${example%%$'\n'*} client_line=${example#*$'\n'}
in_b timeout 60 bash -c "${server_line% &}" >/dev/null 2>&1 &
wait_udp in_b 4433
is "dtlscat(1)'s example" "$(in_b timeout 60 bash -c "$client_line")" hello
in_b timeout 60 example-server 127.0.0.1 5001 >"$dir/serve" 2>&1 &
wait_udp in_b 5001
ok "example-client and example-server" sh -c "echo hi | ip netns exec $NS_B timeout 60 example-client 127.0.0.1 5001 server.example"
ip -n "$NS_B" addr add 192.0.2.1/32 dev lo
wrap=$(sed -n '/^dtlswrap --listen/p' README.md)
# shellcheck disable=SC2086 # README's words
in_b timeout 60 $wrap >"$dir/wrap" 2>&1 &
wait_udp in_b 5684
ok "README's dtlswrap serves with profile coap" in_b timeout 60 sh -c \
	"dtlscat -w 20 -n server.example 192.0.2.1 5684 </dev/null"
stop "$pid_b"
done_testing
