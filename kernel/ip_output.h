/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A datagram that the module sends: an alert, a flight, a datagram of the daemon.
 *
 * The sender may be the daemon, a work item or a reader of another socket, and
 * UDP's sendmsg is not for these: it takes the socket lock if a call that was
 * inside UDP at attach has corked the socket, it consumes the application's
 * pending error, and it reads members that close() releases. So the datagram is
 * built here and given to IP.
 */
#ifndef KDTLS_IP_OUTPUT_H
#define KDTLS_IP_OUTPUT_H

#include "address.h"

/*
 * The local end's address may be none. 0 if it was sent or dropped on the way;
 * -EAGAIN: SO_SNDBUF is full; -EMSGSIZE: too long for the path; -ENOMEM; or why
 * there is no route. Never changes sk_err. Process context, takes no lock of the
 * socket's and does not wait.
 */
int kdtls_ip_output(struct sock *sk, const struct kdtls_ends *ends,
		    const void *data, size_t len);

#endif /* KDTLS_IP_OUTPUT_H */
