/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A server with DTLS_CID and peers with Connection IDs, each of which may send from
 * two addresses.
 */
#ifndef KDTLS_TESTS_CID_PEER_H
#define KDTLS_TESTS_CID_PEER_H

#include "crowd.h"
#include "side.h"

#define GCM	DTLS_CIPHER_AES_128_GCM
#define CID_LEN	8

/* A peer of the server: plain sockets, and the keys. */
struct peer {
	struct side	up, down;	/* to the server, from it */
	u64		seq;		/* of up */
	int		fd, other;	/* where it was first, where it is next */
	struct sockaddr_storage addr, other_addr;
	u64		id;
};

extern struct crowd server;
extern u8 peer_record[2 * SIDE_MAX_RECORD], peer_in[SIDE_MAX_RECORD];

/* The server's socket; any: for all addresses. */
void peers_begin(bool any);
/* The errno of DTLS_CID, or 0. */
int set_cid_len(int fd, u32 len);
/* A plain socket, connected to the server. */
int peer_socket(struct sockaddr_storage *addr);
/* cid: in its records to the server, "" for none. */
void peer_init(struct peer *p, u8 byte, const char *cid);
/* Its keys on this socket: 0 or the errno. local: our end, NULL for any. */
int peer_add(struct peer *p, struct crowd *c);
int peer_add_at(struct peer *p, struct crowd *c, const struct sockaddr_storage *local);
/* Both. */
void peer_open(struct peer *p, u8 byte, const char *cid);
void peer_close(struct peer *p);
/* A record from one of its sockets. */
void peer_says(struct peer *p, int fd, const char *text);
/* The next record that c reads is this one, of this peer, by that name. */
bool heard_from(struct crowd *c, const struct peer *p, const char *text,
		const struct sockaddr_storage *name);
/* ... by its first address. */
bool heard(struct crowd *c, const struct peer *p, const char *text);
bool nothing(struct crowd *c);
/* What is sent to this name opens at fd. */
bool answered_at(struct crowd *c, const struct peer *p,
		 const struct sockaddr_storage *name, int fd);
bool answered(struct crowd *c, const struct peer *p);

#endif /* KDTLS_TESTS_CID_PEER_H */
