/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The key of one direction, and the code that seals and opens with it: a
 * backend. Every cipher has the crypto API's (aead_crypto.c). ChaCha20-Poly1305
 * has the kernel's library too (aead_chacha.c), which takes fewer instructions:
 * it is used if it passed its check when the module was loaded (aead_check.c),
 * and if the parameter crypto_api does not forbid it.
 */
#ifndef KDTLS_AEAD_KEY_H
#define KDTLS_AEAD_KEY_H

#include <crypto/aead.h>
#include <linux/types.h>

#include "record/record.h"

struct kdtls_aead_key;
struct kdtls_workspace;

/* ws->op says where AAD and text lie in buf. Process context, may sleep. */
struct kdtls_aead_backend {
	/* Sets what is the backend's own in the key. 0 or an errno. */
	int (*init)(struct kdtls_aead_key *key, const u8 *bytes);
	void (*destroy)(struct kdtls_aead_key *key);
	const char *(*driver)(const struct kdtls_aead_key *key);
	/* In place; writes the tag behind the text. 0 or an errno. */
	int (*seal)(struct kdtls_workspace *ws,
		    const struct kdtls_aead_key *key, u8 *buf);
	/*
	 * record: buf + DTLS_HEADROOM, or where else text and tag lie; they are
	 * only read there, perhaps twice: no task may write them meanwhile. 0,
	 * -EBADMSG (wrong tag) or another errno.
	 */
	int (*open)(struct kdtls_workspace *ws,
		    const struct kdtls_aead_key *key, u8 *buf,
		    const u8 *record);
};

struct kdtls_aead_key {
	const struct kdtls_aead_backend	*backend;
	const struct dtls_cipher	*cipher;
	unsigned int			context; /* bytes a call needs in a workspace */
	unsigned int			bytes;	/* allocated, without a charge */
	union {
		struct crypto_aead	*tfm;
		u32			chacha[8];
	};
};

/*
 * bytes: cipher->key_len of them. 0, -ENOENT (no such algorithm), -ENOMEM or
 * another errno of the crypto API. The caller wipes the key after destroy.
 */
int kdtls_aead_key_init(struct kdtls_aead_key *key,
			const struct dtls_cipher *cipher, const u8 *bytes);
/* The same with this backend. */
int kdtls_aead_key_init_with(struct kdtls_aead_key *key,
			     const struct kdtls_aead_backend *backend,
			     const struct dtls_cipher *cipher,
			     const u8 *bytes);
void kdtls_aead_key_destroy(struct kdtls_aead_key *key);
/* For people: the crypto API's driver, or the library. */
const char *kdtls_aead_key_driver(const struct kdtls_aead_key *key);

/* aead_crypto.c */
extern const struct kdtls_aead_backend kdtls_aead_crypto;
/* aead_chacha.c, if KDTLS_HAVE_CHACHA20_POLY1305 */
extern const struct kdtls_aead_backend kdtls_aead_chacha;

int __init kdtls_aead_init(void);

#endif /* KDTLS_AEAD_KEY_H */
