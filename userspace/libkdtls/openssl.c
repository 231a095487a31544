// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * OpenSSL 3: keys from master secret and randoms, I/O by a filter BIO.
 *
 * The filter sits on an ordinary datagram BIO, which goes on doing timeouts
 * and MTU. It is written and read by whole datagrams.
 */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <kdtls/openssl.h>

#include "handover.h"

#define RANDOM_LEN	32
#define MAX_KEY_BLOCK	(2 * (32 + 12))

/* the filter */

static int filter_write(BIO *b, const char *data, int size)
{
	int n;

	BIO_clear_retry_flags(b);
	handover_sent(BIO_get_data(b), data, size);
	n = BIO_write(BIO_next(b), data, size);
	BIO_copy_next_retry(b);
	return n;
}

static int filter_read(BIO *b, char *data, int size)
{
	int n, left;

	BIO_clear_retry_flags(b);
	left = handover_take_held(BIO_get_data(b), data, size);
	if (left)
		return left;
	do {
		BIO_clear_retry_flags(b);
		n = BIO_read(BIO_next(b), data, size);
		BIO_copy_next_retry(b);
		if (n <= 0)
			return n;
		left = handover_filter(BIO_get_data(b), data, n);
	} while (!left);
	return left;
}

static long filter_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	/* SSL_dup() would have two sessions share one set of numbers */
	if (cmd == BIO_CTRL_DUP)
		return 0;
	return BIO_next(b) ? BIO_ctrl(BIO_next(b), cmd, num, ptr) : 0;
}

static int filter_destroy(BIO *b)
{
	handover_free(BIO_get_data(b));
	BIO_set_data(b, NULL);
	return 1;
}

static int bio_create(BIO *b)
{
	BIO_set_init(b, 1);
	return 1;
}

/* the end of all I/O */

static int dead_write(BIO *b, const char *data, int size)
{
	BIO_clear_retry_flags(b);
	errno = EPIPE;
	return -1;
}

static int dead_read(BIO *b, char *data, int size)
{
	BIO_clear_retry_flags(b);
	errno = EPIPE;
	return -1;
}

static long dead_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	return cmd == BIO_CTRL_FLUSH;
}

static struct bio_method_st *filter_method;
static struct bio_method_st *dead_method;
static int filter_type, dead_type;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static BIO_METHOD *make_method(int kind, const char *name, int *type,
			       int (*write)(BIO *, const char *, int),
			       int (*read)(BIO *, char *, int),
			       long (*ctrl)(BIO *, int, long, void *))
{
	int index = BIO_get_new_index();
	BIO_METHOD *m = index < 0 ? NULL : BIO_meth_new(index | kind, name);

	if (!m)
		return NULL;
	BIO_meth_set_create(m, bio_create);
	BIO_meth_set_write(m, write);
	BIO_meth_set_read(m, read);
	BIO_meth_set_ctrl(m, ctrl);
	*type = index | kind;
	return m;
}

/* once made, never freed: BIOs may outlive everything here */
static void make_methods(void)
{
	filter_method = make_method(BIO_TYPE_FILTER, "kdtls hand-over",
				    &filter_type, filter_write, filter_read, filter_ctrl);
	dead_method = make_method(BIO_TYPE_SOURCE_SINK, "kdtls took over",
				  &dead_type, dead_write, dead_read, dead_ctrl);
	if (filter_method)
		BIO_meth_set_destroy(filter_method, filter_destroy);
}

static int have_methods(void)
{
	if (!pthread_once(&once, make_methods) && filter_method && dead_method)
		return 0;
	errno = ENOMEM;
	return -1;
}

static BIO *prepared_bio(SSL *ssl)
{
	BIO *b = SSL_get_rbio(ssl);

	return b && filter_type ? BIO_find_type(b, filter_type) : NULL;
}

/* getpeername() as BIO wants it: without it, it would use sendto() nowhere */
static int set_connected(BIO *dgram, int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	BIO_ADDR *addr;
	int ret = -1;

	if (getpeername(fd, (struct sockaddr *)&peer, &len))
		return -1;
	addr = BIO_ADDR_new();
	if (!addr) {
		errno = ENOMEM;
		return -1;
	}
	if (peer.ss_family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)&peer;

		ret = BIO_ADDR_rawmake(addr, AF_INET, &in->sin_addr,
				       sizeof(in->sin_addr), in->sin_port) - 1;
	} else if (peer.ss_family == AF_INET6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&peer;

		ret = BIO_ADDR_rawmake(addr, AF_INET6, &in6->sin6_addr,
				       sizeof(in6->sin6_addr),
				       in6->sin6_port) - 1;
	}
	if (!ret)
		BIO_ctrl(dgram, BIO_CTRL_DGRAM_SET_CONNECTED, 0, addr);
	else
		errno = EPROTOTYPE;
	BIO_ADDR_free(addr);
	return ret;
}

static BIO *dgram_bio(int fd)
{
	BIO *b = BIO_new_dgram(fd, BIO_NOCLOSE);

	if (!b) {
		errno = ENOMEM;
		return NULL;
	}
	if (set_connected(b, fd)) {
		BIO_free(b);
		return NULL;
	}
	return b;
}

static BIO *filter_bio(int fd)
{
	struct handover *h = handover_new(fd);
	BIO *filter, *dgram;

	if (!h)
		return NULL;
	filter = BIO_new(filter_method);
	if (!filter) {
		handover_free(h);
		errno = ENOMEM;
		return NULL;
	}
	BIO_set_data(filter, h);
	dgram = dgram_bio(fd);
	if (!dgram) {
		BIO_free(filter);
		return NULL;
	}
	return BIO_push(filter, dgram);
}

/* SSL_set_bio() would close the socket with the old one. */
static void set_bio(SSL *ssl, BIO *b)
{
	BIO *old = SSL_get_rbio(ssl);

	if (old)
		BIO_set_close(old, BIO_NOCLOSE);
	old = SSL_get_wbio(ssl);
	if (old)
		BIO_set_close(old, BIO_NOCLOSE);
	SSL_set_bio(ssl, b, b);
}

int kdtls_openssl_prepare(SSL *ssl, int fd, unsigned int flags)
{
	BIO *b;

	if (flags) {
		errno = EINVAL;
		return -1;
	}
	if (!SSL_is_dtls(ssl)) {
		errno = EPROTOTYPE;
		return -1;
	}
	if (have_methods())
		return -1;
	if (prepared_bio(ssl)) {
		errno = EALREADY;
		return -1;
	}
	b = filter_bio(fd);
	if (!b)
		return -1;
	set_bio(ssl, b);
	return 0;
}

int kdtls_openssl_feed(SSL *ssl, const void *datagram, size_t size)
{
	BIO *b = prepared_bio(ssl);

	if (!b) {
		errno = ENODEV;
		return -1;
	}
	return handover_feed(BIO_get_data(b), datagram, size);
}

int kdtls_openssl_cancel(SSL *ssl)
{
	BIO *b = prepared_bio(ssl), *dgram;

	if (!b) {
		errno = ENODEV;
		return -1;
	}
	dgram = dgram_bio(handover_fd(BIO_get_data(b)));
	if (!dgram)
		return -1;
	set_bio(ssl, dgram);
	return 0;
}

/* By suite: CCM and CCM-8 share their NID. */
static uint16_t cipher_id(const SSL_CIPHER *c)
{
	switch (SSL_CIPHER_get_cipher_nid(c)) {
	case NID_aes_128_gcm:
		return DTLS_CIPHER_AES_128_GCM;
	case NID_aes_256_gcm:
		return DTLS_CIPHER_AES_256_GCM;
	case NID_chacha20_poly1305:
		return DTLS_CIPHER_CHACHA20_POLY1305;
	case NID_aes_128_ccm:
		break;
	default:
		return 0;
	}
	switch (SSL_CIPHER_get_protocol_id(c)) {
	case 0xc0a0:	/* RSA */
	case 0xc0a2:	/* DHE-RSA */
	case 0xc0a8:	/* PSK */
	case 0xc0aa:	/* DHE-PSK */
	case 0xc0ae:	/* ECDHE-ECDSA */
		return DTLS_CIPHER_AES_128_CCM_8;
	default:
		return DTLS_CIPHER_AES_128_CCM;
	}
}

static const EVP_CIPHER *evp_cipher(uint16_t cipher)
{
	switch (cipher) {
	case DTLS_CIPHER_AES_128_GCM:
		return EVP_aes_128_gcm();
	case DTLS_CIPHER_AES_256_GCM:
		return EVP_aes_256_gcm();
	case DTLS_CIPHER_CHACHA20_POLY1305:
		return EVP_chacha20_poly1305();
	default:
		return EVP_aes_128_ccm();
	}
}

static bool evp_open(EVP_CIPHER_CTX *ctx, const struct record_aead *a,
		     uint8_t *plain)
{
	size_t tag = a->cipher->tag_len, size = a->sealed_len - tag;
	bool ccm = a->cipher->ccm;
	uint8_t rest[16];
	int n;

	/* CCM wants all lengths first, and checks the tag with the data */
	return EVP_DecryptInit_ex(ctx, evp_cipher(a->cipher->id), NULL, NULL,
				  NULL) > 0 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN,
				   sizeof(a->nonce), NULL) > 0 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag,
				   (void *)(a->sealed + size)) > 0 &&
	       EVP_DecryptInit_ex(ctx, NULL, NULL, a->key, a->nonce) > 0 &&
	       (!ccm || EVP_DecryptUpdate(ctx, NULL, &n, NULL, size) > 0) &&
	       EVP_DecryptUpdate(ctx, NULL, &n, a->aad, a->aad_len) > 0 &&
	       EVP_DecryptUpdate(ctx, plain, &n, a->sealed, size) > 0 &&
	       (ccm || EVP_DecryptFinal_ex(ctx, rest, &n) > 0);
}

static ssize_t open_record(const struct record_aead *a, uint8_t *plain,
			   size_t size)
{
	size_t len = a->sealed_len - a->cipher->tag_len;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool good = ctx && len <= size && evp_open(ctx, a, plain);

	EVP_CIPHER_CTX_free(ctx);
	return good ? (ssize_t)len : -1;
}

static int tls_prf(const EVP_MD *md, const uint8_t *secret, size_t secret_len,
		   const uint8_t *seed, size_t seed_len, uint8_t *out,
		   size_t len)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
						 (char *)EVP_MD_get0_name(md),
						 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET,
						  (void *)secret, secret_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED,
						  (void *)seed, seed_len),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_TLS1_PRF, NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	int good = ctx && EVP_KDF_derive(ctx, out, len, params) > 0;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return good ? 0 : -1;
}

/* RFC 5246 section 6.3: PRF(master, "key expansion", server || client) */
static int key_block(SSL *ssl, uint8_t *block, size_t len)
{
	static const char label[] = "key expansion";
	const size_t label_len = sizeof(label) - 1;
	const EVP_MD *md =
		SSL_CIPHER_get_handshake_digest(SSL_get_current_cipher(ssl));
	uint8_t master[SSL_MAX_MASTER_KEY_LENGTH];
	uint8_t seed[sizeof(label) - 1 + 2 * RANDOM_LEN];
	uint8_t *random = seed + label_len;
	size_t n;
	int ret = -1;

	memcpy(seed, label, label_len);
	n = SSL_SESSION_get_master_key(SSL_get_session(ssl), master,
				       sizeof(master));
	if (md && n &&
	    SSL_get_server_random(ssl, random, RANDOM_LEN) == RANDOM_LEN &&
	    SSL_get_client_random(ssl, random + RANDOM_LEN, RANDOM_LEN) ==
	    RANDOM_LEN)
		ret = tls_prf(md, master, n, seed, sizeof(seed), block, len);
	explicit_bzero(master, sizeof(master));
	return ret;
}

/* client key, server key, client IV, server IV: no MAC keys with an AEAD */
static int get_keys(SSL *ssl, struct handover_session *s)
{
	const struct dtls_cipher *cipher = dtls_cipher_by_id(s->cipher);
	size_t key = cipher->key_len, iv = cipher->iv_len;
	bool server = SSL_is_server(ssl);
	uint8_t block[MAX_KEY_BLOCK];

	if (key_block(ssl, block, 2 * (key + iv)))
		return EBADMSG;
	memcpy(s->tx.key, block + (server ? key : 0), key);
	memcpy(s->rx.key, block + (server ? 0 : key), key);
	memcpy(s->tx.iv, block + 2 * key + (server ? iv : 0), iv);
	memcpy(s->rx.iv, block + 2 * key + (server ? 0 : iv), iv);
	explicit_bzero(block, sizeof(block));
	return 0;
}

/* RFC 6066 section 4: 1 to 4 stand for 2^9 to 2^12 */
static uint16_t size_limit(SSL *ssl)
{
	unsigned int code =
		SSL_SESSION_get_max_fragment_length(SSL_get_session(ssl));

	return code >= 1 && code <= 4 ? 256 << code : 0;
}

static int get_session(SSL *ssl, struct handover_session *s)
{
	if (SSL_get_shutdown(ssl))
		return EPIPE;
	if (!SSL_is_init_finished(ssl))
		return EAGAIN;
	if (SSL_version(ssl) != DTLS1_2_VERSION)
		return EPROTONOSUPPORT;
	if (SSL_pending(ssl) || SSL_renegotiate_pending(ssl))
		return EBUSY;
	s->cipher = cipher_id(SSL_get_current_cipher(ssl));
	if (!s->cipher)
		return EOPNOTSUPP;
	s->resumed = SSL_session_reused(ssl);
	s->record_size_limit = size_limit(ssl);
	s->open = open_record;
	return get_keys(ssl, s);
}

/*
 * A session that was shut down in both directions stays in the cache and in
 * the SSL when that is cleared; the record keys do not.
 */
static void cut_off(SSL *ssl, BIO *dead, unsigned int flags)
{
	set_bio(ssl, dead);
	SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	if (!(flags & KDTLS_OPENSSL_KEEP))
		SSL_clear(ssl);
}

int kdtls_openssl_attach(SSL *ssl, unsigned int flags)
{
	struct handover_session s = { 0 };
	BIO *b = prepared_bio(ssl), *dead;
	enum handover_result result;
	int error;

	if (flags & ~KDTLS_OPENSSL_KEEP || !b) {
		errno = b ? EINVAL : ENODEV;
		return -1;
	}
	error = get_session(ssl, &s);
	dead = error ? NULL : BIO_new(dead_method);
	if (!dead) {
		explicit_bzero(&s, sizeof(s));
		errno = error ? error : ENOMEM;
		return -1;
	}
	result = handover_attach(BIO_get_data(b), &s);
	error = errno;
	if (result == HANDOVER_REFUSED)
		BIO_free(dead);
	else
		cut_off(ssl, dead, flags);
	errno = error;
	return result == HANDOVER_DONE ? 0 : -1;
}

/* I/O, whether the kernel or the library has the session */

static BIO *dead_bio(SSL *ssl)
{
	BIO *b = SSL_get_rbio(ssl);

	return b && dead_type ? BIO_find_type(b, dead_type) : NULL;
}

int kdtls_openssl_write(SSL *ssl, int fd, const void *data, int size)
{
	BIO *b = dead_bio(ssl);
	int n;

	if (!b)
		return SSL_write(ssl, data, size);
	BIO_clear_retry_flags(b);
	n = send(fd, data, size, MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(b);
	return n;
}

int kdtls_openssl_read(SSL *ssl, int fd, void *data, int size)
{
	BIO *b = dead_bio(ssl);
	int n;

	if (!b)
		return SSL_read(ssl, data, size);
	BIO_clear_retry_flags(b);
	n = recv(fd, data, size, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(b);
	return n;
}

int kdtls_openssl_get_error(SSL *ssl, int ret)
{
	BIO *b = dead_bio(ssl);

	if (!b)
		return SSL_get_error(ssl, ret);
	if (ret >= 0)
		return ret ? SSL_ERROR_NONE : SSL_ERROR_ZERO_RETURN;
	if (BIO_should_read(b))
		return SSL_ERROR_WANT_READ;
	if (BIO_should_write(b))
		return SSL_ERROR_WANT_WRITE;
	return SSL_ERROR_SYSCALL;
}
