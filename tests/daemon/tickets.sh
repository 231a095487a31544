#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build/tests/daemon-tickets in a directory with certificates and keys.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tests/daemon/pki.sh "$dir"
echo "u2:2222" >"$dir/psk-other"
chmod 600 "$dir/psk-other"
program=$PWD/build/tests/daemon-tickets
cd "$dir"
"$program"
