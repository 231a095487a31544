// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * GnuTLS negotiates, then the kernel protects the data.
 * example-gnutls-handover ADDRESS PORT NAME CA-FILE
 */
#include <kdtls/gnutls.h>

#include "udp.h"

static void check_tls(int ret, const char *what)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, gnutls_strerror(ret));
	exit(1);
}

int main(int argc, char **argv)
{
	gnutls_certificate_credentials_t cred;
	gnutls_session_t session;
	int fd, ret;

	if (argc != 5) {
		fprintf(stderr, "Usage: %s ADDRESS PORT NAME CA\n", argv[0]);
		return 2;
	}
	gnutls_certificate_allocate_credentials(&cred);
	ret = gnutls_certificate_set_x509_trust_file(cred, argv[4],
						     GNUTLS_X509_FMT_PEM);
	check_tls(ret, argv[4]);
	gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_DATAGRAM);
	gnutls_set_default_priority(session);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, cred);
	gnutls_server_name_set(session, GNUTLS_NAME_DNS, argv[3],
			       strlen(argv[3]));
	gnutls_session_set_verify_cert(session, argv[3], 0);

	fd = udp_connect(argv[1], argv[2]);
	check(kdtls_gnutls_prepare(session, fd, 0), "prepare");
	do {
		ret = gnutls_handshake(session);
	} while (ret < 0 && !gnutls_error_is_fatal(ret));
	check_tls(ret, "handshake");
	check(kdtls_gnutls_attach(session, 0), "attach");
	gnutls_deinit(session);

	udp_exchange(fd);
	return 0;
}
