/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker processes. A worker is forked with a configuration and keeps it: a
 * reload forks new ones, and each old one ends after its last handshake.
 */
#ifndef POOL_H
#define POOL_H

#include <sys/types.h>
#include <time.h>

#include "config.h"
#include "ipc.h"
#include "loop.h"
#include "metrics.h"
#include "vault.h"

/* ClientHellos at a worker that it has not answered. */
#define POOL_HELLOS 32
/*
 * Messages about handshakes that may wait in a worker's socket, which is a FIFO. The
 * others wait in the kernel, which serves the users by turns.
 */
#define POOL_QUEUE 8

struct pool;

struct worker_process {
	struct watch watch;	/* the parent's end of the socket */
	struct worker_process *next;
	struct pool *pool;
	struct vault *vault;
	pid_t pid;		/* 0 when reaped */
	uid_t uid;
	gid_t gid;
	unsigned int slot;	/* for pool_of(); its replacement has the same */
	time_t born;
	time_t asked;		/* time of an unanswered IPC_PING, or 0 */
	unsigned int handshakes;
	unsigned int hellos;	/* ClientHellos that it has not answered */
	unsigned int queued;	/* messages about handshakes, not yet reported as taken */
	bool retired;		/* gets no new handshakes */
	bool gone;		/* freed by the next pool_sweep() */
};

struct pool {
	int loop;
	struct metrics *metrics;
	const struct config *config;
	struct worker_process *workers;
	unsigned int wanted;
	bool crashing;		/* wait a tick before the next fork */
	void *ctx;
	void (*message)(void *ctx, struct worker_process *w, struct ipc_message *m);
	void (*died)(void *ctx, struct worker_process *w);
	struct ipc_message buffer;
};

/* Forks workers up to the configured number. */
bool pool_fill(struct pool *p);
/* Retires all workers and forks new ones with this configuration. */
bool pool_renew(struct pool *p, const struct config *config);
/* The worker with the fewest handshakes, or NULL. */
struct worker_process *pool_pick(struct pool *p);
/* The worker for a hash, the same until it ends; or NULL. */
struct worker_process *pool_of(struct pool *p, unsigned int hash);
/* The worker of this slot that gets new handshakes, or NULL. */
const struct worker_process *pool_in_slot(const struct pool *p, unsigned int slot);
/* Is it one, still? */
bool pool_has(const struct pool *p, const struct worker_process *w);
/* Every worker that answers pings has space for one more ClientHello. */
bool pool_takes_hello(const struct pool *p);
/* Messages about handshakes that each of these workers has space for. */
unsigned int pool_space(const struct pool *p);
/* Sends a message about a handshake: 0, or -errno. */
int pool_send(struct worker_process *w, enum ipc_type type, uint64_t id,
	      const void *data, size_t len);
/*
 * Once a second: pings the workers; one that does not answer in time is killed
 * and replaced. late: this process itself was delayed.
 */
void pool_tick(struct pool *p, bool late);
void pool_began(struct worker_process *w);
void pool_ended(struct worker_process *w);
/* Kills a worker that violated the protocol, and calls died(). */
void pool_kill(struct worker_process *w);
/* After SIGCHLD: waits for the workers that ended. */
void pool_reap(struct pool *p);
/* Frees workers that are gone. Not to be called from message() or died(). */
void pool_sweep(struct pool *p);
void pool_free(struct pool *p);

#endif
