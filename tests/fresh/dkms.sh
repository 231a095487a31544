# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For the scripts in a root in which DKMS compiles. DKMS strips debug information, so none
# is made here, and BTF is made of it.

export MAKEFLAGS="DEBUG_CFLAGS= CONFIG_DEBUG_INFO_BTF_MODULES="
