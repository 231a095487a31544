#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit and the manual agree on the daemon's exit statuses. No systemd
# runs here: systemd-analyze verifies the file.

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
		sed 's,^\(Exec[A-Za-z]*\)=dtls-handshaked.*,\1=/bin/true,' "$u" >"$dir/$name"
		ok "systemd-analyze verify $name" sh -c \
			"! systemd-analyze --man=no verify '$dir/${name/@/@blue}' 2>&1 | grep ."
	done
else
	skip "systemd-analyze verify" "no systemd here"
	skip "systemd-analyze verify of the template" "no systemd here"
fi
is "the template has a namespace, a configuration and a directory of its own" \
	"$(diff "$unit" build/dtls-handshaked@.service | sed -n 's/^> \([^ ]*%i.*\|.*%i[^ ]*\)$/\1/p' | grep -c %i)" 5
is "a reload checks the file first, that of the instance" \
	"$(sed -n 's/^ExecReload=//p' "$unit" build/dtls-handshaked@.service | xargs)" \
	"dtls-handshaked --check kill -HUP \$MAINPID dtls-handshaked --check --config /etc/dtls-handshaked/%i.conf kill -HUP \$MAINPID"
is "restarted after any failure" "$(value Restart)" on-failure
is "... but not after those that need a change" \
	"$(value RestartPreventExitStatus)" "64 75 77 78"
is "the manual has these, and 69, which a restart mends" \
	"$(said | tr '\n' ' ')" "0 64 69 71 75 77 78 "
limit=$(value StartLimitIntervalSec) burst=$(value StartLimitBurst) wait=$(value RestartSec)
ok "retries for some minutes, and not forever" \
	test $((burst * wait)) -ge 180 -a $((burst * (wait + 1))) -lt "$limit"
done_testing
