# SPDX-License-Identifier: LGPL-2.1-or-later
#
# libkdtls links no TLS library. The two that do carry their own copy of the
# few calls they need, so that neither needs the other.

SOVERSION := 1

LIBRARIES += kdtls
kdtls_SOVERSION := $(SOVERSION)
kdtls_SRCS := $(addprefix $(d)/,enable.c options.c assoc.c request.c \
	record.c tun.c event.c names.c identity.c)
kdtls_HEADERS := $(addprefix include/kdtls/,kdtls.h gnutls.h)
kdtls_MAP := $(d)/kdtls.map
kdtls_PC := $(d)/libkdtls.pc.in

kdtls-handover_SRCS := $(addprefix $(d)/,enable.c options.c handover.c hello.c \
	datagram.c) kernel/record/cipher.c

LIBRARIES += kdtls-gnutls
kdtls-gnutls_SOVERSION := $(SOVERSION)
kdtls-gnutls_SRCS := $(kdtls-handover_SRCS) $(addprefix $(d)/,gnutls.c gnutls_aead.c)
kdtls-gnutls_CFLAGS := -iquote kernel
kdtls-gnutls_PKGS := gnutls
kdtls-gnutls_IF := gnutls
kdtls-gnutls_MAP := $(d)/kdtls-gnutls.map
kdtls-gnutls_PC := $(d)/libkdtls-gnutls.pc.in

LIBRARIES += kdtls-openssl
kdtls-openssl_SOVERSION := $(SOVERSION)
kdtls-openssl_SRCS := $(kdtls-handover_SRCS) $(d)/openssl.c
kdtls-openssl_CFLAGS := -iquote kernel
kdtls-openssl_PKGS := libssl libcrypto
kdtls-openssl_IF := libssl
kdtls-openssl_MAP := $(d)/kdtls-openssl.map
kdtls-openssl_HEADERS := include/kdtls/openssl.h
kdtls-openssl_PC := $(d)/libkdtls-openssl.pc.in
