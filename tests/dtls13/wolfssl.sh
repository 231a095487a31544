#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# DTLS 1.3 of wolfSSL against the kernel, both roles.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh
. tests/dtls13/sid.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
{ sid_has_wolfssl && sid_gcc -Itests/harness -Itests/socket -o "$dir/wolfssl" \
	tests/dtls13/wolfssl.c tests/socket/pair.c kernel/record/dtls13/header13.c; } ||
	sid_skip 112 "wolfSSL and the kernel"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-keyout "$dir/key.pem" -out "$dir/cert.pem" -subj /CN=server.example \
	2>"$dir/openssl.log"
"${with_sid[@]}" "$dir/wolfssl" "$dir/cert.pem" "$dir/key.pem"
