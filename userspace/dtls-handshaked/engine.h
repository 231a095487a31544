/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker's interface to TLS libraries, of which a handshake has one: datagrams and
 * timers in; keys, last flight and negotiated parameters out. No file descriptor is
 * involved, and after ENGINE_DONE or ENGINE_FAILED the library does no more I/O for
 * this handshake.
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
	bool flight_behind;		/* ... is sent behind what release() sends */
	struct handshake_result result;
};

/* What a TLS library does for the worker. */
struct engine_ops {
	/*
	 * Of a plug-in, in the parent, when the profile's files are read. A certificate
	 * with its chain, and its key, in PEM; then what follows from all the rest.
	 * NULL, or what is wrong. forget() may come after an error, and twice.
	 */
	const char *(*add_certificate)(struct profile *p, const gnutls_datum_t *certificate,
				       const gnutls_datum_t *key);
	const char *(*prepare)(struct profile *p);
	void (*forget)(struct profile *p);

	/*
	 * An unknown client's ClientHello, of which no state is kept. COOKIE_WANTED:
	 * the answer was given to send.
	 */
	enum cookie_verdict (*hello)(const struct profile *profile, struct cookie *cookie,
				     const struct cookie_client *client,
				     const void *data, size_t len,
				     engine_send send, void *ctx);

	/* NULL without memory. A client sends its first flight with the first step. */
	struct engine *(*create)(const struct handshake_request *request,
				 const struct profile *profile, struct cookie *cookie,
				 engine_send send, void *ctx);

	/* A datagram arrived, or (data NULL) a timer expired or the handshake begins. */
	enum engine_state (*step)(struct engine *e, const void *data, size_t len);

	/* mtu: UDP payload bytes that fit the path, from the next transmission on. */
	void (*path)(struct engine *e, size_t mtu);

	/* Milliseconds until step() is due without a datagram. */
	unsigned int (*timeout)(struct engine *e);

	/* The handshake timed out: fills the result with the likely reason. */
	void (*expire)(struct engine *e);

	/*
	 * Sends the last flight, which is held until the kernel has the keys: the peer's
	 * first records need them.
	 */
	void (*release)(struct engine *e);

	/*
	 * A client that awaits a ticket stays behind ENGINE_DONE: it gets the fragments of
	 * one from the kernel, opened and in their order. ticket() is true when nothing more
	 * is expected. Of a plug-in.
	 */
	void (*wait)(struct engine *e);
	bool (*ticket)(struct engine *e, const void *fragment, size_t len);

	/* Wipes all secrets. */
	void (*free)(struct engine *e);
};

/* What the engines have in common: each has it at the beginning of its own. */
struct engine {
	const struct engine_ops *ops;
	enum engine_state state;
	/* Complete in ENGINE_DONE, the result alone in ENGINE_FAILED; NULL: no memory. */
	struct engine_outcome *outcome;
	/* In the records sent; known before the first datagram that has it. */
	struct cid peer_cid;
	/* In ENGINE_DONE: a ticket would be of use. */
	bool awaits_ticket;
};

/* outcome.c, in each plug-in too */

/* ENGINE_FAILED, with the reason. */
__attribute__((format(printf, 3, 4)))
enum engine_state engine_fail(struct engine *e, int status, const char *fmt, ...);
/* A server timed out, and no library was asked. */
void engine_fail_unknown(struct engine *e);
/* It has a PSK, and the peer timed out behind its Finished. */
void engine_fail_unanswered(struct engine *e);
/* Wipes it. */
void engine_forget_outcome(struct engine *e);

extern const struct engine_ops gnutls_engine;	/* DTLS 1.2 */
extern const struct engine_ops choice_engine;	/* both versions */

/* The plug-in for DTLS 1.3; or NULL, and why. */
const struct engine_ops *engine_load_plugin(char why[MAX_REASON]);

/* Where plug-ins are; NULL: where "make install" puts them. */
extern const char *engine_directory;

#endif
