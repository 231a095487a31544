# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The first datagram of a kind, of each client, gets VERDICT on arrival: a
# set of nftables stores the client's port, so that the next one passes. The
# kind is that of the datagram's first record. Source it; then
#	first_ones FILE in_a|in_b|command VERDICT KIND...	of the server at $port
#	came in_a|in_b|command KIND...		the kinds that arrived
# KIND: verify hello ticket ccs finished, of the server; client_ccs. verify is the
# HelloVerifyRequest.

first_rule() { # KIND VERDICT
	local is from=sport client=dport
	case $1 in
	verify) is="@th,64,8 22 @th,168,8 3" ;;
	hello) is="@th,64,8 22 @th,168,8 2" ;;
	ticket) is="@th,64,8 22 @th,168,8 4" ;;
	ccs) is="@th,64,8 20" ;;
	finished) is="@th,64,8 22 @th,88,16 1" ;;
	client_ccs) is="@th,64,8 20" from=dport client=sport ;;
	esac
	# shellcheck disable=SC2154 # the caller's port
	echo "udp $from $port $is udp $client != @$1 add @$1 { udp $client } $2"
}

first_ones() {
	{
		echo "table inet first"
		echo "delete table inet first"
		echo "table inet first {"
		for kind in "${@:4}"; do
			echo "set $kind { type inet_service; flags dynamic; size 99; }"
		done
		echo "chain arriving { type filter hook input priority 0;"
		for kind in "${@:4}"; do
			first_rule "$kind" "$3"
		done
		echo "}; }"
	} >"$1"
	"$2" nft -f "$1"
}

came() {
	for kind in "${@:2}"; do
		"$1" nft list set inet first "$kind" 2>/dev/null |
			grep -q elements && echo "$kind"
	done
}
