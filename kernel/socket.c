// SPDX-License-Identifier: GPL-2.0
/* Which sockets are attached. */
#include "socket.h"

struct kdtls_hooks kdtls_hooks4, kdtls_hooks6;

bool kdtls_attached(const struct sock *sk)
{
	const struct proto *prot = READ_ONCE(sk->sk_prot);

	return prot == &kdtls_hooks4.prot || prot == &kdtls_hooks6.prot;
}
