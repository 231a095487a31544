/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Request and result of a handshake, common to all parts of the daemon. Keys are
 * struct dtls_keys of linux/kdtls.h.
 */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/kdtls.h>

#define MAX_DATAGRAM	65507
#define MAX_CERTIFICATE	DTLS_MAX_CERT
#define MAX_FLIGHT	(sizeof(struct dtls_flight) + DTLS_MAX_FLIGHT)
#define MAX_REASON	320
#define MIN_PATH	256	/* UDP payload bytes; the smallest MTU for flights */
#define MAX_TICKET	4096	/* a NewSessionTicket; the kernel passes on no longer ones */
#define MAX_HELLO	8192	/* the kernel queues no longer ones */

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* A Connection ID (RFC 9146); len 0: none. */
struct cid {
	uint8_t len;
	uint8_t bytes[DTLS_MAX_CID];
};

/*
 * A ClientHello of an unknown client, some fragments of it, or the answer to it.
 * No state is kept of the client. profile is NUL-terminated.
 */
struct hello {
	uint64_t listener;
	uint32_t uid;
	uint32_t pid;
	uint32_t link;		/* ifindex of the VRF or device, or 0 */
	union address local;
	union address peer;
	char profile[DTLS_MAX_PROFILE];
	uint32_t len;
	uint8_t data[MAX_HELLO];	/* of which len are used */
};

/* From KDTLS_CMD_ACCEPT or KDTLS_CMD_ADMIT. Strings are NUL-terminated. */
struct handshake_request {
	uint64_t id;
	uint64_t listener;	/* that admitted the client, or 0 */
	uint32_t link;		/* of struct hello, or 0 */
	uint32_t mtu;		/* bytes of UDP payload */
	uint32_t uid;
	uint32_t pid;
	uint32_t timeout_ms;
	uint16_t role;		/* enum dtls_role */
	uint16_t min_version;	/* DTLS_VERSION_*, or 0 */
	uint16_t max_version;
	uint16_t exporter_len;
	bool has_context;	/* an empty one differs from none: RFC 5705 */
	uint16_t context_len;
	struct cid cid;		/* chosen for what the peer sends */
	union address local;
	union address peer;
	char profile[DTLS_MAX_PROFILE];
	char server_name[DTLS_MAX_NAME];
	char alpn[DTLS_MAX_ALPN];
	char exporter_label[DTLS_MAX_LABEL];
	uint8_t context[DTLS_MAX_CONTEXT];
};

/* Later versions have lower numbers (RFC 6347 section 4.1). 0: no bound. */
static inline bool request_allows(const struct handshake_request *r, uint16_t version)
{
	return (!r->min_version || version <= r->min_version) &&
	       (!r->max_version || version >= r->max_version);
}

/* For KDTLS_CMD_DONE. */
struct handshake_result {
	uint32_t status;	/* 0, or a positive errno */
	uint16_t suite;
	uint16_t exporter_len;
	uint16_t cert_len;
	uint16_t verified;
	uint16_t resumed;
	uint16_t tickets;	/* the worker waits for one */
	uint16_t identity_len;
	uint8_t cert_sha256[32];
	char alpn[DTLS_MAX_ALPN];
	char server_name[DTLS_MAX_NAME];
	char reason[MAX_REASON];
	uint8_t exporter[DTLS_MAX_EXPORTER];
	uint8_t cert[MAX_CERTIFICATE];
	uint8_t identity[DTLS_MAX_IDENTITY];	/* may hold NUL bytes */
};

#endif
