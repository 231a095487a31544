/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libkdtls-gnutls: the kernel takes over a DTLS 1.2 session of GnuTLS.
 *
 *	kdtls_gnutls_prepare(session, fd, 0);
 *	do {
 *		ret = gnutls_handshake(session);
 *	} while (ret < 0 && !gnutls_error_is_fatal(ret));
 *	...check the peer, take what you want to know from the session...
 *	kdtls_gnutls_attach(session, 0);
 *	gnutls_deinit(session);
 *	send(fd, ...); recv(fd, ...);
 *
 * The functions return 0, or -1 with errno set. A session is used by one
 * thread at a time, as GnuTLS itself demands. libkdtls(3) says more.
 */
#ifndef KDTLS_GNUTLS_H
#define KDTLS_GNUTLS_H

#include <gnutls/gnutls.h>
#include <kdtls/kdtls.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * kdtls_gnutls_prepare - get a session ready to be handed over
 * @session: made with GNUTLS_DATAGRAM, before gnutls_handshake()
 * @fd: connected UDP socket; stays the caller's
 * @flags: zero
 *
 * Replaces the session's transport pointer and its push, pull and
 * pull-timeout functions; do not set them again. Application data of the peer
 * that arrives from here on is kept for the kernel (up to 256 records or
 * 256 KiB, later ones are lost, as datagrams may be); the session never sees
 * it. End with kdtls_gnutls_attach() or kdtls_gnutls_cancel(), before
 * gnutls_deinit().
 *
 * Errors: ENOTCONN (connect() the socket first), EPROTOTYPE (not a UDP
 * socket), EALREADY (prepared before), EINVAL (@flags), ENOMEM.
 */
int kdtls_gnutls_prepare(gnutls_session_t session, int fd,
			 unsigned int flags);

/**
 * kdtls_gnutls_feed - hand over a datagram that was read before the prepare
 * @session: prepared
 * @datagram: of the peer that the socket is connected to, such as the
 *	ClientHello that made a server choose this session; @size bytes
 *
 * The session reads it before all that the socket has, once. Errors: ENODEV (not
 * prepared), EBUSY (the one before was not read yet), EMSGSIZE.
 */
int kdtls_gnutls_feed(gnutls_session_t session, const void *datagram,
		      size_t size);

/**
 * kdtls_gnutls_attach - hand a session over to the kernel
 * @session: prepared, after a successful gnutls_handshake()
 * @flags: zero
 *
 * From its return on the application uses send() and recv() on the socket,
 * and the kernel answers the peer, its close_notify included. The session can
 * still be asked (certificates, ALPN, exporters) but does no I/O any more: it
 * fails with EPIPE. Its keys are wiped by gnutls_deinit() only, so call that
 * as soon as you can.
 *
 * Errors that leave session and socket as they were: ENODEV (not prepared),
 * EAGAIN (the handshake is not finished), EBUSY (data corked in the session,
 * or a renegotiation wanted), EPIPE (an alert was sent or the session closed),
 * EPROTONOSUPPORT (not DTLS 1.2, or this kernel has no kdtls), EOPNOTSUPP
 * (cipher, or more than one handshake), EBADMSG (the keys do not open what was sent),
 * EMSGSIZE (the last flight is larger than the kernel takes), ENOMEM, and
 * those of kdtls_enable().
 *
 * What the kernel refuses after it was enabled (ENOENT: no such algorithm,
 * ENOMEM, ENOTCONN) comes too late to go back: the socket can no longer
 * carry what the session sends. Close both.
 */
int kdtls_gnutls_attach(gnutls_session_t session,
			unsigned int flags);

/**
 * kdtls_gnutls_cancel - give a prepared session its ordinary I/O back
 *
 * For a program that goes on with the session when the attach was refused, or
 * that gives up. Application data that was kept is lost. Errors: ENODEV (not prepared, or
 * attached already).
 */
int kdtls_gnutls_cancel(gnutls_session_t session);

/**
 * kdtls_gnutls_send - gnutls_record_send(), whoever has the session
 * @session: not prepared, cancelled, or attached; NULL: attached and freed since
 * @fd: of the socket; used only when the kernel has the session
 *
 * For a program that also runs where there is no kdtls. Returns what GnuTLS
 * does: @size, or GNUTLS_E_AGAIN, _INTERRUPTED, _LARGE_PACKET (EMSGSIZE),
 * _INVALID_SESSION (EPIPE: closed), _FATAL_ALERT_RECEIVED (ECONNRESET),
 * _RECORD_LIMIT_REACHED (EKEYEXPIRED) and for other errors _PUSH_ERROR. errno is
 * the kernel's.
 */
ssize_t kdtls_gnutls_send(gnutls_session_t session, int fd, const void *data,
			  size_t size);

/**
 * kdtls_gnutls_recv - gnutls_record_recv(), whoever has the session
 *
 * Reads one record; of one longer than @size the rest is lost when the kernel has
 * the session. Returns its length, 0 after the peer's close_notify, or an error as
 * kdtls_gnutls_send(); for other errors _PULL_ERROR.
 */
ssize_t kdtls_gnutls_recv(gnutls_session_t session, int fd, void *data,
			  size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* KDTLS_GNUTLS_H */
