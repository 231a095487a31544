/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of the kernel. */
#ifndef KDTLS_TESTS_FIGURES_H
#define KDTLS_TESTS_FIGURES_H

struct figures {
	unsigned long tag;		/* did not authenticate */
	unsigned long nobody;		/* from an address without association */
	unsigned long queue;		/* dropped at a full queue, all kinds */
	unsigned long inside;		/* of these by kdtls, not by UDP */
	unsigned long kernel_kb;	/* slab and per CPU */
};

void figures_read(struct figures *f);

#endif
