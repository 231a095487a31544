/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet from UDP's queue on its way through input.c and open.c: one
 * datagram, or with GRO several of equal size and a rest. What its records
 * have in common is kept here from one to the next; the skb's memory stays where
 * it is meanwhile.
 */
#ifndef KDTLS_PACKET_H
#define KDTLS_PACKET_H

#include <linux/skbuff.h>

#include "record/record.h"

struct kdtls_assoc;
struct kdtls_epoch;
struct kdtls_sink;
struct kdtls_sock;
struct kdtls_workspace;

struct kdtls_packet {
	struct kdtls_sock	*ks;
	struct kdtls_assoc	*assoc;
	struct kdtls_assoc	*successor;	/* peer_table.h; or NULL */
	struct sk_buff		*skb;
	struct kdtls_sink	*sink;		/* for the application */
	const u8		*raw;		/* bytes held back, instead of skb's */
	bool			ours;		/* linear part and headroom: to write on */
	bool			shared;		/* other tasks may write its fragments */

	u8			*piece;		/* kdtls_packet_piece() looked here last */
	unsigned int		piece_off, piece_end;	/* of its bytes */
	unsigned int		frag;		/* behind it */
	struct kdtls_epoch	*epoch;		/* of the record before */
	struct kdtls_workspace	*ws;
	unsigned int		records;	/* of application data, opened */
	size_t			bytes;		/* in them */
	int			decided;	/* records of any kind */
	bool			elsewhere;	/* not from where its peer was; roam.c */
	bool			ended;		/* an alert was the end */
	u8			acks;		/* sent for its records */
};

/* By value, as an initializer: or its zeros are written twice. */
static inline struct kdtls_packet kdtls_packet_of(struct kdtls_sock *ks,
						  struct kdtls_assoc *assoc,
						  struct sk_buff *skb,
						  struct kdtls_sink *sink)
{
	return (struct kdtls_packet){
		.ks = ks,
		.assoc = assoc,
		.skb = skb,
		.sink = sink,
		.ours = !skb_shared(skb) && !skb_cloned(skb) &&
			skb_headroom(skb) >= DTLS_HEADROOM,
		.shared = skb_has_shared_frag(skb),
		.piece = skb->data,
		.piece_end = skb_headlen(skb),
	};
}

/* Counts what was opened, and gives back what was kept. */
void kdtls_packet_finish(struct kdtls_packet *pkt);

/* The piece with the byte at off, behind the one that is known. */
void kdtls_packet_find_piece(struct kdtls_packet *pkt, unsigned int off);
/*
 * Where the byte at off lies, and how many after it (and it) in the same
 * physical piece of memory; NULL if that cannot be said. Offsets do not go back.
 * Not for bytes held back.
 */
static inline u8 *kdtls_packet_piece(struct kdtls_packet *pkt, unsigned int off,
				     unsigned int *len)
{
	if (unlikely(off >= pkt->piece_end))
		kdtls_packet_find_piece(pkt, off);
	*len = pkt->piece_end - off;
	return pkt->piece ? pkt->piece + (off - pkt->piece_off) : NULL;
}

/* Copies bytes of it; false: they are not there. */
bool kdtls_packet_copy(const struct kdtls_packet *pkt, unsigned int off,
		       void *to, unsigned int len);

#endif /* KDTLS_PACKET_H */
