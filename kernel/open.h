/* SPDX-License-Identifier: GPL-2.0 */
/* A record under the keys: authentic and new, or dropped. */
#ifndef KDTLS_OPEN_H
#define KDTLS_OPEN_H

#include <linux/compiler.h>
#include <linux/types.h>

struct dtls_header;
struct kdtls_packet;

/*
 * The record with this header, off bytes into the packet: if it is
 * authentic and new its content goes where it belongs; else nothing has
 * happened. record: where all of it lies in one piece, or NULL. Returns 0 if it
 * is, else the drop reason as DTLS_DROP_ERR(). Process context, may sleep.
 */
int kdtls_try_record(struct kdtls_packet *pkt, const struct dtls_header *header,
		     unsigned int off, u8 *record);
/* It could not be opened: counted as dropped, and as a forgery if it is one. */
void kdtls_refuse_record(struct kdtls_packet *pkt, int err);

/* Opened, or dropped and counted. */
static inline int kdtls_open_record(struct kdtls_packet *pkt,
				    const struct dtls_header *header,
				    unsigned int off, u8 *record)
{
	int err = kdtls_try_record(pkt, header, off, record);

	if (unlikely(err))
		kdtls_refuse_record(pkt, err);
	return err;
}

#endif /* KDTLS_OPEN_H */
