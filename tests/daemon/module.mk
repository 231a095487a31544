# SPDX-License-Identifier: GPL-2.0-or-later
TEST_PROGRAMS += daemon-handshake
daemon-handshake_SRCS := $(wildcard $(d)/*.c) $(filter-out %/main.c %/port_netlink.c, \
	$(wildcard userspace/dtls-handshaked/*.c))
daemon-handshake_CFLAGS := -Iuserspace/dtls-handshaked
daemon-handshake_PKGS := gnutls inih
