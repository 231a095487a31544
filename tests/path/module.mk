# SPDX-License-Identifier: GPL-2.0
path-tests := batches mtu
TEST_PROGRAMS += $(addprefix path-,$(path-tests))
$(foreach t,$(path-tests),$(eval path-$(t)_SRCS := \
	$(d)/$(t).c $(d)/ends.c tests/socket/pair.c) \
	$(eval path-$(t)_CFLAGS := -Itests/socket))
