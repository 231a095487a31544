/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Forged records with the addresses of peers that have associations: each
 * must be opened to be refused. They are sent by a raw socket.
 */
#ifndef KDTLS_TESTS_FORGER_H
#define KDTLS_TESTS_FORGER_H

#include <netinet/in.h>

struct forger {
	const struct sockaddr_in *sources;
	unsigned int n_sources;
	struct sockaddr_in target;
	unsigned long count;		/* to send */
	unsigned long rate;		/* a second; 0: as fast as possible */
	unsigned int size;		/* of a record's content */
	unsigned int records;		/* in a datagram */
	int cpu;
	/* results */
	volatile unsigned long sent;
	double seconds;
};

/* A thread's function. */
void *forger_run(void *forger);
double now(void);

#endif
