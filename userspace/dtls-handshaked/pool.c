// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "pool.h"
#include "sandbox.h"
#include "worker.h"

/* Messages taken from one worker before those of the others. */
#define BATCH 16

/* Seconds without an answer to IPC_PING. */
#define SLOW	3	/* no message waits for this worker any more */
#define STUCK	15	/* it is killed */

/* Closes all but stdio, the socket to the parent and key logs, above all netlink. */
static bool close_others(int fd, const struct config *config)
{
	int from = 4, kept;

	if (dup2(fd, 3) != 3)
		return false;
	while ((kept = config_keylog(config, from)) >= 0) {
		if (kept > from && close_range(from, kept - 1, 0))
			return false;
		from = kept + 1;
	}
	return !close_range(from, ~0u, 0);
}

static void run_child(struct pool *p, int fd, struct vault *vault, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	prctl(PR_SET_NAME, "dtls-worker");
	if (!close_others(fd, p->config))
		_exit(1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	_exit(worker_main(p->config, 3, vault));
}

/* Killed because a stuck worker does not notice that the socket is closed. */
static void end_worker(struct worker_process *w)
{
	if (w->gone)
		return;
	w->gone = true;
	w->retired = true;
	if (w->pid)
		sandbox_kill(w->pid, w->uid, w->gid);
	vault_free(w->vault);
	loop_del(w->pool->loop, &w->watch);
	close(w->watch.fd);
	w->watch.fd = -1;
}

void pool_kill(struct worker_process *w)
{
	struct pool *p = w->pool;

	if (w->gone)
		return;
	say(LOG_ERR, "worker %d ended unexpectedly, with %u handshakes", w->pid, w->handshakes);
	p->metrics->worker_restarts++;
	p->crashing |= clock_seconds() - w->born < 2;
	end_worker(w);
	p->died(p->ctx, w);
	if (!p->crashing)
		pool_fill(p);
}

static void take_message(struct worker_process *w, struct ipc_message *m)
{
	switch (m->head.type) {
	case IPC_PONG:
		break;
	case IPC_TAKEN:
		w->queued -= m->head.id < w->queued ? m->head.id : w->queued;
		break;
	default:
		w->pool->message(w->pool->ctx, w, m);
	}
}

static void on_ready(struct watch *watch)
{
	struct worker_process *w = (struct worker_process *)watch;
	struct pool *p = w->pool;

	for (int i = 0; i < BATCH && !w->gone; i++)
		switch (ipc_recv(w->watch.fd, &p->buffer)) {
		case IPC_MESSAGE:
			w->asked = 0;
			take_message(w, &p->buffer);
			break;
		case IPC_NOTHING:
			return;
		case IPC_CLOSED:
		case IPC_BAD:
			pool_kill(w);
			return;
		}
}

static bool start_worker(struct worker_process *w, int fds[2])
{
	pid_t self = getpid();

	w->pid = fork();
	if (w->pid == 0)
		run_child(w->pool, fds[1], w->vault, self);
	close(fds[1]);
	vault_keep(w->vault);
	w->watch = (struct watch){ .fd = fds[0], .ready = on_ready };
	if (w->pid > 0 && loop_add(w->pool->loop, &w->watch))
		return true;
	close(fds[0]);
	return false;
}

const struct worker_process *pool_in_slot(const struct pool *p, unsigned int slot)
{
	for (const struct worker_process *w = p->workers; w; w = w->next)
		if (!w->retired && w->slot == slot)
			return w;
	return NULL;
}

bool pool_has(const struct pool *p, const struct worker_process *w)
{
	for (const struct worker_process *x = p->workers; x; x = x->next)
		if (x == w)
			return !x->gone;
	return false;
}

static unsigned int free_slot(const struct pool *p)
{
	unsigned int slot = 0;

	while (pool_in_slot(p, slot))
		slot++;
	return slot;
}

static struct worker_process *new_worker(struct pool *p)
{
	struct worker_process *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->pool = p;
	w->slot = free_slot(p);
	w->uid = p->config->worker_uid;
	w->gid = p->config->worker_gid;
	w->born = clock_seconds();
	w->vault = vault_new();
	if (w->vault)
		return w;
	free(w);
	return NULL;
}

static bool add_worker(struct pool *p)
{
	struct worker_process *w = new_worker(p);
	int fds[2];

	if (!w || !ipc_pair(fds) || !start_worker(w, fds)) {
		say(LOG_ERR, "cannot start a worker: %s", strerror(errno));
		if (w)
			vault_free(w->vault);
		free(w);
		return false;
	}
	w->next = p->workers;
	p->workers = w;
	return true;
}

static unsigned int count_active(const struct pool *p)
{
	unsigned int n = 0;

	for (const struct worker_process *w = p->workers; w; w = w->next)
		n += !w->retired;
	return n;
}

bool pool_fill(struct pool *p)
{
	p->crashing = false;
	while (count_active(p) < p->wanted)
		if (!add_worker(p))
			return false;
	return true;
}

bool pool_renew(struct pool *p, const struct config *config)
{
	p->config = config;
	p->wanted = config->workers;
	for (struct worker_process *w = p->workers; w; w = w->next) {
		w->retired = true;
		if (!w->handshakes)
			end_worker(w);
	}
	return pool_fill(p);
}

struct worker_process *pool_pick(struct pool *p)
{
	struct worker_process *best = NULL;

	for (struct worker_process *w = p->workers; w; w = w->next)
		if (!w->retired && (!best || w->handshakes < best->handshakes))
			best = w;
	return best;
}

struct worker_process *pool_of(struct pool *p, unsigned int hash)
{
	return (struct worker_process *)pool_in_slot(p, hash % p->wanted);
}

static bool is_slow(const struct worker_process *w)
{
	return w->asked && clock_seconds() - w->asked >= SLOW;
}

int pool_send(struct worker_process *w, enum ipc_type type, uint64_t id,
	      const void *data, size_t len)
{
	int ret = ipc_send(w->watch.fd, type, id, data, len);

	w->queued += !ret;
	return ret;
}

unsigned int pool_space(const struct pool *p)
{
	unsigned int space = POOL_QUEUE;

	for (const struct worker_process *w = p->workers; w; w = w->next) {
		if (w->gone || is_slow(w))
			continue;
		if (w->queued >= POOL_QUEUE)
			return 0;
		if (POOL_QUEUE - w->queued < space)
			space = POOL_QUEUE - w->queued;
	}
	return space;
}

bool pool_takes_hello(const struct pool *p)
{
	bool any = false;

	for (const struct worker_process *w = p->workers; w; w = w->next) {
		if (w->retired || is_slow(w))
			continue;
		if (w->hellos >= POOL_HELLOS)
			return false;
		any = true;
	}
	return any;
}

static void send_ping(struct worker_process *w)
{
	w->asked = clock_seconds();
	/* if its socket is full, its answer to another message will do */
	ipc_send(w->watch.fd, IPC_PING, 0, NULL, 0);
}

void pool_tick(struct pool *p, bool late)
{
	for (struct worker_process *w = p->workers; w; w = w->next) {
		if (w->gone)
			continue;
		if (!w->asked || late) {
			send_ping(w);
		} else if (clock_seconds() - w->asked >= STUCK) {
			say(LOG_ERR, "worker %d does not answer", w->pid);
			p->metrics->worker_stuck++;
			pool_kill(w);
		}
	}
}

void pool_began(struct worker_process *w)
{
	w->handshakes++;
}

void pool_ended(struct worker_process *w)
{
	if (!--w->handshakes && w->retired)
		end_worker(w);
}

void pool_reap(struct pool *p)
{
	pid_t pid;

	/* pool_kill() follows when its socket reports the end */
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (struct worker_process *w = p->workers; w; w = w->next)
			if (w->pid == pid)
				w->pid = 0;
}

void pool_sweep(struct pool *p)
{
	struct worker_process **at = &p->workers, *w;

	while ((w = *at))
		if (w->gone) {
			*at = w->next;
			free(w);
		} else {
			at = &w->next;
		}
}

void pool_free(struct pool *p)
{
	for (struct worker_process *w = p->workers; w; w = w->next)
		end_worker(w);
	pool_sweep(p);
}
