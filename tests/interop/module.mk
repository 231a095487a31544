# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += interop-stream interop-wire
interop-stream_SRCS := $(d)/stream.c
interop-stream_LIBS := kdtls
interop-wire_SRCS := $(d)/wire.c tests/socket/capture.c
interop-wire_CFLAGS := -Itests/socket
interop-wire_LDLIBS := -lpthread
TEST_PROGRAMS += interop-wolfssl
interop-wolfssl_SRCS := $(d)/wolfssl.c
interop-wolfssl_PKGS := wolfssl
interop-wolfssl_CFLAGS := -Wno-shadow -Wno-strict-prototypes
