// SPDX-License-Identifier: GPL-2.0
/*
 * A TCG plugin for QEMU (-plugin bench-plugin.so,out=FILE): what a benchmark does
 * that its number of instructions does not show. Counts between the marks of
 * mark.h, on a machine with one CPU, and appends a line to FILE at each end:
 *
 *	system calls	syscall, in user space
 *	bytes copied	written by rep movs in the kernel, which with the CPU's
 *			feature erms is how it copies 64 bytes and more from and to
 *			user space; memcpy() is not seen
 *	page faults	reads of cr2, of which the kernel's handler has one
 *	FPU sections	ldmxcsr in the kernel: kernel_fpu_begin() has one
 *	atomics		locked instructions and xchg with memory (the guest needs
 *			noreplace-smp, or a kernel with one CPU removes the locks)
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "plugin.h"

enum what { SYSCALLS, COPIED, FAULTS, FPU, ATOMICS, KINDS };

static uint64_t counts[KINDS], before[KINDS];

/* An instruction behind its prefixes. */
struct code {
	bool lock, rep, kernel;
	const unsigned char *op;	/* opcode */
	size_t len;			/* bytes from there */
};

static bool is_prefix(unsigned char byte)
{
	return byte && strchr("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3", byte);
}

static struct code decode(const struct qemu_plugin_insn *insn)
{
	struct code c = {
		.op = qemu_plugin_insn_data(insn),
		.len = qemu_plugin_insn_size(insn),
		.kernel = qemu_plugin_insn_vaddr(insn) >> 63,
	};

	for (; c.len > 1 && is_prefix(*c.op); c.op++, c.len--) {
		c.lock |= *c.op == 0xf0;
		c.rep |= *c.op == 0xf2 || *c.op == 0xf3;
	}
	if (c.len > 1 && (*c.op & 0xf0) == 0x40) {	/* REX */
		c.op++;
		c.len--;
	}
	return c;
}

static unsigned int modrm_reg(unsigned char modrm)
{
	return modrm >> 3 & 7;
}

static bool modrm_memory(unsigned char modrm)
{
	return modrm >> 6 != 3;
}

static bool is_atomic(const struct code *c)
{
	return c->lock || (c->len > 1 && (c->op[0] == 0x86 || c->op[0] == 0x87) &&
			   modrm_memory(c->op[1]));
}

/* The one of an opcode of two bytes; KINDS: none. */
static enum what kind_of(const struct code *c)
{
	if (c->len < 2 || c->op[0] != 0x0f)
		return KINDS;
	if (c->op[1] == 0x05 && !c->kernel)
		return SYSCALLS;
	if (c->len < 3 || !c->kernel)
		return KINDS;
	if (c->op[1] == 0x20 && modrm_reg(c->op[2]) == 2)
		return FAULTS;
	if (c->op[1] == 0xae && modrm_reg(c->op[2]) == 2 &&
	    modrm_memory(c->op[2]))
		return FPU;
	return KINDS;
}

static bool is_kernel_copy(const struct code *c)
{
	return c->kernel && c->rep && (c->op[0] == 0xa4 || c->op[0] == 0xa5);
}

static void count_one(unsigned int vcpu, void *data)
{
	(void)vcpu;
	counts[(uintptr_t)data]++;
}

static void count_bytes(unsigned int vcpu, uint32_t info, uint64_t vaddr,
			void *data)
{
	(void)vcpu;
	(void)vaddr;
	/* QEMU 7.2 calls it for what is read too */
	if (qemu_plugin_mem_is_store(info))
		counts[(uintptr_t)data] +=
			1 << qemu_plugin_mem_size_shift(info);
}

void plugin_begin(void)
{
	memcpy(before, counts, sizeof(before));
}

void plugin_end(void)
{
	int i;

	for (i = 0; i < KINDS; i++)
		fprintf(plugin_out, "%llu%c",
			(unsigned long long)(counts[i] - before[i]),
			i + 1 < KINDS ? ' ' : '\n');
}

static void count_each(struct qemu_plugin_insn *insn, enum what what)
{
	qemu_plugin_register_vcpu_insn_exec_cb(insn, count_one, PLUGIN_NO_REGS,
					       (void *)(uintptr_t)what);
}

static void translated(struct qemu_plugin_insn *insn)
{
	struct code c = decode(insn);
	enum what kind = kind_of(&c);

	if (kind != KINDS)
		count_each(insn, kind);
	if (is_atomic(&c))
		count_each(insn, ATOMICS);
	if (is_kernel_copy(&c))
		qemu_plugin_register_vcpu_mem_cb(insn, count_bytes,
						 PLUGIN_NO_REGS, PLUGIN_WRITES,
						 (void *)COPIED);
}

void plugin_translated(struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	for (i = 0; i < n; i++)
		translated(qemu_plugin_tb_get_insn(tb, i));
}
