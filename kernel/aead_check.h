/* SPDX-License-Identifier: GPL-2.0 */
/* Before a backend is used: known answers, and a comparison with the crypto API. */
#ifndef KDTLS_AEAD_CHECK_H
#define KDTLS_AEAD_CHECK_H

#include <linux/init.h>
#include <linux/types.h>

/*
 * False, with a line in the kernel's log: the library's ChaCha20-Poly1305 must
 * not be used. Some milliseconds; may sleep.
 */
bool __init kdtls_aead_check_chacha(void);

#endif /* KDTLS_AEAD_CHECK_H */
