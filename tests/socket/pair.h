/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two UDP sockets on loopback, connected to each other, attached and keyed by
 * the test: the fixture of every test in this directory.
 */
#ifndef KDTLS_TESTS_PAIR_H
#define KDTLS_TESTS_PAIR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include <linux/kdtls.h>

struct pair {
	int a, b;		/* client, server */
	int family;
	struct sockaddr_storage addr_a, addr_b;
	socklen_t addr_len;
};

/* Plain sockets, bound and connected. */
void pair_plain(struct pair *p, int family);
/* DTLS_ULP on both. */
void pair_attach(struct pair *p);
/* DTLS_KEYS of one end: keys are made from the numbers alone. */
void pair_keys(struct dtls_keys *keys, int cipher, bool client);
int pair_set_keys(int fd, const struct dtls_keys *keys);
/* The same of DTLS 1.3, as traffic secrets. */
void pair_keys13(struct dtls_keys *keys, int cipher, bool client);
/* All of it. */
void pair_open(struct pair *p, int family, int cipher);
void pair_open13(struct pair *p, int family, int cipher);
void pair_close(struct pair *p);

/* Only b is attached and keyed (as server): a is plain and sends anything. */
void pair_victim(struct pair *p, int family, int cipher);
/*
 * A genuine record, as a client with the keys of pair_keys() would send it
 * with this number; made by another socket. Returns its length.
 */
#define PAIR_MAX_RECORD	17000
size_t pair_record(int cipher, unsigned int epoch,
		   unsigned long long seq, const void *data, size_t len,
		   void *record);
/* The same with another content type: alert (not a fatal one) or data. */
size_t pair_record_typed(int cipher, unsigned int epoch,
			 unsigned long long seq, unsigned char type,
			 const void *data, size_t len, void *record);

/* One record of this content type: alert or data. */
void pair_send_typed(int fd, unsigned char type, const void *data, size_t len);

/* of a clock that only goes on */
long pair_ms(void);
/* milliseconds; true when fd has one of these events */
bool pair_poll(int fd, short events, int ms);
/*
 * recv() of what comes within so many milliseconds, else -1 and EAGAIN. poll() may
 * report a record that is still being opened: a single recv(MSG_DONTWAIT) may be early.
 */
ssize_t pair_recv(int fd, void *buf, size_t room, int ms);
/* One read: a segment, or with UDP_GRO several, and how long they are. */
ssize_t pair_recv_batch(int fd, void *buf, size_t room, size_t *size);
/* The data of this control message, or NULL. */
void *cmsg_of(struct msghdr *msg, int level, int type);
void pair_all_drops(int fd, __u64 drops[DTLS_DROP_COUNT]);
unsigned long long pair_sum_drops(int fd);
/*
 * More than before (of pair_sum_drops()) are dropped, in 5 s, and there is nothing to
 * read: a datagram may come after the call that sent it has returned.
 */
bool pair_only_drops(int fd, unsigned long long before);
unsigned long long pair_drops(int fd, enum dtls_drop reason);
const char *cipher_name(int cipher);

#endif
