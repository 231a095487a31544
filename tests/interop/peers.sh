# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Third-party programs in namespace B; kdtls and a dtls-handshaked in A.
# Source it after tap.sh and netns.sh; then
#	peers_setup
#	peer_command openssl|gnutls|libcoap-openssl|libcoap-gnutls|wolfssl|erlang|
#		mbedtls client|server x509|psk ADDRESS PORT [CIPHER]	sets the array peer
#	peer_mbedtls_build	fails without the root of Debian sid, whose mbedTLS it is
#	start LOG NAMESPACE COMMAND...	in the background, see below; sets started
#	says LOG TEXT			has it been printed, in whatever case?
#	dtlscat -p AUTH-CIPHER		the profiles; they choose the suite. -wolfssl
#		or -erlang behind that: extensions that these peers lack are not required

. tests/dtls13/sid.sh
dir=$(mktemp -d)
# shellcheck disable=SC2016 # expanded at exit
at_exit 'rm -rf "$dir"'
ciphers="AES-128-GCM AES-256-GCM CHACHA20-POLY1305 AES-128-CCM AES-128-CCM-8"
psk=0123456789abcdef
psk_hex=30313233343536373839616263646566

peers_certificates() (
	cd "$dir" || exit 1
	ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
	# shellcheck disable=SC2086 # several words
	openssl req -x509 $ec -days 2 -keyout ca.key -out ca.pem -subj "/CN=CA"
	# shellcheck disable=SC2086
	openssl req -new $ec -keyout server.key -out server.csr \
		-subj "/CN=server.example"
	echo "subjectAltName=DNS:server.example" >server.ext
	openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key \
		-CAcreateserial -days 2 -extfile server.ext -out server.pem
)

profiles() { # CIPHER [PEER LINE]
	cat <<-CONF
	[profile x509-$1${2:+-$2}]
	${3:-}
	role = both
	users = root
	verify = name
	ca = $dir/ca.pem
	certificate = $dir/server.pem
	private-key = $dir/server.key
	client-cert = optional
	ciphers = ${1,,}

	[profile psk-$1${2:+-$2}]
	${3:-}
	role = both
	users = root
	peers = 10.77.0.0/24, fd77::/64
	psk-file = $dir/psk
	psk-identity = u1
	ciphers = ${1,,}
	CONF
}

peers_setup() {
	umask 077
	peers_certificates >"$dir/openssl.log" 2>&1
	echo "u1:$psk_hex" >"$dir/psk"
	for c in $ciphers; do
		profiles "$c"
		profiles "$c" wolfssl "secure-renegotiation = offered"
		profiles "$c" erlang "extended-master-secret = offered"
	done >"$dir/conf"
	# libcoap uses OpenSSL's system settings: CCM-8 needs this
	printf '%s\n' "openssl_conf = c" "[c]" "ssl_conf = s" "[s]" \
		"system_default = d" "[d]" "CipherString = ALL:@SECLEVEL=0" \
		>"$dir/openssl.cnf"
	netns_setup
	# ip-netns(8) shows it to B as /etc/hosts
	mkdir -p "/etc/netns/$NS_B"
	at_exit "rm -rf /etc/netns/$NS_B"
	printf '%s\n' "$A4 four.example" "$A6 six.example" \
		>"/etc/netns/$NS_B/hosts"
	ip netns exec "$NS_A" dtls-handshaked -f -c "$dir/conf" >"$dir/daemon.log" 2>&1 &
	at_exit "kill $! 2>/dev/null || :"
	wait_for 20 grep -q ready "$dir/daemon.log"
}

# An IPv6 address before a port is in brackets.
with_port() {
	case $1 in
	*:*) echo "[$1]:$2" ;;
	*) echo "$1:$2" ;;
	esac
}

peer_openssl() { # ROLE AUTH ADDRESS PORT
	local cipher=aECDSA at
	at=$(with_port "$3" "$4")
	[ "$2" = x509 ] || cipher=kPSK
	peer=(openssl "s_$1" -dtls1_2 -mtu 1400 -quiet
		-cipher "$cipher:@SECLEVEL=0")
	case $1 in
	client) peer+=(-connect "$at") ;;
	server) peer+=(-accept "$at") ;;
	esac
	case $1-$2 in
	*-psk) peer+=(-psk "$psk_hex" -psk_identity u1) ;;
	server-x509) peer+=(-cert "$dir/server.pem" -key "$dir/server.key") ;;
	esac
	[ "$1-$2" != server-psk ] || peer+=(-nocert)
}

peer_gnutls() { # ROLE AUTH ADDRESS PORT
	local priority=NORMAL:-VERS-ALL:+VERS-DTLS1.2:+AES-128-CCM-8
	[ "$2" = x509 ] || priority=$priority:-KX-ALL:+PSK
	case $1 in
	client) peer=(gnutls-cli --udp --insecure) ;;
	server) peer=(gnutls-serv --udp --echo) ;;
	esac
	peer+=(-p "$4" --mtu 1400 --priority "$priority")
	case $1-$2 in
	client-psk) peer+=(--pskusername u1 --pskkey "$psk_hex") ;;
	server-psk) peer+=(--pskpasswd "$dir/psk") ;;
	server-x509) peer+=(--x509certfile "$dir/server.pem"
		--x509keyfile "$dir/server.key" --disable-client-cert) ;;
	esac
	[ "$1" = server ] || peer+=("$3")
}

# The server takes both kinds of keys, on all addresses, and any number of
# clients; coap is on the port before that of coaps. The client is given a name:
# with a PSK it would send an IPv6 address as SNI, which RFC 6066
# section 3 forbids and GnuTLS, also in libcoap's own server, refuses.
peer_libcoap() { # ROLE AUTH ADDRESS PORT TLS-LIBRARY
	local name=four.example
	[[ $3 != *:* ]] || name=six.example
	peer=(env "OPENSSL_CONF=$dir/openssl.cnf" "coap-$1-$5")
	case $1-$2 in
	client-x509) peer+=(-R "$dir/ca.pem") ;;
	client-psk) peer+=(-u u1 -k "$psk") ;;
	server-*) peer+=(-n -c "$dir/server.pem" -j "$dir/server.key"
		-k "$psk" -h "" -p $(($4 - 1))) ;;
	esac
	[ "$1" = server ] ||
		peer+=(-B 60 "coaps://$name:$4/example_data")
}

# The name of a suite, as OpenSSL and these two have it.
suite() { # AUTH CIPHER
	local name=${2/AES-/AES}
	case $1-$2 in
	*-CHACHA20-*) ;;
	*-AES-128-GCM) name=$name-SHA256 ;;
	*-AES-256-GCM) name=$name-SHA384 ;;
	esac
	name=${name/CCM-8/CCM8}
	case $1 in
	x509) echo "ECDHE-ECDSA-$name" ;;
	psk) echo "ECDHE-PSK-$name" ;;
	esac
}
peer_wolfssl() { # ROLE AUTH ADDRESS PORT CIPHER
	peer=(interop-wolfssl "$1" "$2" "$3" "$4" "$(suite "$2" "$5")" "$dir")
}
# no ECDHE with a PSK: OTP 25 refuses it with insufficient_security
peer_erlang() { # ROLE AUTH ADDRESS PORT CIPHER
	local name
	name=$(suite "$2" "$5")
	peer=(tests/interop/erlang.escript "$1" "$2" "$3" "$4" "${name/#ECDHE-PSK/PSK}" "$dir")
}

peer_mbedtls_build() {
	sid_mbedtls "$dir"
}
peer_mbedtls() { # ROLE AUTH ADDRESS PORT CIPHER
	local name=$5
	case $5 in
	*-128-GCM | CHACHA20-*) name=$5-SHA256 ;;
	*-256-GCM) name=$5-SHA384 ;;
	esac
	[ "$2" = psk ] || name=ECDHE-ECDSA-WITH-$name
	peer=("${with_sid[@]}" "$dir/interop-mbedtls" "$1" "$2" "$3" "$4" "TLS-${name/#AES/PSK-WITH-AES}" "$dir")
}

peer_command() {
	case $1 in
	libcoap-*) peer_libcoap "${@:2}" "${1#*-}" ;;
	*) "peer_$1" "${@:2}" ;;
	esac
}

# The input is a pipe that the caller holds open by writing to $dir/in.LOG:
# these programs end when their input does.
start() {
	local log=$1 where=$2
	shift 2
	rm -f "$dir/in.$log"
	mkfifo "$dir/in.$log"
	nsenter --net="/run/netns/$where" -- "$@" <"$dir/in.$log" >"$dir/$log" \
		2>"$dir/err.$log" &
	# shellcheck disable=SC2034 # for the caller
	started=$!
}

# Bash needs no program for it, and wait_for looks often.
says() {
	local text='' part

	while IFS= read -r -d '' part || [ -n "$part" ]; do
		text+=$part
	done <"$dir/$1"
	[[ $'\n'${text,,}$'\n' == *"${2,,}"* ]]
}
