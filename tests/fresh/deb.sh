#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The Debian packages: built (make deb), clean for lintian, installed by README's words
# in a minimal Debian 12, upgraded, and purged.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh

out=${KDTLS_OUT:-$(mktemp -d)}
make deb >"$out/build" 2>&1
rc=$?
grep -q 'no Debian 12\|mirror: apt knows' "$out/build" && skip_all "no Debian 12 root can be made"
is "make deb: exit status; lintian has no error and no warning" $rc 0
ls build/deb/*.deb >/dev/null 2>&1 || { tail -n 20 "$out/build" | sed 's/^/# /'; exit 1; }

tests/fresh/installed || diag "tests/fresh/installed: exit status $?"
tests/fresh/root --out build/deb build/deb/root -- bash tests/fresh/upgrade.sh >"$out/upgrade" 2>&1
diag "$(grep -h '^#' build/deb/installed.log "$out/upgrade")"
said() { grep -qxF "ok $1" build/deb/installed.log; }
later() { grep -qxF "ok $1" "$out/upgrade"; }
ok "README's apt-get line installs them" said install
ok "... with what they depend on and nothing else" said only-these
rels=$(cat "${KDTLS_CACHE:-/var/cache/kdtls}"/kernel-6.1{,2}/release)
for rel in $rels; do
	ok "DKMS builds the module for $rel" said "module $rel"
	ok "... of the package's version" said "version $rel"
	ok "... and signs it" said "signed $rel"
done
ok "the key that mokutil imports is a certificate" said key
ok "dtlscat runs" said cat
ok "dtlsctl runs" said ctl
ok "dtlswrap runs" said wrap
ok "dtls-handshaked --check accepts the conffile" said check
ok "the configuration is a conffile" said conffile
ok "the user of the workers" said user
ok "the service is not enabled by the installation" said disabled
ok "a program of libkdtls loads no TLS library" said no-gnutls
ok "libkdtls1 and the tools depend on none" said depends
ok "upgrade" later upgrade
ok "... of the module" later newer
ok "... leaves one version with DKMS" later one
ok "... keeps the administrator's configuration" later kept
ok "... which is valid" later runs
ok "removal" later remove
ok "... keeps the configuration" later conf
ok "... but not the module" later nomodule
ok "purge" later purge
ok "... leaves no file" later nothing
ok "... and no user" later nouser

tests/fresh/root --out build/deb deb -- sh -euc "dpkg -i /root/out/libkdtls*.deb; debian/tests/compile" >"$out/compile" 2>&1
ok "the examples compile against libkdtls-dev" test $? = 0
make dist >"$out/dist" 2>&1
version=$(sed -n 's/^#define KDTLS_VERSION "\(.*\)"/\1/p' include/kdtls/version.h)
tar -C "$out" -xf "build/kdtls-$version.tar.xz"
ok "make dist: dtlscat and what it links build in the tarball" \
	make -C "$out/kdtls-$version" -j2 build/bin/dtlscat
is "... and have its version" "$(LD_LIBRARY_PATH=$out/kdtls-$version/build/lib \
	"$out/kdtls-$version/build/bin/dtlscat" --version)" "dtlscat $version"
is "... which has git's files" "$(tar -tf "build/kdtls-$version.tar.xz" | grep -vc '/$')" \
	"$(git ls-tree -r HEAD | wc -l)"
rm -rf "$out/kdtls-$version"
is "the packages have that version" "$(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)" \
	"$version"
done_testing
