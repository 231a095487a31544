/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dtlsctl: state and counters of the kernel's DTLS associations.
 *
 *	main.c		commands and options
 *	family.c	generic netlink: request, dump, listen; errors with advice
 *	association.c	attributes -> struct association
 *	print.c		struct association -> columns, or JSON
 *	stats.c		/proc/net/kdtls_stat
 *	handshakes.c	the metrics file of dtls-handshaked
 *	json.c, die.c	used by all of these
 */
#ifndef DTLSCTL_H
#define DTLSCTL_H

#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>
#include <linux/kdtls.h>

struct nl_msg;

enum {
	EXIT_OK		= 0,
	EXIT_FAILED	= 1,
	EXIT_USAGE	= 2,
	EXIT_NO_MODULE	= 3,
	EXIT_NO_RIGHT	= 4,
	EXIT_NOT_FOUND	= 5,
};

__attribute__((format(printf, 2, 3), noreturn))
void die(int status, const char *fmt, ...);

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct association {
	uint64_t id;
	uint32_t state, error;
	uint16_t role, version, cipher;
	char driver[128];
	union address local, peer;
	uint32_t mtu, uid, pid, keyed_by;
	uint64_t inode;
	uint64_t tx_epoch, rx_epoch, tx_seq, rx_seq;
	uint64_t tx_records, tx_bytes, rx_records, rx_bytes;
	uint64_t drops[DTLS_DROP_COUNT];
	struct dtls_tun_stats tunnel;	/* assoc: 0 if there is none */
	uint32_t tx_cid_len, rx_cid_len, moves;
	union address old_peer;		/* of the event "moved" */
};

/* Parses a netlink message of the family; -1: it is malformed. */
int association_parse(struct nl_msg *msg, struct association *a);
/* NULL: not one of enum kdtls_keyer. */
const char *keyer_name(uint32_t keyer);

typedef void (*message_fn)(int cmd, struct nl_msg *msg, void *arg);

/* If the kernel refuses, these print advice and end the program. */
void family_get(uint64_t id, message_fn fn, void *arg);
void family_dump(message_fn fn, void *arg);
void family_close(uint64_t id);
__attribute__((noreturn)) void family_listen(message_fn fn, void *arg);

/* show --json prints one list, which print.c collects until show_end(). */
void show_begin(bool json);
void show_association(int cmd, struct nl_msg *msg, void *arg);
void show_end(void);
void print_event(int cmd, struct nl_msg *msg, void *arg);

void stats(bool json);

#define METRICS_FILE "/run/dtls-handshaked/handshakes.prom"
void handshakes(bool json, const char *path);

#endif /* DTLSCTL_H */
