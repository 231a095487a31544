/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A datagram of the module's own: an alert, a flight, what the daemon says.
 *
 * Those are sent by whoever comes: the daemon, a work item, a reader of another
 * socket. UDP's sendmsg would do for them more than it may: it takes the
 * socket's lock if a call that was inside of it at attach has corked the
 * socket, takes the pending error away from the application, and reads what
 * close() takes away. So they are built here and given to IP.
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
