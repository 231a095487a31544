// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parent opens the file when it loads the configuration. A worker inherits the
 * descriptor, opened for appending, and can do nothing else with it (sandbox.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/kdtls.h>

#include "keylog.h"

#define FIRST_FD	10
#define MASTER_LEN	48	/* RFC 5246 section 8.1 */
#define RANDOM_LEN	32
#define MAX_LABEL	40
#define HEX_SIZE(bytes)	(2 * (bytes) + 1)

enum place { ABOVE, PARENT };

/* NULL, or how others could replace what is in the directory. */
static const char *check_directory(int fd, enum place place)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerror(errno);
	if (st.st_uid && st.st_uid != geteuid())
		return "a directory of its path belongs to another user";
	if ((st.st_mode & 022) && (place == PARENT || !(st.st_mode & S_ISVTX)))
		return "a directory of its path is writable by other users; chmod go-w it";
	return NULL;
}

/* Closes dir. */
static int enter_directory(int dir, const char *name)
{
	int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	close(dir);
	return fd;
}

/* The directory of the file, or -1. path is cut; *name: the file in it. */
static int open_parent(char *path, char **name, const char **why)
{
	int dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *rest = path;

	while (dir >= 0) {
		*name = strsep(&rest, "/");
		*why = check_directory(dir, rest ? ABOVE : PARENT);
		if (*why) {
			close(dir);
			return -1;
		}
		if (!rest)
			return dir;
		if (**name)
			dir = enter_directory(dir, *name);
	}
	*why = errno == ENOTDIR || errno == ELOOP ?
	       "a part of its path is a symbolic link, or no directory" : strerror(errno);
	return -1;
}

static const char *check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is not a regular file";
	if (st.st_uid != geteuid())
		return "it belongs to another user";
	if ((st.st_mode & 07777) != 0600)
		return "its mode is not 0600; chmod 600 it";
	if (st.st_nlink != 1)
		return "it has another name, too (a hard link)";
	return NULL;
}

static int open_file(int dir, const char *name, const char **why)
{
	int fd = openat(dir, name, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
			O_CLOEXEC, 0600);
	int high;

	if (fd < 0) {
		*why = errno == ELOOP ? "it is a symbolic link" : strerror(errno);
		return -1;
	}
	*why = check_file(fd);
	high = *why ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
	close(fd);
	if (!*why && high < 0)
		*why = strerror(errno);
	return high;
}

int keylog_open(const char *path, const char **why)
{
	char *copy = strdup(path), *name;
	int dir, fd = -1;

	if (!copy) {
		*why = "out of memory";
		return -1;
	}
	dir = open_parent(copy, &name, why);
	if (dir >= 0) {
		fd = open_file(dir, name, why);
		close(dir);
	}
	free(copy);
	return fd;
}

/* HEX_SIZE(bytes->size) of them; gnutls_hex_encode() ends with a NUL. */
static char *append_hex(char *to, const gnutls_datum_t *bytes)
{
	size_t size = HEX_SIZE(bytes->size);

	return gnutls_hex_encode(bytes, to, &size) ? to : to + size - 1;
}

void keylog_write_secret(int fd, const char *label, const void *random,
			 const void *secret, size_t len)
{
	const gnutls_datum_t client = { (void *)random, RANDOM_LEN };
	const gnutls_datum_t bytes = { (void *)secret, len };
	char line[MAX_LABEL + HEX_SIZE(RANDOM_LEN) + HEX_SIZE(DTLS_MAX_KEY) + 2], *at = line;

	if (strlen(label) > MAX_LABEL || len > DTLS_MAX_KEY)
		return;
	at = stpcpy(at, label);
	*at++ = ' ';
	at = append_hex(at, &client);
	*at++ = ' ';
	at = append_hex(at, &bytes);
	*at++ = '\n';
	/* one write(), so that lines of several workers do not mix */
	(void)!write(fd, line, at - line);
	explicit_bzero(line, sizeof(line));
}

void keylog_write(int fd, gnutls_session_t session, const gnutls_datum_t *master)
{
	gnutls_datum_t client, server;

	gnutls_session_get_random(session, &client, &server);
	if (client.size == RANDOM_LEN && master->size == MASTER_LEN)
		keylog_write_secret(fd, "CLIENT_RANDOM", client.data, master->data, MASTER_LEN);
}
