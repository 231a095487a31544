// SPDX-License-Identifier: GPL-2.0
/*
 * The library's ChaCha20-Poly1305 before it is used: the known answer of
 * RFC 8439 section 2.8.2, then texts of all awkward lengths that are sealed and
 * opened by both backends. A text is chosen by its ciphertext, which is what
 * Poly1305 adds up: all ones and all zeros are its edges.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat/compat.h"

#ifdef KDTLS_HAVE_CHACHA20_POLY1305
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "aead.h"
#include "aead_check.h"
#include "aead_key.h"
#include "workspace.h"

#define KEY_BYTES	32
#define TAG_BYTES	16
#define AAD_OFF		DTLS_HEADROOM
#define AAD_MAX		64
#define TEXT_MAX	4160		/* the FPU's sections are of 4,096 bytes */
#define BUF_BYTES	(AAD_OFF + AAD_MAX + TEXT_MAX + TAG_BYTES)

/* Around blocks of ChaCha20 (one, and as many as SIMD code takes), of Poly1305. */
static const u16 lengths[] __initconst = {
	0, 1, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 79, 80, 81, 127, 128, 129,
	191, 192, 193, 255, 256, 257, 287, 288, 289, 319, 320, 321, 383, 385,
	511, 512, 513, 575, 577, 640, 1023, 1025, 1088, 1400, 4095, 4096, 4097,
	TEXT_MAX,
};

/* One backend at work. */
struct party {
	struct kdtls_aead_key	key;
	struct kdtls_workspace	*ws;
	u8			*buf;
};

struct check {
	struct party	ours, theirs;		/* library, crypto API */
	u8		key[KEY_BYTES];
	u8		nonce[DTLS_NONCE];
	u8		*plain;			/* AAD and text */
	size_t		aad_len, text_len;
};

static void __init end_party(struct party *p)
{
	if (p->ws)
		kdtls_workspace_put(p->ws);
	kdtls_aead_key_destroy(&p->key);
	p->ws = NULL;
}

static int __init begin_party(struct party *p,
			      const struct kdtls_aead_backend *backend,
			      const u8 *key)
{
	const struct dtls_cipher *cipher =
		dtls_cipher_by_id(DTLS_CIPHER_CHACHA20_POLY1305);
	int err = kdtls_aead_key_init_with(&p->key, backend, cipher, key);

	if (err)
		return err;
	p->ws = kdtls_workspace_get(&p->key);
	if (p->ws)
		return 0;
	end_party(p);
	return -ENOMEM;
}

static void __init set_op(const struct check *c, struct party *p, size_t text_len)
{
	memcpy(p->ws->op.nonce, c->nonce, sizeof(c->nonce));
	p->ws->op.aad_off = AAD_OFF;
	p->ws->op.aad_len = c->aad_len;
	p->ws->op.text_len = text_len;
}

static int __init seal_plain(const struct check *c, struct party *p)
{
	memcpy(p->buf + AAD_OFF, c->plain, c->aad_len + c->text_len);
	set_op(c, p, c->text_len);
	return kdtls_aead_key_seal(p->ws, &p->key, p->buf);
}

static int __init open_sealed(const struct check *c, struct party *p, u8 *buf,
			      const u8 *record)
{
	set_op(c, p, c->text_len + TAG_BYTES);
	return kdtls_aead_key_open(p->ws, &p->key, buf, record);
}

/* What either has sealed the other opens; not after any of its bits changed. */
static bool __init opens_sealed(struct check *c, struct party *opener,
				struct party *sealer)
{
	size_t len = c->aad_len + c->text_len + TAG_BYTES;
	u8 *at = opener->buf + AAD_OFF, *sealed = sealer->buf + AAD_OFF;
	size_t bit = get_random_u32() % (len * 8);

	memcpy(at, sealed, len);
	at[bit / 8] ^= BIT(bit % 8);
	if (open_sealed(c, opener, opener->buf,
			opener->buf + DTLS_HEADROOM) != -EBADMSG)
		return false;
	memset(at, 0, len);
	memcpy(at, sealed, c->aad_len);
	return !open_sealed(c, opener, opener->buf,
			    sealer->buf + DTLS_HEADROOM) &&
	       !memcmp(at, c->plain, c->aad_len + c->text_len);
}

static bool __init same_sealed(struct check *c)
{
	size_t len = c->aad_len + c->text_len + TAG_BYTES;
	u8 *ours = c->ours.buf + AAD_OFF, *theirs = c->theirs.buf + AAD_OFF;

	if (seal_plain(c, &c->ours) || seal_plain(c, &c->theirs) ||
	    memcmp(ours, theirs, len) || !opens_sealed(c, &c->theirs, &c->ours))
		return false;
	return !seal_plain(c, &c->theirs) &&
	       opens_sealed(c, &c->ours, &c->theirs);
}

/* The text of which each byte of ciphertext will be this one. */
static bool __init shape_text(struct check *c, u8 byte)
{
	u8 *sealed = c->theirs.buf + AAD_OFF + c->aad_len;
	size_t i;

	memset(c->plain + c->aad_len, 0, c->text_len);
	if (seal_plain(c, &c->theirs))
		return false;
	for (i = 0; i < c->text_len; i++)
		c->plain[c->aad_len + i] = sealed[i] ^ byte;
	return true;
}

/*
 * DTLS 1.2's, without a CID or with one of up to 32 bytes, and the shortest of
 * DTLS 1.3; never empty.
 */
static size_t __init random_aad_len(void)
{
	u32 cid_len = get_random_u32() % (2 * DTLS_MAX_CID);

	if (cid_len && cid_len <= DTLS_MAX_CID)
		return 23 + cid_len;
	return cid_len % 2 ? 13 : 2;
}

static bool __init same_at_length(struct check *c)
{
	get_random_bytes(c->nonce, sizeof(c->nonce));
	c->aad_len = random_aad_len();
	get_random_bytes(c->plain, c->aad_len + c->text_len);
	return same_sealed(c) && shape_text(c, 0xff) && same_sealed(c) &&
	       shape_text(c, 0) && same_sealed(c);
}

static bool __init same_at_all_lengths(struct check *c)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		c->text_len = lengths[i];
		if (!same_at_length(c)) {
			pr_warn("ChaCha20-Poly1305 of the kernel's library differs from the crypto API's at %zu bytes\n",
				c->text_len);
			return false;
		}
		cond_resched();
	}
	return true;
}

/* RFC 8439 section 2.8.2 */
static const u8 known_key[KEY_BYTES] __initconst = {
	0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a,
	0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95,
	0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f,
};

static const u8 known_nonce[DTLS_NONCE] __initconst = {
	0x07, 0x00, 0x00, 0x00, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
};

static const u8 known_aad[] __initconst = {
	0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7,
};

/* "Ladies and Gentlemen of the class of '99: If I could offer you only one ..." */
static const u8 known_text[] __initconst = {
	0x4c, 0x61, 0x64, 0x69, 0x65, 0x73, 0x20, 0x61, 0x6e, 0x64, 0x20, 0x47,
	0x65, 0x6e, 0x74, 0x6c, 0x65, 0x6d, 0x65, 0x6e, 0x20, 0x6f, 0x66, 0x20,
	0x74, 0x68, 0x65, 0x20, 0x63, 0x6c, 0x61, 0x73, 0x73, 0x20, 0x6f, 0x66,
	0x20, 0x27, 0x39, 0x39, 0x3a, 0x20, 0x49, 0x66, 0x20, 0x49, 0x20, 0x63,
	0x6f, 0x75, 0x6c, 0x64, 0x20, 0x6f, 0x66, 0x66, 0x65, 0x72, 0x20, 0x79,
	0x6f, 0x75, 0x20, 0x6f, 0x6e, 0x6c, 0x79, 0x20, 0x6f, 0x6e, 0x65, 0x20,
	0x74, 0x69, 0x70, 0x20, 0x66, 0x6f, 0x72, 0x20, 0x74, 0x68, 0x65, 0x20,
	0x66, 0x75, 0x74, 0x75, 0x72, 0x65, 0x2c, 0x20, 0x73, 0x75, 0x6e, 0x73,
	0x63, 0x72, 0x65, 0x65, 0x6e, 0x20, 0x77, 0x6f, 0x75, 0x6c, 0x64, 0x20,
	0x62, 0x65, 0x20, 0x69, 0x74, 0x2e,
};

static const u8 known_sealed[] __initconst = {
	0xd3, 0x1a, 0x8d, 0x34, 0x64, 0x8e, 0x60, 0xdb, 0x7b, 0x86, 0xaf, 0xbc,
	0x53, 0xef, 0x7e, 0xc2, 0xa4, 0xad, 0xed, 0x51, 0x29, 0x6e, 0x08, 0xfe,
	0xa9, 0xe2, 0xb5, 0xa7, 0x36, 0xee, 0x62, 0xd6, 0x3d, 0xbe, 0xa4, 0x5e,
	0x8c, 0xa9, 0x67, 0x12, 0x82, 0xfa, 0xfb, 0x69, 0xda, 0x92, 0x72, 0x8b,
	0x1a, 0x71, 0xde, 0x0a, 0x9e, 0x06, 0x0b, 0x29, 0x05, 0xd6, 0xa5, 0xb6,
	0x7e, 0xcd, 0x3b, 0x36, 0x92, 0xdd, 0xbd, 0x7f, 0x2d, 0x77, 0x8b, 0x8c,
	0x98, 0x03, 0xae, 0xe3, 0x28, 0x09, 0x1b, 0x58, 0xfa, 0xb3, 0x24, 0xe4,
	0xfa, 0xd6, 0x75, 0x94, 0x55, 0x85, 0x80, 0x8b, 0x48, 0x31, 0xd7, 0xbc,
	0x3f, 0xf4, 0xde, 0xf0, 0x8e, 0x4b, 0x7a, 0x9d, 0xe5, 0x76, 0xd2, 0x65,
	0x86, 0xce, 0xc6, 0x4b, 0x61, 0x16,
	0x1a, 0xe1, 0x0b, 0x59, 0x4f, 0x09, 0xe2, 0x6a, 0x7e, 0x90, 0x2e, 0xcb,
	0xd0, 0x60, 0x06, 0x91,
};

static bool __init known_answer(struct check *c)
{
	bool good;

	if (begin_party(&c->ours, &kdtls_aead_chacha, known_key))
		return false;
	memcpy(c->nonce, known_nonce, sizeof(c->nonce));
	c->aad_len = sizeof(known_aad);
	c->text_len = sizeof(known_text);
	memcpy(c->plain, known_aad, c->aad_len);
	memcpy(c->plain + c->aad_len, known_text, c->text_len);
	good = !seal_plain(c, &c->ours) &&
	       !memcmp(c->ours.buf + AAD_OFF + c->aad_len, known_sealed,
		       sizeof(known_sealed)) &&
	       !open_sealed(c, &c->ours, c->ours.buf,
			    c->ours.buf + DTLS_HEADROOM) &&
	       !memcmp(c->ours.buf + AAD_OFF, c->plain,
		       c->aad_len + c->text_len);
	end_party(&c->ours);
	if (!good)
		pr_warn("ChaCha20-Poly1305 of the kernel's library fails its known answer\n");
	return good;
}

/* A kernel without the algorithm in its crypto API has only the known answer. */
static bool __init same_as_crypto_api(struct check *c)
{
	bool good = false;
	int err;

	get_random_bytes(c->key, sizeof(c->key));
	err = begin_party(&c->theirs, &kdtls_aead_crypto, c->key);
	if (err == -ENOENT)
		return true;
	if (err) {
		pr_warn("ChaCha20-Poly1305 of the crypto API is not there to compare: %d\n",
			err);
		return false;
	}
	if (!begin_party(&c->ours, &kdtls_aead_chacha, c->key)) {
		good = same_at_all_lengths(c);
		end_party(&c->ours);
	}
	end_party(&c->theirs);
	return good;
}

/*
 * No MODULE_SOFTDEP for it: kmod passes over the "install" line that keeps out
 * a module which has one.
 */
bool __init kdtls_aead_check_chacha(void)
{
	struct check *c = kzalloc(sizeof(*c), GFP_KERNEL);
	bool good = false;

	if (!c)
		return false;
	c->ours.buf = kmalloc(BUF_BYTES, GFP_KERNEL);
	c->theirs.buf = kmalloc(BUF_BYTES, GFP_KERNEL);
	c->plain = kmalloc(AAD_MAX + TEXT_MAX, GFP_KERNEL);
	if (c->ours.buf && c->theirs.buf && c->plain)
		good = known_answer(c) && same_as_crypto_api(c);
	kfree(c->plain);
	kfree(c->theirs.buf);
	kfree(c->ours.buf);
	kfree(c);
	if (!good)
		pr_warn("ChaCha20-Poly1305 uses the crypto API, which is slower\n");
	return good;
}
#endif /* KDTLS_HAVE_CHACHA20_POLY1305 */
