// SPDX-License-Identifier: GPL-2.0
/* What a daemon may send as it is. */
#include <linux/string.h>

#include "aead.h"
#include "aead13.h"
#include "assoc.h"
#include "daemon_record.h"
#include "epoch.h"
#include "workspace.h"
#include "record/dtls13/dtls13.h"
#include "record/handshake12.h"

static bool type_allowed(const struct dtls_header *header)
{
	if (header->type == DTLS_TYPE_ACK)
		return !header->epoch;	/* RFC 9147 section 4: in the clear */
	return header->type >= DTLS_TYPE_CHANGE_CIPHER_SPEC &&
	       header->type <= DTLS_TYPE_HANDSHAKE;
}

/* record: in buf, behind its headroom. */
static int open_record(struct kdtls_workspace *ws, struct kdtls_epoch *epoch,
		       const struct dtls_header *header, u8 *buf,
		       struct dtls_opened *opened)
{
	u8 *record = buf + DTLS_HEADROOM;

	if (epoch->dtls13)
		return kdtls_aead13_open(ws, epoch, header, record, buf,
					 opened);
	ws->seq = header->seq;
	return kdtls_aead_open(ws, epoch, header, record, buf, opened);
}

static bool opens(struct kdtls_workspace *ws, struct kdtls_epoch *epoch,
		  const struct dtls_header *header, const u8 *data)
{
	size_t len = header->len + header->payload_len;
	u8 *buf = kdtls_workspace_secret(ws, DTLS_HEADROOM + len);
	struct dtls_opened opened;

	if (!buf)
		return false;
	memcpy(buf + DTLS_HEADROOM, data, len);
	/* a number that the epoch did not have when it was installed is expected */
	return !open_record(ws, epoch, header, buf, &opened) &&
	       ws->seq < kdtls_epoch_expected(epoch) &&
	       opened.type != DTLS_TYPE_APPLICATION_DATA;
}

static bool under_our_keys(struct kdtls_assoc *assoc,
			   const struct dtls_header *header, const u8 *data)
{
	struct kdtls_epoch *epoch = kdtls_epoch_get(&assoc->tx);
	struct kdtls_workspace *ws = NULL;
	bool good = false;

	if (epoch && epoch->dtls13 == header->unified)
		ws = kdtls_workspace_get(&epoch->key);
	if (ws) {
		good = opens(ws, epoch, header, data);
		kdtls_workspace_put(ws);
	}
	kdtls_epoch_put(epoch);
	return good;
}

static bool has_cid(const struct kdtls_daemon_datagram *dg,
		    const struct dtls_header *header, const u8 *data)
{
	return !memcmp(data + header->cid_off, dg->cid, header->cid_len);
}

static bool may_send13(struct kdtls_assoc *assoc,
		       const struct kdtls_daemon_datagram *dg, const u8 *data,
		       size_t len, struct dtls_header *header)
{
	if (dtls13_parse_next(data, len, dg->cid_len, header) ||
	    !has_cid(dg, header, data))
		return false;
	return header->epoch == DTLS13_HANDSHAKE_EPOCH ||
	       under_our_keys(assoc, header, data);
}

/*
 * RFC 5246 section 7.4.9, RFC 6347 section 4.2.2, RFC 9146 section 4: the longest payload
 * of a Finished with its type behind it, and so of an alert.
 */
#define MAX_FINISHED12	(DTLS_EXPLICIT_NONCE + DTLS12_FRAGMENT_HEADER + 12 + 1 + \
			 DTLS_MAX_TAG)
/* Each time that a Finished is sent again it has the next number. */
#define MAX_FINISHED12_NUMBERS	256

/* RFC 9146 section 3: with a Connection ID negotiated, all that is encrypted has it. */
static bool may_send_cid12(struct kdtls_assoc *assoc,
			   const struct kdtls_daemon_datagram *dg,
			   const u8 *data, const struct dtls_header *header)
{
	if (header->epoch != 1 || !has_cid(dg, header, data))
		return false;
	/* a client's Finished is sent before there are keys to install */
	if (!READ_ONCE(assoc->tx_epoch))
		return header->payload_len <= MAX_FINISHED12 &&
		       header->seq < MAX_FINISHED12_NUMBERS;
	return under_our_keys(assoc, header, data);
}

static bool may_send12(struct kdtls_assoc *assoc,
		       const struct kdtls_daemon_datagram *dg, const u8 *data,
		       size_t len, struct dtls_header *header)
{
	if (dtls12_parse(data, len, dg->cid_len, header))
		return false;
	return header->type == DTLS_TYPE_CID ?
	       may_send_cid12(assoc, dg, data, header) : type_allowed(header);
}

bool kdtls_daemon_may_send(struct kdtls_assoc *assoc,
			   const struct kdtls_daemon_datagram *dg)
{
	const u8 *data = dg->data;
	struct dtls_header header;
	size_t len = dg->len;
	bool may = len;

	while (may && len) {
		may = dtls_first_byte(data[0]) == DTLS_FIRST_UNIFIED ?
		      may_send13(assoc, dg, data, len, &header) :
		      may_send12(assoc, dg, data, len, &header);
		if (may) {
			data += header.len + header.payload_len;
			len -= header.len + header.payload_len;
		}
	}
	return may;
}

/* RFC 6347 section 4.2.1: message header, version, and a cookie of 255 bytes */
#define MAX_VERIFY_REQUEST	(12 + 2 + 1 + 255)
/*
 * RFC 8446 section 4.1.3: message header, version, random, session id, cipher suite,
 * compression; extensions: version, group, cookie
 */
#define MAX_RETRY_REQUEST	(12 + 2 + 32 + 33 + 2 + 1 + 2 + 6 + 6 + 6 + 255)

#define HELLO_VERIFY_REQUEST	3
#define RANDOM_OFF		14	/* in a ServerHello, with its header */

static bool is_retry_request(const u8 *message, size_t len)
{
	/* SHA-256 of "HelloRetryRequest" */
	static const u8 random[32] = {
		0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
		0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
		0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
		0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
	};

	return len > RANDOM_OFF + sizeof(random) && len <= MAX_RETRY_REQUEST &&
	       message[0] == DTLS_SERVER_HELLO &&
	       !memcmp(message + RANDOM_OFF, random, sizeof(random));
}

static bool is_verify_request(const u8 *message, size_t len)
{
	return len && len <= MAX_VERIFY_REQUEST &&
	       message[0] == HELLO_VERIFY_REQUEST;
}

bool kdtls_daemon_may_challenge(const u8 *data, size_t len)
{
	struct dtls_header header;
	const u8 *message;

	if (dtls12_parse(data, len, 0, &header) || header.epoch ||
	    header.type != DTLS_TYPE_HANDSHAKE ||
	    header.len + header.payload_len != len)
		return false;
	message = data + header.len;
	return is_verify_request(message, header.payload_len) ||
	       is_retry_request(message, header.payload_len);
}
