# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += dtlsctl
dtlsctl_DIR := sbin
dtlsctl_LIBS := kdtls
dtlsctl_PKGS := libnl-3.0 libnl-genl-3.0 jansson
