// SPDX-License-Identifier: GPL-2.0
/*
 * ChaCha20-Poly1305 (RFC 8439) from the kernel's library functions. Its own
 * chacha20poly1305_encrypt() is WireGuard's, with a nonce of 64 bits.
 *
 * The functions choose SIMD code themselves, and enter and leave the FPU's
 * section: nothing here needs one. What is secret in a call lies in the
 * workspace, which is wiped when the caller returns it.
 */
#include "compat/compat.h"

#ifdef KDTLS_HAVE_CHACHA20_POLY1305
#include <crypto/algapi.h>
#include <crypto/poly1305.h>
#include <linux/string.h>

#include "compat/chacha.h"
#include "aead_key.h"
#include "workspace.h"

struct chacha_context {
	struct chacha_state		state;
	struct poly1305_desc_ctx	poly;
	u8	iv[CHACHA_IV_SIZE];		/* counter and nonce */
	/* of the key stream: block 0 has Poly1305's key, block 1 is for text */
	u8	stream[2 * CHACHA_BLOCK_SIZE];
	u8	padded[2 * POLY1305_BLOCK_SIZE];
	u8	tag[POLY1305_DIGEST_SIZE];
};

static struct chacha_context *context_of(struct kdtls_workspace *ws)
{
	return (void *)ws->req.__ctx;
}

/* Both blocks in one call: SIMD code makes two for the price of one. */
static void begin_stream(struct kdtls_workspace *ws,
			 const struct kdtls_aead_key *key)
{
	struct chacha_context *c = context_of(ws);

	memset(c->iv, 0, CHACHA_IV_SIZE - DTLS_NONCE);
	memcpy(c->iv + CHACHA_IV_SIZE - DTLS_NONCE, ws->op.nonce, DTLS_NONCE);
	chacha_init(&c->state, key->chacha, c->iv);
	memset(c->stream, 0, sizeof(c->stream));
	chacha20_crypt(&c->state, c->stream, c->stream, sizeof(c->stream));
}

/* The text begins with block 1, which is there; the state stands at block 2. */
static void crypt_text(struct chacha_context *c, u8 *to, const u8 *from,
		       size_t len)
{
	size_t first = min_t(size_t, len, CHACHA_BLOCK_SIZE);

	crypto_xor_cpy(to, from, c->stream + CHACHA_BLOCK_SIZE, first);
	if (len > first)
		chacha20_crypt(&c->state, to + first, from + first,
			       len - first);
}

/* The bytes behind the last whole block, with zeros up to one, in c->padded. */
static size_t pad_block(struct chacha_context *c, const u8 *data, size_t len)
{
	size_t rest = len % POLY1305_BLOCK_SIZE;

	memset(c->padded, 0, POLY1305_BLOCK_SIZE);
	memcpy(c->padded, data + len - rest, rest);
	return rest;
}

static void authenticate_aad(struct chacha_context *c, const u8 *aad, size_t len)
{
	size_t rest = pad_block(c, aad, len);

	if (len > rest)
		poly1305_update(&c->poly, aad, len - rest);
	if (rest)
		poly1305_update(&c->poly, c->padded, POLY1305_BLOCK_SIZE);
}

/* RFC 8439 section 2.8: the text, zeros up to a block, and both lengths. */
static void authenticate_text(struct chacha_context *c, const u8 *text,
			      size_t len, size_t aad_len)
{
	u8 *lengths = c->padded + POLY1305_BLOCK_SIZE;
	size_t rest = pad_block(c, text, len);

	poly1305_update(&c->poly, text, len - rest);
	put_unaligned_le64(aad_len, lengths);
	put_unaligned_le64(len, lengths + 8);
	if (rest)
		poly1305_update(&c->poly, c->padded, sizeof(c->padded));
	else
		poly1305_update(&c->poly, lengths, POLY1305_BLOCK_SIZE);
}

static void compute_tag(struct kdtls_workspace *ws, const u8 *aad,
			const u8 *text, size_t len, u8 *tag)
{
	struct chacha_context *c = context_of(ws);

	poly1305_init(&c->poly, c->stream);
	authenticate_aad(c, aad, ws->op.aad_len);
	authenticate_text(c, text, len, ws->op.aad_len);
	poly1305_final(&c->poly, tag);
}

static int chacha_seal(struct kdtls_workspace *ws,
		       const struct kdtls_aead_key *key, u8 *buf)
{
	u8 *aad = buf + ws->op.aad_off, *text = aad + ws->op.aad_len;
	size_t len = ws->op.text_len;

	begin_stream(ws, key);
	crypt_text(context_of(ws), text, text, len);
	compute_tag(ws, aad, text, len, text + len);
	return 0;
}

static int chacha_open(struct kdtls_workspace *ws,
		       const struct kdtls_aead_key *key, u8 *buf,
		       const u8 *record)
{
	size_t len = ws->op.text_len - POLY1305_DIGEST_SIZE;
	u8 *aad = buf + ws->op.aad_off, *text = aad + ws->op.aad_len;
	const u8 *from = record + (text - buf) - DTLS_HEADROOM;
	struct chacha_context *c = context_of(ws);

	begin_stream(ws, key);
	compute_tag(ws, aad, from, len, c->tag);
	if (crypto_memneq(c->tag, from + len, sizeof(c->tag)))
		return -EBADMSG;
	crypt_text(c, text, from, len);
	return 0;
}

static int chacha_key_init(struct kdtls_aead_key *key, const u8 *bytes)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(key->chacha); i++)
		key->chacha[i] = get_unaligned_le32(bytes + 4 * i);
	key->context = sizeof(struct chacha_context);
	return 0;
}

static void chacha_key_destroy(struct kdtls_aead_key *key)
{
	memzero_explicit(key->chacha, sizeof(key->chacha));
}

static const char *chacha_driver(const struct kdtls_aead_key *key)
{
	return "library-chacha20-poly1305";
}

const struct kdtls_aead_backend kdtls_aead_chacha = {
	.init = chacha_key_init,
	.destroy = chacha_key_destroy,
	.driver = chacha_driver,
	.seal = chacha_seal,
	.open = chacha_open,
};
#endif /* KDTLS_HAVE_CHACHA20_POLY1305 */
