// SPDX-License-Identifier: GPL-2.0
/* 6.16 on: ChaCha's state is a structure. */
#include <crypto/chacha.h>

void probe(struct chacha_state *state, const u32 *key, const u8 *iv);
void probe(struct chacha_state *state, const u32 *key, const u8 *iv)
{
	state->x[0] = 0;
	chacha_init(state, key, iv);
}
