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
#include <unistd.h>

#include "plugin.h"

#define BUCKETS	(1 << 16)

/* Code without a branch. It is translated more than once, and stays one. */
struct block {
	struct block *next;
	uint64_t pc;
	uint64_t executed, before;	/* instructions */
};

static struct block *table[BUCKETS];

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

void plugin_begin(void)
{
	struct block *block;
	unsigned int i;

	for (i = 0; i < BUCKETS; i++) {
		for (block = table[i]; block; block = block->next)
			block->before = block->executed;
	}
}

void plugin_end(void)
{
	struct block *block;
	unsigned int i;

	rewind(plugin_out);
	if (ftruncate(fileno(plugin_out), 0))
		abort();
	for (i = 0; i < BUCKETS; i++) {
		for (block = table[i]; block; block = block->next) {
			if (block->executed != block->before)
				fprintf(plugin_out, "%llx %llu\n",
					(unsigned long long)block->pc,
					(unsigned long long)(block->executed -
							     block->before));
		}
	}
}

void plugin_translated(struct qemu_plugin_tb *tb)
{
	struct block *block = block_at(qemu_plugin_tb_vaddr(tb));

	qemu_plugin_register_vcpu_tb_exec_inline(tb, PLUGIN_ADD,
						 &block->executed,
						 qemu_plugin_tb_n_insns(tb));
}
