/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One handshake by GnuTLS, as the parts of the engine share it. */
#ifndef GNUTLS_SESSION_H
#define GNUTLS_SESSION_H

#include <gnutls/gnutls.h>

#include "cut.h"
#include "engine.h"
#include "flight.h"
#include "gnutls_verify.h"

/* Of the current flight. */
struct transmission {
	bool begun;			/* in this step */
	unsigned int times;		/* that it was sent */
	int last;			/* highest message_seq sent, or -1 */
	size_t largest;			/* datagram of the last transmission */
};

struct session {
	struct engine engine;
	struct handshake_request request;
	const struct profile *profile;
	struct cookie *cookie;
	engine_send send;
	void *ctx;

	gnutls_session_t session;
	const void *in;			/* datagram not yet pulled, or NULL */
	size_t in_len;
	bool hold;
	bool peer_is_keyed;		/* a record of epoch 1 came */
	bool tickets;			/* are issued and accepted */
	uint16_t peer_limit;		/* record_size_limit (RFC 8449), or 0 */
	uint32_t mtu;			/* UDP payload bytes per datagram of a flight */
	uint32_t narrow;		/* path MTU inferred from loss, or 0 */
	struct transmission sent;
	struct cut cut;
	bool got_message;		/* the peer's first message is complete */
	struct hello_copy {		/* kept until then for restart_session() */
		uint8_t *data;		/* its datagrams, concatenated */
		size_t len;
	} hello;
	char server_name[DTLS_MAX_NAME];
	struct verdict verdict;
	struct flight flight;
};

static inline struct session *to_session(struct engine *engine)
{
	return (struct session *)engine;
}

static inline bool session_resumed(const struct session *e)
{
	return gnutls_session_is_resumed(e->session);
}

static inline bool session_ticket_refused(const struct session *e)
{
	return session_resumed(e) && !e->tickets;
}

/* gnutls_transport.c: datagrams, and their size */
void transport_set_mtu(struct session *e, uint32_t mtu);
/* The next smaller size, or 0: a smaller one would not help. */
uint32_t transport_less(const struct session *e);
/* Datagrams of a flight that is held. */
void transport_release(struct session *e);
ssize_t transport_push(gnutls_transport_ptr_t ptr, const void *data, size_t len);
ssize_t transport_pull(gnutls_transport_ptr_t ptr, void *data, size_t size);
int transport_waits(gnutls_transport_ptr_t ptr, unsigned int ms);

/* gnutls_hooks.c: callbacks of the library during the handshake */
int hook_verify(gnutls_session_t session);
int hook_psk(gnutls_session_t session, const gnutls_datum_t *name, gnutls_datum_t *key);
int hook_message(gnutls_session_t session, unsigned int type, unsigned int post,
		 unsigned int incoming, const gnutls_datum_t *message);
int hook_keys(gnutls_session_t session, const char *label, const gnutls_datum_t *secret);
/* A PSK authenticates in a full handshake, but not in a resumed one. */
bool session_must_verify(const struct session *e);

/* gnutls_setup.c: 0, or an error of GnuTLS */
int session_start(struct session *e);

/* gnutls_result.c */
/* Keys and negotiated parameters, checked again. */
enum engine_state session_complete(struct session *e);
/* An error of GnuTLS: the peer gets an alert, and the engine has failed. */
enum engine_state session_error(struct session *e, int ret);
/* An error of GnuTLS as errno. */
int session_status(int ret);

#endif
