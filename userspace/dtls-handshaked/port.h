/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's control port as the daemon sees it: port_netlink.c is the real
 * one, tests/daemon has another over plain UDP sockets.
 *
 * Requests are answered when they return: 0 or -errno. What the kernel says by
 * itself is read by ready() and handed over by dispatch() only, so that no
 * handler runs inside a request.
 */
#ifndef PORT_H
#define PORT_H

#include "handshake.h"

#define PORT_MAX_FDS 4

struct port_handler {
	/* Handshakes or ClientHellos may wait: ask until -EAGAIN. */
	void (*wanted)(void *ctx);
	/* Datagrams or ends of our handshakes may wait: ask with next(). */
	void (*waiting)(void *ctx);
	void (*datagram)(void *ctx, uint64_t id, const void *data, size_t len);
	/* The kernel has forgotten the handshake. */
	void (*cancelled)(void *ctx, uint64_t id, int status);
};

struct port;

struct port_ops {
	/* Fills fds to poll for input; how many. */
	int (*fds)(struct port *port, int fds[PORT_MAX_FDS]);
	/* Reads what came. */
	void (*ready)(struct port *port, int fd);
	/* Once a second. */
	void (*tick)(struct port *port);
	void (*dispatch)(struct port *port);
	/*
	 * Takes up to count messages of the kernel, which dispatch() hands over.
	 * -EAGAIN when none waits.
	 */
	int (*next)(struct port *port, unsigned int count);
	/* The handshake that has its turn; -EAGAIN when none waits. */
	int (*accept)(struct port *port, struct handshake_request *request);
	/* A ClientHello of an unknown client; as above. */
	int (*hello)(struct port *port, struct hello *hello);
	/* Sends him a HelloVerifyRequest. */
	int (*challenge)(struct port *port, const struct hello *answer);
	/* Makes a handshake of him: -EEXIST when he has one. */
	int (*admit)(struct port *port, const struct hello *hello,
		     struct handshake_request *request);
	/* -EMSGSIZE: it does not fit the path. */
	int (*send)(struct port *port, uint64_t id, const void *data, size_t len);
	/*
	 * Bytes of UDP payload that fit the path now. narrow: more than that arrive
	 * nowhere, which the association keeps; or 0.
	 */
	int (*path)(struct port *port, uint64_t id, uint32_t narrow, uint32_t *mtu);
	/* Both directions. */
	int (*install)(struct port *port, uint64_t id, const struct dtls_keys *keys);
	int (*last_flight)(struct port *port, uint64_t id, const void *flight, size_t len);
	int (*done)(struct port *port, uint64_t id, const struct handshake_result *result);
	void (*close)(struct port *port);
};

struct port {
	const struct port_ops *ops;
	const struct port_handler *handler;
	void *ctx;
	/* When it is of no more use: the daemon ends with it. It was logged. */
	int status;
};

/* Logs what is wrong; NULL, and *status is the exit status that says so. */
struct port *port_netlink_open(int *status);

#endif
