/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last flight, kept as plaintext, sent again with fresh numbers when the
 * peer repeats its own (RFC 6347 section 4.2.4). That of DTLS 1.3 is sent until it is
 * acknowledged (flight13.h).
 */
#ifndef KDTLS_LAST_FLIGHT_H
#define KDTLS_LAST_FLIGHT_H

#include <linux/kdtls.h>
#include <linux/string.h>
#include <linux/types.h>

#include "assoc.h"

/*
 * Takes a copy; checks everything (-EINVAL, -EMSGSIZE); one per association
 * (-EALREADY). len counts the header and all records.
 */
int kdtls_flight_set(struct kdtls_assoc *assoc, const struct dtls_flight *flight,
		     size_t len);
/* The peer repeated its flight, authenticated: answer, rate-limited. */
void kdtls_flight_repeat(struct kdtls_assoc *assoc);
/* Its first application record came, or the association ended. */
void kdtls_flight_drop(struct kdtls_assoc *assoc);
/* Is one kept, so that control traffic is expected? Lockless hint. */
static inline bool kdtls_flight_kept(const struct kdtls_assoc *assoc)
{
	return READ_ONCE(assoc->flight);
}

/* One record at *data, which was checked; moves on behind it. Returns its content. */
static inline const u8 *kdtls_flight_next(const u8 **data,
					  struct dtls_flight_record *record)
{
	const u8 *content = *data + sizeof(*record);

	memcpy(record, *data, sizeof(*record));
	*data = content + record->len;
	return content;
}

#endif /* KDTLS_LAST_FLIGHT_H */
