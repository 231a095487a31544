// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "metrics.h"
#include "util.h"

#define P "dtls_handshaked_"

/* Upper bounds as numbers and as text. */
static const struct {
	unsigned int ms;
	const char *seconds;
} buckets[METRICS_BUCKETS] = {
	{ 5, "0.005" }, { 10, "0.01" }, { 25, "0.025" }, { 50, "0.05" },
	{ 100, "0.1" }, { 250, "0.25" }, { 500, "0.5" }, { 1000, "1" },
	{ 2500, "2.5" }, { 5000, "5" }, { 10000, "10" }, { 30000, "30" },
	{ 60000, "60" },
};

static const char *const refusals[REFUSED_KINDS] = {
	[REFUSED_ADDRESS_IN_FLIGHT] = "address_in_flight",
	[REFUSED_ADDRESS_RATE] = "address_rate",
	[REFUSED_LISTENER] = "listener",
	[REFUSED_USER] = "user",
	[REFUSED_ALL] = "all",
	[REFUSED_KERNEL] = "kernel",
	[REFUSED_POLICY] = "policy",
};

static const char *const hellos[HELLO_KINDS] = {
	[HELLO_CHALLENGED] = "challenged",
	[HELLO_GOOD] = "good_cookie",
	[HELLO_FRAGMENT] = "fragment",
	[HELLO_BAD] = "malformed",
	[HELLO_DROPPED] = "dropped",
};

static const char *const failures[FAILED_KINDS] = {
	[FAILED_REJECTED] = "rejected",
	[FAILED_PROTOCOL] = "protocol",
	[FAILED_ALERT] = "alert",
	[FAILED_TIMEOUT] = "timeout",
	[FAILED_ABORTED] = "aborted",
	[FAILED_CANCELLED] = "cancelled",
	[FAILED_OTHER] = "other",
};

void metrics_established(struct metrics *m, uint64_t ms)
{
	size_t i = 0;

	while (i < METRICS_BUCKETS && ms > buckets[i].ms)
		i++;
	m->took[i]++;
	m->took_ms += ms;
	m->established++;
}

static enum metrics_failure get_kind(int status)
{
	switch (status) {
	case EKEYREJECTED:
		return FAILED_REJECTED;
	case EPROTO:
		return FAILED_PROTOCOL;
	case ECONNREFUSED:
		return FAILED_ALERT;
	case ETIMEDOUT:
		return FAILED_TIMEOUT;
	case ECONNABORTED:
		return FAILED_ABORTED;
	case ECANCELED:
		return FAILED_CANCELLED;
	default:
		return FAILED_OTHER;
	}
}

void metrics_failed(struct metrics *m, int status)
{
	m->failed[get_kind(status)]++;
}

static void put_help(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP " P "%s %s\n# TYPE " P "%s %s\n", name, help, name, type);
}

static void put_values(FILE *f, const char *name, const char *label,
		       const char *const words[], const uint64_t values[],
		       size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(f, P "%s{%s=\"%s\"} %" PRIu64 "\n", name, label, words[i], values[i]);
}

static void put_counter(FILE *f, const char *name, uint64_t value, const char *help)
{
	put_help(f, name, "counter", help);
	fprintf(f, P "%s %" PRIu64 "\n", name, value);
}

static void put_counters(const struct metrics *m, FILE *f)
{
	put_counter(f, "established_total", m->established, "Handshakes that were established.");
	put_counter(f, "resumed_total", m->resumed, "... of these, with a ticket.");
	put_help(f, "failed_total", "counter", "Handshakes that failed, by reason.");
	put_values(f, "failed_total", "reason", failures, m->failed, FAILED_KINDS);
	put_help(f, "refused_total", "counter",
		 "Handshakes that were not begun, by the limit that refused them.");
	put_values(f, "refused_total", "limit", refusals, m->refused, REFUSED_KINDS);
	put_help(f, "client_hellos_total", "counter",
		 "ClientHellos of unknown clients that were taken from the kernel, by result.");
	put_values(f, "client_hellos_total", "result", hellos, m->hellos, HELLO_KINDS);
	put_counter(f, "worker_restarts_total", m->worker_restarts,
		    "Workers that ended unexpectedly and were replaced.");
	put_counter(f, "worker_stuck_total", m->worker_stuck,
		    "... of these, those that no longer answered.");
}

static void put_histogram(const struct metrics *m, FILE *f)
{
	uint64_t sum = 0;

	put_help(f, "handshake_seconds", "histogram",
		 "Duration from accepting a handshake to its success.");
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		sum += m->took[i];
		fprintf(f, P "handshake_seconds_bucket{le=\"%s\"} %" PRIu64 "\n",
			buckets[i].seconds, sum);
	}
	fprintf(f, P "handshake_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", m->established);
	fprintf(f, P "handshake_seconds_sum %" PRIu64 ".%03u\n", m->took_ms / 1000,
		(unsigned int)(m->took_ms % 1000));
	fprintf(f, P "handshake_seconds_count %" PRIu64 "\n", m->established);
}

static void put_gauge(const struct metrics_worker *workers, FILE *f, const char *name,
		      size_t at, const char *help)
{
	put_help(f, name, "gauge", help);
	for (const struct metrics_worker *w = workers; w; w = w->next)
		fprintf(f, P "%s{worker=\"%u\"} %u\n", name, w->slot,
			*(const unsigned int *)((const char *)w + at));
}

static void put_workers(const struct metrics_worker *workers, FILE *f)
{
	put_gauge(workers, f, "in_flight", offsetof(struct metrics_worker, handshakes),
		  "Handshakes in flight.");
	put_gauge(workers, f, "hellos_queued", offsetof(struct metrics_worker, hellos),
		  "ClientHellos that a worker has not answered yet.");
	put_gauge(workers, f, "queued_bytes", offsetof(struct metrics_worker, bytes),
		  "Unread bytes in a worker's socket.");
}

/* World-readable: it has no name, address or key. */
static bool write_file(const struct metrics *m, const struct metrics_worker *workers,
		       const char *path)
{
	FILE *f = fopen(path, "wxe");
	bool ok;

	if (!f)
		return false;
	put_counters(m, f);
	put_histogram(m, f);
	put_workers(workers, f);
	ok = !fchmod(fileno(f), 0644) && !fflush(f) && !ferror(f);
	return !fclose(f) && ok;
}

bool metrics_write(const struct metrics *m, const struct metrics_worker *workers,
		   const char *path)
{
	char fresh[256];
	int n = snprintf(fresh, sizeof(fresh), "%s.new", path);

	if (n >= (int)sizeof(fresh)) {
		errno = ENAMETOOLONG;
		return false;
	}
	unlink(fresh);
	if (write_file(m, workers, fresh) && !rename(fresh, path))
		return true;
	unlink(fresh);
	return false;
}
