#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The first start after the installation: the service, its sandbox, README's
# conversations, reload, the module replaced.
set -u
. tests/system/lib.sh

is "the machine started" "$(systemctl is-system-running --wait)" running
is "DKMS's module is the package's" "$(modinfo -F version kdtls)" \
	"$(dpkg-query -W -f '${Version}' kdtls-dkms)"
is "the service is not enabled yet" "$(systemctl is-enabled $unit)" disabled
ok "... and nothing has loaded the module" gone
ok "README: enable and start it" bash -euc \
	"$(block 'apt-get install ./build' | grep ^systemctl)"
is "it is active" "$(property ActiveState)" active
ok "it loaded the module" loaded

# status PID WORD
status() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
pid=$(property MainPID)
is "its bounding set is the unit's" "$(status "$pid" CapBnd)" 00000000000010c0
is "it has CAP_NET_ADMIN" "$(status "$pid" CapEff)" 0000000000001000
is "no new privileges" "$(status "$pid" NoNewPrivs)" 1
is "a seccomp filter" "$(status "$pid" Seccomp)" 2
ok "a file system that is read only" sh -c \
	"nsenter -m -t $pid touch /usr/new 2>&1 | grep 'Read-only file system'"
worker=$(pgrep -P "$pid" | head -n 1)
is "a worker is another user" "$(stat -c %U "/proc/$worker")" dtls-handshaked
is "... without capabilities" "$(status "$worker" CapEff)" 0000000000000000
is "systemd-analyze finds little exposure" \
	"$(systemd-analyze security --no-pager --threshold=30 $unit >/tmp/exposure; echo $?)" 0
diag "$(tail -n 1 /tmp/exposure)"

# README's own words, in two network namespaces of two instances
ok "README: the first conversation" debian/tests/talk

mark
nok "the example's configuration has no server" talks 5
ok "... says the log" said '[profile default] is not for a server'
ok "README: a certificate" bash -euc "$(block 'openssl req')"
block '[profile coap]' >$conf
ok "a reload takes the new configuration" systemctl reload $unit
ok "... with which README's programs talk" talks
is "... with the same process" "$(property MainPID)" "$pid"
cp $conf /tmp/good
mark
line=$(($(wc -l <$conf) + 1))
echo "peers = 10.77.0.0/99" >>$conf
nok "a reload with a wrong line fails" systemctl reload $unit
ok "... names the line" said "$conf:$line:"
is "... leaves the service active" "$(property ActiveState) $(property MainPID)" "active $pid"
ok "... with the old configuration" talks
nok "a restart with the wrong line fails" systemctl restart $unit
is "... and is not tried again" "$(property ActiveState) $(property NRestarts)" "failed 0"
cp /tmp/good $conf
ok "the line mended: it starts" systemctl start $unit

pid=$(property MainPID)
mark
ok "the module is unloaded ..." wait_for 30 modprobe -r kdtls
ok "... and loaded" modprobe kdtls
ok "the service comes back by itself" wait_for 90 restarted "$pid"
ok "... after its exit status 69" said status=69
ok "... and talks" talks
is "no unit has failed" "$(systemctl --failed --plain --no-legend)" ""

# for the next start: the unit's 150 restarts take five minutes
mkdir -p /etc/systemd/system/$unit.service.d
printf '[Unit]\nStartLimitBurst=3\n' >/etc/systemd/system/$unit.service.d/few.conf
done_testing
