/* SPDX-License-Identifier: GPL-2.0 */
/* Options of IPv6 sockets are bits of inet_flags, too (since 6.7). */
#include <net/inet_sock.h>
unsigned long f(const struct inet_sock *inet);
unsigned long f(const struct inet_sock *inet)
{
	return inet->inet_flags & BIT(INET_FLAGS_RECVERR6);
}
