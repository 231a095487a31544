// SPDX-License-Identifier: GPL-2.0
/* The kernel exports ChaCha20 and Poly1305 as functions (WireGuard selects them). */
#include <crypto/chacha.h>
#include <crypto/poly1305.h>

#if !IS_ENABLED(CONFIG_CRYPTO_LIB_CHACHA) || \
	!IS_ENABLED(CONFIG_CRYPTO_LIB_POLY1305)
#error the functions are not built
#endif

void probe(void *state, struct poly1305_desc_ctx *poly, const u32 *key, u8 *text);
void probe(void *state, struct poly1305_desc_ctx *poly, const u32 *key, u8 *text)
{
	chacha_init(state, key, text);
	chacha20_crypt(state, text, text, CHACHA_BLOCK_SIZE);
	poly1305_init(poly, text);
	poly1305_update(poly, text, POLY1305_BLOCK_SIZE);
	poly1305_final(poly, text);
}
