// SPDX-License-Identifier: GPL-2.0
/* Sockets opened and closed: under a flood, with readers inside, by kill. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#define SOCKETS	1000

static char out[100], in[400];
static struct pair p;
static volatile int stop;

static void *flooder(void *arg)
{
	char forged[60] = "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\x2f";

	while (!stop) {
		sendto(*(int *)arg, forged, sizeof(forged), MSG_DONTWAIT,
		       (void *)&p.addr_b, sizeof(struct sockaddr_in));
		sched_yield();
	}
	return NULL;
}

static void churn(void)
{
	struct sockaddr_storage a, b;
	struct dtls_keys keys;
	int talked = 0, plain;
	pthread_t thread;

	pair_plain(&p, AF_INET);
	plain = p.a;
	a = p.addr_a;
	b = p.addr_b;
	close(p.b);
	need(!pthread_create(&thread, NULL, flooder, &plain), "thread");
	pair_keys(&keys, 1, false);
	for (int i = 0; i < SOCKETS; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM, 0);

		need(!bind(fd, (void *)&b, p.addr_len), "bind");
		need(!connect(fd, (void *)&a, p.addr_len), "connect");
		need(!setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
		if (i % 3)
			need(!pair_set_keys(fd, &keys), "keys");
		if (i % 3 == 1)
			talked += send(fd, out, sizeof(out), MSG_DONTWAIT) > 0;
		recv(fd, in, sizeof(in), MSG_DONTWAIT);
		close(fd);
	}
	stop = 1;
	pthread_join(thread, NULL);
	close(plain);
	ok(talked, "%d sockets opened and closed under a flood", SOCKETS);
}

static void *reads(void *arg)
{
	return (void *)(long)recv(p.b, in, sizeof(in), 0);
}

static void close_beside(void)
{
	pthread_t thread;
	void *got;

	pair_open(&p, AF_INET, 1);
	need(!pthread_create(&thread, NULL, reads, NULL), "thread");
	usleep(100000);
	close(p.b);
	usleep(50000);
	need(send(p.a, out, sizeof(out), 0) == sizeof(out), "send");
	pthread_join(thread, &got);
	ok((long)got == sizeof(out),
	   "close in another thread: the reader gets its message");
	close(p.a);
}

static void close_queued(void)
{
	pair_open(&p, AF_INET, 1);
	for (int i = 0; i < 50; i++)
		send(p.a, out, sizeof(out), 0);
	pair_poll(p.b, POLLIN, 100);
	recv(p.b, in, sizeof(in), MSG_PEEK);
	close(p.b);
	ok(recv(p.a, in, sizeof(in), 0) == 0, "close with messages unread");
	close(p.a);
}

static int loaded(void)
{
	char line[200], name[64];
	int refs = -1;
	FILE *f = fopen("/proc/modules", "r");

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63s %*s %d", name, &refs) == 2 &&
		    !strcmp(name, "kdtls"))
			break;
		refs = -1;
	}
	fclose(f);
	return refs;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "kdtls", O_NONBLOCK) ? errno : 0;
}

static void killed(void)
{
	int refs = loaded();
	pid_t pid = fork();

	if (!pid) {
		pair_open(&p, AF_INET, 1);
		for (;;)
			send(p.a, out, sizeof(out), 0);
	}
	usleep(300000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < 100 && loaded() != refs; i++)
		usleep(20000);
	is_int(loaded(), refs, "kill -9 leaves no reference to the module");
}

static void namespaces(void)
{
	int refs = loaded(), status = -1;
	pid_t pid = fork();

	if (!pid) {
		if (unshare(CLONE_NEWNET) || system("ip link set lo up"))
			_exit(2);
		pair_open(&p, AF_INET, 1);
		for (int i = 0; i < 2000; i++)
			send(p.a, out, sizeof(out), 0);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	for (int i = 0; i < 200 && loaded() != refs; i++)
		usleep(20000);
	ok(status == 0 && loaded() == refs,
	   "a network namespace goes with its sockets under load");
}

static void module(void)
{
	int err, i;

	pair_open(&p, AF_INET, 1);
	is_int(unload(), EWOULDBLOCK, "rmmod is refused with sockets attached");
	ok(send(p.a, out, 100, 0) == 100 && recv(p.b, in, 400, 0) == 100,
	   "and they continue");
	pair_close(&p);
	for (i = 0; i < 100 && (err = unload()) == EWOULDBLOCK; i++)
		usleep(50000);
	is_int(err, 0, "after close it unloads");
	ok(!system("modprobe kdtls"), "and loads again");
	pair_open(&p, AF_INET, 1);
	ok(send(p.a, out, 100, 0) == 100 && recv(p.b, in, 400, 0) == 100,
	   "and works");
	pair_close(&p);
}

int main(void)
{
	canary_fill(out, sizeof(out), 1);
	churn();
	close_beside();
	close_queued();
	killed();
	namespaces();
	module();
	return done_testing();
}
