// SPDX-License-Identifier: GPL-2.0
/* Clients and servers of two libraries, behind one set of calls. */
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <kdtls/gnutls.h>
#include <kdtls/openssl.h>

#include "ends.h"
#include "tap.h"

/*
 * OpenSSL gives up after twelve. The debug kernel under emulation may stall for
 * longer than twelve of the short ones.
 */
static unsigned int retransmit_ms(void)
{
	return on_debug_kernel() ? 200 : 60;
}

static struct suite {
	const char *openssl, *gnutls;
} suites[] = {
	[0] = { "ECDHE-ECDSA-AES256-SHA384", "+AES-256-CBC:+SHA384" },
	[DTLS_CIPHER_AES_128_GCM] = {
		"ECDHE-ECDSA-AES128-GCM-SHA256", "+AES-128-GCM:+AEAD" },
	[DTLS_CIPHER_AES_256_GCM] = {
		"ECDHE-ECDSA-AES256-GCM-SHA384", "+AES-256-GCM:+AEAD" },
	[DTLS_CIPHER_CHACHA20_POLY1305] = {
		"ECDHE-ECDSA-CHACHA20-POLY1305", "+CHACHA20-POLY1305:+AEAD" },
	[DTLS_CIPHER_AES_128_CCM] = {
		"ECDHE-ECDSA-AES128-CCM", "+AES-128-CCM:+AEAD" },
	[DTLS_CIPHER_AES_128_CCM_8] = {
		"ECDHE-ECDSA-AES128-CCM8", "+AES-128-CCM-8:+AEAD" },
};

/* one self-signed certificate for both libraries, not verified here */
static EVP_PKEY *key;
static X509 *cert;
static SSL_CTX *server_ctx[DTLS_CIPHER_MAX + 1], *client_ctx;
static gnutls_certificate_credentials_t server_cred, client_cred;
static gnutls_datum_t ticket_key;

static void make_certificate(void)
{
	X509_NAME *name;

	key = EVP_EC_gen("P-256");
	cert = X509_new();
	need(key && cert, "certificate");
	name = X509_get_subject_name(cert);
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_set_pubkey(cert, key);
	need(X509_sign(cert, key, EVP_sha256()), "X509_sign");
}

static gnutls_datum_t pem(int which)
{
	struct bio_st *b = BIO_new(BIO_s_mem());
	gnutls_datum_t d;
	char *data;

	if (which)
		PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL);
	else
		PEM_write_bio_X509(b, cert);
	d.size = BIO_get_mem_data(b, &data);
	d.data = memcpy(gnutls_malloc(d.size), data, d.size);
	BIO_free(b);
	return d;
}

static SSL_CTX *openssl_ctx(const SSL_METHOD *method)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	need(ctx, "SSL_CTX_new");
	SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION);
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"t", 1);
	return ctx;
}

void ends_init(void)
{
	gnutls_datum_t cert_pem, key_pem;
	unsigned int i;
	int ret;

	make_certificate();
	client_ctx = openssl_ctx(DTLS_client_method());
	for (i = 0; i <= DTLS_CIPHER_MAX; i++) {
		server_ctx[i] = openssl_ctx(DTLS_server_method());
		need(SSL_CTX_use_certificate(server_ctx[i], cert) == 1 &&
		     SSL_CTX_use_PrivateKey(server_ctx[i], key) == 1, "cert");
	}
	cert_pem = pem(0);
	key_pem = pem(1);
	gnutls_certificate_allocate_credentials(&client_cred);
	gnutls_certificate_allocate_credentials(&server_cred);
	ret = gnutls_certificate_set_x509_key_mem(server_cred, &cert_pem,
						  &key_pem,
						  GNUTLS_X509_FMT_PEM);
	need(!ret, "gnutls certificate");
	gnutls_free(cert_pem.data);
	gnutls_free(key_pem.data);
	need(!gnutls_session_ticket_key_generate(&ticket_key), "ticket key");
}

/* OpenSSL */

static unsigned int openssl_timer(SSL *ssl, unsigned int us)
{
	return retransmit_ms() * 1000;
}

static void openssl_start(struct end *e)
{
	SSL *ssl = SSL_new(e->server ? server_ctx[e->cipher] : client_ctx);
	char list[128];

	snprintf(list, sizeof(list), "%s:@SECLEVEL=0",
		 suites[e->cipher].openssl);
	need(ssl && SSL_set_cipher_list(ssl, list) == 1, list);
	DTLS_set_timer_cb(ssl, openssl_timer);
	if (e->mtu) {
		SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
		SSL_set_mtu(ssl, e->mtu);
	}
	if (e->saved)
		need(SSL_set_session(ssl, e->saved) == 1, "SSL_set_session");
	e->tls = ssl;
	need(!kdtls_openssl_prepare(ssl, e->fd, 0), "kdtls_openssl_prepare");
	if (e->server)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
}

static int openssl_step(struct end *e)
{
	int ret;

	ERR_clear_error();
	DTLSv1_handle_timeout(e->tls);
	ret = SSL_do_handshake(e->tls);
	if (ret == 1)
		return 1;
	ret = SSL_get_error(e->tls, ret);
	if (ret == SSL_ERROR_WANT_READ || ret == SSL_ERROR_WANT_WRITE)
		return 0;
	diag("openssl: error %d: %s", ret,
	     ERR_error_string(ERR_peek_error(), NULL));
	return -1;
}

static int openssl_attach(struct end *e)
{
	return kdtls_openssl_attach(e->tls, 0);
}

static void openssl_save(struct end *e)
{
	e->saved = SSL_get1_session(e->tls);
}

static void openssl_forget(void *saved)
{
	SSL_SESSION_free(saved);
}

static int openssl_write(struct end *e, const char *text)
{
	return SSL_write(e->tls, text, strlen(text)) > 0 ? 0 : -1;
}

static int openssl_read(struct end *e, char *buf, size_t size)
{
	return SSL_read(e->tls, buf, size);
}

static int openssl_cancel(struct end *e)
{
	return kdtls_openssl_cancel(e->tls);
}

static int openssl_feed(struct end *e, const void *datagram, size_t size)
{
	return kdtls_openssl_feed(e->tls, datagram, size);
}

static int openssl_meaning(struct end *e, int ret)
{
	int error = errno;

	if (ret > 0)
		return ret;
	switch (kdtls_openssl_get_error(e->tls, ret)) {
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return LATER;
	case SSL_ERROR_SYSCALL:
		if (error == EMSGSIZE)
			return TOO_LARGE;
		return error == EPIPE ? CLOSED : OTHER;
	default:
		return OTHER;
	}
}

static int openssl_say(struct end *e, const void *data, size_t size)
{
	ERR_clear_error();
	return openssl_meaning(e, kdtls_openssl_write(e->tls, e->fd, data, size));
}

static int openssl_hear(struct end *e, void *buf, size_t size)
{
	ERR_clear_error();
	return openssl_meaning(e, kdtls_openssl_read(e->tls, e->fd, buf, size));
}

static void openssl_stop(struct end *e)
{
	SSL_free(e->tls);
}

const struct end_ops openssl_end = {
	.name = "OpenSSL",
	.start = openssl_start,
	.step = openssl_step,
	.attach = openssl_attach,
	.save = openssl_save,
	.forget = openssl_forget,
	.write = openssl_write,
	.read = openssl_read,
	.cancel = openssl_cancel,
	.feed = openssl_feed,
	.say = openssl_say,
	.hear = openssl_hear,
	.stop = openssl_stop,
};

/* GnuTLS */

static void gtls_start(struct end *e)
{
	gnutls_session_t s;
	gnutls_datum_t *saved = e->saved;
	char list[256];

	need(!gnutls_init(&s, (e->server ? GNUTLS_SERVER : GNUTLS_CLIENT) |
			  GNUTLS_DATAGRAM | GNUTLS_NONBLOCK), "gnutls_init");
	snprintf(list, sizeof(list), "NONE:%s:%s:%s",
		 "+VERS-DTLS1.2:+ECDHE-ECDSA:+SIGN-ALL:+GROUP-ALL",
		 "+COMP-NULL:+CTYPE-ALL", suites[e->cipher].gnutls);
	need(!gnutls_priority_set_direct(s, list, NULL), list);
	gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE,
			       e->server ? server_cred : client_cred);
	if (e->server)
		gnutls_session_ticket_enable_server(s, &ticket_key);
	gnutls_dtls_set_timeouts(s, retransmit_ms(), 10000);
	if (e->limit)
		need(!gnutls_record_set_max_recv_size(s, e->limit), "limit");
	if (e->mtu)
		gnutls_dtls_set_mtu(s, e->mtu);
	if (saved)
		need(!gnutls_session_set_data(s, saved->data, saved->size),
		     "gnutls_session_set_data");
	e->tls = s;
	need(!kdtls_gnutls_prepare(s, e->fd, 0), "kdtls_gnutls_prepare");
}

static int gtls_step(struct end *e)
{
	int ret = gnutls_handshake(e->tls);

	if (!ret)
		return 1;
	if (!gnutls_error_is_fatal(ret))
		return 0;
	diag("gnutls: %s", gnutls_strerror(ret));
	return -1;
}

static int gtls_attach(struct end *e)
{
	return kdtls_gnutls_attach(e->tls, 0);
}

static void gtls_save(struct end *e)
{
	gnutls_datum_t *d = calloc(1, sizeof(*d));

	if (!gnutls_session_get_data2(e->tls, d))
		e->saved = d;
}

static void gtls_forget(void *saved)
{
	gnutls_datum_t *d = saved;

	gnutls_free(d->data);
	free(d);
}

static int gtls_write(struct end *e, const char *text)
{
	return gnutls_record_send(e->tls, text, strlen(text)) > 0 ? 0 : -1;
}

static int gtls_read(struct end *e, char *buf, size_t size)
{
	return gnutls_record_recv(e->tls, buf, size);
}

static int gtls_cancel(struct end *e)
{
	return kdtls_gnutls_cancel(e->tls);
}

static int gtls_feed(struct end *e, const void *datagram, size_t size)
{
	return kdtls_gnutls_feed(e->tls, datagram, size);
}

static int gtls_meaning(int ret)
{
	switch (ret) {
	case GNUTLS_E_AGAIN:
	case GNUTLS_E_INTERRUPTED:
		return LATER;
	case GNUTLS_E_LARGE_PACKET:
		return TOO_LARGE;
	case GNUTLS_E_INVALID_SESSION:
		return CLOSED;
	default:
		return ret < 0 ? OTHER : ret;
	}
}

static int gtls_say(struct end *e, const void *data, size_t size)
{
	return gtls_meaning(kdtls_gnutls_send(e->tls, e->fd, data, size));
}

static int gtls_hear(struct end *e, void *buf, size_t size)
{
	return gtls_meaning(kdtls_gnutls_recv(e->tls, e->fd, buf, size));
}

static void gtls_stop(struct end *e)
{
	kdtls_gnutls_cancel(e->tls);
	gnutls_deinit(e->tls);
}

const struct end_ops gnutls_end = {
	.name = "GnuTLS",
	.start = gtls_start,
	.step = gtls_step,
	.attach = gtls_attach,
	.save = gtls_save,
	.forget = gtls_forget,
	.write = gtls_write,
	.read = gtls_read,
	.cancel = gtls_cancel,
	.feed = gtls_feed,
	.say = gtls_say,
	.hear = gtls_hear,
	.stop = gtls_stop,
};
