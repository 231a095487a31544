/* SPDX-License-Identifier: GPL-2.0 */
/* proto->ioctl writes its answer to a kernel int (since 6.5). */
#include <net/sock.h>
static int f(struct sock *sk, int cmd, int *karg)
{
	return 0;
}

struct proto p = { .ioctl = f };
