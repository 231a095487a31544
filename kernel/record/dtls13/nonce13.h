/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_RECORD_NONCE13_H
#define KDTLS_RECORD_NONCE13_H

#include "../wire.h"

/* RFC 8446 section 5.3: the number padded to 12 bytes. No epoch in it. */
static inline void dtls13_nonce(const struct dtls_record_params *p, u64 seq,
				u8 *nonce)
{
	memcpy(nonce, p->iv, DTLS_NONCE);
	dtls_xor_number(nonce + 4, seq);
}

#endif /* KDTLS_RECORD_NONCE13_H */
