# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What a kernel says that has found a bug in itself, for grep -E.

# shellcheck disable=SC2034 # for those who source this
complaints='Kernel panic|Oops:|BUG: |WARNING: |KASAN: |UBSAN: |DEBUG_LOCKS_WARN|'
complaints+='unreferenced object|general protection fault|suspicious RCU'
