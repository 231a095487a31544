// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The loader does not preload a library into a program that is static, of another
 * architecture, or runs with other rights than the caller's. A Go program has the
 * library but does not call it. None of them gets DTLS, and confine.c lets none send:
 * that is reported before the program starts.
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
#define MAX_NOTES	4096	/* bytes read */

static bool is_executable(const char *path)
{
	struct stat st;

	return !access(path, X_OK) && !stat(path, &st) && S_ISREG(st.st_mode);
}

/* The path that execvp(3) would use; false: there is none. */
static bool find_program(const char *file, char *path)
{
	const char *dirs = getenv("PATH") ?: "/bin:/usr/bin";

	if (strchr(file, '/')) {
		snprintf(path, PATH_MAX, "%s", file);
		return is_executable(path);
	}
	for (;;) {
		int len = strcspn(dirs, ":");

		/* an empty element is the working directory */
		snprintf(path, PATH_MAX, "%.*s%s%s", len, dirs,
			 len ? "/" : "", file);
		if (is_executable(path))
			return true;
		if (!dirs[len])
			return false;
		dirs += len + 1;
	}
}

static bool has_other_rights(int fd)
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

/* The segment has a note of the Go linker. */
static bool has_go_note(int fd, const elf_segment *p)
{
	char notes[MAX_NOTES];
	ssize_t size = p->p_filesz < sizeof(notes) ? p->p_filesz :
						     sizeof(notes);
	ElfW(Nhdr) n;

	size = pread(fd, notes, size, p->p_offset);
	for (ssize_t at = 0; at + (ssize_t)sizeof(n) + 4 <= size;) {
		memcpy(&n, notes + at, sizeof(n));
		at += sizeof(n);
		if (n.n_namesz == 4 && !memcmp(notes + at, "Go", 3))
			return true;
		if (n.n_namesz > MAX_NOTES || n.n_descsz > MAX_NOTES)
			break;
		at += ((n.n_namesz + 3) & ~3) + ((n.n_descsz + 3) & ~3);
	}
	return false;
}

static bool is_go(int fd, const elf_header *e)
{
	elf_segment p;

	for (int i = 0; i < e->e_phnum; i++)
		if (pread(fd, &p, sizeof(p), e->e_phoff + i * sizeof(p)) ==
		    sizeof(p) && p.p_type == PT_NOTE && has_go_note(fd, &p))
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

/* Replaces path by the script's interpreter; false: no script. */
static bool get_interpreter(const char *head, char *path)
{
	if (strncmp(head, "#!", 2))
		return false;
	head += 2 + strspn(head + 2, " \t");
	snprintf(path, PATH_MAX, "%.*s", (int)strcspn(head, " \t\n"), head);
	return true;
}

const char *program_unsuitable(int fd)
{
	elf_header e = { 0 };

	(void)!pread(fd, &e, sizeof(e), 0);
	if (has_other_rights(fd))
		return "it runs with other rights than yours (setuid, setgid or file capabilities)";
	if (memcmp(e.e_ident, ELFMAG, SELFMAG))
		return "neither an ELF program nor a script with #!";
	if (!same_machine(&e))
		return "it is of another architecture than dtlswrap";
	if (is_go(fd, &e))
		return "it is written in Go, which makes system calls without the C library";
	if (!has_loader(fd, &e))
		return "it is linked statically";
	return NULL;
}

const char *program_refused(const char *file)
{
	char path[PATH_MAX], head[256];

	if (!find_program(file, path))
		return "no such program";
	for (int i = 0; i <= MAX_SCRIPTS; i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		const char *why = "it cannot be read";

		if (fd < 0)
			return why;
		memset(head, 0, sizeof(head));
		if (pread(fd, head, sizeof(head) - 1, 0) > 0 &&
		    !get_interpreter(head, path)) {
			why = program_unsuitable(fd);
			close(fd);
			return why;
		}
		close(fd);
	}
	return "too many interpreters";
}
