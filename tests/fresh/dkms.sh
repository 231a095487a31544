# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For the scripts in a root in which DKMS compiles. DKMS strips debug information, so none
# is made here, and BTF is made of it.

export MAKEFLAGS="DEBUG_CFLAGS= CONFIG_DEBUG_INFO_BTF_MODULES="
# no preprocessor before the compiler: Kbuild has gcc list all files, which ccache reads then
export CCACHE_DEPEND=1
# apt has a PATH of its own
echo "DPkg::Path \"$PATH\";" >/etc/apt/apt.conf.d/path
