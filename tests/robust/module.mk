# SPDX-License-Identifier: GPL-2.0
robust-tests := forge records batch window flood churn memory faults crowd vmfork scale peeloff group limit
TEST_PROGRAMS += $(addprefix robust-,$(robust-tests))
$(foreach t,$(robust-tests),$(eval robust-$(t)_SRCS := \
	$(d)/$(t).c $(addprefix tests/socket/,pair.c capture.c crowd.c)) \
	$(eval robust-$(t)_CFLAGS := -Itests/socket) \
	$(eval robust-$(t)_LDLIBS := -lpthread))
