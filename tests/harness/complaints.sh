# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Messages of a kernel that has detected a bug, for grep -E.

# shellcheck disable=SC2034 # for scripts that source this
complaints='Kernel panic|Oops:|BUG: |WARNING: |KASAN: |UBSAN: |DEBUG_LOCKS_WARN|'
complaints+='unreferenced object|general protection fault|suspicious RCU'
