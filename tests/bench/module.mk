# SPDX-License-Identifier: GPL-2.0
bench_peers := $(addprefix $(d)/,stats.c cipher.c gather.c handshake.c \
	openssl.c gnutls.c)

TEST_PROGRAMS += bench
bench_SRCS := $(bench_peers) $(addprefix $(d)/,main.c measure.c rtt.c \
	sockets.c library.c wireguard.c ktls.c) tests/socket/pair.c
bench_CFLAGS := -Itests/socket
bench_PKGS := libssl libcrypto gnutls
bench_LDLIBS := -lpthread

TEST_PROGRAMS += bench-record
bench-record_SRCS := $(d)/record.c $(bench_peers) \
	$(wildcard kernel/record/*.c)
bench-record_CFLAGS := -iquote kernel
bench-record_PKGS := libssl libcrypto gnutls

TEST_PROGRAMS += bench-scale
bench-scale_SRCS := $(addprefix $(d)/,scale.c stats.c sockets.c) \
	tests/socket/pair.c
bench-scale_CFLAGS := -Itests/socket
bench-scale_LDLIBS := -lpthread

TEST_PROGRAMS += bench-two
bench-two_SRCS := $(bench_peers) $(addprefix $(d)/,two.c cputime.c sockets.c) \
	tests/socket/pair.c
bench-two_CFLAGS := -Itests/socket
bench-two_PKGS := libssl libcrypto gnutls

TEST_PROGRAMS += bench-many
bench-many_SRCS := $(bench_peers) $(addprefix $(d)/,many.c cputime.c) \
	tests/socket/pair.c
bench-many_CFLAGS := -Itests/socket
bench-many_PKGS := libssl libcrypto gnutls

TEST_PROGRAMS += bench-peers
bench-peers_SRCS := $(addprefix $(d)/,peers.c stats.c) \
	$(addprefix tests/socket/,pair.c capture.c crowd.c)
bench-peers_CFLAGS := -Itests/socket
bench-peers_LDLIBS := -lpthread

TEST_PROGRAMS += bench-vpn
bench-vpn_SRCS := $(d)/vpn.c tests/path/ends.c tests/socket/pair.c \
	tests/socket/capture.c
bench-vpn_CFLAGS := -Itests/socket -Itests/path
bench-vpn_LDLIBS := -lpthread

TEST_PROGRAMS += bench-known
bench-known_SRCS := $(d)/known.c

# for QEMU, which has the functions they call
$(B)/tests/bench-plugin.so: $(d)/plugin.c
$(B)/tests/bench-blocks.so: $(d)/blocks.c
$(B)/tests/bench-%.so: $(d)/plugin_marks.c $(d)/plugin.h $(d)/mark.h $(B)/settings
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -shared $(LDFLAGS) -o $@ $(filter %.c,$^)

TEST_PROGRAMS += bench-model
bench-model_SRCS := $(bench_peers) $(addprefix $(d)/,model.c sockets.c library.c) \
	tests/socket/pair.c
bench-model_CFLAGS := -Itests/socket
bench-model_PKGS := libssl libcrypto gnutls
bench-model_LDLIBS := -ldl

# the kernel's AES-GCM in user space: the caller says where its source is
$(B)/tests/kernel-gcm.so: $(KERNEL_SOURCE)/arch/x86/crypto/aes-gcm-aesni-x86_64.S
	@mkdir -p $(@D)/kernel-gcm/linux
	@printf '%s\n' '#define SYM_FUNC_START(name) .globl name; name:' \
		'#define SYM_FUNC_END(name) .size name, . - name' \
		'#define RET ret' >$(@D)/kernel-gcm/linux/linkage.h
	$(Q)$(CC) -I$(@D)/kernel-gcm -shared -nostdlib -Wl,-z,noexecstack -o $@ $<
