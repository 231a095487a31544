// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The library's public way to the traffic secrets: it lets the application do its
 * HKDF-Expand-Label. (Debian builds it without HAVE_SECRET_CALLBACK.)
 */
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/kdf.h>

#include <string.h>

#include "session.h"

static const struct {
	const char *label, *log;	/* of RFC 8446, and of a key log */
	bool server;
	int place;			/* in struct wire_side, or -1 */
} secrets[] = {
	{ "c hs traffic", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", false, 0 },
	{ "s hs traffic", "SERVER_HANDSHAKE_TRAFFIC_SECRET", true, 0 },
	{ "c ap traffic", "CLIENT_TRAFFIC_SECRET_0", false, 1 },
	{ "s ap traffic", "SERVER_TRAFFIC_SECRET_0", true, 1 },
	{ "exp master", "EXPORTER_SECRET", false, -1 },
};

static void log_secret(struct session *s, const char *label, const byte *secret, size_t len)
{
	byte random[32];

	if (s->profile->keylog_fd < 0 ||
	    wolfSSL_get_client_random(s->ssl, random, sizeof(random)) != sizeof(random))
		return;
	host->log_secret(s->profile->keylog_fd, label, random, secret, len);
}

static void keep_secret(struct session *s, bool server, int place, const byte *secret, size_t len)
{
	struct wire_side *side = server == is_server(s) ? &s->wire.us : &s->wire.peer;
	const struct suite *suite = suite_by_number(wolfSSL_get_current_cipher_suite(s->ssl));

	if (len > sizeof(side->secret[place]))
		return;
	memcpy(side->secret[place], secret, len);
	side->known[place] = true;
	if (suite)
		s->wire.cipher = dtls_cipher_by_id(suite->cipher);
}

static void note_secret(struct session *s, const byte *label, size_t label_len,
			const byte *secret, size_t len)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++) {
		if (strlen(secrets[i].label) != label_len ||
		    memcmp(secrets[i].label, label, label_len))
			continue;
		log_secret(s, secrets[i].log, secret, len);
		if (secrets[i].place >= 0)
			keep_secret(s, secrets[i].server, secrets[i].place, secret, len);
	}
}

int on_expand_label(byte *okm, word32 okm_len, const byte *prk, word32 prk_len,
		    const byte *protocol, word32 protocol_len,
		    const byte *label, word32 label_len, const byte *info,
		    word32 info_len, int digest, int side)
{
	int ret = wc_Tls13_HKDF_Expand_Label(okm, okm_len, prk, prk_len, protocol,
					     protocol_len, label, label_len, info,
					     info_len, digest);

	if (!ret && running)
		note_secret(running, label, label_len, okm, okm_len);
	return ret;
}
