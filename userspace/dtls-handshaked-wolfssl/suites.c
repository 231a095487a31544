// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "session.h"

/* In order of preference. */
const struct suite suites[SUITES] = {
	{ "aes-128-gcm", "TLS13-AES128-GCM-SHA256", 0x1301, DTLS_CIPHER_AES_128_GCM },
	{ "aes-256-gcm", "TLS13-AES256-GCM-SHA384", 0x1302, DTLS_CIPHER_AES_256_GCM },
	{ "chacha20-poly1305", "TLS13-CHACHA20-POLY1305-SHA256", 0x1303,
	  DTLS_CIPHER_CHACHA20_POLY1305 },
	{ "aes-128-ccm", "TLS13-AES128-CCM-SHA256", 0x1304, DTLS_CIPHER_AES_128_CCM },
};

/* With forward secrecy: the library has none else. */
static const struct suite12 suites12[] = {
#define GCM128	"aes-128-gcm"
#define GCM256	"aes-256-gcm"
#define CHACHA	"chacha20-poly1305"
#define CCM	"aes-128-ccm"
	{ GCM128, "ECDHE-ECDSA-AES128-GCM-SHA256", 0xc02b, DTLS_CIPHER_AES_128_GCM, false },
	{ GCM128, "ECDHE-RSA-AES128-GCM-SHA256", 0xc02f, DTLS_CIPHER_AES_128_GCM, false },
	{ GCM128, "DHE-RSA-AES128-GCM-SHA256", 0x009e, DTLS_CIPHER_AES_128_GCM, false },
	{ GCM128, "ECDHE-PSK-AES128-GCM-SHA256", 0xd001, DTLS_CIPHER_AES_128_GCM, true },
	{ GCM128, "DHE-PSK-AES128-GCM-SHA256", 0x00aa, DTLS_CIPHER_AES_128_GCM, true },
	{ GCM256, "ECDHE-ECDSA-AES256-GCM-SHA384", 0xc02c, DTLS_CIPHER_AES_256_GCM, false },
	{ GCM256, "ECDHE-RSA-AES256-GCM-SHA384", 0xc030, DTLS_CIPHER_AES_256_GCM, false },
	{ GCM256, "DHE-RSA-AES256-GCM-SHA384", 0x009f, DTLS_CIPHER_AES_256_GCM, false },
	{ GCM256, "DHE-PSK-AES256-GCM-SHA384", 0x00ab, DTLS_CIPHER_AES_256_GCM, true },
	{ CHACHA, "ECDHE-ECDSA-CHACHA20-POLY1305", 0xcca9, DTLS_CIPHER_CHACHA20_POLY1305, false },
	{ CHACHA, "ECDHE-RSA-CHACHA20-POLY1305", 0xcca8, DTLS_CIPHER_CHACHA20_POLY1305, false },
	{ CHACHA, "DHE-RSA-CHACHA20-POLY1305", 0xccaa, DTLS_CIPHER_CHACHA20_POLY1305, false },
	{ CHACHA, "ECDHE-PSK-CHACHA20-POLY1305", 0xccac, DTLS_CIPHER_CHACHA20_POLY1305, true },
	{ CHACHA, "DHE-PSK-CHACHA20-POLY1305", 0xccad, DTLS_CIPHER_CHACHA20_POLY1305, true },
	{ CCM, "ECDHE-ECDSA-AES128-CCM", 0xc0ac, DTLS_CIPHER_AES_128_CCM, false },
	{ CCM, "DHE-PSK-AES128-CCM", 0xc0a6, DTLS_CIPHER_AES_128_CCM, true },
	{ "aes-128-ccm-8", "ECDHE-ECDSA-AES128-CCM-8", 0xc0ae, DTLS_CIPHER_AES_128_CCM_8, false },
};

#define SUITES12	(sizeof(suites12) / sizeof(*suites12))

const struct suite *suite_by_number(uint16_t number)
{
	for (size_t i = 0; i < SUITES; i++)
		if (suites[i].number == number)
			return &suites[i];
	return NULL;
}

static const struct suite *suite_by_word(const char *word)
{
	for (size_t i = 0; i < SUITES; i++)
		if (!strcmp(suites[i].word, word))
			return &suites[i];
	return NULL;
}

const char *suite_word(const struct profile *p, size_t i)
{
	if (p->ciphers.n)
		return i < p->ciphers.n ? p->ciphers.v[i] : NULL;
	if (i < SUITES)
		return suites[i].word;
	return i == SUITES && p->dtls12 ? "aes-128-ccm-8" : NULL;
}

/* Words of DTLS 1.2 alone are skipped. */
const struct suite *suite_allowed(const struct profile *p, size_t i)
{
	const struct suite *suite;
	const char *word;

	for (size_t n = 0; (word = suite_word(p, n)); n++) {
		suite = suite_by_word(word);
		if (suite && !i--)
			return suite;
	}
	return NULL;
}

const struct suite12 *suite12_by_number(uint16_t number)
{
	for (size_t i = 0; i < SUITES12; i++)
		if (suites12[i].number == number)
			return &suites12[i];
	return NULL;
}

const struct suite12 *suite12_next(const struct suite12 *after, const char *word)
{
	for (size_t i = after ? after - suites12 + 1 : 0; i < SUITES12; i++)
		if (!strcmp(suites12[i].word, word))
			return &suites12[i];
	return NULL;
}
