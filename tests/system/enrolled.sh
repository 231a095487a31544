#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Started with Secure Boot and module.sig_enforce=1 after the key was enrolled.
set -u
. tests/system/lib.sh

systemctl is-system-running --wait >/dev/null
is "enrolled: the service runs" "$(property ActiveState)" active
ok "... and talks" talks
done_testing
