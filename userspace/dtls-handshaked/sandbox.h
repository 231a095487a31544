/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * The parent: CAP_NET_ADMIN in effect and no other; CAP_SETUID and CAP_SETGID
 * kept in reserve, for workers that are forked later.
 */
bool sandbox_parent(void);

/*
 * A worker: another user where that may be had, no capability, no new
 * privileges, no core, no ptrace, and a short list of system calls.
 */
bool sandbox_worker(uid_t uid, gid_t gid);

/*
 * The parent kills a worker that it has not waited for yet, which may have this
 * other user.
 */
void sandbox_kill(pid_t pid, uid_t uid, gid_t gid);

#endif
