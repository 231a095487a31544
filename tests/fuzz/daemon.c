// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Untrusted bytes in dtls-handshaked: a peer's datagram where the daemon
 * parses itself (ClientHello, cookie, records), a compromised worker's messages to
 * its parent, and the flight, with records from the TLS library.
 *
 * Input: the kind (modulo 4), the bytes.
 */
#include <string.h>
#include <sys/socket.h>

#include "client_hello.h"
#include "flight.h"
#include "fuzz.h"
#include "gnutls_cookie.h"
#include "ipc.h"
#include "datagram.h"
#include "record/handshake12.h"

static void records(const struct input *in)
{
	size_t left = in->len, used;
	const u8 *at = in->p;
	struct record r;

	while ((used = record_parse(at, left, &r))) {
		must(used <= left && used == 13u + r.h.payload_len);
		must(r.payload == at + 13 && r.h.seq < 1ull << 48);
		at += used;
		left -= used;
	}
}

/* The plaintext for the kernel, which checks it again. */
static void check_flight(const u8 *out, size_t len)
{
	struct dtls_flight head;
	size_t at = sizeof(head);
	unsigned int n = 0;

	must(len >= sizeof(head) && len <= MAX_FLIGHT);
	memcpy(&head, out, sizeof(head));
	while (at < len) {
		struct dtls_flight_record record;

		must(len - at >= sizeof(record));
		memcpy(&record, out + at, sizeof(record));
		at += sizeof(record) + record.len;
		n++;
	}
	must(at == len && n == head.count && n <= FLIGHT_RECORDS);
}

/* Datagrams of 16-bit length each. Input: cipher, restart before which. */
static void flights(struct input *in)
{
	static struct flight f;
	static struct dtls_keys keys;
	u8 restart, *out = malloc(MAX_FLIGHT);
	size_t len;
	int i;

	must(out);
	memset(&f, 0, sizeof(f));
	keys.cipher = take(in);
	restart = take(in);
	for (i = 0; in->len; i++) {
		len = take(in) << 8;
		len |= take(in);
		if (len > in->len)
			len = in->len;
		if (i == restart)
			flight_restart(&f);
		flight_sent(&f, in->p, len);
		in->p += len;
		in->len -= len;
	}
	must(f.count <= FLIGHT_PIECES && f.n_datagrams <= f.count);
	len = flight_plaintext(&f, &keys, out);
	if (len)
		check_flight(out, len);
	free(out);
}

static void check_message(const struct ipc_message *m, size_t len)
{
	must(m->head.version == IPC_VERSION);
	must(m->head.len == len - sizeof(m->head));
	switch (m->head.type) {
	case IPC_START:
		must(strlen(m->request.alpn) < sizeof(m->request.alpn));
		must(m->request.exporter_len <= DTLS_MAX_EXPORTER);
		break;
	case IPC_DONE:
		must(strlen(m->result.reason) < sizeof(m->result.reason));
		must(m->result.cert_len <= sizeof(m->result.cert));
		break;
	case IPC_FLIGHT:
		must(m->head.len <= MAX_FLIGHT);
		break;
	case IPC_PATH:
		must(m->path.mtu <= MAX_DATAGRAM);
		break;
	case IPC_TICKET:
		must(m->head.len <= MAX_TICKET + DTLS12_FRAGMENT_HEADER);
		break;
	case IPC_CID:
		must(m->cid.len <= sizeof(m->cid.bytes));
		break;
	case IPC_HELLO:
	case IPC_CHALLENGE:
	case IPC_ADMIT:
		must(strlen(m->hello.profile) < sizeof(m->hello.profile));
		must(m->hello.len <= sizeof(m->hello.data));
		must(m->head.len == offsetof(struct hello, data) + m->hello.len);
		break;
	default:
		must(m->head.type >= IPC_START && m->head.type < IPC_PATH);
	}
}

static size_t wanted(const struct ipc_message *m)
{
	switch (m->head.type) {
	case IPC_START:
		return sizeof(struct handshake_request);
	case IPC_HELLO:
	case IPC_CHALLENGE:
	case IPC_ADMIT:
		return offsetof(struct hello, data) + m->hello.len % MAX_HELLO;
	case IPC_PATH:
		return sizeof(struct path);
	case IPC_CID:
		return sizeof(struct cid);
	default:
		return sizeof(struct handshake_result);
	}
}

/*
 * Only a part of the header is the fuzzer's, so that valid ones occur. Input:
 * type, flags (1: another version, 2: another length, 4: padded to the size
 * that the type wants), bytes.
 */
static void messages(struct input *in)
{
	static struct ipc_message *to;
	static struct ipc_message m;
	static int fds[2];
	u8 flags;
	size_t len;

	if (!to) {
		must(ipc_pair(fds));
		to = malloc(sizeof(*to));
		must(to);
	}
	memset(&m, 0, sizeof(m.head) + sizeof(m.result));
	m.head.type = take(in) % (IPC_TICKET + 1);
	flags = take(in);
	len = in->len;
	memcpy(m.bytes, in->p, len);
	if (flags & 4)
		len = wanted(&m);
	m.head.version = IPC_VERSION + (flags & 1);
	m.head.len = len + !!(flags & 2);
	len += sizeof(m.head);
	must(send(fds[1], &m, len, 0) == (ssize_t)len);
	if (ipc_recv(fds[0], to) == IPC_MESSAGE)
		check_message(to, len);
}

static ssize_t nothing(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	return len;
}

static void parse_hello(const struct input *in)
{
	struct client_hello hello;

	if (!client_hello_parse(in->p, in->len, &hello))
		return;
	must(hello.record <= in->len && hello.fragment &&
	     hello.record == 13 + 12 + hello.fragment);
	must(hello.offset + hello.fragment <= hello.length);
	must(client_hello_whole(&hello) == (hello.fragment == hello.length));
}

static void cookies(const struct input *in)
{
	static struct cookie cookie;
	gnutls_dtls_prestate_st prestate;
	struct cookie_client client = { { 127, 0, 0, 1 } };

	parse_hello(in);
	if (!cookie.lifetime)
		must(cookie_init(&cookie, 3600));
	switch (cookie_check(&cookie, &client, in->p, in->len, &prestate)) {
	case COOKIE_GOOD:
		must(!"a cookie made up");
		break;
	case COOKIE_WANTED:
		cookie_send(&cookie, &client, &prestate, NULL, nothing);
		break;
	case COOKIE_NO_HELLO:
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };

	switch (take(&in) % 4) {
	case 0:
		records(&in);
		break;
	case 1:
		flights(&in);
		break;
	case 2:
		messages(&in);
		break;
	default:
		cookies(&in);
	}
	return 0;
}
