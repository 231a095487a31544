# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += netlink-fuzz
netlink-fuzz_SRCS := $(filter-out %/locked.c,$(wildcard $(d)/*.c)) \
	tests/socket/pair.c
netlink-fuzz_CFLAGS := -Itests/socket
netlink-fuzz_LDLIBS := -lpthread

TEST_PROGRAMS += netlink-locked
netlink-locked_SRCS := $(d)/locked.c tests/socket/hold.c
netlink-locked_CFLAGS := -Itests/socket
netlink-locked_LDLIBS := -lpthread
