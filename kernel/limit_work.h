/* SPDX-License-Identifier: GPL-2.0 */
/* What is done about limits that keys have reached (key_limit.h). */
#ifndef KDTLS_LIMIT_WORK_H
#define KDTLS_LIMIT_WORK_H

struct kdtls_key_update;

/* key_limit.c queues it. */
void kdtls_limit_work_init(struct kdtls_key_update *update);

#endif /* KDTLS_LIMIT_WORK_H */
