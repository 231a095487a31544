// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <unistd.h>

#include "peer.h"
#include "tap.h"
#include "record/dtls13/handshake13.h"

struct pair ab;
struct end theirs, ours;
u64 their_seq, our_seq;
u16 their_message;
u8 record[2 * END_MAX_RECORD], in[END_MAX_RECORD];
struct opened_record heard;
static unsigned long long drops_before;

/* For its keys, in epoch. */
void prepare(struct dtls_keys *keys, int cipher, u64 epoch, bool client)
{
	end_init(&theirs, cipher, 0xc1, epoch);
	end_init(&ours, cipher, 0x51, epoch);
	their_seq = 0;
	our_seq = 0;
	their_message = 7;
	pair_plain(&ab, AF_INET);
	need(!setsockopt(ab.b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	ends_keys(keys, &ours, &theirs, client);
	keys->rx.message_seq = their_message;
	keys->tx.message_seq = 3;
}

void begin_role(int cipher, u64 epoch, bool client)
{
	struct dtls_keys keys;

	prepare(&keys, cipher, epoch, client);
	need(!ends_set(ab.b, &keys), "keys");
}

void begin(int cipher, u64 epoch)
{
	begin_role(cipher, epoch, false);
}

struct dtls_status status_of(int fd)
{
	struct dtls_status status = {};
	socklen_t len = sizeof(status);

	need(!getsockopt(fd, SOL_DTLS, DTLS_STATUS, &status, &len), "DTLS_STATUS");
	return status;
}

bool epochs(int fd, u64 tx, u64 rx)
{
	struct dtls_status st = status_of(fd);

	if (st.tx_epoch == tx && st.rx_epoch == rx)
		return true;
	diag("epochs: sending %llu, receiving %llu", st.tx_epoch, st.rx_epoch);
	return false;
}

size_t seal(const struct end *e, u64 seq, u8 type, const void *content,
		   size_t len, u8 *to)
{
	struct dtls13_content c = { .seq = seq, .len = len, .type = type,
				    .form = FORM_16 };

	return end_seal(e, &c, content, to);
}

void sends(const void *bytes, size_t len)
{
	drops_before = pair_sum_drops(ab.b);
	need(send(ab.a, bytes, len, 0) == (ssize_t)len, "send");
}

void sends_type(const struct end *e, u64 seq, u8 type, const void *content,
		       size_t len)
{
	sends(record, seal(e, seq, type, content, len, record));
}

/* The record with its number and epoch as content. */
bool data_arrives(const struct end *e, u64 seq)
{
	const u64 content[] = { e->params.epoch, seq };

	sends_type(e, seq, DTLS_TYPE_APPLICATION_DATA, content, sizeof(content));
	return pair_recv(ab.b, in, sizeof(in), 5000) == sizeof(content) &&
	       !memcmp(in, content, sizeof(content));
}

bool dropped(enum dtls_drop reason, unsigned long long before)
{
	return pair_only_drops(ab.b, drops_before) &&
	       pair_drops(ab.b, reason) == before + 1;
}

bool data_dropped(const struct end *e, u64 seq, enum dtls_drop reason)
{
	unsigned long long before = pair_drops(ab.b, reason);

	sends_type(e, seq, DTLS_TYPE_APPLICATION_DATA, "x", 1);
	return dropped(reason, before);
}

/* The next record of the socket, in our epoch. */
bool hears_record(int ms)
{
	ssize_t len = pair_recv(ab.a, record, sizeof(record), ms);
	int err;

	if (len < 0)
		return false;
	err = end_open(&ours, our_seq, record, len, &heard);
	if (err)
		diag("heard: error %d", err);
	else
		our_seq = heard.seq + 1;
	return !err;
}

/* ... which is of this type. */
bool hears(u8 type, int ms)
{
	if (!hears_record(ms))
		return false;
	if (heard.type != type)
		diag("heard: type %u", heard.type);
	return heard.type == type;
}

bool heard_data(const char *text)
{
	return heard.type == DTLS_TYPE_APPLICATION_DATA &&
	       heard.len == strlen(text) && !memcmp(heard.content, text, heard.len);
}

bool heard_update(u16 message_seq, u8 request)
{
	u8 message[DTLS13_KEY_UPDATE_LEN];

	dtls13_put_key_update(message, message_seq, request);
	return heard.type == DTLS_TYPE_HANDSHAKE && heard.len == sizeof(message) &&
	       !memcmp(heard.content, message, sizeof(message));
}

bool hears_nothing(int ms)
{
	return pair_recv(ab.a, record, sizeof(record), ms) == -1;
}

bool hears_ack(const struct end *e, u64 seq)
{
	u8 ack[DTLS13_ACK_LEN(1)];

	dtls13_put_ack(ack, &(struct dtls13_number){ e->params.epoch, seq }, 1);
	return hears(DTLS_TYPE_ACK, 3000) && heard.len == sizeof(ack) &&
	       !memcmp(heard.content, ack, sizeof(ack));
}

bool hears_update(u16 message_seq, u8 request, int ms)
{
	return hears(DTLS_TYPE_HANDSHAKE, ms) && heard_update(message_seq, request);
}

bool hears_data(const char *text)
{
	return send(ab.b, text, strlen(text), 0) == (ssize_t)strlen(text) &&
	       hears(DTLS_TYPE_APPLICATION_DATA, 1000) && heard_data(text);
}

void sends_update_in(const struct end *e, u64 seq, u16 message_seq, u8 request)
{
	u8 message[DTLS13_KEY_UPDATE_LEN];

	dtls13_put_key_update(message, message_seq, request);
	sends_type(e, seq, DTLS_TYPE_HANDSHAKE, message, sizeof(message));
}

/* A KeyUpdate and its ACK. */
bool updates(u8 request)
{
	struct end old = theirs;

	sends_update_in(&old, their_seq, their_message++, request);
	end_next(&theirs);
	return hears_ack(&old, their_seq++);
}

void sends_ack(u64 epoch, u64 seq)
{
	u8 ack[DTLS13_ACK_LEN(1)];

	dtls13_put_ack(ack, &(struct dtls13_number){ epoch, seq }, 1);
	sends_type(&theirs, their_seq++, DTLS_TYPE_ACK, ack, sizeof(ack));
}

int asks(int fd, u64 assoc, u32 flags)
{
	const struct dtls_key_update want = { .assoc = assoc, .flags = flags };

	return setsockopt(fd, SOL_DTLS, DTLS_KEY_UPDATE, &want, sizeof(want)) ?
	       errno : 0;
}

/* Without a reader the module's own work sees to it. */
bool comes_to(int fd, u64 tx, u64 rx)
{
	struct dtls_status st;

	for (int i = 0; i < 300; i++) {
		st = status_of(fd);
		if (st.tx_epoch == tx && st.rx_epoch == rx)
			return true;
		usleep(10000);
	}
	return epochs(fd, tx, rx);
}
