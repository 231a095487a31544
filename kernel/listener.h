/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listening sockets: a bounded number of ClientHellos of unknown clients waits,
 * without any other state, until a daemon takes them. It answers with a cookie,
 * or admits a client that has shown it: only then there is an association.
 *
 * A listener lives as long as its socket's context; a lookup by id holds the
 * socket, as a ClientHello in the queue does.
 */
#ifndef KDTLS_LISTENER_H
#define KDTLS_LISTENER_H

#include <linux/kdtls.h>
#include <linux/list.h>
#include <linux/uidgid.h>

#include "address.h"
#include "turns.h"

struct kdtls_sock;
struct net;
struct sk_buff;

struct kdtls_listener {
	u64			id;	/* from the numbers of associations */
	struct kdtls_sock	*ks;
	kuid_t			uid;	/* of the process that listens */
	struct pid		*pid;	/* a reference; for logs */
	struct dtls_request	request;
	/* under the lock of the queue: */
	struct kdtls_turn	turn;	/* while ClientHellos wait */
	struct list_head	hellos;	/* oldest first */
	unsigned int		waiting;
};

struct kdtls_hello {
	struct list_head	list;
	struct kdtls_listener	*listener;	/* its socket is held */
	struct kdtls_ends	ends;
	size_t			len;
	u8			data[];		/* one record, or fragments in several */
};

/*
 * The caller holds ks->config; the request was checked. -EALREADY: it listens;
 * -ESRCH: no daemon serves any namespace; -ENOKEY: the user has no mapping;
 * -EBADF: the socket closes; -ENOMEM.
 */
int kdtls_listener_create(struct kdtls_sock *ks,
			  const struct dtls_request *request);
/* The socket closes: its ClientHellos are dropped, lookups do not find it. */
void kdtls_listener_close(struct kdtls_sock *ks);
/* The socket's context is freed. NULL: it never listened. */
void kdtls_listener_free(struct kdtls_listener *listener);

/*
 * A packet whose ends have no association. True if it was a ClientHello, or
 * fragments of one, and waits now, or was dropped for want of space. The daemon
 * decides by the first fragment, which shows the cookie (RFC 6347 section
 * 4.2.1); later ones are worth something only to a client that has shown it.
 * Process context.
 */
bool kdtls_listener_hello(struct kdtls_sock *ks, struct sk_buff *skb);

/* A listener by its id: its socket is held. NULL: there is none. */
struct kdtls_listener *kdtls_listener_get(struct net *net, u64 id);
void kdtls_listener_put(struct kdtls_listener *listener);

/*
 * The oldest ClientHello of a listener (id 0: of the one that has its turn), the
 * caller's now; or NULL.
 */
struct kdtls_hello *kdtls_hello_take(struct net *net, u64 id);
/* The daemon could not have it: it is the next again. */
void kdtls_hello_untake(struct kdtls_hello *hello);
void kdtls_hello_free(struct kdtls_hello *hello);

int __init kdtls_listener_init(void);
void kdtls_listener_exit(void);

#endif /* KDTLS_LISTENER_H */
