/* SPDX-License-Identifier: GPL-2.0 */
/* Sealed records of the application to UDP's sendmsg. */
#ifndef KDTLS_UDP_OUTPUT_H
#define KDTLS_UDP_OUTPUT_H

#include <linux/bvec.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/socket.h>
#include <linux/uio.h>

struct kdtls_assoc;
struct kdtls_sock;

/* Flags of the application that may reach UDP's sendmsg; all others not. */
#define KDTLS_SEND_FLAGS	(MSG_DONTWAIT | MSG_DONTROUTE | MSG_CONFIRM)

/*
 * Behind the control messages of the application is room for those that we
 * add: the size of a record in a batch, and the source of one of many.
 */
#define KDTLS_SOURCE_ROOM	CMSG_SPACE(sizeof(struct in6_pktinfo))
#define KDTLS_CONTROL_ROOM	(CMSG_SPACE(sizeof(u16)) + KDTLS_SOURCE_ROOM)

/*
 * One call of UDP's sendmsg: pages that it takes over, or bytes that it
 * copies, which is cheaper for few.
 */
struct kdtls_udp_output {
	struct bio_vec	*vec;
	unsigned int	n;		/* of vec; 0: bytes */
	const void	*bytes;
	size_t		len;		/* of all of them */
	int		flags;		/* MSG_* */
	struct kdtls_sock *caller;	/* its file is held */
	void		*control;	/* kernel memory, with room; or NULL */
	size_t		controllen;
};

/*
 * To the peer of the association. What UDP's sendmsg returns, or -ENOTCONN: it
 * has left the caller's socket (peeloff.c). May send twice what a call that was
 * inside of UDP at attach may have taken (leftover.h). It waits for the socket
 * lock in that case: only for a caller that has its file.
 */
int kdtls_udp_output(struct kdtls_assoc *assoc,
		     const struct kdtls_udp_output *out);

#endif /* KDTLS_UDP_OUTPUT_H */
