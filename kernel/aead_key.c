// SPDX-License-Identifier: GPL-2.0
/* Keys, and the choice of their backend. */
#include <linux/fips.h>
#include <linux/module.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "aead_check.h"
#include "aead_key.h"

static bool crypto_api;
module_param(crypto_api, bool, 0644);
MODULE_PARM_DESC(crypto_api,
		 "use the crypto API for every cipher, for its hardware drivers");

/* Since the module was loaded: the library has passed its check. */
static bool library_good __ro_after_init;

static const struct kdtls_aead_backend *
choose_backend(const struct dtls_cipher *cipher)
{
#ifdef KDTLS_HAVE_CHACHA20_POLY1305
	if (cipher->id == DTLS_CIPHER_CHACHA20_POLY1305 && library_good &&
	    !READ_ONCE(crypto_api))
		return &kdtls_aead_chacha;
#endif
	return &kdtls_aead_crypto;
}

int kdtls_aead_key_init_with(struct kdtls_aead_key *key,
			     const struct kdtls_aead_backend *backend,
			     const struct dtls_cipher *cipher, const u8 *bytes)
{
	key->backend = backend;
	key->cipher = cipher;
	key->bytes = 0;
	return backend->init(key, bytes);
}

int kdtls_aead_key_init(struct kdtls_aead_key *key,
			const struct dtls_cipher *cipher, const u8 *bytes)
{
	return kdtls_aead_key_init_with(key, choose_backend(cipher), cipher,
					bytes);
}

void kdtls_aead_key_destroy(struct kdtls_aead_key *key)
{
	key->backend->destroy(key);
}

const char *kdtls_aead_key_driver(const struct kdtls_aead_key *key)
{
	return key->backend->driver(key);
}

/* The crypto API knows what FIPS mode allows; the library does not ask. */
int __init kdtls_aead_init(void)
{
#ifdef KDTLS_HAVE_CHACHA20_POLY1305
	if (!fips_enabled)
		library_good = kdtls_aead_check_chacha();
#endif
	return 0;
}
