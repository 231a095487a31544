/* SPDX-License-Identifier: GPL-2.0 */
/* ChaCha's state was an array of words before it was a structure (6.16). */
#ifndef KDTLS_COMPAT_CHACHA_H
#define KDTLS_COMPAT_CHACHA_H

#include <crypto/chacha.h>

#include "compat.h"

#ifndef KDTLS_HAVE_CHACHA_STATE
struct chacha_state {
	u32 x[CHACHA_STATE_WORDS];
};

#define chacha_init(state, key, iv)	chacha_init((state)->x, key, iv)
#define chacha20_crypt(state, to, from, bytes) \
	chacha20_crypt((state)->x, to, from, bytes)
#define hchacha_block(state, out, rounds) \
	hchacha_block((state)->x, out, rounds)
#endif

#endif /* KDTLS_COMPAT_CHACHA_H */
