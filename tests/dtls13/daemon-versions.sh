#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Profiles with DTLS 1.2 and 1.3 end to end: dtls-handshaked and the kernel on one side, a
# program of stock wolfSSL, OpenSSL or GnuTLS on the other; and the kernel on both.
set -u
cd "$(dirname "$0")/../.." || exit 1
trap "" PIPE
. tests/dtls13/both.sh

both_setup 87 "both versions by the daemon"

echo "u1:$(printf 0123456789abcdef | xxd -p)" >"$dir/psk-text"
chmod 600 "$dir/psk-text"
profile() { # NAME ROLE VERSIONS LINE...
	printf '[profile %s]\nrole = %s\nusers = *\nversions = %s\n' "$1" "$2" "$3"
	shift 3
	printf '%s\n' "$@"
}
{
	# cookies are a worker's: another one would refuse them anyway
	printf '[global]\nworkers = 1\n'
	profile x509 both "1.2, 1.3" "$own" "alpn = coap, h3"
	profile x509-12 both 1.2 "$own"
	profile x509-13 both 1.3 "$own"
	# without a certificate of their own
	for v in "c:1.2, 1.3" c-12:1.2 c-13:1.3; do
		profile "${v%:*}" client "${v#*:}" "ca = $dir/ca.pem" "verify = name"
	done
	profile x509-tickets both "1.2, 1.3" "$own" "tickets = yes"
	profile psk both "1.2, 1.3" "psk-file = $dir/psk-text" "psk-identity = u1" \
		"peers = 10.77.0.0/16, fd77::/64"
} >"$dir/conf"
daemon_in "$NS_A" a
daemon_in "$NS_B" b

suites=TLS13-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-PSK-AES128-GCM-SHA256
suites=$suites:DHE-PSK-AES128-GCM-SHA256
secret=psk=u1:0123456789abcdef
server_name=server_name=server.test

# KERNEL ROLE against a library of one version or both
at=$B4
for v in 1.2:fefd 1.3:fefc both:fefc; do
	has=versions=${v%:*} version=${v#*:}
	both_start "$at" library $suites "${cert[@]}" "$label" alpn=h3 "$has" -- \
		kernel x509 $server_name
	talk "kernel is client, server of ${v%:*}, X.509, $at"
	shows "... DTLS_PEER" client \
		"version=$version suite=.* verified=1 kind=1 identity=CN=server name=server.test alpn=h3 cert=yes"
	ok "... dtlsctl show" sh -c "nsenter --net=/run/netns/$NS_A $bin/dtlsctl show | grep -q ' ${version/fefd/1.2} \| ${version/fefc/1.3} '"
	both_end
	[ "$at" = "$B4" ] && at=$B6 || at=$B4
	both_start "$at" library $suites $secret "$label" "$has" -- kernel psk
	talk "kernel is client, server of ${v%:*}, PSK, $at"
	shows "... DTLS_PEER" client "version=$version suite=.* verified=1 kind=2 identity=u1"
	both_end
	both_start "$at" kernel x509 -- library $suites "${trust[@]}" "$label" alpn=h3,coap "$has"
	talk "kernel is server, client of ${v%:*}, X.509, $at"
	shows "... DTLS_PEER" server \
		"version=$version suite=.* verified=0 kind=0 identity= name=server.test alpn=coap cert=no"
	both_end
	both_start "$at" kernel psk -- library $suites $secret "$label" "$has"
	talk "kernel is server, client of ${v%:*}, PSK, $at"
	both_end
done

# libraries without DTLS 1.3
command_of() { # ROLE ADDRESS kernel PROFILE OPTION... | program COMMAND..., with @ for the port
	case $3 in
	kernel) cmd=("${kernel[@]}" "$1" "$4" "$2" "$port" "${@:5}") ;;
	listen) cmd=("${kernel[@]}" listen "$4" "$2" "$port" "${@:5}") ;;
	library) cmd=("${with_sid[@]}" "$dir/stock" "$1" "$2" "$port" "${@:4}") ;;
	program) cmd=("${@:4}") && cmd=("${cmd[@]//@/$port}") ;;
	esac
}
both_start "$B4" program gnutls-serv --udp --echo -q --disable-client-cert -p @ \
	--x509certfile "$dir/server.pem" --x509keyfile "$dir/server.key" -- \
	kernel x509 $server_name
wait_for 20 said client exporter=
ok "kernel is client of GnuTLS: data both ways" echoes hello
shows "... DTLS 1.2" client version=fefd
both_end
both_start "$B4" program openssl s_server -dtls1_2 -accept "$B4:@" -mtu 1400 -quiet \
	-cert "$dir/server.pem" -key "$dir/server.key" -- kernel x509 $server_name
wait_for 20 said client exporter=
echo hello >&7
ok "kernel is client of OpenSSL: data there" wait_for 10 said server ^hello
echo answer >&6
ok "... and back" wait_for 10 said client ^answer
shows "... DTLS 1.2" client version=fefd
both_end
both_start "$B4" kernel x509 -- program openssl s_client -dtls1_2 -mtu 1400 -connect "$B4:@" \
	-quiet -CAfile "$dir/ca.pem" -verify_return_error
wait_for 20 said server exporter=
ok "kernel is server of OpenSSL: data both ways" echoes hello
shows "... DTLS 1.2" server version=fefd
both_end

# tickets are of DTLS 1.2, with the mark in each random
for session in out:New in:Reused; do
	both_start "$B4" listen x509-tickets -- program openssl s_client -dtls1_2 -mtu 1400 \
		-connect "$B4:@" -CAfile "$dir/ca.pem" -verify_return_error \
		"-sess_${session%:*}" "$dir/session"
	wait_for 20 said client "^${session#*:}, TLS"
	ok "a session that is ${session#*:}: data both ways" echoes hello
	shows "... as the client says" client "^${session#*:}, TLS"
	both_end
done

# clients of both versions at one socket, at the same time
both_start "$B4" listen x509 -- library $suites "${trust[@]}" "$label" versions=1.2
wait_for 20 said client exporter=
others=()
n=8
for v in 1.3 both 1.2; do
	start "other-$v" "$NS_A" "${with_sid[@]}" "$dir/stock" client "$B4" "$port" $suites \
		"${trust[@]}" "$label" "versions=$v"
	others+=("$started")
	eval "exec $n>\"$dir/in.other-$v\""
	wait_for 20 said "other-$v" exporter=
	n=$((n + 1))
done
ok "a listening socket: the first client, of 1.2" echoes hello
n=8
for v in 1.3 both 1.2; do
	echo "hello-$v" >&$n
	ok "... another, of $v" wait_for 10 said "other-$v" "^hello-$v"
	n=$((n + 1))
done
ok "... the first goes on" echoes once-more
is "... two of DTLS 1.3" "$(cat "$dir"/other-* | grep -c DTLSv1.3)" 2
is "... which dtlsctl shows" "$(in_b "$bin/dtlsctl" show | grep -c ' 1\.3 ')" 2
exec 8>&- 9>&- 10>&-
kill "${others[@]}" 2>/dev/null
both_end
both_start "$B4" listen x509 max=1.2 -- library $suites "${trust[@]}" "$label" versions=1.2
wait_for 20 said client exporter=
ok "a listening program that wants 1.2: a client of it" echoes hello
both_end
both_start "$B4" listen x509 max=1.2 -- library $suites "${trust[@]}" "$label" versions=both
ok "... a client of both is refused, and the log says why" \
	wait_for 20 grep -q 'not between the versions of the program; use a profile without it' "$dir/b.log"
both_end

# a cookie is of an address and a port
for v in 1.2 1.3; do
	start middle "$NS_A" python3 tests/dtls13/strip.py 7000 $((port + 1)) moved "$B4"
	middle=$started
	exec 8>"$dir/in.middle"
	wait_udp in_a 7000
	both_start "$B4" listen x509 -- program "${with_sid[@]}" "$dir/stock" client 127.0.0.1 7000 \
		$suites "${trust[@]}" "$label" versions=$v
	# of 1.2 it is asked for another one, of 1.3 there is no answer
	wait_for 20 said middle "moved: sent"
	sleep 2
	is "a cookie from another port, $v: it is not accepted" \
		"$(grep -o "sent\|taken" "$dir/middle" | sort -u)" sent
	exec 8>&-
	kill "$middle"
	both_end
done
nok "... and the kernel had no answer to refuse" grep -q 'kernel: not one Hello' "$dir/b.log"

# kernel to kernel
for pair in c:x509:fefc c:x509-12:fefd c-12:x509:fefd c:x509-13:fefc c-13:x509:fefc \
	psk:psk:fefc; do
	IFS=: read -r client server version <<<"$pair"
	both_start "$B4" kernel "$server" -- kernel "$client" $server_name
	talk "kernel to kernel, client $client, server $server"
	shows "... DTLS_PEER" client "version=$version"
	both_end
done
both_start "$B4" kernel x509 -- kernel c $server_name max=1.2
talk "kernel to kernel, the client's program wants 1.2"
shows "... DTLS_PEER" client version=fefd
both_end

# the last flight of DTLS 1.2, in either role
ccs=0x14
lose in_a $ccs
both_start "$B4" library $suites "${cert[@]}" "$label" versions=1.2 -- kernel x509 $server_name
lost in_a "the server's last flight is sent again by its library" "$NS_A"
lose in_a $ccs
both_start "$B4" kernel x509 -- library $suites "${trust[@]}" "$label" versions=1.2
lost in_a "... or by its kernel" "$NS_A"

# refusals
both_start "$B4" library $suites "${cert[@]}" versions=1.2 -- kernel x509 server_name=other.test
fails "wrong name" client.err 'error 129'
both_start "$B4" library $suites "cert=$dir/stranger.pem" "key=$dir/stranger.key" versions=1.2 -- \
	kernel x509 $server_name
fails "untrusted CA" client.err 'error 129'
both_start "$B4" library $suites "${cert[@]}" versions=1.2 -- kernel x509 $server_name min=1.3
fails "a program that wants 1.3, of a server of 1.2" client.err 'error '
done_testing
