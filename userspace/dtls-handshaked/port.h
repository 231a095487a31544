/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interface to the kernel's control port. port_netlink.c implements it;
 * tests/daemon has an implementation over UDP sockets.
 *
 * A request is synchronous: 0 or -errno. Notifications of the kernel are read by
 * ready() and passed on by dispatch() only, so that no callback runs inside a request.
 */
#ifndef PORT_H
#define PORT_H

#include "handshake.h"

#define PORT_MAX_FDS 4

struct port_handler {
	/* Handshakes or ClientHellos may be queued: call accept() and hello(). */
	void (*wanted)(void *ctx);
	/* Datagrams or cancellations may be queued: call next(). */
	void (*waiting)(void *ctx);
	void (*datagram)(void *ctx, uint64_t id, const void *data, size_t len);
	/* A fragment of a NewSessionTicket, opened, behind done() that asked for it. */
	void (*ticket)(void *ctx, uint64_t id, const void *data, size_t len);
	/* The kernel ended the handshake. */
	void (*cancelled)(void *ctx, uint64_t id, int status);
};

struct port;

struct port_ops {
	/* Fills fds to poll for input; returns their number. */
	int (*fds)(struct port *port, int fds[PORT_MAX_FDS]);
	/* Reads from a descriptor that is readable. */
	void (*ready)(struct port *port, int fd);
	/* Once a second. */
	void (*tick)(struct port *port);
	void (*dispatch)(struct port *port);
	/*
	 * Takes up to count datagrams and cancellations, which dispatch() passes
	 * on. -EAGAIN: none is queued.
	 */
	int (*next)(struct port *port, unsigned int count);
	/* The next handshake; -EAGAIN: none is queued. */
	int (*accept)(struct port *port, struct handshake_request *request);
	/* The next ClientHello of an unknown client; -EAGAIN: none is queued. */
	int (*hello)(struct port *port, struct hello *hello);
	/* Sends a HelloVerifyRequest to an unknown client. */
	int (*challenge)(struct port *port, const struct hello *answer);
	/* Creates the association and its handshake; -EEXIST: the client has one. */
	int (*admit)(struct port *port, const struct hello *hello,
		     struct handshake_request *request);
	/* cid: in its records of DTLS 1.3. -EMSGSIZE: it exceeds the path MTU. */
	int (*send)(struct port *port, uint64_t id, const struct cid *cid,
		    const void *data, size_t len);
	/*
	 * *mtu: UDP payload bytes that fit the path. narrow: the path MTU inferred
	 * from loss, which the association keeps; or 0.
	 */
	int (*path)(struct port *port, uint64_t id, uint32_t narrow, uint32_t *mtu);
	/* Installs the keys of both directions. */
	int (*install)(struct port *port, uint64_t id, const struct dtls_keys *keys);
	int (*last_flight)(struct port *port, uint64_t id, const void *flight, size_t len);
	int (*done)(struct port *port, uint64_t id, const struct handshake_result *result);
	void (*close)(struct port *port);
};

struct port {
	const struct port_ops *ops;
	const struct port_handler *handler;
	void *ctx;
	/* Nonzero: the port is unusable, and the daemon exits with this status. Logged. */
	int status;
};

/* NULL after an error, which is logged; *status: the exit status for it. */
struct port *port_netlink_open(int *status);

#endif
