# SPDX-License-Identifier: GPL-2.0
socket-tests := talk
TEST_PROGRAMS += $(addprefix socket-,$(socket-tests))
$(foreach t,$(socket-tests),$(eval socket-$(t)_SRCS := $(d)/$(t).c $(d)/pair.c))
