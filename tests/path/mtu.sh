#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# a in A, a router in B, b in C; then path-mtu.

set -eu
. "${KDTLS_TOP:-.}/tests/harness/netns.sh"
. "${KDTLS_TOP:-.}/tests/path/router.sh"

router_setup
export END_A=$NS_A END_B=$NS_C ROUTER=$NS_B ROUTER_LINK=link-c
export A4 A6 B4=10.78.0.2 B6=fd78::2
path-mtu
