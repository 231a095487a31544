// SPDX-License-Identifier: GPL-2.0
/* GnuTLS's DTLS: over a socket, or over buffers that gather. */
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

#include "library.h"
#include "tap.h"

#define PRIORITY "NONE:+VERS-DTLS1.2:+PSK:+%s:+AEAD:+SIGN-ALL:+COMP-NULL"

/* Destination and source of an end's records, when in memory. */
struct buffers {
	gnutls_session_t session;
	struct gathered *out, *in;
};

static struct buffers ends[LIBRARY_ENDS];
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

static ssize_t push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	struct buffers *b = ptr;

	if (gather_put(b->out, data, len))
		return len;
	gnutls_transport_set_errno(b->session, EAGAIN);
	return -1;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *data, size_t len)
{
	struct buffers *b = ptr;
	size_t got = gather_take(b->in, data, len);

	if (got)
		return got;
	gnutls_transport_set_errno(b->session, EAGAIN);
	return -1;
}

static int pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	struct buffers *b = ptr;

	return !gather_empty(b->in);
}

static gnutls_session_t session(unsigned int role, void *cred,
				const struct cipher *cipher)
{
	gnutls_session_t s;
	char priority[128];

	snprintf(priority, sizeof(priority), PRIORITY, cipher->gnutls);
	need(!gnutls_init(&s, role | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK) &&
	     !gnutls_priority_set_direct(s, priority, NULL), "gnutls_init");
	gnutls_credentials_set(s, GNUTLS_CRD_PSK, cred);
	return s;
}

static bool step(int end)
{
	int ret = gnutls_handshake(ends[end].session);

	if (ret && gnutls_error_is_fatal(ret))
		diag("GnuTLS: %s", gnutls_strerror(ret));
	need(!ret || !gnutls_error_is_fatal(ret), "GnuTLS handshake");
	return !ret;
}

static void make(int end, const struct cipher *cipher, int fd)
{
	struct buffers *b = &ends[end];

	credentials();
	if (b->session)
		gnutls_deinit(b->session);
	b->session = session(end % 2 ? GNUTLS_SERVER : GNUTLS_CLIENT,
			     end % 2 ? (void *)server_cred : client_cred,
			     cipher);
	/* limits records, too; those of the handshake are small here */
	gnutls_dtls_set_mtu(b->session, MAX_BYTES + MAX_OVERHEAD);
	if (fd >= 0)
		gnutls_transport_set_int(b->session, fd);
}

static void in_memory(int end, struct gathered *to)
{
	struct buffers *b = &ends[end];

	b->in = &to[end % 2];
	b->out = &to[!(end % 2)];
	gnutls_transport_set_ptr(b->session, b);
	gnutls_transport_set_push_function(b->session, push);
	gnutls_transport_set_pull_function(b->session, pull);
	gnutls_transport_set_pull_timeout_function(b->session, pull_timeout);
}

static void write_record(int end, const void *data, size_t len)
{
	need(gnutls_record_send(ends[end].session, data, len) == (ssize_t)len,
	     "gnutls_record_send");
}

static bool read_record(int end, void *data, size_t len)
{
	ssize_t ret = gnutls_record_recv(ends[end].session, data, len);

	if (ret == (ssize_t)len)
		return true;
	need(ret < 0 && !gnutls_error_is_fatal(ret), "gnutls_record_recv");
	return false;
}

static const char *version(void)
{
	return gnutls_check_version(NULL);
}

const struct library library_gnutls = {
	.name = "gnutls",
	.version = version,
	.make = make,
	.in_memory = in_memory,
	.step = step,
	.write = write_record,
	.read = read_record,
};
