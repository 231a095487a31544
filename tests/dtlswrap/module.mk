# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += dtlswrap-speak
dtlswrap-speak_SRCS := $(d)/speak.c
dtlswrap-speak_LDLIBS := -lpthread
