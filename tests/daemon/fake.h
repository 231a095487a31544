/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A control port without a kernel: one handshake over a plain UDP socket, and
 * the part of the record layer that a test needs afterwards.
 */
#ifndef FAKE_H
#define FAKE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "handshake.h"
#include "port.h"

#define FAKE_MAX_DROPS 32

struct fake_options {
	struct handshake_request request;
	int fd;				/* connected UDP socket */
	uint32_t drop_sent;		/* bit n: lose the n-th datagram of this side */
	uint32_t drop_final;		/* the same, counted from the keys on */
	unsigned int path;		/* UDP payload that arrives, 0: all */
	bool filtered;			/* and no ICMP message reports it */
	const char *say;		/* application data to send, or NULL */
	unsigned int linger_ms;		/* after done, without data */
	bool wait_data;			/* the first data ends it */
	unsigned int times;		/* handshakes, one behind the other */
	bool show_keys;			/* on stdout, as soon as done */
};

struct fake_report {
	bool done;
	struct handshake_result result;
	struct dtls_keys keys;
	bool keyed;
	unsigned int repeats;		/* times the last flight was sent again */
	unsigned int reused;		/* numbers seen twice: must be 0 */
	unsigned int narrow;		/* that the daemon found, by loss */
	unsigned int tickets;		/* that the daemon got */
	unsigned int after_done;	/* datagrams that the daemon sent too late */
	char flight[128];		/* "20/0 22/1": type/epoch of its records */
	char data[256];
};

struct port *fake_open(const struct fake_options *options, struct fake_report *report);

#endif
