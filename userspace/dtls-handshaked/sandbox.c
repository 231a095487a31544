// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "sandbox.h"
#include "util.h"

#define BIT(cap) (1u << (cap))

#define PARENT_CAPS (BIT(CAP_NET_ADMIN) | BIT(CAP_SETUID) | BIT(CAP_SETGID))

/* All capabilities used here are below 32. */
static struct __user_cap_header_struct header = {
	.version = _LINUX_CAPABILITY_VERSION_3,
};

static unsigned int get_permitted(void)
{
	struct __user_cap_data_struct caps[2] = { { 0 } };

	if (syscall(SYS_capget, &header, caps))
		return 0;
	return caps[0].permitted;
}

static bool set_caps(unsigned int effective, unsigned int permit)
{
	struct __user_cap_data_struct caps[2] = {
		{ .effective = effective, .permitted = permit },
	};

	if (!syscall(SYS_capset, &header, caps))
		return true;
	say(LOG_ERR, "capset: %s", strerror(errno));
	return false;
}

static void forbid_core(void)
{
	struct rlimit none = { 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

bool sandbox_parent(void)
{
	unsigned int keep = get_permitted() & PARENT_CAPS;

	forbid_core();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return false;
	return set_caps(keep & BIT(CAP_NET_ADMIN), keep);
}

static bool switch_user(uid_t uid, gid_t gid)
{
	unsigned int both = BIT(CAP_SETUID) | BIT(CAP_SETGID);

	/* in a unit with User= the uid is not 0 and cannot change */
	if ((get_permitted() & both) != both)
		return geteuid() != 0;
	return set_caps(both, both) && !setgroups(0, NULL) &&
	       !setresgid(gid, gid, gid) && !setresuid(uid, uid, uid);
}

/* Without CAP_KILL only a process with the worker's uid may kill it. */
void sandbox_kill(pid_t pid, uid_t uid, gid_t gid)
{
	pid_t helper;

	if (!kill(pid, SIGKILL) || errno != EPERM)
		return;
	helper = fork();
	if (!helper)
		_exit(!switch_user(uid, gid) || kill(pid, SIGKILL));
	if (helper < 0 || waitpid(helper, NULL, 0) < 0)
		say(LOG_ERR, "cannot kill worker %d: %s", pid, strerror(errno));
}

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef OUR_ARCH
static const int allowed[] = {
	SYS_recvmsg, SYS_sendmsg, SYS_ppoll, SYS_read, SYS_write,
#ifdef SYS_poll
	SYS_poll,
#endif
	SYS_clock_gettime, SYS_gettimeofday, SYS_getrandom, SYS_getrusage,
	SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex,
	SYS_getpid, SYS_gettid, SYS_close, SYS_exit, SYS_exit_group,
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
	SYS_restart_syscall,
};

/* Allowed without PROT_EXEC. */
static const int allowed_noexec[] = { SYS_mmap, SYS_mprotect };

#define LOAD		(BPF_LD | BPF_W | BPF_ABS)
#define EQUAL		(BPF_JMP | BPF_JEQ | BPF_K)
#define ANY_BIT		(BPF_JMP | BPF_JSET | BPF_K)
#define RETURN		(BPF_RET | BPF_K)
#define REFUSE		(SECCOMP_RET_ERRNO | EPERM)
#define MAX_CODE	(5 + 2 * ARRAY_SIZE(allowed) + 5 * ARRAY_SIZE(allowed_noexec) + 5)

struct program {
	struct sock_filter code[MAX_CODE];
	unsigned short len;
};

static void add_insn(struct program *p, uint16_t op, uint32_t k, uint8_t yes, uint8_t no)
{
	p->code[p->len++] = (struct sock_filter){ op, yes, no, k };
}

/* Another call continues after these two instructions. */
static void allow_call(struct program *p, int call)
{
	add_insn(p, EQUAL, call, 0, 1);
	add_insn(p, RETURN, SECCOMP_RET_ALLOW, 0, 0);
}

static void allow_noexec(struct program *p, int call)
{
	add_insn(p, EQUAL, call, 0, 4);
	add_insn(p, LOAD, offsetof(struct seccomp_data, args[2]), 0, 0);
	add_insn(p, ANY_BIT, PROT_EXEC, 1, 0);
	add_insn(p, RETURN, SECCOMP_RET_ALLOW, 0, 0);
	add_insn(p, RETURN, REFUSE, 0, 0);
}

/* For abort(), within this process: other workers have the same uid. */
static void allow_own_signal(struct program *p)
{
	add_insn(p, EQUAL, SYS_tgkill, 0, 4);
	add_insn(p, LOAD, offsetof(struct seccomp_data, args[0]), 0, 0);
	add_insn(p, EQUAL, getpid(), 0, 1);
	add_insn(p, RETURN, SECCOMP_RET_ALLOW, 0, 0);
	add_insn(p, RETURN, REFUSE, 0, 0);
}

static bool filter_calls(void)
{
	struct program p = { .len = 0 };
	struct sock_fprog prog = { .filter = p.code };

	add_insn(&p, LOAD, offsetof(struct seccomp_data, arch), 0, 0);
	add_insn(&p, EQUAL, OUR_ARCH, 1, 0);
	add_insn(&p, RETURN, SECCOMP_RET_KILL_PROCESS, 0, 0);
	add_insn(&p, LOAD, offsetof(struct seccomp_data, nr), 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		allow_call(&p, allowed[i]);
	for (size_t i = 0; i < ARRAY_SIZE(allowed_noexec); i++)
		allow_noexec(&p, allowed_noexec[i]);
	allow_own_signal(&p);
	add_insn(&p, RETURN, REFUSE, 0, 0);
	prog.len = p.len;
	return !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}
#else
static bool filter_calls(void)
{
	return true;
}
#endif

bool sandbox_worker(uid_t uid, gid_t gid)
{
	if (!switch_user(uid, gid)) {
		say(LOG_ERR, "worker: cannot become uid %u: %s", uid, strerror(errno));
		return false;
	}
	forbid_core();
	if (!set_caps(0, 0))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || !filter_calls()) {
		say(LOG_ERR, "worker: seccomp: %s", strerror(errno));
		return false;
	}
	return true;
}
