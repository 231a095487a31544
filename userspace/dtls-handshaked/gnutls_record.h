/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The AEAD of DTLS 1.2 records by GnuTLS, to open records of this side. */
#ifndef GNUTLS_RECORD_H
#define GNUTLS_RECORD_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

#include <linux/kdtls.h>

#include "record.h"

/* 0: no AEAD of the kernel. */
enum dtls_cipher_id cipher_of(gnutls_cipher_algorithm_t algorithm);
gnutls_cipher_algorithm_t cipher_algorithm(enum dtls_cipher_id id);

/* Key and IV sizes of a cipher; false: it is unknown. */
bool record_cipher_sizes(uint16_t cipher, size_t *key, size_t *iv);

/* *len: size of out, then length of the plaintext. False: not authentic. */
bool record_open(uint16_t cipher, const struct dtls_direction *dir,
		 const struct record *r, void *out, size_t *len);

#endif
