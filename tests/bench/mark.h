/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two instructions that do nothing: tests/bench/plugin_marks.c recognises their bytes
 * and counts what is executed between them, in the guest's user space and kernel.
 */
#ifndef KDTLS_TESTS_BENCH_MARK_H
#define KDTLS_TESTS_BENCH_MARK_H

#define MARK_BEGIN	0x6b640001
#define MARK_END	0x6b640002
/* what is in front of the four bytes above: a nop with a displacement */
#define MARK_NOP	"\x0f\x1f\x80"
#define MARK_NOP_LEN	3

static inline void mark_begin(void)
{
	__asm__ volatile("nopl %c0(%%rax)" : : "i" (MARK_BEGIN) : "memory");
}

static inline void mark_end(void)
{
	__asm__ volatile("nopl %c0(%%rax)" : : "i" (MARK_END) : "memory");
}

#endif
