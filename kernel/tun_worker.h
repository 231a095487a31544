/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One direction of DTLS_TUN: a work item in rounds, each of bounded work. While
 * there is more it queues itself again, behind those of other connections, which
 * are other users' too: they take turns.
 *
 * No round waits for what a user can hold, since a worker that waits is missing
 * to all others. So it is no thread of the program, either: close() may come from
 * another process, which must not wait for one that is stopped.
 */
#ifndef KDTLS_TUN_WORKER_H
#define KDTLS_TUN_WORKER_H

#include <linux/workqueue.h>

struct kdtls_tun_worker {
	struct work_struct	work;
	/* A bounded amount of work; true: there is more. Process context. */
	bool			(*round)(void *arg);
	void			*arg;
};

void kdtls_tun_worker_init(struct kdtls_tun_worker *worker,
			   bool (*round)(void *arg), void *arg);
/* Another round is to come. Any context, until it is stopped. */
void kdtls_tun_worker_wake(struct kdtls_tun_worker *worker);
/* Waits for the current round; no other comes. Nothing may wake it any more. */
void kdtls_tun_worker_stop(struct kdtls_tun_worker *worker);

/* The queue of all of them. */
int kdtls_tun_workers_init(void);
void kdtls_tun_workers_exit(void);

#endif /* KDTLS_TUN_WORKER_H */
