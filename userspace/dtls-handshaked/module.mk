# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += dtls-handshaked
dtls-handshaked_SRCS := $(wildcard $(d)/*.c) \
	$(addprefix userspace/libkdtls/,hello.c identity.c)
dtls-handshaked_PKGS := gnutls libnl-3.0 libnl-genl-3.0 inih
dtls-handshaked_DIR := sbin
