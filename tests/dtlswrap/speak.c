// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: dtlswrap-speak HOW ADDRESS PORT...
 *
 * Tries to send a datagram to ADDRESS by each of the calls that a program has;
 * prints HOW and "sent" or the error. The system calls are made directly, not by
 * the C library, unless HOW is "libc".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define THREADS	4
#define LOOPS	200
#define UPPER	0x100000000UL	/* the kernel ignores this half */

static const char word[] = "SPOKEN";
static struct sockaddr_in to = { .sin_family = AF_INET };

static int raw_socket(void)
{
	return syscall(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int raw_connected(void)
{
	int fd = raw_socket();

	return syscall(SYS_connect, fd, &to, sizeof(to)) ? -1 : fd;
}

static long raw_send(int fd)
{
	if (fd < 0)
		return -1;
	return syscall(SYS_sendto, fd, word, sizeof(word), 0, &to, sizeof(to));
}

static long libc(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);

	return sendto(fd, word, sizeof(word), 0, (struct sockaddr *)&to,
		      sizeof(to));
}

static long unconnected(void)
{
	return raw_send(raw_socket());
}

static long upper(void)
{
	return raw_send(syscall(SYS_socket, AF_INET | UPPER,
				SOCK_DGRAM | UPPER, IPPROTO_UDP | UPPER));
}

static long message(void)
{
	struct iovec v = { (void *)word, sizeof(word) };
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to),
		.msg_iov = &v, .msg_iovlen = 1,
	};

	return syscall(SYS_sendmsg, raw_socket(), &msg, 0);
}

static long written(void)
{
	return syscall(SYS_write, raw_connected(), word, sizeof(word));
}

static long by_hand(void)
{
	return raw_send(syscall(SYS_socket, AF_INET, SOCK_RAW, IPPROTO_UDP));
}

static long lite(void)
{
	return raw_send(syscall(SYS_socket, AF_INET, SOCK_DGRAM,
				IPPROTO_UDPLITE));
}

static long uring(void)
{
	char params[256] = { 0 };

	return syscall(SYS_io_uring_setup, 4, params);
}

/* A plain socket goes elsewhere: to the second port. */
static in_port_t second;

static long again(void)
{
	int fd = raw_connected();

	to.sin_port = second;
	if (syscall(SYS_connect, fd, &to, sizeof(to)))
		return -1;
	return syscall(SYS_write, fd, word, sizeof(word));
}

static long elsewhere(void)
{
	int fd = raw_connected();

	to.sin_port = second;
	return sendto(fd, word, sizeof(word), 0, (struct sockaddr *)&to,
		      sizeof(to));
}

/* An option set before is set after: 1. Else 0. */
static long kept(void)
{
	struct timeval wait = { .tv_sec = 7 };
	socklen_t len = sizeof(wait);
	int fd = raw_socket();

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	syscall(SYS_fcntl, fd, F_SETFL, O_NONBLOCK);
	if (syscall(SYS_connect, fd, &to, sizeof(to)))
		return -1;
	wait.tv_sec = 0;
	getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, &len);
	errno = EBADF;
	return wait.tv_sec == 7 && fcntl(fd, F_GETFL) & O_NONBLOCK &&
	       fcntl(fd, F_GETFD) & FD_CLOEXEC ? 1 : -1;
}

static void *run_thread(void *sent)
{
	for (int i = 0; i < LOOPS; i++) {
		int fd = raw_socket();

		if (raw_send(fd) >= 0)
			++*(long *)sent;
		close(fd);
	}
	return NULL;
}

/* Does any of many sockets send at the moment of its creation? */
static long race(void)
{
	long sent[THREADS] = { 0 }, sum = 0;
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, run_thread, &sent[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		sum += sent[i];
	}
	errno = ENOTCONN;
	return sum ?: -1;
}

static const struct {
	const char *name;
	long (*speak)(void);
} ways[] = {
	{ "libc", libc }, { "unconnected", unconnected }, { "upper", upper },
	{ "message", message }, { "written", written }, { "by-hand", by_hand },
	{ "lite", lite }, { "uring", uring }, { "again", again },
	{ "elsewhere", elsewhere }, { "kept", kept }, { "race", race },
};

int main(int argc, char **argv)
{
	if (argc < 4 || inet_pton(AF_INET, argv[2], &to.sin_addr) != 1)
		return 2;
	to.sin_port = htons(atoi(argv[3]));
	second = htons(atoi(argv[argc - 1]));
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(argv[1], ways[i].name))
			continue;
		printf("%s %s\n", argv[1], ways[i].speak() >= 0 ?
		       "sent" : strerrorname_np(errno));
		return 0;
	}
	return 2;
}
