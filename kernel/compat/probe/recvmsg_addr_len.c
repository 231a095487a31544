/* SPDX-License-Identifier: GPL-2.0 */
/* proto->recvmsg has a last argument, addr_len (gone by 7.2). */
#include <net/sock.h>
static int f(struct sock *sk, struct msghdr *msg, size_t len, int flags,
	     int *addr_len)
{
	return 0;
}

struct proto p = { .recvmsg = f };
