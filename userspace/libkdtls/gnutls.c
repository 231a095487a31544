// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * GnuTLS: keys by gnutls_record_get_state(), I/O by push and pull functions.
 *
 * GnuTLS has nothing that belongs to a session and ends with it, so prepared
 * sessions are found in a list; only prepare, attach and cancel look there.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <gnutls/crypto.h>

#include <kdtls/gnutls.h>

#include "handover.h"

struct prepared {
	struct prepared *next;
	gnutls_session_t session;
	struct handover *h;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct prepared *all;

static struct prepared *find(gnutls_session_t session)
{
	struct prepared *p;

	pthread_mutex_lock(&lock);
	for (p = all; p && p->session != session; p = p->next)
		;
	pthread_mutex_unlock(&lock);
	return p;
}

static void add(struct prepared *p)
{
	pthread_mutex_lock(&lock);
	p->next = all;
	all = p;
	pthread_mutex_unlock(&lock);
}

static void forget(struct prepared *p)
{
	struct prepared **where;

	pthread_mutex_lock(&lock);
	for (where = &all; *where != p; where = &(*where)->next)
		;
	*where = p->next;
	pthread_mutex_unlock(&lock);
	handover_free(p->h);
	free(p);
}

/* the session's I/O until the attach */

static ssize_t push(gnutls_transport_ptr_t ptr, const void *data, size_t size)
{
	struct prepared *p = ptr;

	handover_sent(p->h, data, size);
	return send(handover_fd(p->h), data, size, MSG_NOSIGNAL);
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *data, size_t size)
{
	struct prepared *p = ptr;

	return handover_recv(p->h, data, size);
}

static int pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	struct prepared *p = ptr;

	return handover_wait(p->h, ms);
}

/* after a cancel: what GnuTLS would have done by itself */

static ssize_t plain_push(gnutls_transport_ptr_t ptr, const void *data,
			  size_t size)
{
	return send((int)(intptr_t)ptr, data, size, MSG_NOSIGNAL);
}

static ssize_t plain_pull(gnutls_transport_ptr_t ptr, void *data, size_t size)
{
	return recv((int)(intptr_t)ptr, data, size, 0);
}

static void give_back(gnutls_session_t session, int fd)
{
	gnutls_transport_set_ptr(session, (void *)(intptr_t)fd);
	gnutls_transport_set_push_function(session, plain_push);
	gnutls_transport_set_pull_function(session, plain_pull);
	gnutls_transport_set_pull_timeout_function(session,
						   gnutls_system_recv_timeout);
}

/* after the attach: nothing */

static ssize_t dead_push(gnutls_transport_ptr_t ptr, const void *data,
			 size_t size)
{
	errno = EPIPE;
	return -1;
}

static ssize_t dead_pull(gnutls_transport_ptr_t ptr, void *data, size_t size)
{
	errno = EPIPE;
	return -1;
}

static int dead_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	errno = EPIPE;
	return -1;
}

static void cut_off(gnutls_session_t session)
{
	gnutls_transport_set_ptr(session, NULL);
	gnutls_transport_set_push_function(session, dead_push);
	gnutls_transport_set_pull_function(session, dead_pull);
	gnutls_transport_set_pull_timeout_function(session, dead_timeout);
}

int kdtls_gnutls_prepare(gnutls_session_t session, int fd, unsigned int flags)
{
	struct prepared *p;

	if (flags || find(session)) {
		errno = flags ? EINVAL : EALREADY;
		return -1;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return -1;
	p->session = session;
	p->h = handover_new(fd);
	if (!p->h) {
		free(p);
		return -1;
	}
	add(p);
	gnutls_transport_set_ptr(session, p);
	gnutls_transport_set_push_function(session, push);
	gnutls_transport_set_pull_function(session, pull);
	gnutls_transport_set_pull_timeout_function(session, pull_timeout);
	return 0;
}

int kdtls_gnutls_cancel(gnutls_session_t session)
{
	struct prepared *p = find(session);

	if (!p) {
		errno = ENODEV;
		return -1;
	}
	give_back(session, handover_fd(p->h));
	forget(p);
	return 0;
}

static uint16_t cipher_id(gnutls_session_t session)
{
	switch (gnutls_cipher_get(session)) {
	case GNUTLS_CIPHER_AES_128_GCM:
		return DTLS_CIPHER_AES_128_GCM;
	case GNUTLS_CIPHER_AES_256_GCM:
		return DTLS_CIPHER_AES_256_GCM;
	case GNUTLS_CIPHER_CHACHA20_POLY1305:
		return DTLS_CIPHER_CHACHA20_POLY1305;
	case GNUTLS_CIPHER_AES_128_CCM:
		return DTLS_CIPHER_AES_128_CCM;
	case GNUTLS_CIPHER_AES_128_CCM_8:
		return DTLS_CIPHER_AES_128_CCM_8;
	default:
		return 0;
	}
}

static gnutls_cipher_algorithm_t gnutls_cipher(uint16_t cipher)
{
	switch (cipher) {
	case DTLS_CIPHER_AES_128_GCM:
		return GNUTLS_CIPHER_AES_128_GCM;
	case DTLS_CIPHER_AES_256_GCM:
		return GNUTLS_CIPHER_AES_256_GCM;
	case DTLS_CIPHER_CHACHA20_POLY1305:
		return GNUTLS_CIPHER_CHACHA20_POLY1305;
	case DTLS_CIPHER_AES_128_CCM:
		return GNUTLS_CIPHER_AES_128_CCM;
	case DTLS_CIPHER_AES_128_CCM_8:
		return GNUTLS_CIPHER_AES_128_CCM_8;
	default:
		return GNUTLS_CIPHER_UNKNOWN;
	}
}

static ssize_t open_record(const struct handover_aead *a, uint8_t *plain)
{
	gnutls_datum_t key = { (void *)a->key, handover_key_len(a->cipher) };
	gnutls_aead_cipher_hd_t aead;
	size_t len = a->size;
	int ret;

	if (gnutls_aead_cipher_init(&aead, gnutls_cipher(a->cipher), &key))
		return -1;
	ret = gnutls_aead_cipher_decrypt(aead, a->nonce, sizeof(a->nonce),
					 a->aad, sizeof(a->aad),
					 handover_tag_len(a->cipher),
					 a->sealed, a->size, plain, &len);
	gnutls_aead_cipher_deinit(aead);
	return ret ? -1 : (ssize_t)len;
}

/* The keys are the session's own memory: copied, never freed. */
static int get_direction(gnutls_session_t session, int read, uint16_t cipher,
			 struct dtls_direction *d)
{
	gnutls_datum_t mac, iv, key;
	unsigned char seq[8];
	int ret;

	ret = gnutls_record_get_state(session, read, &mac, &iv, &key, seq);
	if (ret)
		return EAGAIN;
	/* epoch 1 is the one after the first handshake */
	if (seq[0] || seq[1] != 1)
		return seq[0] || seq[1] ? EOPNOTSUPP : EAGAIN;
	if (key.size != handover_key_len(cipher) ||
	    iv.size != handover_iv_len(cipher))
		return EOPNOTSUPP;
	memcpy(d->key, key.data, key.size);
	memcpy(d->iv, iv.data, iv.size);
	return 0;
}

/* tls-unique exists from the moment when the first handshake is over. */
static bool handshake_over(gnutls_session_t session)
{
	gnutls_datum_t unique;

	if (gnutls_session_channel_binding(session, GNUTLS_CB_TLS_UNIQUE,
					   &unique))
		return false;
	gnutls_free(unique.data);
	return true;
}

static uint16_t size_limit(gnutls_session_t session)
{
	size_t size = gnutls_record_get_max_size(session);

	return size >= 64 && size < DTLS_MAX_CONTENT ? size : 0;
}

static int get_session(gnutls_session_t session, struct handover_session *s)
{
	int error;

	if (!handshake_over(session))
		return EAGAIN;
	if (gnutls_session_get_flags(session) & GNUTLS_SFLAGS_FALSE_START)
		return EOPNOTSUPP;
	if (gnutls_protocol_get_version(session) != GNUTLS_DTLS1_2)
		return EPROTONOSUPPORT;
	/* received data cannot be pending: it never got in */
	if (gnutls_record_check_corked(session))
		return EBUSY;
	s->cipher = cipher_id(session);
	if (!s->cipher)
		return EOPNOTSUPP;
	s->resumed = gnutls_session_is_resumed(session);
	s->record_size_limit = size_limit(session);
	s->open = open_record;
	error = get_direction(session, 0, s->cipher, &s->tx);
	if (error)
		return error;
	return get_direction(session, 1, s->cipher, &s->rx);
}

int kdtls_gnutls_attach(gnutls_session_t session, unsigned int flags)
{
	struct prepared *p = find(session);
	struct handover_session s = { 0 };
	enum handover_result result;
	int error;

	if (flags || !p) {
		errno = flags ? EINVAL : ENODEV;
		return -1;
	}
	error = get_session(session, &s);
	if (error) {
		explicit_bzero(&s, sizeof(s));
		errno = error;
		return -1;
	}
	result = handover_attach(p->h, &s);
	if (result == HANDOVER_REFUSED)
		return -1;
	error = errno;
	cut_off(session);
	forget(p);
	errno = error;
	return result == HANDOVER_DONE ? 0 : -1;
}
