#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each header alone, as C and as C++; the structures of the UAPI have one layout
# for programs of 64 and of 32 bits. Needs headers only, no 32-bit library.

set -u
. tests/harness/tap.sh
# where Debian has asm/
asm=/usr/include/$(cc -print-multiarch)

# compiles LANGUAGE STANDARD BITS FILE
compiles() {
	cc -x "$1" -std="$2" "-m$3" -Wall -Wextra -Werror -ffreestanding -Iinclude/uapi \
		-idirafter "$asm" -fsyntax-only "$4"
}

alone() { # LANGUAGE STANDARD BITS HEADER
	echo "#include <$4>" >"$dir/alone.$1"
	cc -x "$1" -std="$2" "-m$3" -Wall -Wextra -Werror -Iinclude/uapi -Iinclude \
		-idirafter "$asm" -fsyntax-only "$dir/alone.$1"
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for bits in 64 32; do
	for language in "c gnu11" "c++ gnu++11"; do
		# shellcheck disable=SC2086 # two words
		ok "layout, $language, $bits bits" compiles $language $bits tests/unit/layout.c
		for header in linux/kdtls.h linux/kdtls_netlink.h; do
			# shellcheck disable=SC2086
			ok "$header alone, $language, $bits bits" alone $language $bits $header
		done
	done
done
# these need the C library's headers, which a machine has for one size of word
for header in kdtls/kdtls.h kdtls/version.h kdtls/gnutls.h kdtls/openssl.h; do
	ok "$header alone, C" alone c gnu11 64 "$header"
	ok "$header alone, C++" alone c++ gnu++11 64 "$header"
done
done_testing
