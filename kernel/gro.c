// SPDX-License-Identifier: GPL-2.0
/* UDP_GRO of the application, and of DTLS_TUN. */
#include "gro.h"
#include "socket.h"

/* There is more to it than the bit: UDP counts the sockets that have it set. */
static int set_udp_gro(struct kdtls_sock *ks, int on)
{
	lockdep_assert_held(&ks->config);
	return kdtls_base(ks)->setsockopt(ks->sk, SOL_UDP, UDP_GRO,
					  KERNEL_SOCKPTR(&on), sizeof(on));
}

int kdtls_gro_choose(struct kdtls_sock *ks, int on)
{
	int err;

	mutex_lock(&ks->config);
	err = set_udp_gro(ks, on);
	if (!err)
		WRITE_ONCE(ks->gro_ours, false);
	mutex_unlock(&ks->config);
	return err;
}

void kdtls_gro_enable(struct kdtls_sock *ks)
{
	if (kdtls_gro_chosen(ks->sk))
		return;
	WRITE_ONCE(ks->gro_ours, true);
	if (set_udp_gro(ks, 1))
		WRITE_ONCE(ks->gro_ours, false);
}

void kdtls_gro_disable(struct kdtls_sock *ks)
{
	if (READ_ONCE(ks->closed) || !READ_ONCE(ks->gro_ours))
		return;
	set_udp_gro(ks, 0);
	WRITE_ONCE(ks->gro_ours, false);
}
