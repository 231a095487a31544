# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += netlink-fuzz
netlink-fuzz_SRCS := $(wildcard $(d)/*.c) tests/socket/pair.c
netlink-fuzz_CFLAGS := -Itests/socket
netlink-fuzz_LDLIBS := -lpthread
