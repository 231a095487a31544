# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += bench
bench_SRCS := $(wildcard $(d)/*.c) tests/socket/pair.c
bench_CFLAGS := -Itests/socket
bench_PKGS := libssl libcrypto gnutls
