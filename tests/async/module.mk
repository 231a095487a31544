# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += async-instance
async-instance_SRCS := $(d)/instance.c
