/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets go from a worker to the parent through a page they share, not
 * through their socket: the kernel does not wipe the buffers of a socket, and
 * a secret would stay in memory for long. One secret at a time.
 */
#ifndef VAULT_H
#define VAULT_H

#include <stdatomic.h>

#include "handshake.h"

struct secrets {
	struct dtls_keys keys;
	uint16_t exporter_len;
	uint8_t exporter[DTLS_MAX_EXPORTER];
};

struct vault {
	_Atomic uint32_t full;
	struct secrets secrets;
};

/* Shared with children that are forked before vault_keep. NULL on failure. */
struct vault *vault_new(void);
/* Children that are forked from now on do not get it. */
void vault_keep(struct vault *v);
void vault_free(struct vault *v);

/* The worker: waits until the parent has taken what was there before. */
void vault_put(struct vault *v, const struct dtls_keys *keys,
	       const struct handshake_result *result);
/* The parent: false when there is nothing. The caller wipes *out. */
bool vault_take(struct vault *v, struct secrets *out);

#endif
