# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
#
# The daemon's workers, sandbox and all, over sockets without a kernel module, with the
# plug-in and stock wolfSSL of Debian sid. Source it with $cases and $what set, for a skip.

. tests/daemon/lib.sh
. tests/dtls13/sid.sh
sid_build "$dir" || sid_skip "$cases" "$what"
pki

# [profile NAME] ROLE LINE...: of these versions
versions=1.3
profile() {
	printf '[profile %s]\nrole = %s\nusers = *\nversions = %s\n' "$1" "$2" "$versions"
	shift 2
	printf '%s\n' "$@"
}
check="ca = $dir/ca.pem
crl = $dir/crl.pem
verify = name"
own() { printf 'certificate = %s.pem\nprivate-key = %s.key\n' "$dir/$1" "$dir/$1"; }
shared="psk-file = $dir/psk-text
psk-identity = u1
peers = 127.0.0.0/8"
echo "u1:$(printf 0123456789abcdef | xxd -p)" >"$dir/psk-text"
chmod 600 "$dir/psk-text"

any=TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384
cert=("cert=$dir/server.pem" "key=$dir/server.key")
daemon_13() {
	timeout "${patience:-20}" "${with_sid[@]}" "$daemon" --engines "$dir" --config "$dir/conf" "$@" \
		>"$dir/out" 2>"$dir/err"
}
# peer_server SUITE OPTION...
peer_server() {
	next_port
	"${with_sid[@]}" "$dir/stock" server 127.0.0.1 "$port" "$@" >"$dir/peer.out" 2>&1 </dev/null &
	peer=$!
	listening
}
as_client() { # PROFILE ARG...: the daemon; the peer is a server already
	daemon_13 --connect "127.0.0.1,$port" --profile "$@"
	sleep 0.1
	stop_peer
}
as_server() { # PROFILE [ARG...] -- SUITE OPTION...: the daemon; the peer is a client
	local own=()
	while [ "$1" != -- ]; do own+=("$1"); shift; done
	shift
	next_port
	daemon_13 --listen "127.0.0.1,$port" --wait-data --linger 4000 --profile "${own[@]}" &
	serving=$!
	listening
	{ sleep 0.4; echo hello-from-client; sleep "${hold:-0.3}"; } |
		timeout 15 "${with_sid[@]}" "$dir/stock" client 127.0.0.1 "$port" "$@" \
			>"$dir/peer.out" 2>&1
	wait "$serving"
}
trust=("ca=$dir/ca.pem" name=server.test)
echo_back=(--say ping --wait-data --linger 4000)

