// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mark is an abstract address of AF_UNIX: these belong to a network namespace, and
 * the kernel frees them with their socket. Any user can bind one, so it counts only if
 * the holder has this process's user: SO_PEERCRED, for which it listens.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "instance.h"
#include "log.h"
#include "mark.h"

/* Between bind() and listen() another daemon refuses connections. */
#define TRIES		20
#define PAUSE_NS	10000000

static int holder = -1;

static socklen_t get_address(struct sockaddr_un *sun, const char *name)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(sun->sun_path + 1, name, strlen(name));
	return offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name);
}

static int open_socket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static bool connect_holder(int fd)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct sockaddr_un sun;
	socklen_t len = get_address(&sun, KDTLS_MARK_RUNS);

	for (int i = 0; i < TRIES; i++) {
		if (!connect(fd, (struct sockaddr *)&sun, len))
			return true;
		if (errno != ECONNREFUSED)
			return false;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* False: unknown, since the holder does not listen as a daemon does. */
static bool get_holder(struct ucred *cred)
{
	socklen_t len = sizeof(*cred);
	int fd = open_socket();
	bool ok = fd >= 0 && connect_holder(fd) &&
		  !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, cred, &len);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool is_other_daemon(void)
{
	struct ucred cred;

	if (get_holder(&cred) && cred.uid == geteuid()) {
		say(LOG_ERR,
		    "another dtls-handshaked (pid %d) serves this network namespace; stop it first",
		    cred.pid);
		return true;
	}
	say(LOG_WARNING,
	    "another user holds the address @%s: a second daemon would not be noticed",
	    KDTLS_MARK_RUNS);
	return false;
}

bool instance_claim(void)
{
	struct sockaddr_un sun;
	socklen_t len = get_address(&sun, KDTLS_MARK_RUNS);

	holder = open_socket();
	if (holder < 0 || bind(holder, (struct sockaddr *)&sun, len)) {
		if (errno == EADDRINUSE)
			return !is_other_daemon();
		say(LOG_WARNING, "cannot claim this network namespace: %s", strerror(errno));
		return true;
	}
	instance_renew();
	return true;
}

void instance_renew(void)
{
	if (holder >= 0)
		listen(holder, 1);
}

void instance_mark_keylog(void)
{
	static int mark = -1;
	struct sockaddr_un sun;
	socklen_t len = get_address(&sun, KDTLS_MARK_KEYLOG);

	if (mark >= 0)
		return;
	mark = open_socket();
	/* if another process holds the address, that is a mark, too */
	if (mark >= 0)
		(void)!bind(mark, (struct sockaddr *)&sun, len);
}
