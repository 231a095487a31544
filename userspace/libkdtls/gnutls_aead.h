/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's AEADs by GnuTLS, to open records of this side. */
#ifndef KDTLS_GNUTLS_AEAD_H
#define KDTLS_GNUTLS_AEAD_H

#include <gnutls/gnutls.h>
#include <sys/types.h>

#include "datagram.h"

/* enum dtls_cipher_id; 0: not an AEAD of the kernel. */
uint16_t gnutls_aead_id(gnutls_cipher_algorithm_t algorithm);
gnutls_cipher_algorithm_t gnutls_aead_algorithm(uint16_t id);

/* Length of the plaintext, at most size bytes; -1: not authentic, or too long. */
ssize_t gnutls_aead_open(const struct record_aead *a, uint8_t *plain, size_t size);

#endif /* KDTLS_GNUTLS_AEAD_H */
