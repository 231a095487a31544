#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The machine was started again: the service is back; then the packages are upgraded
# and purged, each with an association alive.
set -u
. tests/system/lib.sh
. tests/fresh/want.sh

rm -r /etc/systemd/system/$unit.service.d	# of tests/system/install.sh
systemctl daemon-reload

is "the machine started again" "$(systemctl is-system-running --wait)" running
is "the service came up" "$(property ActiveState)" active
ok "... and talks" talks
ok "README: the first conversation, again" debian/tests/talk

old=$(modinfo -F version kdtls)
new=$(dpkg-deb -f /root/newer/kdtls-dkms_*.deb Version)
pid=$(property MainPID)
ok "an association" associate
ok "upgrade" dpkg --force-confold -i /root/newer/*.deb
is "... of the daemon, too" "$(dpkg-query -W -f '${Version}' $unit)" "$new"
ok "... which was restarted" restarted "$pid"
ok "the association lives on" alive upgraded
# DKMS's build took place on the host; what its postinst does after it
tar -C /var/lib/dkms/kdtls -xf /root/newer/built.tar
ok "DKMS installs the newer module" dkms install "kdtls/$new" -k "$(uname -r)"
is "... for the next load" "$(modinfo -F version kdtls) $(cat /sys/module/kdtls/version)" \
	"$new $old"
nok "an association holds the older one" modprobe -r kdtls
ok "the newer daemon talks to it" talks
ok "the association lives on" alive beside
pid=$(property MainPID)
dissociate
ok "closed: the module can be replaced" wait_for 60 modprobe -r kdtls
ok "the service comes back with the newer one" wait_for 90 restarted "$pid"
is "... loaded" "$(cat /sys/module/kdtls/version)" "$new"
ok "... and talks" talks

ok "an association" associate
# the module first: the daemon must not load it again
packages=$(dpkg-query -W -f '${Package}\n' '*kdtls*' | xargs)
# shellcheck disable=SC2086 # a list
ok "purge" dpkg -P $packages dtls-handshaked
is "no file is left but the administrator's" "$(own; ls -d /run/*dtls* 2>/dev/null)" \
	/etc/dtls-handshaked
ok "... no user" sh -c "! getent passwd $unit"
is "... no unit" "$(systemctl list-units --all --plain --no-legend "$unit*")" ""
is "... no process" "$(pgrep $unit)" ""
ok "the association lives on" alive purged
ok "... and holds the module" loaded
dissociate
ok "the module is gone once its sockets are" wait_for 60 gone
is "no unit has failed" "$(systemctl --failed --plain --no-legend)" ""
done_testing
