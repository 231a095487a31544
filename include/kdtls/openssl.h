/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libkdtls-openssl: the kernel takes over a DTLS 1.2 session of OpenSSL.
 *
 *	kdtls_openssl_prepare(ssl, fd, 0);	instead of SSL_set_bio()
 *	SSL_connect(ssl);			or SSL_accept()
 *	...check the peer, take what you want to know from the SSL...
 *	kdtls_openssl_attach(ssl, 0);
 *	SSL_free(ssl);
 *	send(fd, ...); recv(fd, ...);
 *
 * The functions return 0, or -1 with errno set. OpenSSL calls its struct ssl_st
 * SSL too; it is used by one thread at a time, as OpenSSL itself demands.
 * libkdtls(3) says more.
 */
#ifndef KDTLS_OPENSSL_H
#define KDTLS_OPENSSL_H

#include <openssl/ssl.h>
#include <kdtls/kdtls.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * kdtls_openssl_prepare - get a session ready to be handed over
 * @ssl: DTLS, before SSL_connect() or SSL_accept() (after DTLSv1_listen())
 * @fd: connected UDP socket; stays the caller's
 * @flags: zero
 *
 * Gives @ssl a BIO of our own over @fd. BIOs that it had are freed without
 * closing their fd. Application data of the peer that arrives from here on is
 * kept for the kernel (up to 256 records or 256 KiB, later ones are lost, as
 * datagrams may be); OpenSSL never sees it. End with kdtls_openssl_attach(),
 * kdtls_openssl_cancel() or SSL_free().
 *
 * Errors: ENOTCONN (connect() the socket first), EPROTOTYPE (not a UDP
 * socket, or not a DTLS session), EALREADY (prepared before), EINVAL
 * (@flags), ENOMEM.
 */
int kdtls_openssl_prepare(struct ssl_st *ssl, int fd, unsigned int flags);

/**
 * kdtls_openssl_feed - hand over a datagram that was read before the prepare
 *
 * As kdtls_gnutls_feed().
 */
int kdtls_openssl_feed(struct ssl_st *ssl, const void *datagram, size_t size);

/**
 * kdtls_openssl_attach - hand a session over to the kernel
 * @ssl: prepared, after a successful SSL_connect() or SSL_accept()
 * @flags: zero, or KDTLS_OPENSSL_KEEP
 *
 * From its return on the application uses send() and recv() on the socket,
 * and the kernel answers the peer, its close_notify included. OpenSSL does no
 * I/O any more: its calls fail with EPIPE. Its record keys are wiped by
 * SSL_clear(), which forgets ALPN, SNI and exporter too: ask before, or keep
 * everything until SSL_free() with KDTLS_OPENSSL_KEEP. The SSL_SESSION stays
 * good for certificates and for resumption.
 *
 * Errors: as kdtls_gnutls_attach().
 */
int kdtls_openssl_attach(struct ssl_st *ssl, unsigned int flags);

/* kdtls_openssl_attach(): do not SSL_clear() */
#define KDTLS_OPENSSL_KEEP	0x1

/**
 * kdtls_openssl_cancel - give a prepared session an ordinary datagram BIO
 *
 * For a program that goes on with SSL_read() and SSL_write() when the attach
 * was refused. Application data that was kept is lost. Errors: ENODEV (not
 * prepared, or attached already), ENOMEM.
 */
int kdtls_openssl_cancel(struct ssl_st *ssl);

/**
 * kdtls_openssl_write - SSL_write(), whoever has the session
 * @ssl: not prepared, cancelled, or attached and not freed
 * @fd: of the socket; used only when the kernel has the session
 *
 * For a program that also runs where there is no kdtls. Returns the bytes, or what
 * kdtls_openssl_get_error() explains. One record a call, up to kdtls_mtu() bytes
 * (EMSGSIZE) when the kernel has the session.
 */
int kdtls_openssl_write(struct ssl_st *ssl, int fd, const void *data, int size);

/**
 * kdtls_openssl_read - SSL_read(), whoever has the session
 *
 * Reads one record; of one longer than @size the rest is lost when the kernel has
 * the session. 0: the peer closed.
 */
int kdtls_openssl_read(struct ssl_st *ssl, int fd, void *data, int size);

/**
 * kdtls_openssl_get_error - SSL_get_error() of those two, right after the call
 * @ret: what it returned
 *
 * When the kernel has the session: SSL_ERROR_NONE, _ZERO_RETURN, _WANT_READ,
 * _WANT_WRITE (also after EINTR), or _SYSCALL and errno.
 */
int kdtls_openssl_get_error(struct ssl_st *ssl, int ret);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* KDTLS_OPENSSL_H */
