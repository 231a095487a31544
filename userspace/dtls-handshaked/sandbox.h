/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * For the parent, before it reads the configuration: CAP_NET_ADMIN effective,
 * CAP_SETUID and CAP_SETGID permitted for workers that are forked later, no other.
 */
bool sandbox_parent(void);

/*
 * For a worker: another user if possible, no capability, no new privileges, no core
 * dump, no ptrace, and a seccomp filter.
 */
bool sandbox_worker(uid_t uid, gid_t gid);

/* For the parent: kills a worker that it has not waited for, which may have this uid. */
void sandbox_kill(pid_t pid, uid_t uid, gid_t gid);

#endif
