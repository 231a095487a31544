// SPDX-License-Identifier: GPL-2.0
/* What a plugin of ours has besides what it counts: its file, and marks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "plugin.h"

int qemu_plugin_version = PLUGIN_VERSION;

FILE *plugin_out;

static void begin(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	plugin_begin();
}

static void end(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	plugin_end();
	fflush(plugin_out);
}

static void look_for_mark(struct qemu_plugin_insn *insn)
{
	const unsigned char *code = qemu_plugin_insn_data(insn);
	uint32_t mark;

	if (qemu_plugin_insn_size(insn) != MARK_NOP_LEN + sizeof(mark) ||
	    memcmp(code, MARK_NOP, MARK_NOP_LEN))
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

	(void)id;
	plugin_translated(tb);
	for (i = 0; i < n; i++)
		look_for_mark(qemu_plugin_tb_get_insn(tb, i));
}

/* QEMU calls it. */
int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);
int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "the plugin needs out=FILE\n");
		return -1;
	}
	plugin_out = fopen(argv[0] + 4, "w");
	if (!plugin_out) {
		perror(argv[0] + 4);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
	return 0;
}
