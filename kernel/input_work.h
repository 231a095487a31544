/* SPDX-License-Identifier: GPL-2.0 */
/* Opens what waits on sockets that no reader reads. */
#ifndef KDTLS_INPUT_WORK_H
#define KDTLS_INPUT_WORK_H

#include <linux/workqueue.h>

struct kdtls_sock;
struct sock;

void kdtls_data_ready(struct sock *sk);
void kdtls_input_work(struct work_struct *work);
void kdtls_input_work_schedule(struct kdtls_sock *ks);

extern struct workqueue_struct *kdtls_wq;
int __init kdtls_input_work_init(void);
void kdtls_input_work_exit(void);

#endif /* KDTLS_INPUT_WORK_H */
