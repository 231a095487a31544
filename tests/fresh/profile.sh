#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a root of tests/fresh/root plugin: prints "ok WHAT" or "not WHAT" for each check
# of tests/fresh/plugin.sh.

. tests/fresh/want.sh

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
	dtls-handshaked --check -c /tmp/profile/conf
}

quiet_build() {
	make -s userspace >/tmp/make.log 2>&1 && ! grep -n 'warning\|left out' /tmp/make.log &&
		ls build/lib/libdtls-handshaked-wolfssl.so.*
}

want make quiet_build
make -s install PREFIX=/usr/local >/tmp/install.log 2>&1
want installed ls /usr/local/lib/kdtls/libdtls-handshaked-wolfssl.so.*
want loaded checked 1.3
make -s uninstall PREFIX=/usr/local >/dev/null 2>&1
make -s clean

export DEB_BUILD_PROFILES=pkg.kdtls.wolfssl
want packages dpkg-buildpackage -b -us -uc -j"$(nproc)"
cd ..
hash -r
one=$(ls dtls-handshaked-wolfssl_*.deb)
want lintian lintian --allow-root --fail-on error,warning kdtls_*.changes
files() {
	local have

	have=$(dpkg-deb -c "$one" | awk '!/\/$/ { print $6 }' | sed 's|.*/||; s/\.gz$//' |
		sort | xargs)
	echo "$have"
	[ "$have" = "changelog copyright libdtls-handshaked-wolfssl.so.0" ]
}
want files files
depends() {
	dpkg-deb -f "$one" Depends | grep libwolfssl | grep -q 'dtls-handshaked (= '
}
want depends depends
want install apt-get -q -y --no-install-recommends install ./libkdtls1_*.deb ./dtls-handshaked_*.deb \
	"./$one"
want check checked 1.3
apt-get -q -y remove dtls-handshaked-wolfssl
missing() {
	profile 1.3
	! dtls-handshaked --check -c /tmp/profile/conf >/tmp/profile/said 2>&1 &&
		grep dtls-handshaked-wolfssl /tmp/profile/said
}
want missing missing
want other checked 1.2
