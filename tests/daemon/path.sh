#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Flights of a chain of three RSA certificates, and a list of CAs of 16 KB, over a
# path with a smaller MTU than the kernel knows; ICMP reports it, or nothing
# (RFC 6347 section 4.1.1.1). All in parallel, since most of the time is waiting.

set -u
. tests/daemon/lib.sh
. tests/path/chains.sh

chains "$dir" >"$dir/log" 2>&1
chmod 711 "$dir"
{
	printf '[global]\nworkers = 1\n\n'
	chains_conf "$dir"
} >"$dir/conf"

# name, size that fits, size found by loss
paths="said:1372:0 said:548:0 filtered:1372:1252 filtered:548:548"

comes() { # NAME [OPTION...]
	next_port
	timeout 40 "$daemon" --config "$dir/conf" --listen "127.0.0.1,$port" \
		--profile server --timeout 30000 --say hello --wait-data "${@:2}" \
		>"$dir/server.$1" 2>"$dir/err.server.$1" &
	wait_for+=($!)
	listening
	{ sleep 15; } | timeout 15 openssl s_client -dtls1_2 -mtu 1400 -quiet -no_ign_eof \
		-connect "127.0.0.1:$port" -cert "$dir/leaf.pem" \
		-cert_chain "$dir/chain.pem" -key "$dir/key" >/dev/null 2>&1 &
}

goes() {
	next_port
	{ sleep 20; } | timeout 20 openssl s_server -dtls1_2 -mtu 1400 -quiet \
		-accept "127.0.0.1:$port" -cert "$dir/short.pem" -key "$dir/key" \
		-Verify 5 -CAfile "$dir/root.pem" >"$dir/peer.$1" 2>&1 &
	listening
	timeout 40 "$daemon" --config "$dir/conf" --connect "127.0.0.1,$port" \
		--profile client --name server.test --timeout 30000 "${@:2}" \
		>"$dir/client.$1" 2>"$dir/err.client.$1" &
	wait_for+=($!)
}

wait_for=()
for p in $paths; do
	IFS=: read -r how mtu _ <<<"$p"
	options=(--path "$mtu")
	[ "$how" = said ] || options+=(--filtered)
	comes "$how.$mtu" "${options[@]}"
	goes "$how.$mtu" "${options[@]}"
done
wait "${wait_for[@]}"

for p in $paths; do
	IFS=: read -r how mtu narrow <<<"$p"
	for role in server client; do
		cp "$dir/$role.$how.$mtu" "$dir/out"
		cp "$dir/err.$role.$how.$mtu" "$dir/err"
		expect "$role, $mtu bytes fit, $how" status 0 reused 0
		if [ "$how" = said ]; then
			is "... nothing is found by loss" "$(val narrow)" "$narrow"
		else
			found=$(val narrow)
			ok "... which is found by loss" \
				test "${found:-0}" -le "$narrow" -a "${found:-0}" -ge 548
		fi
	done
done
# shellcheck disable=SC2046 # several
kill $(jobs -p) 2>/dev/null
done_testing
