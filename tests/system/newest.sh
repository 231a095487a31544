#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In Debian sid's root, as the newest kernel (7.x) needs its compilers: DKMS builds the
# module of the package for that kernel, with the key of the Debian 12 that boots it, and has
# that of the newer one from it (relabel). newest.tar in /root/out is what both leave on a
# disk, beside the kernel's own modules.
set -eu
. tests/fresh/dkms.sh

export DEBIAN_FRONTEND=noninteractive
installed=/root/out/root/root
rel=$(find /lib/modules -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
# DKMS compiles for all that are there
find /lib/modules -mindepth 1 -maxdepth 1 ! -name "$rel" -exec rm -rf {} +
apt-get -q -o Acquire::Check-Valid-Until=false update
mkdir -p /var/lib/dkms
cp "$installed"/var/lib/dkms/mok.* /var/lib/dkms/
apt-get -q -y --no-install-recommends install /root/out/kdtls-dkms_*.deb
# what the installation of the kernel's headers runs
[ -e "/lib/modules/$rel/updates/dkms" ] || /etc/kernel/header_postinst.d/dkms "$rel"
dpkg-deb -x "$installed"/root/newer/kdtls-dkms_*.deb /tmp/newer
cp -a /tmp/newer/usr/src/kdtls-* /usr/src/
new=$(dpkg-deb -f "$installed"/root/newer/kdtls-dkms_*.deb Version)
tests/system/relabel "$new" "/usr/src/kdtls-$new/dkms.conf"
dkms build "kdtls/$new" -k "$rel"
tar -C / -cf /root/out/newest.tar --exclude=source --exclude=build \
	"usr/lib/modules/$rel" var/lib/dkms/kdtls
