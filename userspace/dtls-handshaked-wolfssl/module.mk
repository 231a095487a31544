# SPDX-License-Identifier: GPL-2.0-or-later
# The engine of DTLS 1.3: a plug-in of dtls-handshaked. wolfSSL has had DTLS 1.3 as
# of RFC 9147 since 5.9.0, and 5.9.1 fixed it.
LIBRARIES += dtls-handshaked-wolfssl
dtls-handshaked-wolfssl_SRCS := $(wildcard $(d)/*.c) kernel/record/cipher.c \
	$(addprefix userspace/dtls-handshaked/,client_hello.c offer.c outcome.c protection.c) \
	userspace/libkdtls/hello.c \
	$(addprefix kernel/record/dtls13/,ack13.c header13.c keys13.c open13.c seal13.c)
dtls-handshaked-wolfssl_CFLAGS := -iquote userspace/dtls-handshaked -iquote kernel
dtls-handshaked-wolfssl_PKGS := wolfssl gnutls
dtls-handshaked-wolfssl_IF := 'wolfssl >= 5.9.1'
dtls-handshaked-wolfssl_PRIVATE := y
dtls-handshaked-wolfssl_MAP := $(d)/plugin.map
