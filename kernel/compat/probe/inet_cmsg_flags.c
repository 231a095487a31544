/* SPDX-License-Identifier: GPL-2.0 */
/* inet_cmsg_flags() reads the IP_CMSG_* bits (since 6.6). */
#include <net/inet_sock.h>
unsigned long f(const struct inet_sock *inet);
unsigned long f(const struct inet_sock *inet)
{
	return inet_cmsg_flags(inet);
}
