/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handshakes in flight as the parent knows them: which worker has one, how
 * far it is, when its time is over.
 */
#ifndef INFLIGHT_H
#define INFLIGHT_H

#include "limit.h"
#include "metrics.h"
#include "pool.h"
#include "port.h"
#include "table.h"
#include "tally.h"

enum session_state {
	SESSION_RUNNING,
	SESSION_KEYED,		/* the kernel has the keys */
};

struct session {
	struct node node;
	struct worker_process *worker;
	enum session_state state;
	uint16_t role;
	uint32_t uid;
	uint64_t listener;	/* that the peer is a client of, or 0 */
	union address address;	/* the peer's */
	uint32_t mtu;		/* as the worker knows it */
	uint64_t began;		/* ms */
	uint64_t deadline;	/* ms */
	char profile[DTLS_MAX_PROFILE];
	char peer[64];		/* for the log */
	struct secrets secrets;	/* exporter, until done */
};

struct sessions {
	struct table table;
	const struct config *config;
	struct port *port;
	struct pool *pool;
	struct tally users;	/* of what sockets asked for */
	struct tally listeners;	/* of their clients, */
	struct tally owners;	/* and of the user that listens */
	struct limits limits;	/* of these, per address */
	struct metrics metrics;
	bool requests_wait;	/* in the kernel, more than were taken: */
	bool hellos_wait;
	bool mail_wait;		/* datagrams and ends of what runs */
};

/* Gives a handshake that we have accepted to a worker. False: it was refused. */
bool session_begin(struct sessions *s, struct handshake_request *q,
		   struct worker_process *w);

/* The kernel may have handshakes and clients for us; messages about ours. */
void sessions_wanted(struct sessions *s);
void sessions_waiting(struct sessions *s);
/* Is there anything to take, and room for it? */
bool sessions_wait(const struct sessions *s);
/* Takes some of it. */
void sessions_serve(struct sessions *s);
void sessions_datagram(struct sessions *s, uint64_t id, const void *data, size_t len);
void sessions_cancelled(struct sessions *s, uint64_t id, int status);
void sessions_message(struct sessions *s, struct worker_process *w,
		      struct ipc_message *m);
/* Fails what a worker left behind. */
void sessions_worker_died(struct sessions *s, struct worker_process *w);
/* Fails what is overdue: neither worker nor kernel ended it. */
void sessions_tick(struct sessions *s);
/* Fails all. */
void sessions_end(struct sessions *s);

#endif
