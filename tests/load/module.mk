# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += load-keyed
load-keyed_SRCS := $(addprefix $(d)/,keyed.c forger.c figures.c) \
	$(addprefix tests/socket/,pair.c capture.c crowd.c)
load-keyed_CFLAGS := -Itests/socket
load-keyed_LDLIBS := -lpthread
