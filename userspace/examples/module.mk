# SPDX-License-Identifier: GPL-2.0-or-later
# Built, so that they compile with the library; not installed.

examples := client server listen keys openssl-handover gnutls-handover
PROGRAMS += $(addprefix example-,$(examples))
$(foreach e,$(examples),\
	$(eval example-$(e)_SRCS := $(d)/$(e).c)\
	$(eval example-$(e)_DIR := no)\
	$(eval example-$(e)_LIBS := kdtls))

example-openssl-handover_LIBS := kdtls kdtls-openssl
example-openssl-handover_PKGS := libssl libcrypto
example-openssl-handover_IF := libssl
example-gnutls-handover_LIBS := kdtls kdtls-gnutls
example-gnutls-handover_PKGS := gnutls
example-gnutls-handover_IF := gnutls
