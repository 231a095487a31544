# SPDX-License-Identifier: LGPL-2.1-or-later
# The preload library carries its own copy of the few calls of libkdtls that it
# needs: a program that links another libkdtls keeps that one.

LIBRARIES += kdtls-preload
kdtls-preload_SRCS := $(addprefix $(d)/,preload.c settings.c) \
	$(addprefix userspace/libkdtls/,enable.c names.c options.c request.c)
kdtls-preload_MAP := $(d)/preload.map
kdtls-preload_LDLIBS := -ldl

PROGRAMS += dtlswrap
dtlswrap_SRCS := $(addprefix $(d)/,dtlswrap.c program.c)
dtlswrap_CFLAGS = -DKDTLS_LIBDIR='"$(LIBDIR)"'
dtlswrap_LDLIBS := -ldl
