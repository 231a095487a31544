# SPDX-License-Identifier: GPL-2.0
stress-tests := forge records batch window flood churn memory faults crowd vmfork scale peeloff group limit
TEST_PROGRAMS += $(addprefix stress-,$(stress-tests))
$(foreach t,$(stress-tests),$(eval stress-$(t)_SRCS := \
	$(d)/$(t).c $(addprefix tests/socket/,pair.c capture.c crowd.c)) \
	$(eval stress-$(t)_CFLAGS := -Itests/socket) \
	$(eval stress-$(t)_LDLIBS := -lpthread))

TEST_PROGRAMS += stress-instance
stress-instance_SRCS := $(d)/instance.c
