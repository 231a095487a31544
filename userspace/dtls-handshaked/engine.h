/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the worker needs of a TLS library: feed datagrams, run timers, and at
 * the end keys, last flight and what was negotiated. No file descriptor is
 * involved, and after ENGINE_DONE or ENGINE_FAILED the library never does I/O
 * for this handshake again.
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
	uint32_t narrow;		/* above that all was lost, or 0 */
	size_t flight_len;		/* 0: the peer sent the last flight */
	uint8_t flight[MAX_FLIGHT];	/* struct dtls_flight, records */
	struct handshake_result result;
};

/* NULL without memory. A client sends its first flight with the first step. */
struct engine *engine_new(const struct handshake_request *request,
			  const struct profile *profile, struct cookie *cookie,
			  engine_send send, void *ctx);

/* A datagram came, or (data NULL) a timer ran out or the life begins. */
enum engine_state engine_step(struct engine *e, const void *data, size_t len);

/*
 * So many bytes of UDP payload fit the path now: flights are cut to that from
 * the next time on that one is sent, again or for the first time.
 */
void engine_path(struct engine *e, size_t mtu);

/* Milliseconds until engine_step wants to be called without a datagram. */
unsigned int engine_timeout(struct engine *e);

/* The overall time is over: fills the result with the likely reason. */
void engine_expire(struct engine *e);

/* Complete after ENGINE_DONE; only the result after ENGINE_FAILED. */
struct engine_outcome *engine_outcome(struct engine *e);

/*
 * Datagrams of the last flight are held back until the kernel has the keys,
 * so that what the peer answers finds them. Sends them now.
 */
void engine_release(struct engine *e);

/* Wipes everything. */
void engine_free(struct engine *e);

#endif
