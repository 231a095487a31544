# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += vectors
vectors_SRCS := $(wildcard $(d)/*.c kernel/record/*.c kernel/record/dtls13/*.c)
vectors_CFLAGS := -iquote kernel
vectors_PKGS := libcrypto jansson
