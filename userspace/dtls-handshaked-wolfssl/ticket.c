// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A server's tickets (RFC 8446 section 4.6.1), sealed under the profile's key. A ticket of
 * this library has no certificate of the client: none is issued where one is asked for, nor
 * to a client with a PSK, so that a ticket proves nothing that would have to be judged again.
 *
 * The library sends a ticket before the kernel has keys, and would not repeat it: it is taken
 * from its datagram (wire.c), and the kernel sends it instead.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/aes.h>

#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "record/wire.h"
#include "session.h"

#define TAG	16

bool ticket_possible(const struct profile *p)
{
	return p->tickets && p->client_cert == CLIENT_CERT_NONE && profile_uses_certificates(p);
}

static bool seal(const uint8_t *key, const byte *name, byte *iv, byte *tag, byte *text, int len)
{
	struct Aes aes;
	bool good;

	if (getrandom(iv, WOLFSSL_TICKET_IV_SZ, 0) != WOLFSSL_TICKET_IV_SZ ||
	    wc_AesInit(&aes, NULL, INVALID_DEVID))
		return false;
	good = !wc_AesGcmSetKey(&aes, key, TICKET_KEY) &&
	       !wc_AesGcmEncrypt(&aes, text, text, len, iv, WOLFSSL_TICKET_IV_SZ, tag, TAG,
				 name, WOLFSSL_TICKET_NAME_SZ);
	wc_AesFree(&aes);
	return good;
}

static bool open_sealed(const uint8_t *key, const byte *name, const byte *iv, const byte *tag,
			byte *text, int len)
{
	struct Aes aes;
	bool good;

	if (wc_AesInit(&aes, NULL, INVALID_DEVID))
		return false;
	good = !wc_AesGcmSetKey(&aes, key, TICKET_KEY) &&
	       !wc_AesGcmDecrypt(&aes, text, text, len, iv, WOLFSSL_TICKET_IV_SZ, tag, TAG,
				 name, WOLFSSL_TICKET_NAME_SZ);
	wc_AesFree(&aes);
	return good;
}

/* The name: the time of the full handshake, and what makes it no name of zeros. */
static void put_name(byte name[WOLFSSL_TICKET_NAME_SZ], uint64_t born)
{
	memset(name, 'k', WOLFSSL_TICKET_NAME_SZ);
	dtls_put64(name, born);
}

static int issue(struct session *s, const uint8_t *key, byte *name, byte *iv, byte *mac,
		 byte *text, int *len, int in_len)
{
	put_name(name, ticket_used(s) ? s->ticket_born : (uint64_t)clock_seconds());
	memset(mac, 0, WOLFSSL_TICKET_MAC_SZ);
	*len = in_len;
	return seal(key, name, iv, mac, text, in_len) ? WOLFSSL_TICKET_RET_OK :
							WOLFSSL_TICKET_RET_REJECT;
}

/* Whatever is wrong with it, a full handshake follows. */
static int accept_ticket(struct session *s, const uint8_t *key, const byte *name, const byte *iv,
			 const byte *mac, byte *text, int *len, int in_len)
{
	uint64_t born = dtls_get64(name), now = clock_seconds();

	if (!open_sealed(key, name, iv, mac, text, in_len) || born > now ||
	    now - born >= profile_ticket_lifetime(s->profile))
		return WOLFSSL_TICKET_RET_REJECT;
	s->ticket_born = born;
	s->ticket = true;
	*len = in_len;
	return WOLFSSL_TICKET_RET_OK;
}

int on_ticket(WOLFSSL *ssl, unsigned char *name, unsigned char *iv, unsigned char *mac,
	      int enc, unsigned char *text, int in_len, int *len, void *key)
{
	if (!running || in_len <= 0)
		return WOLFSSL_TICKET_RET_REJECT;
	return enc ? issue(running, key, name, iv, mac, text, len, in_len) :
		     accept_ticket(running, key, name, iv, mac, text, len, in_len);
}

bool ticket_used(const struct session *s)
{
	return s->ticket && !s->psk && !side_sent(&s->wire.us, MESSAGE_CERTIFICATE);
}
