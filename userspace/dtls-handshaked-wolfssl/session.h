/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One handshake by wolfSSL, as the parts of this plug-in share it. */
#ifndef SESSION_H
#define SESSION_H

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include "cache.h"
#include "offer.h"
#include "plugin.h"
#include "wire.h"

/* The last flight, or an ACK: held until the kernel has the keys. */
#define HELD_DATAGRAMS	64

struct held {
	unsigned int n;
	uint16_t sizes[HELD_DATAGRAMS];
	size_t len;
	uint8_t data[2 * DTLS_MAX_FLIGHT];
};

/* To a ClientHello without a valid cookie: a HelloRetryRequest or an alert. */
#define MAX_ANSWER	1024

struct answer {
	size_t len;
	uint8_t data[MAX_ANSWER];
};

/*
 * Hellos of DTLS 1.2: ServerHellos that a client has got, and what all of them have; the
 * ClientHello that a server has taken.
 */
struct hello12 {
	bool seen;
	bool master_secret;	/* extended, RFC 7627 */
	bool renegotiation;	/* secure, RFC 5746 */
	bool connection_id;	/* RFC 9146 */
	bool fragmented;	/* one came in pieces, and its extensions were not read */
};

/* A client's session: offered, or waiting for its ticket. */
struct resume {
	bool offered;
	bool over;			/* no ticket is expected any more */
	struct verdict verdict;		/* on chain, when it was offered */
	struct chain *chain;		/* of the server, verified; or NULL */
	uint64_t born;			/* s: of the full handshake */
	size_t got, len;		/* bytes of the ticket, of which len in all */
	uint8_t message[MAX_TICKET];
};

struct session {
	struct engine engine;
	struct handshake_request request;
	const struct profile *profile;
	struct cookie *cookie;
	engine_send send;
	void *ctx;

	WOLFSSL *ssl;			/* NULL: a server, before a valid cookie */
	const void *in;			/* datagram not yet taken, or NULL */
	size_t in_len;
	uint32_t mtu;
	uint64_t due;			/* ms: of the retransmission timer, or 0 */
	bool sent;			/* in this step */
	bool muted;			/* the library's alert is not the right one */
	bool last;			/* what is sent now belongs behind the keys */
	struct answer *answer;		/* before a valid cookie: not sent, kept here */
	struct verdict verdict;
	const struct psk *psk;		/* of the identity accepted last, or NULL */
	bool unknown_identity;
	bool ticket;			/* the client has one, of this time (s) */
	uint64_t ticket_born;
	struct resume resume;
	bool cid_too_long;		/* the peer's */
	char server_name[DTLS_MAX_NAME];
	struct offer offer;
	bool server12;			/* a server of DTLS 1.2 */
	struct hello12 hello12;
	struct wire wire;
	struct held held;
};

/* The session that runs: wolfSSL's callbacks do not all name it. */
extern struct session *running;
extern const struct plugin_host *host;
extern const struct engine_ops wolfssl_engine;

static inline bool is_server(const struct session *s)
{
	return s->request.role == DTLS_ROLE_SERVER;
}

/* setup.c: what a profile is to wolfSSL. The first are of struct engine_ops. */
const char *setup_certificate(struct profile *p, const gnutls_datum_t *certificate,
			      const gnutls_datum_t *key);
const char *setup_profile(struct profile *p);
void setup_forget(struct profile *p);
/* A session's ssl, without datagrams and peer; NULL, and why. */
WOLFSSL *setup_ssl(struct session *s, const char **why);

/* suites.c: the four of DTLS 1.3, by the words of the configuration file */
#define SUITES	4
struct suite {
	const char *word, *name;
	uint16_t number;	/* IANA */
	uint16_t cipher;	/* enum dtls_cipher_id */
};

extern const struct suite suites[SUITES];
const struct suite *suite_by_number(uint16_t number);
/* The i-th that the profile allows, in its order; NULL: there are no more. */
const struct suite *suite_allowed(const struct profile *p, size_t i);
/* The i-th word of the profile, or of all there are; NULL: there are no more. */
const char *suite_word(const struct profile *p, size_t i);

/* The same for a client that offers DTLS 1.2 too: with certificates, or a PSK. */
struct suite12 {
	const char *word, *name;
	uint16_t number;
	uint16_t cipher;
	bool psk;
};

const struct suite12 *suite12_by_number(uint16_t number);
/* The next one behind "after" (NULL: the first) with this word; NULL: there are no more. */
const struct suite12 *suite12_next(const struct suite12 *after, const char *word);

/* credentials.c: callbacks */
int on_verify(int preverify, WOLFSSL_X509_STORE_CTX *store);
unsigned int on_client_psk(WOLFSSL *ssl, const char *hint, char *identity, unsigned int max,
			   unsigned char *key, unsigned int max_key, const char *suite);
/* DTLS 1.2 */
unsigned int on_client_psk12(WOLFSSL *ssl, const char *hint, char *identity,
			     unsigned int max, unsigned char *key, unsigned int max_key);
unsigned int on_server_psk(WOLFSSL *ssl, const char *identity, unsigned char *key,
			   unsigned int max_key, const char **suite);
unsigned int on_server_psk12(WOLFSSL *ssl, const char *identity, unsigned char *key,
			     unsigned int max_key);

/* ticket.c */
#define TICKET_KEY	32
/* Does a server with this profile issue any? */
bool ticket_possible(const struct profile *p);
/* Callback, with the key. */
int on_ticket(WOLFSSL *ssl, unsigned char *name, unsigned char *iv, unsigned char *mac,
	      int enc, unsigned char *text, int in_len, int *len, void *key);
/* A server that sent no Certificate, since it accepted the client's ticket. */
bool ticket_used(const struct session *s);

/* resume.c: a client's */
bool resume_possible(const struct session *s);
/* The server's, which was verified. */
void resume_note_chain(struct session *s, const gnutls_datum_t *certs, unsigned int n);
/* A session that the worker has for this request, if the server would still be accepted. */
void resume_offer(struct session *s, WOLFSSL *ssl);
/* The server took it, and so sent no certificate. */
bool resume_used(const struct session *s);
/* The identity of the server; NULL, or what is wrong. */
const char *resume_result(const struct session *s, struct handshake_result *r);
/* Is a ticket of use behind this handshake? */
bool resume_waits(const struct session *s);
/* What is not needed for a ticket is wiped. */
void resume_wait(struct session *s);
/* A fragment of a ticket. True: nothing more is expected. */
bool resume_ticket(struct session *s, const uint8_t *data, size_t len);
void resume_forget(struct session *s);

/* secrets.c: callback of HKDF-Expand-Label */
int on_expand_label(byte *okm, word32 okm_len, const byte *prk, word32 prk_len,
		    const byte *protocol, word32 protocol_len,
		    const byte *label, word32 label_len, const byte *info,
		    word32 info_len, int digest, int side);

/* transport.c: datagrams of the library */
int on_send(WOLFSSL *ssl, char *data, int len, void *ctx);
int on_receive(WOLFSSL *ssl, char *data, int size, void *ctx);
/* An alert of ours, under the keys that the peer expects. */
void transport_alert(struct session *s, uint8_t alert);
void transport_release(struct session *s);

/* cid.c */
/* What is wrong with the profile, or NULL. */
const char *cid_refusal(const struct profile *p);
/* Is the kernel's choice short enough for the library? Else the engine has failed. */
bool cid_fits(struct session *s);
bool cid_offer(struct session *s, WOLFSSL *ssl);
/* The peer's, when its hello was read. False: it is too long. */
bool cid_learn(struct session *s, WOLFSSL *ssl);
/* A ServerHello of DTLS 1.2 has none. False: s->verdict says why that is the end. */
bool cid_declined(struct session *s);
void cid_result(struct session *s, struct dtls_keys *k);

/* dtls12.c */
/* A client offers DTLS 1.2. */
bool dtls12_offered(const struct session *s);
/* Is a server of this profile for DTLS 1.2 this engine's, too? */
static inline bool dtls12_served(const struct profile *p)
{
	return p->dtls12 && p->connection_id;
}

/* Is it by s->offer a server of DTLS 1.2? */
bool dtls12_wanted(const struct session *s);
/* What the ClientHello in s->offer lacks. False: s->verdict says what. */
bool dtls12_take_offer(struct session *s);
static inline bool dtls12_chosen(const struct session *s)
{
	return wolfSSL_version(s->ssl) == DTLS1_2_VERSION;
}

/* Before the library gets a datagram. False: s->verdict says what is wrong with its ServerHello. */
bool dtls12_look(struct session *s, const void *data, size_t len);
/* Keys; NULL, or what is wrong. */
const char *dtls12_keys(struct session *s, struct dtls_keys *k);
/* A server's last flight, which is held, as the kernel takes it. Its bytes, or 0: there is none. */
size_t dtls12_flight(const struct session *s, const struct dtls_keys *k,
		     uint8_t out[MAX_FLIGHT]);
/* A PSK authenticated the server. */
bool dtls12_uses_psk(const struct session *s);
void dtls12_log(struct session *s);

/* result.c */
/* Keys and negotiated parameters; NULL, or what is wrong. */
const char *result_fill(struct session *s, struct engine_outcome *o);

#endif
