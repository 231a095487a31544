// SPDX-License-Identifier: GPL-2.0
/*
 * A TCG plugin for QEMU (-plugin bench-blocks.so,out=FILE): where the instructions
 * are that a machine with one CPU executes between the marks of mark.h. FILE has a
 * line for each block of code that ran: its address in the guest, in hexadecimal, and
 * how many instructions. The next mark at an end replaces it. tests/bench/symbols reads it.
 *
 * A profile by a timer (perf) has what ran with interrupts disabled where they are
 * enabled again: that is most of a wake-up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mark.h"
#include "plugin.h"

#define BUCKETS	(1 << 16)

/* Code without a branch. It is translated more than once, and stays one. */
struct block {
	struct block *next;
	uint64_t pc;
	uint64_t executed, before;	/* instructions */
};

int qemu_plugin_version = PLUGIN_VERSION;

static struct block *table[BUCKETS];
static FILE *out;

static struct block *block_at(uint64_t pc)
{
	struct block **first = &table[(pc ^ pc >> 16) % BUCKETS], *block;

	for (block = *first; block; block = block->next) {
		if (block->pc == pc)
			return block;
	}
	block = calloc(1, sizeof(*block));
	if (!block)
		abort();
	block->pc = pc;
	block->next = *first;
	*first = block;
	return block;
}

static void begin(unsigned int vcpu, void *data)
{
	struct block *block;
	unsigned int i;

	(void)vcpu;
	(void)data;
	for (i = 0; i < BUCKETS; i++) {
		for (block = table[i]; block; block = block->next)
			block->before = block->executed;
	}
}

static void end(unsigned int vcpu, void *data)
{
	struct block *block;
	unsigned int i;

	(void)vcpu;
	(void)data;
	rewind(out);
	if (ftruncate(fileno(out), 0))
		abort();
	for (i = 0; i < BUCKETS; i++) {
		for (block = table[i]; block; block = block->next) {
			if (block->executed != block->before)
				fprintf(out, "%llx %llu\n",
					(unsigned long long)block->pc,
					(unsigned long long)(block->executed -
							     block->before));
		}
	}
	fflush(out);
}

static void look_for_mark(struct qemu_plugin_insn *insn)
{
	static const unsigned char nop[] = MARK_NOP;
	const unsigned char *code = qemu_plugin_insn_data(insn);
	uint32_t mark;

	if (qemu_plugin_insn_size(insn) != MARK_NOP_LEN + sizeof(mark) ||
	    memcmp(code, nop, MARK_NOP_LEN))
		return;
	memcpy(&mark, code + MARK_NOP_LEN, sizeof(mark));
	if (mark == MARK_BEGIN)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, begin,
						       PLUGIN_NO_REGS, NULL);
	if (mark == MARK_END)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, end,
						       PLUGIN_NO_REGS, NULL);
}

static void block_translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);
	struct block *block = block_at(qemu_plugin_tb_vaddr(tb));

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, PLUGIN_ADD,
						 &block->executed, n);
	for (i = 0; i < n; i++)
		look_for_mark(qemu_plugin_tb_get_insn(tb, i));
}

/* QEMU calls it. */
int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);
int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "bench-blocks: needs out=FILE\n");
		return -1;
	}
	out = fopen(argv[0] + 4, "w");
	if (!out) {
		perror(argv[0] + 4);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
	return 0;
}
