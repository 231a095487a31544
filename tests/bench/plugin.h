/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of QEMU's interface for TCG plugins (version 1, QEMU 4.2 to 8) that
 * the plugins use; Debian 12 packages QEMU without its header.
 */
#ifndef KDTLS_TESTS_BENCH_PLUGIN_H
#define KDTLS_TESTS_BENCH_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PLUGIN_VERSION	1
#define PLUGIN_NO_REGS	0	/* of QEMU's enum: the callback needs no registers */
#define PLUGIN_WRITES	2	/* memory accesses */
#define PLUGIN_ADD	0	/* what is executed inline: uint64_t += imm */

struct qemu_plugin_tb;
struct qemu_plugin_insn;

typedef uint64_t plugin_id;
typedef void (*plugin_tb_cb)(plugin_id id, struct qemu_plugin_tb *tb);
typedef void (*plugin_exec_cb)(unsigned int vcpu, void *data);
typedef void (*plugin_mem_cb)(unsigned int vcpu, uint32_t info, uint64_t vaddr,
			      void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, plugin_tb_cb cb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op,
					      void *ptr, uint64_t imm);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
						 size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    plugin_exec_cb cb, int flags,
					    void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      plugin_mem_cb cb, int flags, int which,
				      void *data);
_Bool qemu_plugin_mem_is_store(uint32_t info);
unsigned int qemu_plugin_mem_size_shift(uint32_t info);

/*
 * plugin_marks.c, which is in each plugin: the option out=FILE, and calls at the marks of
 * mark.h. The plugin has these three:
 */
extern FILE *plugin_out;
void plugin_begin(void);
void plugin_end(void);		/* plugin_out is flushed behind it */
void plugin_translated(struct qemu_plugin_tb *tb);	/* each block of code */

#endif
