# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += vpn-tun vpn-churn vpn-edges
vpn-tun_SRCS := $(d)/tun.c $(d)/device.c $(d)/wire.c \
	tests/path/ends.c tests/socket/pair.c tests/socket/capture.c
vpn-tun_CFLAGS := -Itests/socket -Itests/path
vpn-tun_LIBS := kdtls
vpn-tun_LDLIBS := -lpthread
vpn-churn_SRCS := $(d)/churn.c $(d)/device.c $(d)/wire.c \
	tests/path/ends.c tests/socket/pair.c tests/socket/capture.c
vpn-churn_CFLAGS := $(vpn-tun_CFLAGS)
vpn-churn_LDLIBS := -lpthread
vpn-edges_SRCS := $(d)/edges.c $(d)/device.c $(d)/wire.c \
	tests/path/ends.c tests/socket/pair.c tests/socket/capture.c \
	tests/socket/hold.c tests/socket/order.c tests/socket/crowd.c
vpn-edges_CFLAGS := $(vpn-tun_CFLAGS)
vpn-edges_LDLIBS := -lpthread
