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

const struct suite *suite_by_number(uint16_t number)
{
	for (size_t i = 0; i < SUITES; i++)
		if (suites[i].number == number)
			return &suites[i];
	return NULL;
}

const struct suite *suite_allowed(const struct profile *p, size_t i)
{
	if (!p->ciphers.n)
		return i < SUITES ? &suites[i] : NULL;
	if (i >= p->ciphers.n)
		return NULL;
	for (size_t n = 0; n < SUITES; n++)
		if (!strcmp(suites[n].word, p->ciphers.v[i]))
			return &suites[n];
	return NULL;
}
