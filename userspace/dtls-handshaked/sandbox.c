// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"
#include "sandbox.h"

#define BIT(cap) (1u << (cap))

#define PARENT_CAPS (BIT(CAP_NET_ADMIN) | BIT(CAP_SETUID) | BIT(CAP_SETGID))

/* All capabilities used here are among the first 32. */
static struct __user_cap_header_struct header = {
	.version = _LINUX_CAPABILITY_VERSION_3,
};

static unsigned int permitted(void)
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

static void no_core(void)
{
	struct rlimit none = { 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

bool sandbox_parent(void)
{
	unsigned int keep = permitted() & PARENT_CAPS;

	no_core();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return false;
	return set_caps(keep & BIT(CAP_NET_ADMIN), keep);
}

static bool become(uid_t uid, gid_t gid)
{
	unsigned int both = BIT(CAP_SETUID) | BIT(CAP_SETGID);

	/* in a unit with User= there is nothing to change, and no way to */
	if ((permitted() & both) != both)
		return geteuid() != 0;
	return set_caps(both, both) && !setgroups(0, NULL) &&
	       !setresgid(gid, gid, gid) && !setresuid(uid, uid, uid);
}

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef OUR_ARCH
#define LOAD(member) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define ALLOW(call) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), \
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
/* Refuses memory that can be executed. */
#define ALLOW_NOEXEC(call) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 4), \
	LOAD(args[2]), \
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0), \
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), \
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

static bool filter_calls(void)
{
	struct sock_filter code[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
		ALLOW(recvmsg), ALLOW(sendmsg), ALLOW(ppoll), ALLOW(read), ALLOW(write),
#ifdef SYS_poll
		ALLOW(poll),
#endif
		ALLOW(clock_gettime), ALLOW(gettimeofday), ALLOW(getrandom),
		ALLOW(brk), ALLOW(munmap), ALLOW(mremap), ALLOW(madvise), ALLOW(futex),
		ALLOW_NOEXEC(mmap), ALLOW_NOEXEC(mprotect),
		ALLOW(getrusage), ALLOW(getpid), ALLOW(gettid), ALLOW(tgkill),
		ALLOW(rt_sigaction), ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn),
		ALLOW(restart_syscall), ALLOW(close), ALLOW(exit), ALLOW(exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

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
	if (!become(uid, gid)) {
		say(LOG_ERR, "worker: cannot become uid %u: %s", uid, strerror(errno));
		return false;
	}
	no_core();
	if (!set_caps(0, 0))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || !filter_calls()) {
		say(LOG_ERR, "worker: seccomp: %s", strerror(errno));
		return false;
	}
	return true;
}
