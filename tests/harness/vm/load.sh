#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The module loads, reports its version, unloads, and loads again.

set -eu
. "${KDTLS_TOP:-.}/tests/harness/tap.sh"

is_loaded() { grep -q '^kdtls ' /proc/modules; }

ok "loaded by the test bed" is_loaded
ok "unloads" rmmod kdtls
nok "is gone" is_loaded
ok "loads again" modprobe kdtls
is "its licence" "$(modinfo -F license kdtls)" GPL
done_testing
