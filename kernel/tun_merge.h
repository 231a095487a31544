/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP segments that follow each other become one packet, as GRO makes it, which
 * is written to a tun device with a struct virtio_net_hdr: the stack gets one
 * packet for up to 64 KB. Pure: bytes in, bytes out.
 *
 * Merged are segments of one flow with equal headers (but for numbers, lengths and
 * checksums), in sequence, of one size, and a shorter one or one with PSH at the
 * end; only if each checksum is right.
 */
#ifndef KDTLS_TUN_MERGE_H
#define KDTLS_TUN_MERGE_H

#include <linux/types.h>

struct kdtls_tun_merge {
	u8		*buf;		/* NULL: nothing is merged */
	unsigned int	header_len;	/* of the device, in front of the packet */
	size_t		len;		/* in buf, with that; 0: empty */
	unsigned int	count;		/* of segments */
	unsigned int	ip_len, tcp_len;	/* their headers */
	size_t		segment;	/* bytes of payload of the first */
	u32		next;		/* sequence number */
	bool		full;		/* nothing may follow */
};

/* header_len: at least sizeof(struct virtio_net_hdr). 0 or -ENOMEM. */
int kdtls_tun_merge_init(struct kdtls_tun_merge *merge,
			 unsigned int header_len);
void kdtls_tun_merge_free(struct kdtls_tun_merge *merge);
/*
 * Takes a copy of the packet, as the first, or behind those that are there.
 * False: it has not; write what is there, then the packet may be tried again,
 * and if it is still refused it is to be written as it is.
 */
bool kdtls_tun_merge_add(struct kdtls_tun_merge *merge, const u8 *packet,
			 size_t len);
/* How many bytes of buf are to be written; 0: it is empty. It is empty then. */
size_t kdtls_tun_merge_finish(struct kdtls_tun_merge *merge);

#endif /* KDTLS_TUN_MERGE_H */
