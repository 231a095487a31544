# SPDX-License-Identifier: GPL-2.0-or-later
TEST_PROGRAMS += daemon-handshake
daemon-handshake_SRCS := $(filter-out %/hostile.c,$(wildcard $(d)/*.c)) $(filter-out %/main.c %/port_message.c %/port_netlink.c, \
	$(wildcard userspace/dtls-handshaked/*.c)) \
	$(wildcard kernel/record/*.c kernel/record/dtls13/*.c) \
	tests/dtls13/ends.c tests/socket/pair.c tests/vectors/crypto.c \
	$(addprefix userspace/libkdtls/,datagram.c gnutls_aead.c hello.c identity.c names.c)
daemon-handshake_CFLAGS := -iquote userspace/dtls-handshaked -iquote kernel -Itests \
	-Itests/socket \
	-DENGINE_DIRECTORY='"build/lib"'
daemon-handshake_LDLIBS := -ldl
daemon-handshake_PKGS := gnutls inih libcrypto

TEST_PROGRAMS += daemon-hostile
daemon-hostile_SRCS := $(d)/hostile.c

TEST_PROGRAMS += daemon-parts
daemon-parts_SRCS := $(d)/unit/parts.c $(addprefix userspace/dtls-handshaked/, \
	awaited.c client_hello.c cut.c fate.c flight.c limit.c metrics.c offer.c repeat.c \
	table.c tally.c timers.c) $(addprefix userspace/libkdtls/,datagram.c gnutls_aead.c hello.c) \
	kernel/record/cipher.c
daemon-parts_CFLAGS := -iquote userspace/dtls-handshaked -iquote kernel -Itests \
	-Wno-missing-field-initializers
daemon-parts_PKGS := cmocka gnutls

TEST_PROGRAMS += daemon-workers
daemon-workers_SRCS := $(d)/unit/workers.c $(addprefix userspace/dtls-handshaked/, \
	ipc.c log.c loop.c pool.c repeat.c sandbox.c vault.c)
daemon-workers_CFLAGS := $(daemon-parts_CFLAGS)
daemon-workers_PKGS := cmocka gnutls

TEST_PROGRAMS += daemon-tickets
daemon-tickets_SRCS := $(d)/unit/tickets.c $(wildcard userspace/dtls-handshaked/gnutls_*.c) \
	$(addprefix userspace/dtls-handshaked/, certificate.c choice.c client_hello.c config.c cut.c engine.c \
	flight.c keylog.c limit.c log.c name.c offer.c outcome.c profile.c protection.c psk.c \
	repeat.c) \
	$(addprefix userspace/libkdtls/,datagram.c gnutls_aead.c hello.c names.c) \
	kernel/record/cipher.c
daemon-tickets_CFLAGS := $(daemon-parts_CFLAGS) -DENGINE_DIRECTORY='"build/lib"'
daemon-tickets_LDLIBS := -ldl
daemon-tickets_PKGS := cmocka gnutls inih

# What the port asks of the kernel, the test answers.
TEST_PROGRAMS += daemon-port
daemon-port_SRCS := $(d)/unit/port.c $(addprefix userspace/dtls-handshaked/, \
	fate.c port_message.c port_netlink.c) kernel/record/cipher.c
daemon-port_CFLAGS := $(daemon-parts_CFLAGS)
daemon-port_PKGS := cmocka gnutls libnl-3.0 libnl-genl-3.0
daemon-port_LDFLAGS := $(addprefix -Wl$(comma)--wrap=,clock_gettime genl_connect \
	genl_ctrl_resolve genl_ctrl_resolve_grp getsockopt nl_socket_add_membership \
	nl_socket_get_fd nl_socket_set_nonblocking poll recv sendto setsockopt)

TEST_PROGRAMS += daemon-psk
daemon-psk_SRCS := $(d)/unit/psk.c userspace/dtls-handshaked/psk.c userspace/libkdtls/identity.c
daemon-psk_CFLAGS := $(daemon-parts_CFLAGS)
daemon-psk_PKGS := cmocka gnutls

TEST_PROGRAMS += daemon-name
daemon-name_SRCS := $(d)/unit/name.c userspace/dtls-handshaked/name.c
daemon-name_CFLAGS := $(daemon-parts_CFLAGS)
daemon-name_PKGS := cmocka gnutls

TEST_PROGRAMS += daemon-cache
daemon-cache_SRCS := $(d)/unit/cache.c userspace/dtls-handshaked-wolfssl/cache.c
daemon-cache_CFLAGS := $(daemon-parts_CFLAGS) -iquote userspace/dtls-handshaked-wolfssl
daemon-cache_PKGS := cmocka gnutls
daemon-cache_LDFLAGS := -Wl$(comma)--wrap=clock_gettime
