/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a peer's hello says and no TLS library reports: the limit of RFC 8449.
 * Pure: bytes in, a number out. The daemon and the hand-over share it.
 */
#ifndef KDTLS_HELLO_H
#define KDTLS_HELLO_H

#include <stddef.h>
#include <stdint.h>

/*
 * The record_size_limit in a whole hello of type DTLS_CLIENT_HELLO or
 * DTLS_SERVER_HELLO (without the header of the handshake message): bytes of
 * plaintext that the peer takes in one record of DTLS 1.2, 64 or more. 0: it
 * says none, or what is no hello.
 */
uint16_t hello_size_limit(uint8_t type, const void *body, size_t size);

#endif /* KDTLS_HELLO_H */
