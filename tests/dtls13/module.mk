# SPDX-License-Identifier: GPL-2.0
# One program a source file, with the module's record code as the other end.
dtls13-lib := $(d)/ends.c tests/socket/pair.c tests/vectors/crypto.c \
	$(wildcard kernel/record/*.c kernel/record/dtls13/*.c)
dtls13-tests := talk wire known update cid flight
TEST_PROGRAMS += $(addprefix dtls13-,$(dtls13-tests))
$(foreach t,$(dtls13-tests),\
	$(eval dtls13-$(t)_SRCS := $(d)/$(t).c $(dtls13-lib)) \
	$(eval dtls13-$(t)_CFLAGS := -iquote kernel -Itests -Itests/socket) \
	$(eval dtls13-$(t)_PKGS := libcrypto))
dtls13-talk_SRCS += tests/socket/traffic.c
dtls13-update_SRCS += $(d)/peer.c tests/socket/hold.c
dtls13-flight_SRCS += $(d)/peer.c
dtls13-update_LDLIBS := -lpthread
dtls13-known_SRCS += tests/socket/known.c tests/vectors/entry.c
dtls13-known_PKGS += jansson

TEST_PROGRAMS += dtls13-application
dtls13-application_SRCS := $(d)/application.c
dtls13-application_LIBS := kdtls
