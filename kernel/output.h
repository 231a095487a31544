/* SPDX-License-Identifier: GPL-2.0 */
/* From content to pages, from pages to UDP: shared by send.c and transmit.c. */
#ifndef KDTLS_OUTPUT_H
#define KDTLS_OUTPUT_H

#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/socket.h>
#include <linux/uio.h>

struct kdtls_assoc;
struct kdtls_epoch;
struct kdtls_sock;

/* Flags of the application that may reach UDP's sendmsg; all others not. */
#define KDTLS_OUTPUT_FLAGS	(MSG_DONTWAIT | MSG_DONTROUTE | MSG_CONFIRM)

/* Room for a record: one physically contiguous piece, used once. */
struct kdtls_room {
	struct page	*page;		/* referenced */
	unsigned int	offset;
};

static inline void *kdtls_room_address(const struct kdtls_room *room)
{
	return page_address(room->page) + room->offset;
}

/* 0 or -ENOBUFS. */
int kdtls_room_get(struct kdtls_room *room, struct sock *sk, size_t len);

/* One call of UDP's sendmsg. */
struct kdtls_output {
	struct bio_vec	*vec;
	unsigned int	n;
	size_t		len;		/* of all of them */
	int		flags;		/* MSG_* */
	void		*control;	/* kernel memory */
	size_t		controllen;
};

/* What UDP's sendmsg returns. */
int kdtls_output(struct kdtls_sock *ks, struct kdtls_output *out);

/*
 * Copies len bytes of content from the iterator into new room and seals them.
 * 0: vec has the record and a reference to its page. -EFAULT, -ENOBUFS,
 * -ENOMEM, -EKEYEXPIRED (no record number left).
 */
int kdtls_seal_from(struct kdtls_assoc *assoc, struct kdtls_epoch *tx, u8 type,
		    struct iov_iter *from, size_t len, struct bio_vec *vec);

#endif /* KDTLS_OUTPUT_H */
