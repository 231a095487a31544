/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of the hand-over test.
 *
 *	cases.c		the cases, with expected results
 *	ends.c		a client or server, of OpenSSL or GnuTLS
 *	wire.c		carries datagrams between two ends, loses some on demand,
 *			keeps every record
 *	kernel.c	records the calls of libkdtls to the kernel; without kdtls
 *			it emulates the kernel, as far as needed
 *	aead.c		records, opened and sealed by libcrypto
 */
#ifndef HANDOVER_ENDS_H
#define HANDOVER_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kdtls.h>

enum lib { OPENSSL, GNUTLS };

#define MAX_GOT		512
#define MAX_INJECTED	64

struct end;

/* 0 from hear: the end */
enum { LATER = -1, TOO_LARGE = -2, CLOSED = -3, OTHER = -4 };

struct end_ops {
	const char *name;
	void (*start)(struct end *e);
	int (*step)(struct end *e);	/* 1 done, 0 not yet, -1 failed */
	int (*attach)(struct end *e);
	void (*save)(struct end *e);	/* the session, for a resumption */
	void (*forget)(void *saved);
	int (*write)(struct end *e, const char *text);	/* by the library */
	int (*read)(struct end *e, char *buf, size_t size);
	int (*cancel)(struct end *e);
	int (*feed)(struct end *e, const void *datagram, size_t size);
	/* by libkdtls, whoever has the session; bytes, or what it means */
	int (*say)(struct end *e, const void *data, size_t size);
	int (*hear)(struct end *e, void *buf, size_t size);
	void (*stop)(struct end *e);
};

extern const struct end_ops openssl_end, gnutls_end;

struct end {
	const struct end_ops *ops;
	bool server;
	uint16_t cipher;		/* 0: not supported by the kernel */
	unsigned int mtu;
	unsigned int limit;		/* GnuTLS: sends this limit, RFC 8449; or 0 */
	int fd;				/* connected to the wire */
	void *tls;			/* SSL or gnutls_session_t */
	void *saved;			/* client: session to resume */
	bool done, attached;

	/* calls to the kernel: kernel.c */
	struct dtls_keys keys;
	uint8_t flight[sizeof(struct dtls_flight) + DTLS_MAX_CONTENT];
	size_t flight_len;
	unsigned int n_injected;

	/* the emulated kernel */
	uint64_t tx_seq, tx0_seq;
	uint64_t seen;			/* of the first 64 numbers */
	unsigned int repeats;		/* of the last flight */

	/* application data received: ids of messages */
	unsigned int n_got;
	unsigned int got[MAX_GOT];
};

void ends_init(void);			/* keys and certificates */

/* kernel.c */
extern bool real_kernel;
extern int refuse_ulp;			/* errno for the next DTLS_ULP */
void kernel_watch(struct end *a, struct end *b);
void kernel_arrived(struct end *e, const uint8_t *datagram, size_t size);
void kernel_drain(struct end *e);	/* data from before the attach */
void end_send(struct end *e, unsigned int id);
void end_receive(struct end *e);	/* into e->got */
unsigned int end_count(const struct end *e, unsigned int id);

/* wire.c */
struct wire_record {
	bool from_server;
	uint8_t type;
	uint16_t epoch;
	uint64_t seq;
	uint8_t *record;
	size_t size;
};

#define MAX_WIRE	1024

struct wire {
	struct end *client, *server;
	int to_client, to_server;	/* sockets of the wire */
	bool server_last;		/* the server sends the last flight */
	uint32_t lose;			/* bit n: its n-th datagram */
	unsigned int last_flight;	/* datagrams of it seen */
	unsigned int n_records;
	struct wire_record records[MAX_WIRE];
};

void wire_open(struct wire *w, struct end *client, struct end *server);
/* Carries waiting datagrams, after up to ms milliseconds. */
void wire_carry(struct wire *w, int ms);
void wire_close(struct wire *w);
/* NULL: no record number was used twice; else a description */
const struct wire_record *wire_repeated(const struct wire *w);

/* aead.c */
#define RECORD_HEADER	13
/* Length of the plaintext, -1: it does not open. */
int aead_open(uint16_t cipher, const struct dtls_direction *keys,
	      const uint8_t *record, size_t size, uint8_t *plain);
/* Length of the record. */
size_t aead_seal(uint16_t cipher, const struct dtls_direction *keys,
		 uint8_t type, uint16_t epoch, uint64_t seq, const void *plain,
		 size_t len, uint8_t *record);
uint64_t get_be(const uint8_t *p, unsigned int n);
void put_be(uint8_t *p, unsigned int n, uint64_t v);

#endif /* HANDOVER_ENDS_H */
