#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The structures of the UAPI have one layout for programs of 64 and of 32 bits.
# Needs headers only, no 32-bit library.

set -u
. tests/harness/tap.sh
# where Debian has asm/
asm=/usr/include/$(cc -print-multiarch)

for bits in -m64 -m32; do
	if echo | cc $bits -x c -S -o /dev/null - 2>/dev/null; then
		ok "layout with $bits" cc $bits -std=gnu11 -Wall -ffreestanding -Iinclude/uapi \
			-idirafter "$asm" -fsyntax-only tests/unit/layout.c
	else
		skip "layout with $bits" "the compiler does not support $bits"
	fi
done
done_testing
