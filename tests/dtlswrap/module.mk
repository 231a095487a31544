# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += wrap-speak
wrap-speak_SRCS := $(d)/speak.c
wrap-speak_LDLIBS := -lpthread
