/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between parent and worker: per SOCK_SEQPACKET message a header and one
 * structure of fixed size, or bytes for datagrams and flights; struct hello ends
 * with bytes. Neither side trusts the other: ipc_recv() checks version, type,
 * length and the termination of strings before a message is used.
 */
#ifndef IPC_H
#define IPC_H

#include "handshake.h"

#define IPC_VERSION 4

enum ipc_type {
	IPC_START = 1,		/* to the worker: struct handshake_request */
	IPC_DATAGRAM,		/* both ways: bytes */
	IPC_CANCEL,		/* to the worker: nothing */
	IPC_HELLO,		/* to the worker: struct hello of an unknown client */
	IPC_KEYS,		/* to the parent: nothing, they are in the vault */
	IPC_FLIGHT,		/* to the parent: struct dtls_flight, records */
	IPC_DONE,		/* to the parent: struct handshake_result, no exporter */
	IPC_CHALLENGE,		/* to the parent: struct hello, with a HelloVerifyRequest */
	IPC_ADMIT,		/* to the parent: struct hello with a valid cookie */
	IPC_NO_HELLO,		/* to the parent: a hello is ignored; nothing */
	IPC_FRAGMENT,		/* to the parent: a hello was a later fragment; nothing */
	IPC_PING,		/* to the worker: asks for IPC_PONG; nothing */
	IPC_PONG,		/* to the parent: nothing */
	IPC_PATH,		/* both ways: struct path, a query or its answer */
	IPC_CID,		/* to the parent: struct cid, in datagrams from now on */
	IPC_TICKET,		/* to the worker, behind IPC_DONE: bytes, a fragment */
	IPC_TAKEN,		/* to the parent: it processed `id` messages; nothing */
};

/* UDP payload bytes. */
struct path {
	uint32_t mtu;		/* the answer: what fits the path */
	uint32_t narrow;	/* the path MTU inferred from loss, or 0 */
};

struct ipc_message {
	struct {
		uint16_t version;
		uint16_t type;
		uint32_t len;
		uint64_t id;
	} head;
	union {
		struct handshake_request request;
		struct handshake_result result;
		struct hello hello;
		struct path path;
		struct cid cid;
		uint8_t bytes[MAX_DATAGRAM];
	};
};

/* A pair of sockets, close-on-exec; the first one does not block. */
bool ipc_pair(int fds[2]);

/* 0, or -errno (-EAGAIN: the other side is slow and this one does not block). */
int ipc_send(int fd, enum ipc_type type, uint64_t id, const void *data, size_t len);

/* The same with a struct hello, without the unused bytes. */
int ipc_send_hello(int fd, enum ipc_type type, const struct hello *hello);

enum ipc_status { IPC_MESSAGE, IPC_NOTHING, IPC_CLOSED, IPC_BAD };

enum ipc_status ipc_recv(int fd, struct ipc_message *m);

#endif
