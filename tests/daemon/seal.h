/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the record layer that the daemon does not have: sealing. */
#ifndef SEAL_H
#define SEAL_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kdtls.h>

/* Seals with dir->seq in epoch 1 and increments it. The record's length, or 0. */
size_t record_seal(uint16_t cipher, struct dtls_direction *dir, uint8_t type,
		   const void *plain, size_t len, uint8_t *out, size_t room);

/* A record of epoch 0. Its length. */
size_t record_plain(uint64_t seq, uint8_t type, const void *data, size_t len,
		    uint8_t *out);

#endif
