#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the root with the packages: an upgrade, a removal, a purge.
set -u
. tests/fresh/want.sh
. tests/fresh/dkms.sh

rel=$(basename /lib/modules/6.12*)
old=$(modinfo -k "$rel" -F version kdtls)
# one kernel's module is enough: the other was built by the installation
mv /lib/modules/6.1.* /tmp/
echo "# changed" >>/etc/dtls-handshaked.conf
want upgrade dpkg --force-confold -i /root/newer/*.deb
want newer test "$(modinfo -k "$rel" -F version kdtls)" = "$old+1"
want one test "$(dkms status kdtls | grep -c .)" = 1
want kept grep -q "^# changed" /etc/dtls-handshaked.conf
want runs dtls-handshaked --check
packages=$(dpkg-query -W -f '${Package}\n' '*kdtls*' dtls-handshaked | xargs)
# shellcheck disable=SC2086 # a list
want remove dpkg -r $packages
want conf test -e /etc/dtls-handshaked.conf
want nomodule sh -c "! ls /lib/modules/$rel/updates/dkms/kdtls.ko*"
# shellcheck disable=SC2086 # a list
want purge dpkg -P $packages
own | sed 's/^/# left: /'
want nothing test -z "$(own)"
want nouser sh -c '! getent passwd dtls-handshaked'
exit 0
