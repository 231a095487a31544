/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handshakes in flight as the parent sees them: which worker runs each one,
 * its state and its deadline.
 */
#ifndef INFLIGHT_H
#define INFLIGHT_H

#include "limit.h"
#include "metrics.h"
#include "pool.h"
#include "port.h"
#include "table.h"
#include "tally.h"

enum handshake_state {
	HANDSHAKE_RUNNING,
	HANDSHAKE_KEYED,	/* the kernel has the keys */
};

struct handshake {
	struct node node;
	struct worker_process *worker;
	enum handshake_state state;
	uint16_t role;
	uint32_t uid;
	uint64_t listener;	/* that admitted the client, or 0 */
	union address address;	/* the peer's */
	struct cid cid;		/* the peer's, in datagrams to it */
	uint32_t mtu;		/* last one sent to the worker */
	uint64_t began;		/* ms */
	uint64_t deadline;	/* ms */
	char profile[DTLS_MAX_PROFILE];
	char peer[64];		/* for the log */
	struct secrets secrets;	/* exporter, until done */
};

/* An association whose worker waits for a ticket. */
struct awaiting {
	uint64_t id;
	struct worker_process *worker;
};

#define MAX_AWAITING	256

struct inflight {
	struct table table;
	const struct config *config;
	struct port *port;
	struct pool *pool;
	struct tally users;	/* handshakes that a uid's sockets requested */
	struct tally listeners;	/* clients per listening socket */
	struct tally owners;	/* clients per uid that listens */
	struct limits limits;	/* clients per address */
	struct metrics metrics;
	struct awaiting awaiting[MAX_AWAITING];	/* a ring: the oldest is overwritten */
	unsigned int awaited;
	bool requests_wait;	/* the kernel may have queued more of these */
	bool hellos_wait;
	bool mail_waits;	/* datagrams and cancellations of handshakes in flight */
};

/* Gives an accepted handshake to a worker. False: refused, the kernel has the result. */
bool inflight_begin(struct inflight *all, struct handshake_request *q,
		    struct worker_process *w);

/* A request waits in the kernel, and the limits and the workers have space for it. */
bool inflight_requests_wait(const struct inflight *all);
void inflight_take_request(struct inflight *all);
/* The same of datagrams and cancellations. */
bool inflight_mail_waits(const struct inflight *all);
void inflight_take_mail(struct inflight *all);
void inflight_datagram(struct inflight *all, uint64_t id, const void *data, size_t len);
/* The same of a ticket's fragment, behind the end. */
void inflight_ticket(struct inflight *all, uint64_t id, const void *data, size_t len);
void inflight_cancelled(struct inflight *all, uint64_t id, int status);
/* A worker's message about a handshake. False: it violates the protocol. */
bool inflight_message(struct inflight *all, struct worker_process *w,
		      struct ipc_message *m);
/* Fails the handshakes of a worker that ended. */
void inflight_worker_died(struct inflight *all, struct worker_process *w);
/* Fails handshakes past their deadline, which neither worker nor kernel ended. */
void inflight_tick(struct inflight *all);
/* Fails all. */
void inflight_end(struct inflight *all);

#endif
