#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a root of tests/fresh/root plugin: prints "ok WHAT" or "not WHAT" for each check
# of tests/fresh/plugin.sh.

result() {
	local what=$1

	shift
	if "$@"; then
		echo "ok $what"
	else
		echo "not $what"
	fi
}

# profile VERSION: a configuration with one profile
profile() {
	install -d -m 700 /tmp/profile
	echo u1:00112233445566778899aabbccddeeff | install -m 600 /dev/stdin /tmp/profile/psk
	printf '[profile p]\nrole = server\nusers = *\nversions = %s\npsk-file = %s\n' "$1" \
		/tmp/profile/psk >/tmp/profile/conf
}

# checked VERSION: does --check accept it?
checked() {
	profile "$1"
	dtls-handshaked --check -c /tmp/profile/conf >/tmp/profile/said 2>&1 || {
		sed 's/^/# /' /tmp/profile/said
		return 1
	}
}

quiet_build() {
	make -s userspace >/tmp/make.log 2>&1 && ! grep -n 'warning\|left out' /tmp/make.log |
		sed 's/^/# /' | grep . && ls build/lib/libdtls-handshaked-wolfssl.so.* >/dev/null
}

result make quiet_build
make -s install PREFIX=/usr/local >/tmp/install.log 2>&1
result installed ls /usr/local/lib/kdtls/libdtls-handshaked-wolfssl.so.*
result loaded checked 1.3
make -s uninstall PREFIX=/usr/local >/dev/null 2>&1
make -s clean

export DEB_BUILD_PROFILES=pkg.kdtls.wolfssl
packages() {
	dpkg-buildpackage -b -us -uc -j"$(nproc)" >/tmp/packages.log 2>&1 || {
		tail -n 20 /tmp/packages.log | sed 's/^/# /'
		return 1
	}
}
result packages packages
cd ..
hash -r
one=$(ls dtls-handshaked-wolfssl_*.deb)
lint() {
	lintian --allow-root --fail-on error,warning kdtls_*.changes >/tmp/lintian 2>&1 || {
		sed 's/^/# /' /tmp/lintian
		return 1
	}
}
result lintian lint
files() {
	local have

	have=$(dpkg-deb -c "$one" | awk '!/\/$/ { print $6 }' | sed 's|.*/||; s/\.gz$//' |
		sort | xargs)
	[ "$have" = "changelog copyright libdtls-handshaked-wolfssl.so.0" ] || {
		echo "# $have"
		return 1
	}
}
result files files
depends() {
	dpkg-deb -f "$one" Depends | grep libwolfssl | grep -q 'dtls-handshaked (= '
}
result depends depends
result install apt-get -q -y --no-install-recommends install ./libkdtls1_*.deb ./dtls-handshaked_*.deb \
	"./$one"
result check checked 1.3
apt-get -q -y remove dtls-handshaked-wolfssl
missing() {
	profile 1.3
	! dtls-handshaked --check -c /tmp/profile/conf >/tmp/profile/said 2>&1 &&
		grep dtls-handshaked-wolfssl /tmp/profile/said
}
result missing missing
result other checked 1.2
