#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Handshakes over paths with a smaller MTU than the local link (RFC 6347 section
# 4.1.1.1): a in A, a router in B, peers of OpenSSL in C. Each peer has its own
# address and the router a route with an MTU to it, so that all handshakes run
# in parallel without effect on each other. Clients, and kdtls as
# server, send a chain of three RSA certificates, servers a list of CAs of 16 KB.
set -u
cd "${KDTLS_TOP:-.}" || exit 1
. tests/harness/tap.sh
. tests/harness/netns.sh
. tests/path/chains.sh
. tests/path/router.sh

dir=$(mktemp -d)
chmod 711 "$dir"
# shellcheck disable=SC2016 # expanded at exit
at_exit 'kill $(jobs -p) 2>/dev/null; rm -rf "$dir"'
trap "" PIPE

# The size found by loss depends on the peer's response time. Family,
# path, reported by ICMP or filtered, maximum UDP payload. No path of IPv6 is
# narrower than 1,280 (RFC 8200 section 5).
cases="4:1400:said:1372 4:1280:said:1252 4:576:said:548
	4:1400:filtered:1252 4:1280:filtered:1252 4:576:filtered:548
	6:1400:said:1352 6:1280:said:1232 6:1400:filtered:1232 6:1280:filtered:1232"
count=$(wc -w <<<"$cases")

topology() {
	router_setup
	in_a nft add table inet filtered
	in_a nft 'add chain inet filtered in { type filter hook prerouting priority -300; }'
}

# The ICMP error quotes the headers of the datagram: here its destination.
filter() { # ADDRESS IN HEX
	local is=icmp at=192,32
	[ ${#1} = 8 ] || is=icmpv6 at=256,128
	in_a nft "add rule inet filtered in meta l4proto $is @th,0,8 { 2, 3 } @th,$at 0x$1 drop"
}

address_of() { # FAMILY NUMBER
	case $1 in
	4) echo "10.78.0.$2" ;;
	6) echo "fd78::$2" ;;
	esac
}

# Sets address: of one more peer, behind such a path.
peers=10
log=
peer_behind() { # FAMILY MTU SAID
	peers=$((peers + 1))
	local hex
	hex=0a4e00$(printf %02x $peers)
	[ "$1" = 4 ] || hex=fd78$(printf %028d $peers)
	address=$(address_of "$1" $peers)
	if [ "$1" = 4 ]; then
		ip -n "$NS_C" addr add "$address/24" dev veth0
	else
		ip -n "$NS_C" addr add "$address/64" dev veth0 nodad
	fi
	ip "-$1" -n "$NS_B" route add "$address" dev link-c mtu lock "$2"
	[ "$3" = said ] || filter "$hex"
}

at() { # ADDRESS PORT
	case $1 in
	*:*) echo "[$1]:$2" ;;
	*) echo "$1:$2" ;;
	esac
}

# IPv6 uses servers of one peer each: the example is for IPv4.
serve6() {
	ip netns exec "$NS_A" dtlscat -l -e -w 120 -p server "$A6" "$1" \
		>"$dir/server.$1" 2>&1 </dev/null &
	wait_for 20 in_a sh -c "ss -Hulan | grep -qF '[$A6]:$1'"
}

openssl_in() { # s_client|s_server ARGS...
	ip netns exec "$NS_C" openssl "$1" -dtls1_2 -mtu 1400 -quiet -key "$dir/key" \
		"${@:2}" >"$dir/$log" 2>&1
}

comes() { # FAMILY: kdtls is the server
	local to=$A4:5000
	[ "$1" = 4 ] || { serve6 $((5000 + peers)); to="[$A6]:$((5000 + peers))"; }
	{ echo ping; sleep 300; } | log=$address openssl_in s_client -no_ign_eof \
		-bind "$(at "$address" 0)" -connect "$to" -cert "$dir/leaf.pem" \
		-cert_chain "$dir/chain.pem" &
}

answers() { # FAMILY: one server of OpenSSL, to which kdtls is a client
	{
		until grep -qa hello "$dir/server.$address"; do sleep 1; done
		echo ping
		sleep 300
	} | log=server.$address openssl_in s_server -accept "$(at "$address" 5000)" \
		-cert "$dir/short.pem" -Verify 5 -CAfile "$dir/cas.pem" &
}

goes() { # FAMILY
	{ echo hello; sleep 300; } | ip netns exec "$NS_A" dtlscat -v -w 120 -p client \
		-n server.test "$address" 5000 >"$dir/$address" 2>&1 &
}

all() { # COMMAND: for each path, with its peer's address
	local family mtu said end c
	for c in $cases; do
		IFS=: read -r family mtu said end <<<"$c"
		peer_behind "$family" "$mtu" "$said"
		"$1" "$family"
	done
}

again() { # COMMAND FIRST: with the same addresses
	local family c peer=$2
	for c in $cases; do
		IFS=: read -r family _ <<<"$c"
		peer=$((peer + 1))
		address=$(address_of "$family" "$peer")
		"$1" "$family"
	done
}

servers() { # NUMBER: this many OpenSSL servers listen
	[ "$(in_c ss -Hulan 'sport = 5000' | wc -l)" = "$1" ]
}

# Bytes of UDP payload: what dtlsctl shows, and what AES-GCM adds to a record.
path_of() { # ADDRESS
	local id content
	id=$(in_a dtlsctl show | awk -v peer="$1" 'index($5, peer ":") == 1 ||
		index($5, "[" peer "]:") == 1 { print $1; exit }')
	content=$(in_a dtlsctl show "$id" | sed -n 's/.* mtu:\([0-9]*\) .*/\1/p')
	[ "${content:-0}" -gt 0 ] && echo $((content + 13 + 8 + 16))
}

judge() { # ROLE FIRST
	local family mtu said end c peer=$2 until path
	uptime_now
	until=$((uptime_s + 150))
	for c in $cases; do
		IFS=: read -r family mtu said end <<<"$c"
		peer=$((peer + 1))
		address=$(address_of "$family" "$peer")
		uptime_now
		ok "kernel is $1, IPv$family, $mtu on the way, $said: they talk" \
			wait_for $((until - uptime_s)) grep -qa "^ping" "$dir/$address"
		path=$(path_of "$address")
		ok "... and the association has the path MTU" \
			test "${path:-9999}" -le "$end" -a "${path:-0}" -ge 548
		diag "path $path"
	done
}

chains "$dir" >"$dir/openssl.log" 2>&1
chains_conf "$dir" >"$dir/conf"
topology
ip netns exec "$NS_A" dtls-handshaked -f -c "$dir/conf" >"$dir/daemon.log" 2>&1 &
wait_for 30 grep -q ready "$dir/daemon.log"
ip netns exec "$NS_A" example-listen "$A4" 5000 server >"$dir/listen" 2>&1 &
wait_udp in_a 5000
all comes
judge server 10
all answers
wait_for 60 servers "$count"
again goes $((10 + count))
judge client $((10 + count))
done_testing
