#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# DTLS 1.3 of wolfSSL against the kernel, both roles. Debian 12's wolfSSL has
# no DTLS 1.3: the program is built with the headers of Debian sid and this
# system's compiler, and runs with all of sid's libraries.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh

cases=88
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sid=${KDTLS_CACHE:-/var/cache/kdtls}/sid/usr
lib=$sid/lib/x86_64-linux-gnu

build() {
	[ -e "$lib/libwolfssl.so" ] || return
	mkdir "$dir/include"
	ln -s "$sid/include/wolfssl" "$dir/include"
	gcc -std=gnu11 -D_GNU_SOURCE -O1 -Iinclude/uapi -iquote kernel -Itests/harness \
		-Itests/socket -I"$dir/include" -o "$dir/wolfssl" \
		tests/dtls13/wolfssl.c tests/socket/pair.c \
		kernel/record/dtls13/header13.c "$lib/libwolfssl.so" \
		-Wl,--unresolved-symbols=ignore-in-shared-libs 2>"$dir/gcc.log"
}

if ! build; then
	for ((i = 0; i < cases; i++)); do
		skip "wolfSSL of Debian sid" \
			"no libwolfssl in its root $(head -n 1 "$dir/gcc.log" 2>/dev/null)"
	done
	done_testing
	exit 0
fi
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-keyout "$dir/key.pem" -out "$dir/cert.pem" -subj /CN=server.example \
	2>"$dir/openssl.log"
"$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$dir/wolfssl" "$dir/cert.pem" \
	"$dir/key.pem"
