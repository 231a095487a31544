// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The loader leaves a preloaded library out, with a line on stderr or without
 * one, when the program is static, of another architecture, or runs with other
 * rights than the caller's. It would then talk plaintext.
 */
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "program.h"

typedef ElfW(Ehdr) elf_header;
typedef ElfW(Phdr) elf_segment;

#define MAX_SCRIPTS	4	/* scripts run by scripts, as in the kernel */

static bool executable(const char *path)
{
	struct stat st;

	return !access(path, X_OK) && !stat(path, &st) && S_ISREG(st.st_mode);
}

/* Where execvp(3) would find it; false: nowhere. */
static bool find(const char *file, char *path)
{
	const char *dirs = getenv("PATH") ?: "/bin:/usr/bin";

	if (strchr(file, '/')) {
		snprintf(path, PATH_MAX, "%s", file);
		return executable(path);
	}
	for (;;) {
		int len = strcspn(dirs, ":");

		/* an empty one is where we are */
		snprintf(path, PATH_MAX, "%.*s%s%s", len, dirs,
			 len ? "/" : "", file);
		if (executable(path))
			return true;
		if (!dirs[len])
			return false;
		dirs += len + 1;
	}
}

static bool other_rights(int fd)
{
	struct stat st;

	if (fstat(fd, &st) ||
	    fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return true;
	return (st.st_mode & S_ISUID && st.st_uid != getuid()) ||
	       (st.st_mode & S_ISGID && st.st_gid != getgid());
}

static bool has_loader(int fd, const elf_header *e)
{
	elf_segment p;

	for (int i = 0; i < e->e_phnum; i++)
		if (pread(fd, &p, sizeof(p), e->e_phoff + i * sizeof(p)) ==
		    sizeof(p) && p.p_type == PT_INTERP)
			return true;
	return false;
}

static bool same_machine(const elf_header *e)
{
	elf_header own = { 0 };
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	bool same = fd >= 0 && pread(fd, &own, sizeof(own), 0) == sizeof(own) &&
		    own.e_machine == e->e_machine &&
		    own.e_ident[EI_CLASS] == e->e_ident[EI_CLASS];

	close(fd);
	return same;
}

/* The interpreter of a script replaces its path; false: no script. */
static bool interpreter(const char *head, char *path)
{
	if (strncmp(head, "#!", 2))
		return false;
	head += 2 + strspn(head + 2, " \t");
	snprintf(path, PATH_MAX, "%.*s", (int)strcspn(head, " \t\n"), head);
	return true;
}

static const char *check(int fd, const elf_header *e)
{
	if (other_rights(fd))
		return "it runs with other rights than yours (setuid, setgid or file capabilities)";
	if (memcmp(e->e_ident, ELFMAG, SELFMAG))
		return "neither an ELF program nor a script with #!";
	if (!same_machine(e))
		return "it is of another architecture than dtlswrap";
	if (!has_loader(fd, e))
		return "it is linked statically";
	return NULL;
}

const char *program_refused(const char *file)
{
	char path[PATH_MAX], head[256];
	elf_header e;

	if (!find(file, path))
		return "no such program";
	for (int i = 0; i <= MAX_SCRIPTS; i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		const char *why = "it cannot be read";

		if (fd < 0)
			return why;
		memset(head, 0, sizeof(head));
		memset(&e, 0, sizeof(e));
		if (pread(fd, head, sizeof(head) - 1, 0) > 0 &&
		    !interpreter(head, path)) {
			(void)!pread(fd, &e, sizeof(e), 0);
			why = check(fd, &e);
			close(fd);
			return why;
		}
		close(fd);
	}
	return "too many interpreters";
}
