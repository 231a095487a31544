/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the fuzz targets. */
#ifndef KDTLS_FUZZ_H
#define KDTLS_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include "record/record.h"

/* The invariant; libFuzzer keeps the input that broke it. */
#define must(cond) do {							\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: broken: %s\n", __FILE__,	\
			__LINE__, #cond);				\
		abort();						\
	}								\
} while (0)

/* Takes bytes off the front of the input; zeros when there are none left. */
struct input {
	const u8	*p;
	size_t		len;
};

static inline u8 take(struct input *in)
{
	if (!in->len)
		return 0;
	in->len--;
	return *in->p++;
}

static inline u64 take64(struct input *in)
{
	u64 v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | take(in);
	return v;
}

static inline void take_params(struct input *in, struct dtls_record_params *p)
{
	unsigned int i;

	memset(p, 0, sizeof(*p));
	p->cipher = dtls_cipher_by_id(1 + take(in) % DTLS_CIPHER_MAX);
	p->epoch = take(in);
	p->cid_len = take(in) % (DTLS_MAX_CID + 1);
	for (i = 0; i < p->cid_len; i++)
		p->cid[i] = take(in);
	for (i = 0; i < DTLS_NONCE; i++)
		p->iv[i] = i * 17;
}

/*
 * The rest of the input behind DTLS_HEADROOM, in a buffer of the exact size,
 * so that the sanitizer detects every access beyond it.
 */
static inline u8 *take_datagram(const struct input *in)
{
	u8 *buf = malloc(DTLS_HEADROOM + in->len);

	must(buf);
	memset(buf, 0xee, DTLS_HEADROOM);
	if (in->len)
		memcpy(buf + DTLS_HEADROOM, in->p, in->len);
	return buf;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#endif /* KDTLS_FUZZ_H */
