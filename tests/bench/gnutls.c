// SPDX-License-Identifier: GPL-2.0
/* GnuTLS's DTLS over sockets: one system call a record, as it comes. */
#include <fcntl.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

#include "bench.h"
#include "pair.h"
#include "tap.h"

#define PRIORITY "NONE:+VERS-DTLS1.2:+PSK:+AES-128-GCM:+AEAD:+SIGN-ALL:+COMP-NULL"

static struct pair pair;
static gnutls_session_t client, server;
static gnutls_psk_client_credentials_t client_cred;
static gnutls_psk_server_credentials_t server_cred;
static unsigned char psk[16] = { 1 };

static int psk_server(gnutls_session_t session, const char *user,
		      gnutls_datum_t *key)
{
	key->data = gnutls_malloc(sizeof(psk));
	if (!key->data)
		return -1;
	memcpy(key->data, psk, sizeof(psk));
	key->size = sizeof(psk);
	return 0;
}

static void credentials(void)
{
	gnutls_datum_t key = { psk, sizeof(psk) };

	if (client_cred)
		return;
	gnutls_psk_allocate_client_credentials(&client_cred);
	gnutls_psk_allocate_server_credentials(&server_cred);
	need(!gnutls_psk_set_client_credentials(client_cred, "bench", &key,
						GNUTLS_PSK_KEY_RAW), "psk");
	gnutls_psk_set_server_credentials_function(server_cred, psk_server);
}

static gnutls_session_t session(unsigned int end, void *cred, int fd)
{
	gnutls_session_t s;

	need(!gnutls_init(&s, end | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK) &&
	     !gnutls_priority_set_direct(s, PRIORITY, NULL), "gnutls_init");
	gnutls_credentials_set(s, GNUTLS_CRD_PSK, cred);
	gnutls_dtls_set_mtu(s, 1500);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	gnutls_transport_set_int(s, fd);
	return s;
}

static bool step(gnutls_session_t s)
{
	int ret = gnutls_handshake(s);

	if (ret && gnutls_error_is_fatal(ret))
		diag("GnuTLS: %s", gnutls_strerror(ret));
	need(!ret || !gnutls_error_is_fatal(ret), "GnuTLS handshake");
	return !ret;
}

static void gnutls_open(const struct load *load)
{
	bool done_client = false, done_server = false;

	pair_plain(&pair, AF_INET);
	credentials();
	client = session(GNUTLS_CLIENT, client_cred, pair.a);
	server = session(GNUTLS_SERVER, server_cred, pair.b);
	while (!done_client || !done_server) {
		done_client = done_client || step(client);
		done_server = done_server || step(server);
	}
}

static void gnutls_round(const struct load *load)
{
	need(gnutls_record_send(client, load->out, load->bytes) ==
	     (ssize_t)load->bytes, "gnutls_record_send");
	need(gnutls_record_recv(server, load->in, load->bytes) ==
	     (ssize_t)load->bytes, "gnutls_record_recv");
}

static void gnutls_close(void)
{
	gnutls_deinit(client);
	gnutls_deinit(server);
	pair_close(&pair);
}

const struct path path_gnutls = {
	.name = "gnutls",
	.batches = { [BATCH_1] = true },
	.cipher = "AES-128-GCM",
	.open = gnutls_open,
	.round = gnutls_round,
	.close = gnutls_close,
};
