#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Parts of tests/system/stranger:
#	make	in the root: the programs, by porting.md's first block
#	disk	in the root: /root/out/disk
#	run	in the machine: its other blocks; "ok WORDS" for each that succeeded
set -u
. tests/harness/block.sh
limit=120	# s

# step WORDS [DIRECTORY]: the block that has them, as it stands
step() {
	local began=$SECONDS

	(cd "${2:-.}" && timeout $limit bash -euxc "$(block "$1" "$OLDPWD/Documentation/porting.md")") \
		>/tmp/step 2>&1 </dev/null || {
		tail -n 20 /tmp/step | sed 's/^/# /'
		return 1
	}
	echo "ok $1"
	echo "# $1: $((SECONDS - began)) s"
}

case $1 in
make)
	export DEBIAN_FRONTEND=noninteractive
	limit=3600
	apt-get -q -y install /root/out/libkdtls-gnutls1_*.deb
	# a root has no kernel to load modules into
	modprobe() { :; }
	export -f modprobe
	step tests/vpn/port-ocserv || exit
	# the next part has a new copy of the tree
	mv build /root/built
	;;
disk)
	set -e
	rm -rf /usr/src/linux-* /var/cache/apt/* /var/lib/apt/lists/* /root/kdtls
	: >/etc/resolv.conf
	mkdir -p /root/kdtls /mnt/system
	mv /root/built /root/kdtls/build
	mount --bind / /mnt/system
	umask 077
	mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1,root_owner=0:0 -m 0 \
		-d /mnt/system /root/out/disk 4G
	;;
run)
	systemctl is-system-running --wait >/dev/null
	modprobe kdtls && echo "ok modprobe kdtls"
	for words in 'ip netns add server' 'ocserv.conf <<END' 'openconnect --background' \
		'dtlsctl show' 'ip netns del'; do
		step "$words" /root/kdtls
		[ "$words" != 'dtlsctl show' ] || ! grep -qE \
			'tun tx:packets:[1-9].* rx:packets:[1-9]' /tmp/step || echo "ok moved"
	done
	;;
esac
