# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += dtls-handshaked
dtls-handshaked_SRCS := $(wildcard $(d)/*.c) \
	$(addprefix userspace/libkdtls/,datagram.c gnutls_aead.c hello.c identity.c names.c) \
	kernel/record/cipher.c
dtls-handshaked_CFLAGS := -iquote kernel -DENGINE_DIRECTORY='"$(LIBDIR)/kdtls"'
dtls-handshaked_LDLIBS := -ldl
dtls-handshaked_PKGS := gnutls libnl-3.0 libnl-genl-3.0 inih
dtls-handshaked_DIR := sbin

# One more for each network namespace, with a configuration of its own.
$(B)/dtls-handshaked@.service: $(d)/dtls-handshaked.service
	@mkdir -p $(@D)
	$(Q)sed -e '/^Description=/s/$$/ in network namespace %i/' \
		-e '/^Exec[A-Za-z]*=dtls-handshaked/s|$$| --config /etc/dtls-handshaked/%i.conf|' \
		-e '/^Type=/a NetworkNamespacePath=/run/netns/%i' \
		-e '/^RuntimeDirectory=/s/$$/-%i/' $< >$@
