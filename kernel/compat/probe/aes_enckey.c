// SPDX-License-Identifier: GPL-2.0
/* 7.0 on: the library's AES uses the CPU's instructions, with a key to encrypt only. */
#include <crypto/aes.h>

int probe(struct aes_enckey *key, const u8 *bytes, u8 *out);
int probe(struct aes_enckey *key, const u8 *bytes, u8 *out)
{
	int err = aes_prepareenckey(key, bytes, AES_KEYSIZE_128);

	aes_encrypt(key, out, bytes);
	return err;
}
