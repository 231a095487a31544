# SPDX-License-Identifier: GPL-2.0
socket-tests := talk io ready segment refuse threads share splice plain peers \
	addrform destroy uring idle peeloff group memory events leftover alerts oneway shared
socket-lib := pair capture crowd hold order
TEST_PROGRAMS += $(addprefix socket-,$(socket-tests))
$(foreach t,$(socket-tests),$(eval socket-$(t)_SRCS := \
	$(d)/$(t).c $(addprefix $(d)/,$(addsuffix .c,$(socket-lib)))) \
	$(eval socket-$(t)_LDLIBS := -lpthread))
socket-uring_PKGS := liburing
socket-threads_SRCS += tests/dtls13/ends.c tests/vectors/crypto.c \
	$(wildcard kernel/record/*.c kernel/record/dtls13/*.c)
socket-threads_CFLAGS := -iquote kernel -Itests -Itests/socket
socket-threads_PKGS := libcrypto
