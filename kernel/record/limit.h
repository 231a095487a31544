/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * For how long the keys of an epoch are good (RFC 9147 section 4.5.3): how many
 * records they may seal, and how many may fail to authenticate. The limits of each
 * AEAD are in its struct dtls_cipher.
 */
#ifndef KDTLS_RECORD_LIMIT_H
#define KDTLS_RECORD_LIMIT_H

#include "record.h"

/* The last numbers of an epoch are for alerts and handshake messages. */
#define DTLS_RESERVED_NUMBERS	16
/* Of data the first number that none may have, where nothing but numbers ends. */
#define DTLS_LAST_DATA_END	(DTLS_MAX_SEQ + 1 - DTLS_RESERVED_NUMBERS)
/* Records below the limit that are for what changes the keys: KeyUpdates, ACKs. */
#define DTLS_UPDATE_NUMBERS	64

/* More than this is near: new keys are needed before the limit. */
static inline u64 dtls_limit_near(u64 limit)
{
	return limit - limit / 8;
}

/*
 * Where keys can be changed: the first number that data may not have. KeyUpdates and
 * ACKs have no end here. Else two ends that both reach it could never change
 * their keys.
 */
static inline u64 dtls_data_end(u64 seal_limit)
{
	u64 end = seal_limit - DTLS_UPDATE_NUMBERS;

	return seal_limit == DTLS_MAX_SEQ ? DTLS_LAST_DATA_END : end;
}

/* What a number of failed tags means. */
enum dtls_failures {
	DTLS_FAILURES_BEAR,
	DTLS_FAILURES_NEAR,	/* the limit is near: new keys */
	DTLS_FAILURES_OVER,	/* it is exceeded: these keys are not used any more */
};

static inline enum dtls_failures dtls_failures(u64 failures, u64 fail_limit)
{
	if (failures > fail_limit)
		return DTLS_FAILURES_OVER;
	return failures > dtls_limit_near(fail_limit) ? DTLS_FAILURES_NEAR :
							DTLS_FAILURES_BEAR;
}

#endif /* KDTLS_RECORD_LIMIT_H */
