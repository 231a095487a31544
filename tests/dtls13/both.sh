# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
#
# A server in namespace B and a client in A: programs of stock wolfSSL, or sockets with
# a daemon of the plug-in in their namespace.

. tests/daemon/lib.sh
. tests/harness/netns.sh
. tests/dtls13/sid.sh

both_setup() { # CASES WHAT: for want of wolfSSL so many are skipped
	sid_build "$dir" || sid_skip "$1" "$2"
	netns_setup
	# shellcheck disable=SC2016
	at_exit 'rm -rf "$dir"'
	pki
}

versions=1.3
profile() { # NAME LINE...
	printf '[profile %s]\nrole = both\nusers = *\nversions = %s\n' "$1" "$versions"
	shift
	printf '%s\n' "$@"
}

ready() { grep -q ready "$dir/$1.log"; }
daemon_in() { # NAMESPACE NAME
	ip netns exec "$1" "${with_sid[@]}" "$bin/dtls-handshaked" -f --engines "$dir" \
		-c "$dir/conf" 2>"$dir/$2.log" &
	at_exit "kill $! 2>/dev/null || :"
	wait_for 30 ready "$2"
}

port=5000
# without a program, for it is asked often
said() { # FILE PATTERN
	local line

	while IFS= read -r line || [ -n "$line" ]; do
		[[ ! $line =~ $2 ]] || return 0
	done 2>/dev/null <"$dir/$1"
	return 1
}
# start WHO NAMESPACE COMMAND...: a pipe to its stdin is held open as fd $WHO
start() {
	local who=$1 where=$2
	shift 2
	rm -f "$dir/in.$who"
	mkfifo "$dir/in.$who"
	# what the one before printed is not to be found
	: >"$dir/$who"
	: >"$dir/$who.err"
	nsenter --net="/run/netns/$where" -- timeout 60 "$@" <"$dir/in.$who" >"$dir/$who" \
		2>"$dir/$who.err" &
	started=$!
}
kernel=(build/tests/dtls13-application)
# both_start SERVER... -- CLIENT...: ADDRESS and PORT are put behind the first two words
both_start() { # ADDRESS SERVER-KIND ... -- CLIENT-KIND ...
	local at=$1 server=() client=()
	shift
	port=$((port + 1))
	while [ "$1" != -- ]; do server+=("$1"); shift; done
	shift
	client=("$@")
	command_of server "$at" "${server[@]}"
	start server "$NS_B" "${cmd[@]}"
	server_pid=$started
	exec 6>"$dir/in.server"
	wait_udp in_b "$port"
	command_of client "$at" "${client[@]}"
	start client "$NS_A" "${cmd[@]}"
	client_pid=$started
	exec 7>"$dir/in.client"
}
command_of() { # ROLE ADDRESS kernel PROFILE OPTION... | library SUITE OPTION... | mbedtls ...
	case $3 in
	kernel) cmd=("${kernel[@]}" "$1" "$4" "$2" "$port" "${@:5}") ;;
	listen) cmd=("${kernel[@]}" listen "$4" "$2" "$port" "${@:5}") ;;
	library) cmd=("${with_sid[@]}" "$dir/stock" "$1" "$2" "$port" "${@:4}") ;;
	# of tests/interop/newest.sh
	pion) cmd=("${pion[@]}" "$1" "$2" "$port" "${@:4}") ;;
	# AUTH CIPHER OPTION...
	mbedtls) cmd=("${with_sid[@]}" "$dir/interop-mbedtls" "$1" "$4" "$2" "$port" "$5" "$dir" "${@:6}") ;;
	esac
}
both_end() {
	exec 6>&- 7>&-
	kill "$server_pid" 2>/dev/null
	wait "$client_pid" 2>/dev/null
	kill "$client_pid" 2>/dev/null
	wait "$server_pid" "$client_pid" 2>/dev/null
}
# a word there and back
echoes() {
	echo "$1" >&7
	wait_for 10 said client "^$1"
}
shows() { # DESCRIPTION WHO PATTERN
	if said "$2" "$3"; then
		pass "$1"
	else
		fail "$1" "$(tail -n 3 "$dir/server" "$dir/server.err" "$dir/client" \
			"$dir/client.err" "$dir/a.log" "$dir/b.log")"
	fi
}
fails() { # DESCRIPTION FILE PATTERN: before anything was negotiated
	wait_for 20 test -s "$dir/$2"
	shows "$1" "$2" "$3"
	both_end
}

exporters_equal() {
	wait_for 5 said server exporter=
	said client exporter= &&
		[ "$(grep exporter= "$dir/client")" = "$(grep exporter= "$dir/server")" ]
}
# KERNEL is kernel-client, kernel-server or both
talk() { # NAME KERNEL
	wait_for 20 said client exporter=
	ok "$1: data both ways" echoes hello
	ok "$1: the exporters are equal" exporters_equal
}

# the first datagram that begins with this byte is lost on its way to the server, or the client
lose() { # in_a|in_b BYTE
	local from=sport to=dport
	[ "$1" = in_b ] || from=dport to=sport
	"$1" nft -f - <<-EOF
		table inet lose
		delete table inet lose
		table inet lose {
			set seen { type inet_service; flags dynamic; size 99; }
			chain arriving {
				type filter hook input priority 0;
				udp $to $((port + 1)) @th,64,8 $2 udp $from != @seen add @seen { udp $from } drop
			}
		}
	EOF
}
lost() { # in_a|in_b DESCRIPTION: both sides are done, and something was lost
	wait_for 20 said server exporter=
	wait_for 20 said client exporter=
	ok "$2" echoes hello
	ok "... which was lost" sh -c "nsenter --net=/run/netns/$3 nft list set inet lose seen | grep -q elements"
	"$1" nft delete table inet lose
	both_end
}

cert=("cert=$dir/server.pem" "key=$dir/server.key")
trust=("ca=$dir/ca.pem" name=server.test)
label=exporter=EXPORTER_x
any=TLS13-AES128-GCM-SHA256
own="certificate = $dir/server.pem
private-key = $dir/server.key
client-cert = optional
ca = $dir/ca.pem
crl = $dir/crl.pem
verify = name
peer-name = server.test, other.test, client.test"
