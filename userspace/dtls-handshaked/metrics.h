/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's counters, and their file in Prometheus' text format, which is replaced
 * atomically. The kernel's counters are in /proc/net/kdtls_stat.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdbool.h>
#include <stdint.h>

#define METRICS_BUCKETS	13

/* Why a client with a valid cookie, or a socket, got no handshake. */
enum metrics_refusal {
	REFUSED_ADDRESS_IN_FLIGHT,
	REFUSED_ADDRESS_RATE,
	REFUSED_LISTENER,	/* max-handshakes-per-listener */
	REFUSED_USER,		/* max-handshakes-per-user */
	REFUSED_ALL,		/* max-handshakes */
	REFUSED_KERNEL,		/* a limit of the module */
	REFUSED_POLICY,		/* the profile does not allow it */
	REFUSED_KINDS
};

/* Results of ClientHellos that the kernel had queued. */
enum metrics_hello {
	HELLO_CHALLENGED,
	HELLO_GOOD,		/* with a valid cookie */
	HELLO_FRAGMENT,		/* a later fragment */
	HELLO_BAD,		/* no ClientHello */
	HELLO_DROPPED,		/* its worker had too many */
	HELLO_KINDS
};

enum metrics_failure {
	FAILED_REJECTED,	/* EKEYREJECTED */
	FAILED_PROTOCOL,	/* EPROTO */
	FAILED_ALERT,		/* ECONNREFUSED */
	FAILED_TIMEOUT,		/* ETIMEDOUT */
	FAILED_ABORTED,		/* ECONNABORTED */
	FAILED_CANCELLED,	/* by the kernel, because the socket was closed for example */
	FAILED_OTHER,
	FAILED_KINDS
};

struct metrics {
	uint64_t established;
	uint64_t resumed;		/* of these, with a ticket */
	uint64_t failed[FAILED_KINDS];
	uint64_t refused[REFUSED_KINDS];
	uint64_t hellos[HELLO_KINDS];
	uint64_t took[METRICS_BUCKETS + 1];	/* established, by duration; the last: longer */
	uint64_t took_ms;			/* sum of the durations */
	uint64_t worker_restarts;
	uint64_t worker_stuck;
};

/* The current state of a worker. */
struct metrics_worker {
	unsigned int slot;
	unsigned int handshakes;
	unsigned int hellos;	/* not answered yet */
	unsigned int bytes;	/* in its socket, not read yet */
	struct metrics_worker *next;
};

void metrics_established(struct metrics *m, uint64_t ms);
/* status: as in struct handshake_result. */
void metrics_failed(struct metrics *m, int status);

/* Replaces the file. False, with errno: it failed. */
bool metrics_write(const struct metrics *m, const struct metrics_worker *workers,
		   const char *path);

#endif
