# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += handover handover-calls
handover_LIBS := kdtls-openssl kdtls-gnutls
handover_PKGS := libssl libcrypto gnutls
handover_LDLIBS := -pthread
handover-calls_SRCS := $(d)/calls.c
handover_SRCS := $(filter-out %/calls.c,$(wildcard $(d)/*.c))
handover-calls_LIBS := kdtls
