# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# DTLS 1.3 of wolfSSL, which Debian 12 does not have: programs are built with the
# headers of Debian sid and this system's compiler, and run with all of sid's
# libraries. Source it, then:
#	sid_build DIR	the daemon's plug-in and tests/dtls13/stock.c, as "stock", into DIR;
#			fails without wolfSSL
#	sid_skip CASES WHAT	ends a test of so many cases, for want of it
#	"${with_sid[@]}" PROGRAM ARG...
#	suite CIPHER	its suite of DTLS 1.3, by wolfSSL's name

sid_root=${KDTLS_CACHE:-/var/cache/kdtls}/sid/usr
sid_lib=$sid_root/lib/x86_64-linux-gnu
# libraries that sid's root has not are this system's
with_sid=("$sid_lib/ld-linux-x86-64.so.2" --library-path
	"$sid_lib:$PWD/build/lib:/usr/lib/x86_64-linux-gnu:/lib/x86_64-linux-gnu")

sid_has_wolfssl() { [ -e "$sid_lib/libwolfssl.so" ]; }

sid_gcc() { # ARG...
	local include
	include=$(mktemp -d)
	ln -s "$sid_root/include/wolfssl" "$include"
	gcc -std=gnu11 -D_GNU_SOURCE -O1 -g -isystem "$include" -Iinclude/uapi -Iinclude \
		"$@" -iquote kernel "$sid_lib/libwolfssl.so" \
		-Wl,--unresolved-symbols=ignore-in-shared-libs
	local rc=$?
	rm -r "$include"
	return $rc
}

# tests/interop/mbedtls.c into DIR, for mbedTLS 3 is in no older Debian either; fails without it
sid_mbedtls() { # DIR
	local include rc
	[ -e "$sid_lib/libmbedtls.so" ] || return
	include=$(mktemp -d)
	ln -s "$sid_root"/include/{mbedtls,psa} "$include"
	gcc -Wall -O1 -I"$include" -o "$1/interop-mbedtls" tests/interop/mbedtls.c \
		"$sid_lib"/libmbed{tls,x509,crypto}.so \
		-Wl,--unresolved-symbols=ignore-in-shared-libs
	rc=$?
	rm -r "$include"
	return $rc
}

sid_plugin() { # DIR
	local version
	version=$(sed -n 's/^#define KDTLS_VERSION "\(.*\)"/\1/p' include/kdtls/version.h)
	sid_gcc -Wall -Wextra -Wno-unused-parameter -Werror -fPIC -shared -fvisibility=hidden \
		"-DKDTLS_VERSION=\"$version\"" -iquote userspace/dtls-handshaked \
		-iquote userspace/libkdtls \
		-Wl,--version-script=userspace/dtls-handshaked-wolfssl/plugin.map \
		-o "$1/libdtls-handshaked-wolfssl.so.0" \
		userspace/dtls-handshaked-wolfssl/*.c kernel/record/cipher.c \
		userspace/dtls-handshaked/{client_hello,offer,outcome,protection}.c userspace/libkdtls/hello.c \
		kernel/record/dtls13/{ack13,header13,keys13,open13,seal13}.c
}

sid_is_new() { # DIR
	[ -e "$1/ok" ] && [ -z "$(find userspace/dtls-handshaked* userspace/libkdtls \
		kernel/record include tests/dtls13/stock.c tests/interop/peer_socket.h tests/dtls13/sid.sh \
		"$sid_lib/libwolfssl.so" -newer "$1/ok" -print -quit)" ]
}

# A compiler is slow on an emulated machine: what another run has built is used again.
sid_build() { # DIR
	local made=build/tests/dtls13-sid new
	sid_has_wolfssl || return
	if ! sid_is_new "$made"; then
		new=$(mktemp -d "$made.XXXXXX") && sid_plugin "$new" &&
			sid_gcc -o "$new/stock" tests/dtls13/stock.c && touch "$new/ok" || return
		rm -rf "$made"
		mv -T "$new" "$made" 2>/dev/null || rm -rf "$new"
	fi
	cp "$made"/{stock,libdtls-handshaked-wolfssl.so.0} "$1" &&
		chmod 755 "$1/libdtls-handshaked-wolfssl.so.0"
}

sid_skip() { # CASES WHAT
	local i
	for ((i = 0; i < $1; i++)); do
		skip "$2" "no wolfSSL of DTLS 1.3 in the root of Debian sid"
	done
	done_testing
	exit 0
}

suite() {
	case $1 in
	aes-128-gcm) echo TLS13-AES128-GCM-SHA256 ;;
	aes-256-gcm) echo TLS13-AES256-GCM-SHA384 ;;
	chacha20-poly1305) echo TLS13-CHACHA20-POLY1305-SHA256 ;;
	aes-128-ccm) echo TLS13-AES128-CCM-SHA256 ;;
	esac
}
