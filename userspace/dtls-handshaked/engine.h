/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker's interface to a TLS library: datagrams and timers in, keys, last
 * flight and negotiated parameters out. No file descriptor is involved, and after
 * ENGINE_DONE or ENGINE_FAILED the library does no more I/O for this handshake.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include <stddef.h>

#include "gnutls_cookie.h"
#include "handshake.h"
#include "profile.h"

struct engine;

enum engine_state {
	ENGINE_RUNNING,
	ENGINE_DONE,
	ENGINE_FAILED,
};

typedef void (*engine_send)(void *ctx, const void *data, size_t len);

struct engine_outcome {
	struct dtls_keys keys;
	uint32_t narrow;		/* path MTU inferred from loss, or 0 */
	size_t flight_len;		/* 0: the peer sent the last flight */
	uint8_t flight[MAX_FLIGHT];	/* struct dtls_flight, records */
	struct handshake_result result;
};

/* NULL without memory. A client sends its first flight with the first step. */
struct engine *engine_new(const struct handshake_request *request,
			  const struct profile *profile, struct cookie *cookie,
			  engine_send send, void *ctx);

/* A datagram arrived, or (data NULL) a timer expired or the handshake begins. */
enum engine_state engine_step(struct engine *e, const void *data, size_t len);

/* mtu: UDP payload bytes that fit the path, from the next transmission on. */
void engine_path(struct engine *e, size_t mtu);

/* Milliseconds until engine_step() is due without a datagram. */
unsigned int engine_timeout(struct engine *e);

/* The handshake timed out: fills the result with the likely reason. */
void engine_expire(struct engine *e);

/* Complete after ENGINE_DONE; the result alone after ENGINE_FAILED. */
struct engine_outcome *engine_outcome(struct engine *e);

/*
 * Sends the last flight, which is held until the kernel has the keys: the peer's
 * first records need them.
 */
void engine_release(struct engine *e);

/* Wipes all secrets. */
void engine_free(struct engine *e);

#endif
