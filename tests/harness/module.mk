# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += vm-calibrate
vm-calibrate_SRCS := $(d)/vm/calibrate.c
