# SPDX-License-Identifier: LGPL-2.1-or-later
# The preload library carries its own copy of the few calls of libkdtls that it
# needs: a program that links another libkdtls keeps that one. So does dtlswrap,
# which runs with the program's LD_LIBRARY_PATH.

wrap_calls := $(addprefix userspace/libkdtls/,assoc.c enable.c names.c options.c \
	request.c)

LIBRARIES += kdtls-preload
kdtls-preload_PRIVATE := y
kdtls-preload_SRCS := $(addprefix $(d)/,preload.c settings.c socket.c) \
	$(wrap_calls)
kdtls-preload_MAP := $(d)/preload.map
kdtls-preload_LDLIBS := -ldl

PROGRAMS += dtlswrap
dtlswrap_SRCS := $(addprefix $(d)/,dtlswrap.c confine.c \
	inherited.c plain.c process.c program.c say.c settings.c socket.c supervisor.c) \
	$(wrap_calls)
dtlswrap_PKGS := libseccomp
dtlswrap_CFLAGS = -DKDTLS_LIBDIR='"$(LIBDIR)"'
dtlswrap_LDLIBS := -ldl
