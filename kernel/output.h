/* SPDX-License-Identifier: GPL-2.0 */
/* From content to records (seal.c), from records to UDP (output.c). */
#ifndef KDTLS_OUTPUT_H
#define KDTLS_OUTPUT_H

#include <linux/bvec.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/socket.h>
#include <linux/uio.h>

struct kdtls_assoc;
struct kdtls_epoch;
struct kdtls_sock;
struct kdtls_workspace;

/* Flags of the application that may reach UDP's sendmsg; all others not. */
#define KDTLS_OUTPUT_FLAGS	(MSG_DONTWAIT | MSG_DONTROUTE | MSG_CONFIRM)

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
struct kdtls_output {
	struct bio_vec	*vec;
	unsigned int	n;		/* of vec; 0: bytes */
	const void	*bytes;
	size_t		len;		/* of all of them */
	int		flags;		/* MSG_* */
	struct kdtls_sock *caller;	/* whose file is held */
	void		*control;	/* kernel memory, with room; or NULL */
	size_t		controllen;
};

/*
 * To the peer of the association. What UDP's sendmsg returns, or -ENOTCONN: it
 * has left the caller's socket (peeloff.c). May send twice what a call that was
 * inside of UDP at attach may have taken (leftover.h). Waits for the socket's
 * lock in that case: only for who has its file.
 */
int kdtls_output(struct kdtls_assoc *assoc, const struct kdtls_output *out);

/* Records of one size, sealed back to back: one piece of a GSO packet. */
struct kdtls_run {
	u8		type;		/* content type */
	size_t		left;		/* bytes of content to take */
	size_t		segment;	/* of which a record gets so many */
	unsigned int	max;		/* records; 1 or more */
	/* the result */
	struct bio_vec	vec;		/* with a reference to its page */
	unsigned int	records;
	size_t		content;
};

/*
 * Copies content from the iterator into new room and seals it there, record
 * after record, as far as the room goes: at least one (empty if nothing is
 * left). 0 if there is a record; else -EFAULT, -ENOBUFS, -ENOMEM or
 * -EKEYEXPIRED (no record number left), and no reference.
 */
int kdtls_seal_run(struct kdtls_assoc *assoc, struct kdtls_workspace *ws,
		   struct kdtls_epoch *tx, struct iov_iter *from,
		   struct kdtls_run *run);
/*
 * One record, sealed in the workspace, at DTLS_HEADROOM. Returns its length or
 * an errno as above.
 */
ssize_t kdtls_seal_record(struct kdtls_assoc *assoc, struct kdtls_workspace *ws,
			  struct kdtls_epoch *tx, struct iov_iter *from,
			  u8 type, size_t len);

#endif /* KDTLS_OUTPUT_H */
