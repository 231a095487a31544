// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parent moves messages between the kernel's control port and the workers'
 * sockets, and enforces policy and limits; it never parses a datagram.
 *
 *	kernel <- netlink -> parent <- socketpair -> worker (TLS library)
 *
 * One thread, one epoll loop: the port, the workers, signals, and a timer that
 * expires once a second.
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

#include "admission.h"
#include "inflight.h"
#include "instance.h"
#include "log.h"
#include "notify.h"
#include "parent.h"

/* Seconds. */
#define METRICS_EVERY 5
/* Rounds of taking messages of the kernel before those of the workers. */
#define ROUNDS 4

struct parent {
	struct watch signals;
	struct watch clock;
	struct watch port_fds[PORT_MAX_FDS];
	int loop;
	struct config *config;
	const char *path;
	struct port *port;
	struct pool pool;
	struct inflight inflight;
	unsigned int seconds;
	bool metrics_fail;
	bool ending;
	int status;
};

/* One for the process: the callbacks of struct watch have no context. */
static struct parent the;

static void on_wanted(void *ctx)
{
	the.inflight.requests_wait = true;
	the.inflight.hellos_wait = true;
}

static void on_waiting(void *ctx)
{
	the.inflight.mail_waits = true;
}

static void on_datagram(void *ctx, uint64_t id, const void *data, size_t len)
{
	inflight_datagram(&the.inflight, id, data, len);
}

static void on_ticket(void *ctx, uint64_t id, const void *data, size_t len)
{
	inflight_ticket(&the.inflight, id, data, len);
}

static void on_cancelled(void *ctx, uint64_t id, int status)
{
	inflight_cancelled(&the.inflight, id, status);
}

const struct port_handler parent_handler = {
	.wanted = on_wanted,
	.waiting = on_waiting,
	.datagram = on_datagram,
	.ticket = on_ticket,
	.cancelled = on_cancelled,
};

static void on_message(void *ctx, struct worker_process *w, struct ipc_message *m)
{
	bool ok = admission_is_answer(m) ? admission_answer(&the.inflight, w, m) :
					   inflight_message(&the.inflight, w, m);

	if (ok)
		return;
	say(LOG_ERR, "worker %d violated the protocol", w->pid);
	pool_kill(w);
}

static void on_died(void *ctx, struct worker_process *w)
{
	inflight_worker_died(&the.inflight, w);
}

static void on_port(struct watch *w)
{
	the.port->ops->ready(the.port, w->fd);
}

static unsigned int unread_bytes(int fd)
{
	int bytes;

	return ioctl(fd, SIOCOUTQ, &bytes) ? 0 : bytes;
}

/* The workers that get new handshakes, in the order of their slots. */
static struct metrics_worker *list_workers(struct metrics_worker all[MAX_WORKERS])
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
			.bytes = unread_bytes(w->watch.fd),
			.next = first,
		};
		first = &all[slot];
	}
	return first;
}

/* An error is logged once, until a write succeeds. */
static void write_metrics(void)
{
	struct metrics_worker all[MAX_WORKERS];
	const char *path = the.config->metrics_file;
	bool ok = !path || metrics_write(&the.inflight.metrics, list_workers(all), path);

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
	inflight_tick(&the.inflight);
	pool_tick(&the.pool, ticks > 2);
	if (the.seconds++ % METRICS_EVERY == 0)
		write_metrics();
	pool_fill(&the.pool);
	/* a notification may have been lost */
	on_wanted(NULL);
	on_waiting(NULL);
}

/* Those of earlier sessions stay in the file: the mark is never removed. */
static void mark_keylog(void)
{
	if (config_keylog(the.config, 0) >= 0)
		instance_mark_keylog();
}

/* A file with an error changes nothing. */
static void reload_config(void)
{
	struct config *fresh;

	notify_reloading();
	fresh = config_load(the.path);
	if (fresh) {
		config_free(the.config);
		the.config = fresh;
		log_level = fresh->log_level;
		the.inflight.config = fresh;
		pool_renew(&the.pool, fresh);
		mark_keylog();
		say_event(LOG_NOTICE, "%s read again", the.path);
	} else {
		say_event(LOG_ERR, "%s has errors: the configuration is unchanged", the.path);
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
		reload_config();
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

static bool begin_serving(void)
{
	the.loop = loop_new();
	the.pool.loop = the.loop;
	the.pool.message = on_message;
	the.pool.died = on_died;
	the.pool.metrics = &the.inflight.metrics;
	the.inflight.config = the.config;
	the.inflight.port = the.port;
	the.inflight.pool = &the.pool;
	the.port->handler = &parent_handler;
	return the.loop >= 0 && limits_init(&the.inflight.limits) && watch_signals() &&
	       watch_clock() && watch_port() &&
	       pool_renew(&the.pool, the.config);
}

static bool is_work_waiting(void)
{
	return inflight_requests_wait(&the.inflight) || inflight_mail_waits(&the.inflight) ||
	       admission_waits(&the.inflight);
}

/* A few of each kind in turn, so that none starves another. */
static void take_work(void)
{
	for (int i = 0; i < ROUNDS && is_work_waiting(); i++) {
		if (inflight_mail_waits(&the.inflight))
			inflight_take_mail(&the.inflight);
		if (inflight_requests_wait(&the.inflight))
			inflight_take_request(&the.inflight);
		if (admission_waits(&the.inflight))
			admission_take(&the.inflight);
	}
}

static void serve_port(void)
{
	/* requests may have been queued before this process started */
	on_wanted(NULL);
	on_waiting(NULL);
	while (!the.ending && !the.port->status) {
		if (!loop_once(the.loop, is_work_waiting() ? 0 : -1)) {
			the.status = EX_OSERR;
			return;
		}
		take_work();
		the.port->ops->dispatch(the.port);
		pool_sweep(&the.pool);
	}
}

int parent_run(struct config *config, const char *path, struct port *port)
{
	the.config = config;
	the.path = path;
	the.port = port;
	log_level = config->log_level;
	if (begin_serving()) {
		mark_keylog();
		notify("READY=1");
		say_event(LOG_NOTICE, "ready, with %u worker%s",
			  config->workers, config->workers == 1 ? "" : "s");
		serve_port();
		if (port->status)
			the.status = port->status;
		notify("STOPPING=1");
		inflight_end(&the.inflight);
		write_metrics();
	} else {
		say(LOG_ERR, "cannot start: %s", strerror(errno));
		the.status = EX_OSERR;
	}
	pool_free(&the.pool);
	limits_free(&the.inflight.limits);
	port->ops->close(port);
	config_free(the.config);
	return the.status;
}
