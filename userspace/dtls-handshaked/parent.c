// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parent. Between the kernel's control port and the workers' sockets it
 * moves messages and decides who may; it never looks into a datagram.
 *
 *	kernel <- netlink -> parent <- socketpair -> worker (TLS library)
 *
 * One thread, one epoll loop: the port, the workers, signals, and a clock
 * that ticks once a second.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "inflight.h"
#include "log.h"
#include "notify.h"
#include "parent.h"
#include "sandbox.h"

/* Seconds. */
#define METRICS_EVERY 5

struct daemon {
	struct watch signals;
	struct watch clock;
	struct watch port_fds[PORT_MAX_FDS];
	int loop;
	struct config *config;
	const char *path;
	struct port *port;
	struct pool pool;
	struct sessions sessions;
	unsigned int seconds;
	bool metrics_fail;
	bool ending;
	int status;
};

/* One process, one daemon; watches have no context of their own. */
static struct daemon the;

static void on_wanted(void *ctx)
{
	sessions_wanted(&the.sessions);
}

static void on_waiting(void *ctx)
{
	sessions_waiting(&the.sessions);
}

static void on_datagram(void *ctx, uint64_t id, const void *data, size_t len)
{
	sessions_datagram(&the.sessions, id, data, len);
}

static void on_cancelled(void *ctx, uint64_t id, int status)
{
	sessions_cancelled(&the.sessions, id, status);
}

const struct port_handler daemon_handler = {
	.wanted = on_wanted,
	.waiting = on_waiting,
	.datagram = on_datagram,
	.cancelled = on_cancelled,
};

static void on_message(void *ctx, struct worker_process *w, struct ipc_message *m)
{
	sessions_message(&the.sessions, w, m);
}

static void on_died(void *ctx, struct worker_process *w)
{
	sessions_worker_died(&the.sessions, w);
}

static void on_port(struct watch *w)
{
	the.port->ops->ready(the.port, w->fd);
}

static unsigned int unread(int fd)
{
	int bytes;

	return ioctl(fd, SIOCOUTQ, &bytes) ? 0 : bytes;
}

/* Those that get new handshakes, by number. */
static struct metrics_worker *look_at_workers(struct metrics_worker all[MAX_WORKERS])
{
	struct metrics_worker *first = NULL;

	for (unsigned int slot = MAX_WORKERS; slot-- > 0;) {
		const struct worker_process *w = pool_in_slot(&the.pool, slot);

		if (!w)
			continue;
		all[slot] = (struct metrics_worker){
			.slot = slot,
			.handshakes = w->handshakes,
			.hellos = w->hellos,
			.bytes = unread(w->watch.fd),
			.next = first,
		};
		first = &all[slot];
	}
	return first;
}

/* What is wrong is said once, until it is right again. */
static void write_metrics(void)
{
	struct metrics_worker all[MAX_WORKERS];
	const char *path = the.config->metrics_file;
	bool ok = !path || metrics_write(&the.sessions.metrics, look_at_workers(all), path);

	if (!ok && !the.metrics_fail)
		say(LOG_ERR, "cannot write the metrics file %s: %s", path, strerror(errno));
	the.metrics_fail = !ok;
}

static void on_clock(struct watch *w)
{
	uint64_t ticks;

	if (read(w->fd, &ticks, sizeof(ticks)) < 0)
		return;
	the.port->ops->tick(the.port);
	log_tick();
	sessions_tick(&the.sessions);
	pool_tick(&the.pool, ticks > 2);
	if (the.seconds++ % METRICS_EVERY == 0)
		write_metrics();
	pool_fill(&the.pool);
	/* a hint may have been lost */
	sessions_wanted(&the.sessions);
	sessions_waiting(&the.sessions);
}

/* The new file is used when it is right in every detail, or not at all. */
static void reload(void)
{
	struct config *fresh;

	notify_reloading();
	fresh = config_load(the.path);
	if (fresh) {
		config_free(the.config);
		the.config = fresh;
		log_level = fresh->log_level;
		the.sessions.config = fresh;
		pool_renew(&the.pool, fresh);
		say_event(LOG_NOTICE, "%s read again", the.path);
	} else {
		say_event(LOG_ERR, "%s has errors: the configuration stays as it was", the.path);
	}
	notify("READY=1");
}

static void on_signal(struct watch *w)
{
	struct signalfd_siginfo info;

	if (read(w->fd, &info, sizeof(info)) != sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGCHLD:
		pool_reap(&the.pool);
		break;
	case SIGHUP:
		reload();
		break;
	default:
		the.ending = true;
	}
}

static bool watch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	the.signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	the.signals.ready = on_signal;
	return the.signals.fd >= 0 && loop_add(the.loop, &the.signals);
}

static bool watch_clock(void)
{
	struct itimerspec every = { { 1, 0 }, { 1, 0 } };

	the.clock.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	the.clock.ready = on_clock;
	return the.clock.fd >= 0 && !timerfd_settime(the.clock.fd, 0, &every, NULL) &&
	       loop_add(the.loop, &the.clock);
}

static bool watch_port(void)
{
	int fds[PORT_MAX_FDS];
	int n = the.port->ops->fds(the.port, fds);

	for (int i = 0; i < n; i++) {
		the.port_fds[i] = (struct watch){ .fd = fds[i], .ready = on_port };
		if (!loop_add(the.loop, &the.port_fds[i]))
			return false;
	}
	return true;
}

static bool begin(void)
{
	the.loop = loop_new();
	the.pool.loop = the.loop;
	the.pool.message = on_message;
	the.pool.died = on_died;
	the.pool.metrics = &the.sessions.metrics;
	the.sessions.config = the.config;
	the.sessions.port = the.port;
	the.sessions.pool = &the.pool;
	the.port->handler = &daemon_handler;
	return the.loop >= 0 && limits_init(&the.sessions.limits) && watch_signals() &&
	       watch_clock() && watch_port() && sandbox_parent() &&
	       pool_renew(&the.pool, the.config);
}

static void run(void)
{
	/* what waited before this daemon lived; and we ask for what is ours */
	sessions_wanted(&the.sessions);
	sessions_waiting(&the.sessions);
	while (!the.ending && !the.port->status) {
		if (!loop_once(the.loop, sessions_wait(&the.sessions) ? 0 : -1)) {
			the.status = EX_OSERR;
			return;
		}
		sessions_serve(&the.sessions);
		the.port->ops->dispatch(the.port);
		pool_sweep(&the.pool);
	}
}

int daemon_run(struct config *config, const char *path, struct port *port)
{
	the.config = config;
	the.path = path;
	the.port = port;
	log_level = config->log_level;
	if (begin()) {
		notify("READY=1");
		say_event(LOG_NOTICE, "ready, with %u workers", config->workers);
		run();
		if (port->status)
			the.status = port->status;
		notify("STOPPING=1");
		sessions_end(&the.sessions);
		write_metrics();
	} else {
		say(LOG_ERR, "cannot start: %s", strerror(errno));
		the.status = EX_OSERR;
	}
	pool_free(&the.pool);
	limits_free(&the.sessions.limits);
	port->ops->close(port);
	config_free(the.config);
	return the.status;
}
