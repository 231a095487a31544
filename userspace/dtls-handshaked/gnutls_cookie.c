// SPDX-License-Identifier: GPL-2.0-or-later
#include <gnutls/crypto.h>
#include <stdint.h>
#include <string.h>

#include "client_hello.h"
#include "clock.h"
#include "gnutls_cookie.h"

/* Last byte of the sequence number in a record header. */
#define RECORD_NUMBER_END 10

bool cookie_init(struct cookie *c, unsigned int lifetime)
{
	memset(c, 0, sizeof(*c));
	c->lifetime = lifetime;
	c->changed = clock_seconds();
	return !gnutls_key_generate(&c->key[0], GNUTLS_COOKIE_KEY_SIZE) &&
	       !gnutls_key_generate(&c->key[1], GNUTLS_COOKIE_KEY_SIZE);
}

static void wipe_key(gnutls_datum_t *key)
{
	if (key->data)
		explicit_bzero(key->data, key->size);
	gnutls_free(key->data);
	*key = (gnutls_datum_t){ 0 };
}

void cookie_free(struct cookie *c)
{
	wipe_key(&c->key[0]);
	wipe_key(&c->key[1]);
}

void cookie_client(struct cookie_client *c, uint64_t id, uint32_t link,
		   const union address *peer, const union address *local)
{
	uint8_t *to = c->bytes;

	memcpy(to, &id, sizeof(id));
	to += sizeof(id);
	memcpy(to, &link, sizeof(link));
	to += sizeof(link);
	memcpy(to, peer, sizeof(*peer));
	to += sizeof(*peer);
	memcpy(to, local, sizeof(*local));
}

static void rotate_key(struct cookie *c)
{
	gnutls_datum_t fresh;

	if (clock_seconds() - c->changed < (time_t)c->lifetime)
		return;
	if (gnutls_key_generate(&fresh, GNUTLS_COOKIE_KEY_SIZE))
		return;
	wipe_key(&c->key[1]);
	c->key[1] = c->key[0];
	c->key[0] = fresh;
	c->changed = clock_seconds();
}

enum cookie_verdict cookie_check(struct cookie *c, const struct cookie_client *client,
				 const void *data, size_t len,
				 gnutls_dtls_prestate_st *prestate)
{
	int ret = GNUTLS_E_BAD_COOKIE;
	struct client_hello hello;

	/* the library does not check the message type */
	if (!client_hello_parse(data, len, &hello) || hello.offset)
		return COOKIE_NO_HELLO;
	rotate_key(c);
	for (int i = 0; i < 2 && ret == GNUTLS_E_BAD_COOKIE; i++) {
		memset(prestate, 0, sizeof(*prestate));
		ret = gnutls_dtls_cookie_verify(&c->key[i], (void *)client->bytes,
						sizeof(client->bytes), (void *)data,
						hello.record, prestate);
	}
	if (ret == 0)
		return COOKIE_GOOD;
	if (ret != GNUTLS_E_BAD_COOKIE)
		return COOKIE_NO_HELLO;
	/*
	 * RFC 6347 section 4.2.1: the HelloVerifyRequest has the record number
	 * of its ClientHello. The library would always use 0, which a client
	 * that retransmitted may drop as a replay.
	 */
	prestate->record_seq = ((const uint8_t *)data)[RECORD_NUMBER_END];
	return COOKIE_WANTED;
}

bool cookie_send(struct cookie *c, const struct cookie_client *client,
		 gnutls_dtls_prestate_st *prestate, void *ctx,
		 gnutls_push_func push)
{
	return gnutls_dtls_cookie_send(&c->key[0], (void *)client->bytes,
				       sizeof(client->bytes), prestate, ctx, push) >= 0;
}

bool cookie_secret(struct cookie *c, unsigned int age, const struct cookie_client *client,
		   uint8_t secret[COOKIE_SECRET])
{
	static const char label[] = "kdtls DTLS 1.3 cookie";
	const gnutls_datum_t *key = &c->key[age];
	uint8_t bytes[sizeof(label) + sizeof(client->bytes)];

	rotate_key(c);
	/* GnuTLS's own cookie is an HMAC of the client under this key, and goes over the wire */
	memcpy(bytes, label, sizeof(label));
	memcpy(bytes + sizeof(label), client->bytes, sizeof(client->bytes));
	return !gnutls_hmac_fast(GNUTLS_MAC_SHA256, key->data, key->size,
				 bytes, sizeof(bytes), secret);
}
