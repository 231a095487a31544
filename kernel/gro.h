/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP_GRO, which two may want: the application, for which recvmsg() then
 * returns records in batches, and DTLS_TUN, of which the application must not
 * notice anything. UDP has one bit for both; gro_ours says that it is set for
 * DTLS_TUN alone.
 */
#ifndef KDTLS_GRO_H
#define KDTLS_GRO_H

#include <linux/udp.h>
#include <net/udp.h>

#include "socket.h"

/* Has the application set it? Any context. */
static inline bool kdtls_gro_chosen(const struct sock *sk)
{
#ifdef udp_test_bit		/* 6.7 on */
	bool enabled = udp_test_bit(GRO_ENABLED, sk);
#else
	bool enabled = udp_sk(sk)->gro_enabled;
#endif
	return enabled && !READ_ONCE(kdtls_sk(sk)->gro_ours);
}

/*
 * The application's choice; from then on the bit is the application's, also
 * while DTLS_TUN has set it. Takes ks->config. The errno of UDP's setsockopt.
 */
int kdtls_gro_choose(struct kdtls_sock *ks, int on);

/* For DTLS_TUN, unless the application has it set. ks->config is held. */
void kdtls_gro_enable(struct kdtls_sock *ks);
/* Undoes that, unless the application has chosen since. ks->config is held. */
void kdtls_gro_disable(struct kdtls_sock *ks);

#endif /* KDTLS_GRO_H */
