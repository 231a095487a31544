#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The plug-in for DTLS 1.3 in Debian sid, which has its wolfSSL: by make, and as the
# package that the build profile pkg.kdtls.wolfssl adds.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh

out=${KDTLS_OUT:-$(mktemp -d)}
mkdir -p "$out/root"
tests/fresh/root --out "$out/root" plugin -- bash -u tests/fresh/profile.sh >"$out/log" 2>&1
[ $? != 75 ] || skip_all "no Debian sid root can be made"
diag "$(grep -h '^#' "$out/log")"
said() { grep -qxF "ok $1" "$out/log"; }
ok "make builds it without a warning of the compiler" said make
ok "make install installs it" said installed
ok "... and dtls-handshaked finds it there" said loaded
ok "the packages build with the profile" said packages
ok "lintian has no error and no warning" said lintian
ok "the package has the plug-in and its page of copyright only" said files
ok "... and depends on wolfSSL and the daemon of its version" said depends
ok "apt-get installs it" said install
ok "dtls-handshaked --check accepts a profile of DTLS 1.3" said check
ok "removed: --check names the package that is missing" said missing
ok "... and accepts a profile of DTLS 1.2" said other
done_testing
