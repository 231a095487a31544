/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a peer's hello says and no TLS library reports. Pure: bytes in, a number
 * out. The daemon and the hand-over share it.
 */
#ifndef KDTLS_HELLO_H
#define KDTLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The record_size_limit in a whole hello of type DTLS_CLIENT_HELLO or
 * DTLS_SERVER_HELLO (without the header of the handshake message): bytes of
 * plaintext that the peer takes in one record of DTLS 1.2, 64 or more. 0: it
 * says none, or what is no hello.
 */
uint16_t hello_size_limit(uint8_t type, const void *body, size_t size);

/* RFC 7627, RFC 8446 section 4.2.1, RFC 9146, RFC 5746 */
#define HELLO_EXTENDED_MASTER_SECRET	23
#define HELLO_SUPPORTED_VERSIONS	43
#define HELLO_CONNECTION_ID		54
#define HELLO_RENEGOTIATION_INFO	0xff01

/* A whole hello has this extension. */
bool hello_has_extension(uint8_t type, const void *body, size_t size, uint16_t extension);

#define HELLO_RANDOM		32	/* bytes */
/* At the end of a server's random: it negotiates DTLS 1.2 and can do 1.3 (RFC 8446 4.1.3). */
#define HELLO_DOWNGRADE		"DOWNGRD\1"
#define HELLO_DOWNGRADE_LEN	8

bool hello_is_downgraded(const void *body, size_t size);

#endif /* KDTLS_HELLO_H */
