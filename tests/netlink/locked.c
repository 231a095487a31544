// SPDX-License-Identifier: GPL-2.0
/*
 * netlink-locked FD: holds the lock of a UDP socket, from the line that it
 * prints until its input ends: in a page fault of setsockopt(IP_OPTIONS).
 * netlink-locked FD cork: stays in setsockopt(UDP_CORK) for that time, without
 * the lock, and then corks the socket.
 */
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hold.h"
#include "tap.h"

static struct hold *hold;
static int fd;

static void *keep_lock(void *arg)
{
	setsockopt(fd, IPPROTO_IP, IP_OPTIONS, hold_page(hold), 4);
	return NULL;
}

static void *cork(void *arg)
{
	setsockopt(fd, SOL_UDP, UDP_CORK, hold_page(hold), 4);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char c;

	need(argc == 2 || argc == 3, "a descriptor");
	fd = atoi(argv[1]);
	hold = hold_new(argc == 3 ? "\1\0\0" : "\0\0\0", 4);
	need(!pthread_create(&thread, NULL, argc == 3 ? cork : keep_lock, NULL),
	     "thread");
	hold_wait(hold);
	puts("locked");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	hold_go(hold);
	pthread_join(thread, NULL);
	hold_free(hold);
	return 0;
}
