#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the root: installs the packages as README says; "ok WHAT" or "not WHAT".
set -u

. tests/fresh/want.sh
. tests/fresh/dkms.sh

export DEBIAN_FRONTEND=noninteractive
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/yes
echo 'Acquire::Retries "0";' >/etc/apt/apt.conf.d/no-network
systemd-machine-id-setup 2>/dev/null
mkdir -p build
ln -sfn /root/out build/deb

# the headers are there, as files
# shellcheck disable=SC2016 # README's own words
words=$(sed -n '/^apt-get install \.\/build/,/^systemctl/{/^systemctl/!p}' README.md |
	sed 's/linux-headers-$(uname -r)//')
dpkg --get-selections >/tmp/before
want install bash -euxc "$words"
cp /tmp/said /root/install.said
want only-these test "$(dpkg --get-selections | diff /tmp/before - | sed -n 's/^> \([^:[:space:]]*\).*/\1/p' | xargs)" = \
	"dtls-handshaked kdtls-dkms kdtls-tools libkdtls1"
for dir in /lib/modules/*; do
	rel=${dir##*/}
	# what the installation of a kernel's headers runs
	ls "/lib/modules/$rel/updates/dkms/"kdtls.ko* >/dev/null 2>&1 ||
		want "hook $rel" /etc/kernel/header_postinst.d/dkms "$rel"
	want "module $rel" expr "$(modinfo -k "$rel" -F filename kdtls)" : \
		"/lib/modules/$rel/updates/dkms/kdtls.ko"
	want "version $rel" test "$(modinfo -k "$rel" -F version kdtls)" = \
		"$(dpkg-query -W -f '${Version}' kdtls-dkms)"
	want "signed $rel" test -n "$(modinfo -k "$rel" -F signer kdtls)"
done
want key openssl x509 -inform DER -in /var/lib/dkms/mok.pub -noout -subject
want cat dtlscat --help
want ctl dtlsctl --version
want wrap dtlswrap --version
want check dtls-handshaked --check
want conffile grep -q handshaked.conf /var/lib/dpkg/info/dtls-handshaked.conffiles
want user getent passwd dtls-handshaked
want disabled test ! -e /etc/systemd/system/multi-user.target.wants/dtls-handshaked.service
# neither TLS library for a program of libkdtls
want no-gnutls sh -c '! ldd /usr/bin/dtlscat | grep -E "gnutls|libssl"'
# shellcheck disable=SC2016 # dpkg-query's own variable
want depends sh -c '! dpkg-query -W -f "\${Depends}" libkdtls1 kdtls-tools | grep -E "gnutls|libssl"'
tests/fresh/newer /root/out /root/newer
exit 0
