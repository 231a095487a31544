// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection stepped through every allocation (slab, page, and copies
 * from and to user space) of attach, key install, send and receive. Each call
 * fails cleanly or succeeds; then the same call again, without a fault, works.
 */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#define STEPS	400

static char out[5000], in[6000];
static int nth = -1;

static void setting(const char *path, const char *value)
{
	char name[100];
	int fd;

	snprintf(name, sizeof(name), "/sys/kernel/debug/%s", path);
	fd = open(name, O_WRONLY);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		diag("%s: %s", name, strerror(errno));
	close(fd);
}

static void arm(int n)
{
	char text[20];

	snprintf(text, sizeof(text), "%d", n);
	/* a pending fault may occur here: once */
	need(pwrite(nth, text, strlen(text), 0) > 0 ||
	     pwrite(nth, text, strlen(text), 0) > 0, "fail-nth");
}

/* Did the fault occur? */
static bool disarm(void)
{
	char text[20] = "";
	int left;

	if (pread(nth, text, sizeof(text) - 1, 0) > 0)
		left = atoi(text);
	else
		left = 1;	/* it occurred in this read, not in the operation */
	arm(0);
	return !left;
}

/* One call per operation: 0 or errno. */
static int op_attach(struct pair *p)
{
	return setsockopt(p->a, SOL_IP, DTLS_ULP, "dtls", 4) ? errno : 0;
}

static int op_keys(struct pair *p)
{
	struct dtls_keys keys;

	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
	return pair_set_keys(p->a, &keys) ? errno : 0;
}

static int op_send(struct pair *p)
{
	return send(p->a, out, 500, 0) == 500 ? 0 : errno;
}

static int op_batch(struct pair *p)
{
	int size = 500;

	setsockopt(p->a, IPPROTO_UDP, 103 /* UDP_SEGMENT */, &size, sizeof(size));
	/* part of a batch is a legal result, as for sendmmsg */
	return send(p->a, out, 5000, 0) > 0 ? 0 : errno;
}

static int op_recv(struct pair *p)
{
	return recv(p->b, in, sizeof(in), MSG_DONTWAIT) == 500 ? 0 : errno;
}

static int op_poll(struct pair *p)
{
	struct pollfd pfd = { .fd = p->b, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1 ? 0 : EAGAIN;
}

static void server(struct pair *p)
{
	struct dtls_keys keys;

	need(!setsockopt(p->b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, false);
	need(!pair_set_keys(p->b, &keys), "keys");
}

static bool talks(struct pair *p)
{
	while (recv(p->b, in, sizeof(in), MSG_DONTWAIT) > 0)
		;
	setsockopt(p->a, IPPROTO_UDP, 103, &(int){ 0 }, sizeof(int));
	return send(p->a, out, 500, 0) == 500 && pair_poll(p->b, POLLIN, 3000) &&
	       recv(p->b, in, sizeof(in), 0) == 500 && !memcmp(in, out, 500);
}

enum stage { PLAIN, ATTACHED, KEYED, QUEUED };

static void stage(struct pair *p, enum stage stage)
{
	pair_plain(p, AF_INET);
	server(p);
	if (stage >= ATTACHED)
		need(!op_attach(p), "attach");
	if (stage >= KEYED)
		need(!op_keys(p), "keys");
	if (stage >= QUEUED)
		need(!op_send(p), "send");
}

/* Brings p from any state to KEYED. */
static void finish(struct pair *p, enum stage at)
{
	if (at == PLAIN) {
		int err = op_attach(p);

		need(!err || err == EALREADY, "attach again");
	}
	if (at <= ATTACHED) {
		int err = op_keys(p);

		need(!err || err == EALREADY, "keys again");
	}
}

static void step(enum stage at, int (*op)(struct pair *p), const char *what)
{
	int n, bad = 0, failed = 0, odd = 0;
	struct pair p;

	for (n = 1; n < STEPS; n++) {
		bool struck;
		int err;

		stage(&p, at);
		errno = 0;
		arm(n);
		err = op(&p);
		struck = disarm();
		failed += !!err;
		if (err && err != ENOMEM && err != ENOBUFS && err != EAGAIN &&
		    err != EFAULT && err != ENOENT && err != EINVAL) {
			diag("step %d: %s", n, strerror(err));
			odd++;
		}
		finish(&p, at);
		if (!talks(&p)) {
			diag("step %d: does not talk afterwards", n);
			bad++;
		}
		pair_close(&p);
		if (!struck)
			break;
	}
	ok(n > 1 && n < STEPS && !bad && !odd,
	   "%s: each of %d places may fail", what, n - 1);
	diag("%d calls failed", failed);
}

int main(void)
{
	struct capture *tap;

	nth = open("/proc/self/fail-nth", O_RDWR);
	if (nth < 0) {
		printf("1..0 # SKIP no fault injection in this kernel\n");
		return 0;
	}
	setting("failslab/ignore-gfp-wait", "N");
	setting("failslab/verbose", "0");
	setting("fail_page_alloc/ignore-gfp-wait", "N");
	setting("fail_page_alloc/min-order", "0");
	setting("fail_page_alloc/verbose", "0");
	setting("fail_usercopy/verbose", "0");
	canary_fill(out, sizeof(out), 1);
	tap = capture_start(NULL, NULL);
	step(PLAIN, op_attach, "attach");
	step(ATTACHED, op_keys, "key install");
	step(KEYED, op_send, "send");
	step(KEYED, op_batch, "send of a batch");
	step(QUEUED, op_recv, "recv");
	step(QUEUED, op_poll, "poll");
	capture_check(tap, "all of this");
	return done_testing();
}
