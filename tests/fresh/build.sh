#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A machine without the project's packages: the message of make when they are
# missing, then make, make install and make uninstall, with the packages of
# tests/harness/deps build and no others.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/harness/tap.sh

out=${KDTLS_OUT:-$(mktemp -d)}
tests/fresh/root bare -- make >"$out/bare" 2>&1
rc=$?
[ $rc != 75 ] || skip_all "no Debian 12 root can be made"
is "make, nothing installed: exit status" $rc 2
is "missing packages are reported at once" \
	"$(sed -n 's/^missing: .*(apt-get install \(.*\))$/\1/p' "$out/bare" |
		sort | xargs)" \
	"gcc libgnutls28-dev libinih-dev libjansson-dev libnl-3-dev libnl-genl-3-dev libseccomp-dev pkg-config"
nok "nothing is built before" grep -qE '^ *(CC|LD) ' "$out/bare"

# shellcheck disable=SC2016 # for the shell in the root
tests/fresh/root build -- bash -u -c '
	want() { if "${@:2}" >/tmp/said 2>&1; then echo "ok $1"; else
		echo "not $1"; tail -n 5 /tmp/said | sed "s/^/# /"; fi; }
	files() { find /usr/local /usr/src -type f -o -type l | sort; }
	files >/tmp/before
	want make make -j2
	make install >/tmp/install 2>&1
	echo "install $?"
	want headers grep -q "install linux-headers-$(uname -r), or dkms" /tmp/install
	want user getent passwd dtls-handshaked
	want conf cmp userspace/dtls-handshaked/dtls-handshaked.conf \
		/etc/dtls-handshaked.conf
	want run dtlsctl --version
	want check dtls-handshaked --check
	want pc pkg-config --exists libkdtls libkdtls-gnutls libkdtls-openssl
	want prefix make -j2 install DESTDIR=/tmp/dest PREFIX=/usr
	want wrap grep -q "/usr/lib/" /tmp/dest/usr/bin/dtlswrap
	want nolocal test -z "$(grep -rl /usr/local /tmp/dest)"
	want uninstall make uninstall
	files | diff /tmp/before - >/tmp/left
	want gone test ! -s /tmp/left
	cat /tmp/left | sed "s/^/# /"
	want kept test -e /etc/dtls-handshaked.conf
	exit 0' >"$out/build" 2>&1
diag "$(grep '^#' "$out/build")"
said() { grep -qxF "$1" "$out/build"; }
ok "make builds user space" said "ok make"
ok "no headers: make install fails ..." said "install 2"
ok "... and names the package" said "ok headers"
ok "the user of the workers" said "ok user"
ok "the example is the configuration" said "ok conf"
ok "installed programs find their libraries" said "ok run"
ok "the example passes --check" said "ok check"
ok "pkg-config finds the libraries" said "ok pc"
ok "another PREFIX after that: installs" said "ok prefix"
ok "dtlswrap looks in the other PREFIX" said "ok wrap"
ok "no file names the first PREFIX" said "ok nolocal"
ok "make uninstall" said "ok uninstall"
ok "nothing is left ..." said "ok gone"
ok "... but the configuration" said "ok kept"
done_testing
