# SPDX-License-Identifier: GPL-2.0
#
# Everything is built below build/:
#   build/<kernel>/kdtls.ko   build/bin/   build/lib/   build/tests/
#
# A directory of user-space code or of tests declares what it builds in its
# own module.mk (userspace/*/module.mk, tests/*/module.mk). $(d) is that
# directory. Words to use there:
#
#   PROGRAMS += foo          build/bin/foo, installed
#   TEST_PROGRAMS += foo     build/tests/foo, not installed
#   LIBRARIES += foo         build/lib/libfoo.so.N and build/lib/libfoo.a
#
#   foo_SRCS := $(wildcard $(d)/*.c)     default; paths from the top
#   foo_LIBS := kdtls                    libraries of this tree to link
#   foo_PKGS := gnutls libnl-3.0         pkg-config names
#   foo_CFLAGS, foo_LDLIBS, foo_LDFLAGS  anything else
#   foo_DIR := sbin                      where it is installed (default bin)
#   foo_SOVERSION := 0  foo_HEADERS := x.h  foo_PC := libfoo.pc.in   libraries
#   foo_MAP := libfoo.map                a library's linker version script
#   foo_PRIVATE := y                     a library only for programs of this tree
#   foo_IF := wolfssl                    build only if pkg-config knows these
#
# Test programs of a name used twice collide: begin with the directory's name.

VERSION := $(shell sed -n 's/^\#define KDTLS_VERSION "\(.*\)"/\1/p' include/kdtls/version.h)

top := $(CURDIR)
B ?= build
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DESTDIR ?=
CC ?= cc
PKG_CONFIG ?= pkg-config
KERNELS := 6.1 6.12 7.x debug
MAKEFLAGS += --no-builtin-rules

# DEBUG=1: the sanitizers, for running the user-space tests under them
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wno-unused-parameter
HARDEN := -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
ifneq ($(DEBUG),)
HARDEN := -fsanitize=address,undefined -fno-omit-frame-pointer
endif
ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(WARN) $(HARDEN) -D_GNU_SOURCE \
	-DKDTLS_VERSION='"$(VERSION)"' \
	-Iinclude/uapi -Iinclude -Iuserspace/libkdtls/include \
	-Iuserspace/libkdtls -Itests/harness -MMD -MP
ALL_LDFLAGS = $(LDFLAGS) -Wl,-z,relro,-z,now -Wl,--as-needed \
	$(if $(DEBUG),-fsanitize=address$(comma)undefined)
comma := ,

PHONY := all
all: userspace modules

PHONY += help
help:
	@echo 'make                     modules for this kernel, and user space'
	@echo 'make modules KERNEL=K    K: host 6.1 6.12 7.x debug all (W=1 C=1 work)'
	@echo 'make userspace           libkdtls, dtls-handshaked, tools, examples'
	@echo 'make tests               user space and the test programs'
	@echo 'make check [T="NAME.."]  all tests; needs root; see tests/harness/check --help'
	@echo 'make check-load          thousands of clients, floods; half an hour'
	@echo 'make demo, make bench    what kdtls does; instructions per record'
	@echo 'make install             DESTDIR= PREFIX=$(PREFIX); make uninstall'
	@echo 'make deb                 Debian packages, in build/deb; needs root'
	@echo 'make dist                build/kdtls-$(VERSION).tar.xz'
	@echo 'make clean'

## the module

# Never another kernel than was asked for: a module for it is of no use here.
running := $(shell uname -r)
KERNEL ?= $(if $(wildcard /lib/modules/$(running)/build/Makefile),host,none)
PHONY += modules
modules: $(addprefix module-,$(if $(filter all,$(KERNEL)),$(KERNELS),$(KERNEL)))

PHONY += module-none
module-none:
	@echo 'left out: kdtls.ko, for want of the headers of this kernel' \
		'(apt-get install linux-headers-$(running))' >&2

PHONY += module-%
module-%:
	@tests/harness/vm/module $* $(if $(W),W=$(W)) $(if $(C),C=$(C))

## user space

# Said before anything is built, and all at once. These install it themselves:
installing := help clean check check-load demo bench deb dist module-% modules
ifneq ($(filter-out $(installing),$(or $(MAKECMDGOALS),all)),)
lacking := $(shell userspace/prerequisites '$(CC)' '$(PKG_CONFIG)' || echo y)
ifneq ($(lacking),)
$(error The build needs what is named above)
endif
endif

PROGRAMS :=
TEST_PROGRAMS :=
LIBRARIES :=

define read_module
d := $(patsubst %/,%,$(dir $(1)))
before := $$(PROGRAMS) $$(TEST_PROGRAMS) $$(LIBRARIES)
include $(1)
$$(foreach p,$$(filter-out $$(before),$$(PROGRAMS) $$(TEST_PROGRAMS) $$(LIBRARIES)),\
	$$(eval $$(p)_d := $$(d)) \
	$$(if $$(filter undefined,$$(origin $$(p)_SRCS)),$$(eval $$(p)_SRCS := $$(wildcard $$(d)/*.c))))
endef
$(foreach m,$(sort $(wildcard userspace/*/module.mk tests/*/module.mk)),\
	$(eval $(call read_module,$(m))))

have = $(if $(1),$(shell $(PKG_CONFIG) --exists $(1) && echo y),y)
kept = $(foreach p,$(1),$(if $(call have,$($(p)_IF)),$(p)))
PROGRAMS := $(call kept,$(PROGRAMS))
TEST_PROGRAMS := $(call kept,$(TEST_PROGRAMS))
LIBRARIES := $(call kept,$(LIBRARIES))

# What is built depends on these words too.
settings := $(CC) $(ALL_CFLAGS) $(PREFIX) $(LIBDIR) $(INCLUDEDIR) $(VERSION)
objs = $(patsubst %.c,$(B)/obj/$(1)/%.o,$($(1)_SRCS))
pkgs = $(if $($(1)_PKGS),$(shell $(PKG_CONFIG) $(2) $($(1)_PKGS) || echo missing-$($(1)_PKGS)))
sover = $(or $($(1)_SOVERSION),0)

$(B)/settings: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(settings))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(settings))' >$@

define compile_rule
$(B)/obj/$(1)/%.o: %.c $(B)/settings
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALL_CFLAGS) $(2) $$(call pkgs,$(1),--cflags) $$($(1)_CFLAGS) -c -o $$@ $$<
-include $(patsubst %.o,%.d,$(call objs,$(1)))
endef

define program_rule
$(call compile_rule,$(1),-fPIE -I$($(1)_d))
$(2)/$(1): $(call objs,$(1)) $(foreach l,$($(1)_LIBS),$(B)/lib/lib$(l).so)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -pie $$(ALL_LDFLAGS) $$($(1)_LDFLAGS) -o $$@ $(call objs,$(1)) \
		$(if $($(1)_LIBS),-L$(B)/lib $(addprefix -l,$($(1)_LIBS))) \
		$$(call pkgs,$(1),--libs) $$($(1)_LDLIBS)
endef

define library_rule
$(call compile_rule,$(1),-fPIC -fvisibility=hidden -I$($(1)_d))
$(B)/lib/lib$(1).so.$(call sover,$(1)): $(call objs,$(1)) $($(1)_MAP)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -shared $$(ALL_LDFLAGS) -Wl,-soname,lib$(1).so.$(call sover,$(1)) \
		$(if $($(1)_MAP),-Wl$(comma)--version-script$(comma)$($(1)_MAP)) \
		$$($(1)_LDFLAGS) -o $$@ $(call objs,$(1)) \
		$$(call pkgs,$(1),--libs) $$($(1)_LDLIBS)
$(B)/lib/lib$(1).so: $(B)/lib/lib$(1).so.$(call sover,$(1))
	@ln -sf $$(<F) $$@
$(B)/lib/lib$(1).a: $(call objs,$(1))
	@mkdir -p $$(@D); rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^
endef

$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(p),$(B)/bin)))
$(foreach p,$(TEST_PROGRAMS),$(eval $(call program_rule,$(p),$(B)/tests)))
$(foreach l,$(LIBRARIES),$(eval $(call library_rule,$(l))))

pc_files := $(foreach l,$(LIBRARIES),$(addprefix $(B)/lib/,$(notdir $(patsubst %.in,%,$($(l)_PC)))))
define pc_rule
$(B)/lib/$(notdir $(patsubst %.in,%,$(1))): $(1) $(B)/settings
	@mkdir -p $$(@D)
	$$(Q)sed 's|@PREFIX@|$$(PREFIX)|g; s|@VERSION@|$$(VERSION)|g; s|@LIBDIR@|$$(LIBDIR)|g; s|@INCLUDEDIR@|$$(INCLUDEDIR)|g' $$< >$$@
endef
$(foreach l,$(LIBRARIES),$(foreach p,$($(l)_PC),$(eval $(call pc_rule,$(p)))))

PHONY += userspace tests
userspace: $(addprefix $(B)/bin/,$(PROGRAMS)) $(pc_files) $(B)/dtls-handshaked@.service \
	$(foreach l,$(LIBRARIES),$(B)/lib/lib$(l).so $(B)/lib/lib$(l).a)
tests: userspace $(addprefix $(B)/tests/,$(TEST_PROGRAMS))

## running

PHONY += check check-load demo bench
check:
	tests/harness/deps check
	tests/harness/check $(if $(KERNEL_ONLY),--kernel $(KERNEL_ONLY)) $(T)
check-load:
	tests/harness/deps check
	$(MAKE) tests
	tests/load/full $(T)
demo:
	tests/harness/deps demo
	tests/demo/run
bench:
	tests/harness/deps bench
	tests/bench/record
	tests/bench/scale
	tests/bench/run

## installing

MANDIR ?= $(PREFIX)/share/man
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
SYSCONFDIR ?= /etc
# dkms looks nowhere else
DKMSDIR ?= /usr/src/kdtls-$(VERSION)

private := $(foreach l,$(LIBRARIES),$(if $($(l)_PRIVATE),$(l)))
public := $(filter-out $(private),$(LIBRARIES))
so = lib$(1).so.$(call sover,$(1))

# SOURCE:MODE:TARGET of each file that is installed
daemon := userspace/dtls-handshaked
installed = \
	$(foreach p,$(PROGRAMS),$(if $(filter no,$($(p)_DIR)),,\
		$(B)/bin/$(p):755:$(PREFIX)/$(or $($(p)_DIR),bin)/$(p))) \
	$(foreach l,$(private),$(B)/lib/$(call so,$(l)):755:$(LIBDIR)/kdtls/$(call so,$(l))) \
	$(foreach l,$(public),\
		$(B)/lib/$(call so,$(l)):755:$(LIBDIR)/$(call so,$(l)) \
		$(B)/lib/lib$(l).a:644:$(LIBDIR)/lib$(l).a \
		$(foreach h,$($(l)_HEADERS),\
			$(h):644:$(INCLUDEDIR)/$(h:include/%=%))) \
	$(foreach f,$(pc_files),$(f):644:$(LIBDIR)/pkgconfig/$(notdir $(f))) \
	$(foreach f,$(wildcard include/uapi/linux/*.h),\
		$(f):644:$(INCLUDEDIR)/linux/$(notdir $(f))) \
	$(foreach f,$(wildcard Documentation/man/*.[1-8]),\
		$(f):644:$(MANDIR)/man$(patsubst .%,%,$(suffix $(f)))/$(notdir $(f))) \
	$(foreach f,$(daemon)/dtls-handshaked.service $(B)/dtls-handshaked@.service,\
		$(f):644:$(UNITDIR)/$(notdir $(f))) \
	$(foreach p,dtlscat dtlsctl dtlswrap dtls-handshaked,\
		userspace/completion/kdtls.bash:644:$(COMPLETIONDIR)/$(p)) \
	$(daemon)/sysusers.conf:644:$(SYSUSERSDIR)/dtls-handshaked.conf \
	$(foreach f,Kbuild $(shell find kernel include -name '*.[chS]'),\
		$(f):644:$(DKMSDIR)/$(f))
so_links = $(foreach l,$(public),$(LIBDIR)/lib$(l).so)
conf := $(SYSCONFDIR)/dtls-handshaked.conf

PHONY += install
install: userspace
	@echo '  INSTALL $(DESTDIR)$(PREFIX) $(DESTDIR)$(DKMSDIR)'
	@set -e; for f in $(installed); do \
		mode=$${f#*:}; \
		install -D -m $${mode%%:*} $${f%%:*} $(DESTDIR)$${mode#*:}; \
	done
	@set -e; for f in $(foreach l,$(public),$(call so,$(l))); do \
		ln -sf $$f $(DESTDIR)$(LIBDIR)/$${f%.so.*}.so; \
	done
	@sed 's/@VERSION@/$(VERSION)/' dkms.conf >$(DESTDIR)$(DKMSDIR)/dkms.conf
	@[ -e $(DESTDIR)$(conf) ] || \
		install -D -m 644 $(daemon)/dtls-handshaked.conf $(DESTDIR)$(conf)
	@[ -n '$(DESTDIR)' ] || userspace/installed $(VERSION)

# The configuration stays: it is not ours any more.
PHONY += uninstall
uninstall:
	@[ -n '$(DESTDIR)' ] || userspace/installed --remove $(VERSION)
	@echo '  REMOVE  $(DESTDIR)$(PREFIX) $(DESTDIR)$(DKMSDIR)'
	@for f in $(installed); do \
		rm -f $(DESTDIR)$${f##*:}; \
	done
	@rm -f $(addprefix $(DESTDIR),$(so_links))
	@rm -rf $(DESTDIR)$(DKMSDIR)
	@rmdir --ignore-fail-on-non-empty $(DESTDIR)$(INCLUDEDIR)/kdtls \
		$(DESTDIR)$(LIBDIR)/kdtls 2>/dev/null || true
	@[ -n '$(DESTDIR)' ] || ldconfig

## releasing

PHONY += deb
deb:
	tests/fresh/packages

# What git has, so that it is the same everywhere.
PHONY += dist
dist:
	@mkdir -p $(B)
	git archive --prefix=kdtls-$(VERSION)/ HEAD | xz -9 >$(B)/kdtls-$(VERSION).tar.xz

PHONY += clean
clean:
	rm -rf $(B)

ifeq ($(V),)
Q = @echo '  $(if $(filter %.c,$<),CC,LD)  $@';
endif

.PHONY: $(filter-out module-%,$(PHONY)) module-none
FORCE:
