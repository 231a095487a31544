# SPDX-License-Identifier: GPL-2.0
# Connection IDs (RFC 9146): sockets, and records that the tests make themselves.
cid-tests := talk many roam known
cid-lib := $(d)/side.c tests/socket/pair.c tests/socket/capture.c tests/vectors/crypto.c \
	kernel/record/cipher.c kernel/record/dtls13/keys13.c
TEST_PROGRAMS += $(addprefix cid-,$(cid-tests))
$(foreach t,$(cid-tests),\
	$(eval cid-$(t)_SRCS := $(d)/$(t).c $(cid-lib)) \
	$(eval cid-$(t)_CFLAGS := -iquote kernel -Itests -Itests/socket) \
	$(eval cid-$(t)_PKGS := libcrypto) \
	$(eval cid-$(t)_LDLIBS := -lpthread))
cid-many_SRCS += $(d)/peer.c tests/socket/crowd.c
cid-roam_SRCS += $(d)/peer.c tests/socket/crowd.c
cid-talk_SRCS += tests/socket/traffic.c
cid-known_SRCS += tests/socket/known.c tests/vectors/entry.c
cid-known_PKGS += jansson
