// SPDX-License-Identifier: GPL-2.0
/* The compared ciphers. The libraries authenticate with a PSK. */
#include <linux/kdtls.h>
#include <string.h>

#include "bench.h"

static const struct cipher ciphers[] = {
	{ "AES-128-GCM", DTLS_CIPHER_AES_128_GCM, 13 + 8 + 16,
	  "PSK-AES128-GCM-SHA256", "AES-128-GCM" },
	{ "AES-256-GCM", DTLS_CIPHER_AES_256_GCM, 13 + 8 + 16,
	  "PSK-AES256-GCM-SHA384", "AES-256-GCM" },
	{ "ChaCha20-Poly1305", DTLS_CIPHER_CHACHA20_POLY1305, 13 + 16,
	  "PSK-CHACHA20-POLY1305", "CHACHA20-POLY1305" },
};

const struct cipher *cipher_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(ciphers) / sizeof(*ciphers); i++)
		if (!strcmp(ciphers[i].name, name))
			return &ciphers[i];
	return NULL;
}
