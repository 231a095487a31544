/* SPDX-License-Identifier: GPL-2.0 */
/* proto->connect takes a struct sockaddr_unsized (since 6.19). */
#include <net/sock.h>
static int f(struct sock *sk, struct sockaddr_unsized *addr, int len)
{
	return addr->sa_family;
}

struct proto p = { .connect = f };
