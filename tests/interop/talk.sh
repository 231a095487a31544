# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# A client and a server, one of them the kernel's, that exchange a few messages.
# Source it after peers.sh; then
#	kernel_is_server|kernel_is_client PEER AUTH	starts both, at $port
#	talk ROLE PEER		they talk; ROLE is the kernel's
#	heard ROLE PEER		each word has arrived, none twice
#	hang_up			ends both, and goes to the next port

cipher=AES-128-GCM
canary=KDTLS-CANARY:
port=5000

kernel_is_server() { # PEER AUTH
	peer_command "$1" client "$2" "$A4" "$port"
	start server "$NS_A" dtlscat -l -v -w 60 -p "$2-$cipher" "$A4" "$port"
	server=$started
	exec 6>"$dir/in.server"
	wait_udp in_a "$port"
	start client "$NS_B" "${peer[@]}"
}

kernel_is_client() { # PEER AUTH
	peer_command "$1" server "$2" "$B4" "$port"
	start server "$NS_B" "${peer[@]}"
	server=$started
	exec 6>"$dir/in.server"
	wait_udp in_b "$port"
	start client "$NS_A" dtlscat -v -w 60 -p "$2-$cipher" \
		-n server.example "$B4" "$port"
}

times() { grep -ac "$canary$2" "$dir/$1"; }

# The server sends as soon as it can. gnutls-serv only echoes.
talk() { # ROLE PEER
	exec 7>"$dir/in.client"
	if [ "$1-$2" = client-gnutls ]; then
		echo "${canary}pong" >&7
	else
		echo "${canary}early" >&6
		echo "${canary}ping" >&7
		wait_for 30 says server "${canary}ping"
		echo "${canary}pong" >&6
	fi
	wait_for 30 says client "${canary}pong"
}

# "once" for each message that must arrive; any result for the early one
heard() { # ROLE PEER
	local ping
	ping=$(times server ping)
	[ "$1-$2" != client-gnutls ] || ping=1
	[ "$ping" = 1 ] && [ "$(times client pong)" = 1 ] &&
		[ "$(times client early)" -le 1 ]
}

# One may have ended with its input.
hang_up() {
	exec 6>&- 7>&-
	kill "$server" "$started" 2>/dev/null
	wait "$server" "$started" 2>/dev/null
	port=$((port + 1))
}
