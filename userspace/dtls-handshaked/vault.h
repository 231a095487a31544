/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets pass from a worker to the parent in a shared page, one at a time. The kernel
 * does not wipe socket buffers, so that a secret sent through a socket would stay in
 * memory.
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

/* Shared with children forked before vault_keep(). NULL on failure. */
struct vault *vault_new(void);
/* Children forked from now on do not inherit it. */
void vault_keep(struct vault *v);
void vault_free(struct vault *v);

/* For the worker: waits until the parent has taken the previous secret. */
void vault_put(struct vault *v, const struct dtls_keys *keys,
	       const struct handshake_result *result);
/* For the parent: false if it is empty. The caller wipes *out. */
bool vault_take(struct vault *v, struct secrets *out);

#endif
