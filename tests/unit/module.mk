# SPDX-License-Identifier: GPL-2.0
# One program a source file, each with the module's own record layer.
record := $(wildcard kernel/record/*.c kernel/record/dtls13/*.c)

define unit_test
TEST_PROGRAMS += unit-$(1)
unit-$(1)_SRCS := $(d)/$(1).c $(record) $(2)
unit-$(1)_CFLAGS := -iquote kernel -Itests -Wno-missing-field-initializers
unit-$(1)_PKGS := cmocka $(3)
endef

$(eval $(call unit_test,cipher))
$(eval $(call unit_test,header))
$(eval $(call unit_test,ids))
$(eval $(call unit_test,window))
$(eval $(call unit_test,record12))
$(eval $(call unit_test,record13,tests/vectors/crypto.c,libcrypto))
$(eval $(call unit_test,handshake13))
$(eval $(call unit_test,flight13))
$(eval $(call unit_test,limit))
