// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "process.h"
#include "program.h"
#include "say.h"

#define LIBRARY		"libkdtls-preload.so"
#define MAX_SAID	32	/* programs remembered; a line for an older one is repeated */

static FILE *open_text(pid_t thread, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", thread, file);
	return fopen(path, "re");
}

/* The nth number of a line "KEY\tNUMBER..."; -1: none. */
static long read_field(pid_t thread, const char *file, const char *key, int n,
		       int base)
{
	FILE *f = open_text(thread, file);
	size_t len = strlen(key);
	long value = -1;
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		char *at = line + len;

		if (strncmp(line, key, len))
			continue;
		for (int i = 0; i <= n; i++)
			value = strtol(at, &at, base);
		break;
	}
	if (f)
		fclose(f);
	return value;
}

static bool enter_network(pid_t thread)
{
	struct stat own, other;
	char path[64];
	bool done;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", thread);
	/* a process that cannot be accessed is assumed to be in this namespace */
	if (stat("/proc/self/ns/net", &own) || stat(path, &other) ||
	    (own.st_ino == other.st_ino && own.st_dev == other.st_dev))
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	done = fd >= 0 && !setns(fd, CLONE_NEWNET);
	if (fd >= 0)
		close(fd);
	return done;
}

bool process_enter(pid_t thread)
{
	long uid = read_field(thread, "status", "Uid:", 3, 10);
	long gid = read_field(thread, "status", "Gid:", 3, 10);

	/* without CAP_SETUID these fail, but then uid and gid are the same */
	if (gid >= 0)
		setfsgid(gid);
	if (uid >= 0)
		setfsuid(uid);
	return enter_network(thread);
}

const char *process_name(pid_t thread)
{
	static char name[64];
	FILE *f = open_text(thread, "comm");
	char comm[32] = "?";

	if (f && fgets(comm, sizeof(comm), f))
		comm[strcspn(comm, "\n")] = 0;
	if (f)
		fclose(f);
	snprintf(name, sizeof(name), "%s (pid %d)", comm, thread);
	return name;
}

static bool is_first(const struct stat *st)
{
	static struct { dev_t dev; ino_t ino; } seen[MAX_SAID];
	static unsigned int n;

	for (int i = 0; i < MAX_SAID; i++)
		if (seen[i].dev == st->st_dev && seen[i].ino == st->st_ino)
			return false;
	seen[n].dev = st->st_dev;
	seen[n].ino = st->st_ino;
	n = (n + 1) % MAX_SAID;
	return true;
}

/* True if unknown: no report is better than a wrong one. */
static bool has_library(pid_t thread)
{
	FILE *f = open_text(thread, "maps");
	char line[4096 + 128];
	bool found = !f;

	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, LIBRARY);
	if (f)
		fclose(f);
	return found;
}

void process_check(pid_t thread)
{
	const char *why;
	char path[64];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", thread);
	if (stat(path, &st) || !is_first(&st))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	why = program_unsuitable(fd);
	close(fd);
	if (!why && !has_library(thread))
		why = "it runs without libkdtls-preload (was its environment cleared?)";
	if (why)
		say("%s: %s: its UDP sockets cannot send", process_name(thread),
		    why);
}

ssize_t process_read(pid_t thread, unsigned long address, void *to,
		     size_t size)
{
	struct iovec local = { to, size };
	struct iovec remote = { (void *)address, size };

	return process_vm_readv(thread, &local, 1, &remote, 1, 0);
}

int process_fd(pid_t thread, int fd)
{
	/* all kernels open a pidfd of a thread group leader only */
	int leader = read_field(thread, "status", "Tgid:", 0, 10);
	int pidfd = leader > 0 ? syscall(SYS_pidfd_open, leader, 0) : -1;
	int own;

	if (pidfd < 0)
		return -1;
	own = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	return own;
}

int process_fd_flags(pid_t thread, int fd)
{
	char file[32];
	long flags;

	snprintf(file, sizeof(file), "fdinfo/%d", fd);
	flags = read_field(thread, file, "flags:", 0, 8);
	return flags > 0 ? flags & O_CLOEXEC : 0;
}
