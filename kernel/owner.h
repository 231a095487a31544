/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The owner of an association or a listener: the user, to which limits apply, and
 * the process, for logs, by its number in the pid namespace of the reader.
 */
#ifndef KDTLS_OWNER_H
#define KDTLS_OWNER_H

#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/uidgid.h>

struct kdtls_owner {
	kuid_t		uid;
	struct pid	*pid;	/* no reference of its own */
};

/* The caller: as long as its system call lasts. */
static inline struct kdtls_owner kdtls_owner_current(void)
{
	return (struct kdtls_owner) {
		.uid = current_uid(),
		.pid = task_tgid(current),
	};
}

/* 0: not in ns, or ns is NULL: the readers have no common namespace. */
static inline pid_t kdtls_pid_in(struct pid *pid, struct pid_namespace *ns)
{
	return ns ? pid_nr_ns(pid, ns) : 0;
}

/* As the process that makes this system call knows it. */
static inline pid_t kdtls_pid_here(struct pid *pid)
{
	return kdtls_pid_in(pid, task_active_pid_ns(current));
}

#endif /* KDTLS_OWNER_H */
