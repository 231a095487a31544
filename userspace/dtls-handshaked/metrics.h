/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon counts, and the file that says so in Prometheus' text
 * format: replaced as a whole, so that who reads it never sees half of one.
 * What the kernel counts is in /proc/net/kdtls_stat.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdbool.h>
#include <stdint.h>

#define METRICS_BUCKETS	13

/* Why a client with a good cookie, or a socket, got no handshake. */
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

/* What became of a ClientHello that the kernel had queued. */
enum metrics_hello {
	HELLO_CHALLENGED,
	HELLO_GOOD,		/* with a good cookie */
	HELLO_FRAGMENT,		/* a later fragment of one */
	HELLO_BAD,		/* not one */
	HELLO_DROPPED,		/* its worker had too many to answer */
	HELLO_KINDS
};

enum metrics_failure {
	FAILED_REJECTED,	/* EKEYREJECTED */
	FAILED_PROTOCOL,	/* EPROTO */
	FAILED_ALERT,		/* ECONNREFUSED */
	FAILED_TIMEOUT,		/* ETIMEDOUT */
	FAILED_ABORTED,		/* ECONNABORTED */
	FAILED_CANCELLED,	/* by the kernel: the socket was closed, say */
	FAILED_OTHER,
	FAILED_KINDS
};

struct metrics {
	uint64_t established;
	uint64_t resumed;		/* of these, by a ticket */
	uint64_t failed[FAILED_KINDS];
	uint64_t refused[REFUSED_KINDS];
	uint64_t hellos[HELLO_KINDS];
	uint64_t took[METRICS_BUCKETS + 1];	/* established, by time; the last: longer */
	uint64_t took_ms;			/* all of them together */
	uint64_t worker_restarts;
	uint64_t worker_stuck;
};

/* A worker as it is now. */
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

/* Replaces the file. False, with errno: it could not. */
bool metrics_write(const struct metrics *m, const struct metrics_worker *workers,
		   const char *path);

#endif
