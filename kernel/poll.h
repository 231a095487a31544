/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_POLL_H
#define KDTLS_POLL_H

#include <linux/types.h>

struct file;
struct poll_table_struct;
struct sock;
struct socket;

__poll_t kdtls_poll(struct file *file, struct socket *sock,
		    struct poll_table_struct *wait);
int kdtls_next_len(struct sock *sk);	/* SIOCINQ */

#endif /* KDTLS_POLL_H */
