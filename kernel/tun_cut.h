/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One TCP packet for up to 64 KB of the stream, as the stack routes it into a
 * device that cuts it (GSO), becomes segments: headers are made anew, the
 * payload is referred to where it lies. skb_gso_segment() allocates a socket
 * buffer for each, which costs more than the headers.
 */
#ifndef KDTLS_TUN_CUT_H
#define KDTLS_TUN_CUT_H

#include <linux/bvec.h>
#include <linux/skbuff.h>

#define KDTLS_TUN_CUT_HEADERS	100	/* at most: IPv6, and TCP with options */
#define KDTLS_TUN_CUT_PIECES	(MAX_SKB_FRAGS + 1)

/* The segment that comes next. */
struct kdtls_tun_cut {
	const struct sk_buff	*skb;
	unsigned int		ip_len, headers;	/* IP's; with TCP's */
	unsigned int		segment;	/* payload of all but the last */
	unsigned int		number;
	unsigned int		off;		/* of its payload, in that of skb */
	unsigned int		piece, used;	/* where that lies: 0 is linear */
};

/*
 * May the packet be cut here? Other kinds are left to skb_gso_segment(). The
 * linear part may move. Any context.
 */
bool kdtls_tun_cut_possible(struct sk_buff *skb);
/* How many segments the packet has. */
unsigned int kdtls_tun_cut_count(const struct sk_buff *skb);
/* From this segment on. The packet stays unchanged while it is cut. */
void kdtls_tun_cut_begin(struct kdtls_tun_cut *cut, const struct sk_buff *skb,
			 unsigned int number);
/* Bytes of the next segment, with headers; 0: there is none. */
unsigned int kdtls_tun_cut_size(const struct kdtls_tun_cut *cut);
/*
 * Writes its headers, cut->headers bytes with complete checksums, and where its
 * payload lies. Returns the number of pieces, up to KDTLS_TUN_CUT_PIECES.
 */
unsigned int kdtls_tun_cut_next(struct kdtls_tun_cut *cut, u8 *headers,
				struct bio_vec *pieces);

#endif /* KDTLS_TUN_CUT_H */
