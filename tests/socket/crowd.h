/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One server socket with many peers, and its clients: each a connected socket
 * with its own keys, derived from its number.
 */
#ifndef KDTLS_TESTS_CROWD_H
#define KDTLS_TESTS_CROWD_H

#include "pair.h"

struct crowd {
	int family;		/* of the server */
	int server;
	struct sockaddr_storage addr;
	socklen_t addr_len;
};

struct client {
	int fd;
	unsigned int n;		/* its keys */
	struct sockaddr_storage addr;	/* in the server's family */
	__u64 id;		/* of the association on the server */
};

/* A bound, attached socket; any: for all addresses of the machine. */
void crowd_open(struct crowd *c, int family, bool any);
/*
 * A socket at an address that others use. option: SO_REUSEPORT, in their
 * group; SO_REUSEADDR, outside of it.
 */
void crowd_share(struct crowd *c, const struct crowd *where, int option);
/* Keys of the client and of the server for the peer with this number. */
void crowd_keys(struct dtls_keys *keys, unsigned int n, bool client);
/* An errno or 0. peer and local are NULL or addresses of the crowd's family. */
int crowd_add(struct crowd *c, unsigned int n, const void *peer,
	      const void *local);
/* Connected, keyed, and known to the server. family: the client's. */
void client_open(struct client *cl, struct crowd *c, int family,
		 unsigned int n);
/* The status by id or address; an errno or 0. */
int crowd_status(struct crowd *c, __u64 id, const void *peer,
		 struct dtls_status *status);
/*
 * The server's next message: its length or -1. from (of a client), id and type
 * may be NULL.
 */
ssize_t crowd_recv(struct crowd *c, void *buf, size_t size,
		   struct sockaddr_storage *from, __u64 *id, __u8 *type);
/* To an address, to an id, or both. */
ssize_t crowd_send(struct crowd *c, const void *to, __u64 id, const void *buf,
		   size_t len);
/* A canary from the client, identified by address and id, and one back. */
bool crowd_talks(struct crowd *c, const struct client *cl);
/* DTLS_PEELOFF from this socket: a file descriptor; -1 with errno set. */
int crowd_peeloff(int fd, __u64 id, __u32 flags);
bool same_addr(const struct sockaddr_storage *a,
	       const struct sockaddr_storage *b);

#endif
