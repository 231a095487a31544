#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the root with the packages: disk.sh IMAGE makes a disk of it. A compiler under
# emulation takes many minutes, so what a compiler needs stays behind, and DKMS has the
# newer version of the module from here (relabel).
set -eu

image=$1
new=$(dpkg-deb -f /root/newer/kdtls-dkms_*.deb Version)
dpkg-deb -x /root/newer/kdtls-dkms_*.deb /tmp/newer
cp -a "/tmp/newer/usr/src/kdtls-$new" /usr/src/
tests/system/relabel "$new" "/usr/src/kdtls-$new/dkms.conf"
for dir in /lib/modules/*; do
	dkms build "kdtls/$new" -k "${dir##*/}"
done
[ ! -e /root/out/newest.tar ] || tar -C / --keep-directory-symlink -xf /root/out/newest.tar
# depmod reads all modules each time that DKMS changes one of them, under emulation for half
# a minute: only those that a virtual machine without hardware can want are left
wanted="arch|block|crypto|lib|mm|virt|drivers/(block|char|firmware|platform|tty|virt|virtio)"
wanted="$wanted|drivers/net/[^/]*[.]ko[^/]*|fs/(autofs|efivarfs|ext4|fat|fuse|nls|overlayfs)"
wanted="$wanted|net/(802|core|ipv4|ipv6|llc|packet|unix|xfrm)"
for dir in /lib/modules/*; do
	find "$dir/kernel" -type f -printf '%P\n' | grep -vE "^($wanted)(/|\$)" |
		(cd "$dir/kernel" && xargs rm -f)
	depmod "${dir##*/}"
done
# as DKMS leaves a version that is built and not installed
tar -C /var/lib/dkms/kdtls -cf /root/newer/built.tar --exclude=source "$new"
rm -rf "/usr/src/kdtls-$new" "/var/lib/dkms/kdtls/$new" /tmp/*
rm -rf /usr/src/linux-* /usr/lib/linux-kbuild-* /usr/lib/gcc /usr/lib/git-core \
	/lib/modules/*/{build,source} /var/cache/apt/* /var/lib/apt/lists/* \
	/usr/share/{man,info} /root/kdtls
: >/etc/resolv.conf
# below the mounts of /proc, /dev, /root/out
mkdir -p /mnt/system
mount --bind / /mnt/system
umask 077
mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1,root_owner=0:0 -m 0 \
	-d /mnt/system "$image" 1G
