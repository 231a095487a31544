# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Shared by the daemon's tests: a directory, a PKI, peers on loopback.

. tests/harness/tap.sh
export LD_LIBRARY_PATH=$PWD/build/lib
# shellcheck disable=SC2034 # used by scripts that source this
bin=$PWD/build/bin
daemon=$PWD/build/tests/daemon-handshake
dir=$(mktemp -d)
peer=
trap 'stop_peer; rm -rf "$dir"' EXIT
# Forty runs of openssl take long on an emulated machine: the first test of a day
# makes it, on the host for all, or in a guest for those of the same boot.
made_pki() { # DIR
	local new
	[ "$1/ok" -nt tests/daemon/pki.sh ] &&
		[ -n "$(find "$1/ok" -mmin -1440)" ] && return
	new=$(mktemp -d "$1.XXXXXX") && tests/daemon/pki.sh "$new" &&
		sed -i "s|$new|@PKI@|g" "$new/conf" && touch "$new/ok" || return
	rm -rf "$1"
	# another test may have been faster
	mv -T "$new" "$1" 2>/dev/null || rm -rf "$new"
}
pki() {
	made_pki "$PWD/build/tests/pki" && cp -a build/tests/pki/. "$dir" || exit 1
	sed -i "s|@PKI@|$dir|g" "$dir/conf"
	# workers run as the user nobody; the parent reads the files that they need
	chmod 711 "$dir"
}

# For tests without certificates: [profile psk], for servers.
psk=0102030405060708090a0b0c0d0e0f10
psk_conf() { # LINES of [global]...
	echo "u1:$psk" >"$dir/psk"
	chmod 600 "$dir/psk"
	chmod 711 "$dir"
	{
		printf '[global]\n'
		printf '%s\n' "$@"
		printf '[profile psk]\nrole = server\nusers = *\npsk-file = %s\n' "$dir/psk"
	} >"$dir/conf"
}
# psk_client PORT ARGS...
psk_client() {
	local to=$1
	shift
	exec openssl s_client -dtls1_2 -mtu 1400 -connect "127.0.0.1:$to" -psk "$psk" \
		-psk_identity u1 -cipher PSK-AES128-GCM-SHA256 -quiet -no_ign_eof "$@"
}
export -f psk_client
export psk

port=$((20000 + RANDOM % 20000))
next_port() { port=$((port + 1)); }

stop_peer() {
	[ -z "$peer" ] || { kill "$peer" 2>/dev/null; wait "$peer" 2>/dev/null; }
	peer=
}

listening() {
	for _ in $(seq 100); do
		grep -qi ":$(printf %04X "$port") " /proc/net/udp /proc/net/udp6 && return
		sleep 0.05
	done
	echo "# nothing listens on $port"
}

# ossl_server ARGS...: says hello after a while; its stdin must stay open
quiet=-quiet
ossl_server() {
	next_port
	# shellcheck disable=SC2086
	openssl s_server -dtls1_2 -accept "127.0.0.1:$port" -mtu 1400 $quiet "$@" \
		>"$dir/peer.out" 2>&1 < <(sleep 0.6; echo hello-from-server; exec sleep 20) &
	peer=$!
	listening
}
gnutls_server() {
	next_port
	gnutls-serv --udp --echo -q --disable-client-cert -p "$port" --mtu 1400 "$@" \
		>"$dir/peer.out" 2>&1 </dev/null &
	peer=$!
	listening
}

# run ARGS...: the daemon; its output is then read with val KEY
run() {
	timeout 20 "$daemon" --config "$dir/conf" "$@" >"$dir/out" 2>"$dir/err"
	rc=$?
	return 0
}
client() { run --connect "127.0.0.1,$port" "$@"; }
# server ARGS...: in the background; result with wait_server
server() {
	next_port
	timeout 20 "$daemon" --config "$dir/conf" --listen "127.0.0.1,$port" "$@" \
		>"$dir/out" 2>"$dir/err" &
	serving=$!
	listening
}
# shellcheck disable=SC2034 # used by scripts that source this
wait_server() { wait "$serving"; rc=$?; return 0; }
val() { sed -n "s/^$1: //p" "$dir/out"; }

# expect DESCRIPTION KEY VALUE...: after run
expect() {
	local what=$1 k v
	shift
	while [ $# -gt 0 ]; do
		k=$1 v=$2
		shift 2
		# shellcheck disable=SC2053
		if [[ $(val "$k") != $v ]]; then
			fail "$what" "$k is '$(val "$k")', not '$v'
$(cat "$dir/out" "$dir/err" "$dir/peer.out" 2>/dev/null)"
			return
		fi
	done
	pass "$what"
}
