/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ocserv on kdtls: what its tlslib.c calls. */
#include <kdtls/gnutls.h>

/* A record of the kernel: into a buffer that the next one uses. */
static ssize_t kdtls_port_recv(struct dtls_st *dtls, gnutls_datum_t *data)
{
	static uint8_t record[DTLS_MAX_CONTENT];
	ssize_t n = kdtls_gnutls_recv(dtls->dtls_session, dtls->dtls_tptr.fd,
				      record, sizeof(record));

	data->data = record;
	data->size = n > 0 ? n : 0;
	return n;
}

/* Before the session is freed. */
static void kdtls_port_close(struct dtls_st *dtls)
{
	kdtls_gnutls_cancel(dtls->dtls_session);
	if (dtls->kdtls_attached)
		shutdown(dtls->dtls_tptr.fd, SHUT_WR);
}
