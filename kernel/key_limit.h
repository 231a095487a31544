/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens near the limits of keys, and beyond (RFC 9147 section 4.5.3). Near
 * a limit an event says so. In DTLS 1.3, with the traffic secrets of both
 * directions, a work item then changes the keys, and beyond the limit they are not
 * used any more; keys that cannot change go on to the last record number.
 */
#ifndef KDTLS_KEY_LIMIT_H
#define KDTLS_KEY_LIMIT_H

#include <linux/types.h>

struct kdtls_assoc;
struct kdtls_epoch;

/*
 * A record of this type has a number above epoch->near, which is seldom. False: it
 * may not be sealed. Process context, may sleep.
 */
bool kdtls_limit_sealed(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch,
			u8 type, u64 seq);
/* A record did not authenticate in this epoch. Process context, may sleep. */
void kdtls_limit_failed(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch);

#endif /* KDTLS_KEY_LIMIT_H */
