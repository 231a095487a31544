/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The workers of the parent. A worker is forked with a configuration and keeps
 * it: a reload forks new ones, and the old ones end with their last handshake.
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

/* ClientHellos that a worker may have to answer at a time. */
#define POOL_HELLOS 32
/*
 * Messages about handshakes that may wait for a worker. More wait in the kernel,
 * where users take turns: here what one user has sent is in front of what comes
 * from another.
 */
#define POOL_QUEUE 8

struct pool;

struct worker_process {
	struct watch watch;	/* fd of our end */
	struct worker_process *next;
	struct pool *pool;
	struct vault *vault;
	pid_t pid;		/* 0 when reaped */
	uid_t uid;
	gid_t gid;
	unsigned int slot;	/* of pool_of: its successor has the same */
	time_t born;
	time_t asked;		/* when it was asked for a sign of life, or 0 */
	unsigned int handshakes;
	unsigned int hellos;	/* that it has not answered yet */
	unsigned int queued;	/* messages about handshakes, as far as we know */
	bool retired;		/* gets no new ones */
	bool gone;		/* freed by the next pool_sweep */
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

/* Forks until there are as many as the configuration says. */
bool pool_fill(struct pool *p);
/* The configuration changed: new workers with the new one. */
bool pool_renew(struct pool *p, const struct config *config);
/* The one with the fewest handshakes, or NULL. */
struct worker_process *pool_pick(struct pool *p);
/* The same one for the same hash, as long as it lives; or NULL. */
struct worker_process *pool_of(struct pool *p, unsigned int hash);
/* The worker of this number that gets new handshakes, or NULL. */
const struct worker_process *pool_in_slot(const struct pool *p, unsigned int slot);
/* Can any of them answer another ClientHello? Who is stuck does not count. */
bool pool_has_room(const struct pool *p);
/* How many messages about handshakes each of them can take, as above. */
unsigned int pool_room(const struct pool *p);
/* About a handshake: 0, or -errno. */
int pool_send(struct worker_process *w, enum ipc_type type, uint64_t id,
	      const void *data, size_t len);
/*
 * Once a second; late: this process itself was held up. Who gives no sign of
 * life for long is killed and replaced.
 */
void pool_tick(struct pool *p, bool late);
void pool_began(struct worker_process *w);
void pool_ended(struct worker_process *w);
/* It broke the protocol: it dies, and died() is called. */
void pool_kill(struct worker_process *w);
/* SIGCHLD came: wait for those that ended. */
void pool_reap(struct pool *p);
/* Frees workers that are gone; not to be called from message() or died(). */
void pool_sweep(struct pool *p);
void pool_free(struct pool *p);

#endif
