/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record layer of DTLS 1.3 for fake.c, after the keys. */
#ifndef FAKE13_H
#define FAKE13_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kdtls.h>

/* Is a record of epoch 3 in front? */
bool fake13_is_data(const uint8_t *data, size_t len);
/* Seals with dir->seq and increments it. The record's length. */
size_t fake13_seal(uint16_t cipher, struct dtls_direction *dir, const void *plain,
		   size_t len, uint8_t *out);
/*
 * Seals the next fragment of a last flight, in epoch 2, or of a server's, and increments
 * the number; *at is behind it then. The record's length.
 */
size_t fake13_seal_fragment(uint16_t cipher, bool server, struct dtls_direction *dir,
			    const uint8_t **at, uint8_t *out);
/* Opens the first application data of a datagram; its length, or -1. */
long fake13_open(uint16_t cipher, const struct dtls_direction *dir, const uint8_t *data,
		 size_t len, char *plain, size_t room);
/* The same of a handshake message, with its header. */
long fake13_open_message(uint16_t cipher, const struct dtls_direction *dir,
			 const uint8_t *data, size_t len, char *plain, size_t room);

#endif
