# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += interop-stream
interop-stream_SRCS := $(d)/stream.c
interop-stream_LIBS := kdtls
