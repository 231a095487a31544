#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Started with module.sig_enforce=1: DKMS's key is not known to the kernel.
set -u
. tests/system/lib.sh

since=0
systemctl is-system-running --wait >/dev/null
failed() { [ "$(property ActiveState)" = failed ]; }
ok "an unknown signature: the enabled service fails ..." wait_for 120 failed
restarts=$(property NRestarts)
is "... after the restarts of its unit" "$restarts" 3
ok "... which is said" said "Start request repeated too quickly"
is "... with exit status 69" "$(property ExecMainStatus)" 69
ok "the daemon says how to find the cause" said '"modprobe kdtls" says'
modprobe kdtls 2>/tmp/modprobe
ok "... which is the one that README describes" grep -F "Key was rejected by service" /tmp/modprobe
ok "README has modprobe's words" grep -qF "Key was rejected by service" README.md
timeout 60 dtlscat -n server.example 127.0.0.1 4444 2>/tmp/refused
ok "a program is told that the kernel has no kdtls" grep -F "modprobe kdtls" /tmp/refused
diag "$(cat /tmp/refused)"
sleep 5
is "systemd does not restart it for ever" "$(property ActiveState) $(property NRestarts)" \
	"failed $restarts"
# type_password COMMAND: answers its prompts, on a terminal
type_password() {
	local prompt

	mkfifo /tmp/typed
	script -qfec "$1" /tmp/shown </tmp/typed &
	exec 8>/tmp/typed
	for prompt in "password:" "password again:"; do
		wait_for 60 grep -q "$prompt" /tmp/shown
		sleep 1		# what was typed before it reads is dropped
		echo kdtls-mok >&8
	done
	wait $!
}
if [ -d /sys/firmware/efi ]; then
	ok "the machine has Secure Boot" sh -c "mokutil --sb-state | grep enabled"
	ok "README: mokutil imports DKMS's key" type_password "$(block 'install mokutil' | grep import)"
	ok "... for the next start" sh -c "mokutil --list-new | grep 'DKMS'"
else
	for what in "the machine has Secure Boot" "mokutil imports DKMS's key" \
		"... for the next start" "enrolled: the service runs" "... and talks"; do
		skip "$what" "no firmware with Secure Boot (ovmf, shim-signed) is here"
	done
fi
done_testing
