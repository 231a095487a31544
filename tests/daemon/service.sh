#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit and the manual say the same of how the daemon ends. There is no systemd
# here that runs it: its own check of the file has to do.

set -u
. tests/harness/tap.sh
unit=userspace/dtls-handshaked/dtls-handshaked.service
man=Documentation/man/dtls-handshaked.8
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

value() { sed -n "s/^$1=//p" "$unit"; }
said() { sed -n '/^.SH EXIT STATUS/,/^.SH ENV/s/^.B \([0-9]*\)$/\1/p' "$man"; }

if command -v systemd-analyze >/dev/null; then
	for u in "$unit" build/dtls-handshaked@.service; do
		name=$(basename "$u")
		sed 's,^ExecStart=.*,ExecStart=/bin/true,' "$u" >"$dir/$name"
		ok "systemd-analyze verify $name" sh -c \
			"! systemd-analyze --man=no verify '$dir/${name/@/@blue}' 2>&1 | grep ."
	done
else
	skip "systemd-analyze verify" "no systemd here"
	skip "systemd-analyze verify of the template" "no systemd here"
fi
is "the template has a namespace, a configuration and a directory of its own" \
	"$(diff "$unit" build/dtls-handshaked@.service | sed -n 's/^> \([^ ]*%i.*\|.*%i[^ ]*\)$/\1/p' | grep -c %i)" 4
is "started again after any failure" "$(value Restart)" on-failure
is "... but not after those that only a change can mend" \
	"$(value RestartPreventExitStatus)" "64 77 78"
is "the manual has these, and 69, which starting again mends" \
	"$(said | tr '\n' ' ')" "0 64 69 71 77 78 "
limit=$(value StartLimitIntervalSec) burst=$(value StartLimitBurst) wait=$(value RestartSec)
ok "it is tried for some minutes, and not for ever" \
	test $((burst * wait)) -ge 180 -a $((burst * (wait + 1))) -lt "$limit"
done_testing
