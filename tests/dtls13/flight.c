// SPDX-License-Identifier: GPL-2.0
/*
 * The client's last flight (RFC 9147 sections 5.8.1 and 7): a client's socket that
 * sends it until it is acknowledged, and a server's that acknowledges it as often as it
 * comes; each against a peer made by hand, with each datagram lost.
 */
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "figure.h"
#include "peer.h"
#include "tap.h"
#include "record/dtls13/handshake13.h"

#define CERTIFICATE	11
#define CERTIFICATE_VERIFY 15
#define FINISHED	20

/* Of epoch 2, from the client to the server; the next number there. */
static struct end shaking;
static u64 shaking_seq;

/* Messages, each with its header. */
static size_t put_message(u8 *to, u8 type, u16 seq, size_t len)
{
	memset(to, 0, DTLS12_FRAGMENT_HEADER);
	to[0] = type;
	dtls_put24(to + 1, len);
	dtls_put16(to + 4, seq);
	dtls_put24(to + 9, len);
	for (size_t i = 0; i < len; i++)
		to[DTLS12_FRAGMENT_HEADER + i] = seq + i * 7;
	return DTLS12_FRAGMENT_HEADER + len;
}

static void give_keys(int cipher, bool client, u64 seq)
{
	struct dtls_keys keys;

	prepare(&keys, cipher, 3, client);
	end_init(&shaking, cipher, 0x27, 2);
	shaking_seq = seq;
	end_handshake(client ? &keys.tx : &keys.rx, &shaking, shaking_seq);
	need(!ends_set(ab.b, &keys), "keys");
}

/* The server */

static size_t finished(u8 *to)
{
	return put_message(to, FINISHED, 6, 32);
}

static void sends_finished(u64 seq)
{
	u8 message[64];

	sends_type(&shaking, seq, DTLS_TYPE_HANDSHAKE, message, finished(message));
}

static void acknowledges(int cipher)
{
	const char *name = cipher_name(cipher);

	give_keys(cipher, false, 5);
	ok(data_arrives(&theirs, their_seq++), "%s: data of a client without an ACK",
	   name);
	sends_finished(5);
	ok(hears_ack(&shaking, 5), "%s: its Finished again: an ACK, without a reader",
	   name);
	for (u64 i = 6; i < 9; i++)
		sends_finished(i);
	ok(hears_ack(&shaking, 6) && hears_ack(&shaking, 7) && hears_ack(&shaking, 8),
	   "%s: ... and each time", name);
	ok(data_arrives(&theirs, their_seq++), "%s: data goes on", name);
	is_int(pair_sum_drops(ab.b), 0, "%s: nothing was dropped", name);
	pair_close(&ab);
}

/* In epoch 2; nothing is said to it. */
static bool refuses(u8 type, const void *content, size_t len, enum dtls_drop reason)
{
	unsigned long long before = pair_drops(ab.b, reason);

	sends_type(&shaking, shaking_seq++, type, content, len);
	return dropped(reason, before) && hears_nothing(20);
}

static bool refuses_message(u8 type, u16 seq)
{
	u8 message[64];

	return refuses(DTLS_TYPE_HANDSHAKE, message, put_message(message, type, seq, 1),
		       DTLS_DROP_TYPE);
}

static void refused(void)
{
	unsigned long long before;
	u8 ack[DTLS13_ACK_LEN(1)], both[128];
	size_t len;

	give_keys(GCM, false, 5);
	ok(refuses(DTLS_TYPE_APPLICATION_DATA, "data", 4, DTLS_DROP_TYPE),
	   "refused in epoch 2: data");
	ok(refuses(DTLS_TYPE_ALERT, (u8[]){ 1, 0 }, 2, DTLS_DROP_TYPE),
	   "... close_notify");
	ok(refuses(DTLS_TYPE_ALERT, (u8[]){ 2, 40 }, 2, DTLS_DROP_TYPE),
	   "... a fatal alert");
	dtls13_put_ack(ack, &(struct dtls13_number){ 3, 0 }, 1);
	ok(refuses(DTLS_TYPE_ACK, ack, sizeof(ack), DTLS_DROP_TYPE), "... an ACK");
	ok(refuses_message(FINISHED, 7), "... a message behind the handshake");
	ok(refuses_message(DTLS13_KEY_UPDATE, 7) && epochs(ab.b, 3, 3),
	   "... a KeyUpdate");
	ok(refuses_message(FINISHED, 8), "... a jump");
	ok(refuses(DTLS_TYPE_HANDSHAKE, "", 0, DTLS_DROP_TYPE), "... no message");
	len = finished(both);
	len += put_message(both + len, DTLS13_KEY_UPDATE, 7, 1);
	ok(refuses(DTLS_TYPE_HANDSHAKE, both, len, DTLS_DROP_TYPE) &&
	   epochs(ab.b, 3, 3), "... a Finished and a KeyUpdate in a record");
	sends_finished(shaking_seq);
	ok(hears_ack(&shaking, shaking_seq), "a Finished is acknowledged");
	before = pair_drops(ab.b, DTLS_DROP_REPLAY);
	sends_finished(shaking_seq++);
	ok(dropped(DTLS_DROP_REPLAY, before) && hears_nothing(50),
	   "... the same record is not");
	before = pair_drops(ab.b, DTLS_DROP_REPLAY);
	sends_finished(4);
	ok(dropped(DTLS_DROP_REPLAY, before) && hears_nothing(50),
	   "... nor one of before the keys");
	ok(data_arrives(&theirs, their_seq++), "the association lives");
	pair_close(&ab);
}

/* Sixteen ACKs for a packet, whatever is in it. */
static void many_at_once(void)
{
	u8 message[64];
	size_t len = 0, size = finished(message);
	int acks = 0;

	give_keys(GCM, false, 5);
	for (int i = 0; i < 30; i++)
		len += seal(&shaking, shaking_seq++, DTLS_TYPE_HANDSHAKE, message, size,
			    record + len);
	sends(record, len);
	while (hears(DTLS_TYPE_ACK, 300))
		acks++;
	is_int(acks, 16, "30 of them in a datagram: ACKs");
	pair_close(&ab);
}

/* A failed tag counts for epoch 2 alone. */
static void forged(void)
{
	u32 mask = DTLS_EVENT_LIMIT | DTLS_EVENT_CLOSED;
	unsigned long long before;
	struct dtls_keys keys;
	u8 message[64];
	size_t len;

	prepare(&keys, GCM, 3, false);
	end_init(&shaking, GCM, 0x27, 2);
	end_handshake(&keys.rx, &shaking, 0);
	keys.rx.failures = dtls_cipher_by_id(GCM)->fail_limit;
	need(!ends_set(ab.b, &keys), "keys at their limit");
	need(!setsockopt(ab.b, SOL_DTLS, DTLS_EVENTS, &mask, sizeof(mask)), "events");
	len = seal(&shaking, 0, DTLS_TYPE_HANDSHAKE, message, finished(message), record);
	record[len - 1] ^= 1;
	before = pair_drops(ab.b, DTLS_DROP_TAG);
	sends(record, len);
	ok(dropped(DTLS_DROP_TAG, before) && !pair_poll(ab.b, POLLERR, 50) &&
	   data_arrives(&theirs, 0),
	   "a forged Finished does not count for the keys of epoch 3");
	pair_close(&ab);
}

/* Epochs 2 and 6 have the same two bits. */
static void through_epoch_6(void)
{
	struct end two;
	unsigned long long before;
	unsigned int bad = 0;

	give_keys(GCM, false, 5);
	two = shaking;
	bad += !updates(0);
	their_seq = 0;
	bad += !data_arrives(&theirs, their_seq++);
	sleep(6);	/* epoch 3 is gone then */
	sends_finished(shaking_seq);
	ok(!bad && hears_ack(&two, shaking_seq++),
	   "behind a KeyUpdate and its time: still acknowledged");
	for (int i = 5; i < 7; i++) {
		bad += !updates(0);
		their_seq = 0;
		bad += !data_arrives(&theirs, their_seq++);
	}
	ok(!bad && epochs(ab.b, 3, 6), "the peer comes to epoch 6");
	before = pair_drops(ab.b, DTLS_DROP_TAG);
	sends_finished(shaking_seq++);
	ok(dropped(DTLS_DROP_TAG, before) && hears_nothing(50),
	   "epoch 2 has no keys then");
	ok(data_arrives(&theirs, their_seq++), "epoch 6 does");
	pair_close(&ab);
}

/* RFC 9147 section 5.8.1: twice the MSL. */
static void life(void)
{
	unsigned long long before;

	give_keys(GCM, false, 5);
	sleep(230);
	sends_finished(shaking_seq);
	ok(hears_ack(&shaking, shaking_seq++), "after 230 s: acknowledged");
	/* a timer of 240 s has 16 to spare (HZ = 250) */
	sleep(32);
	before = pair_drops(ab.b, DTLS_DROP_EPOCH);
	sends_finished(shaking_seq++);
	ok(dropped(DTLS_DROP_EPOCH, before) && hears_nothing(50),
	   "after 262 s: the keys are gone");
	ok(data_arrives(&theirs, their_seq++), "those of epoch 3 are not");
	pair_close(&ab);
}

/* The client */

#define MOST	3
static u8 messages[MOST][DTLS_MAX_FLIGHT];
static size_t lens[MOST];

/* Bytes of the records, their contents as put_message() makes them. */
static void fill(unsigned int count, size_t certificate)
{
	lens[0] = put_message(messages[0], CERTIFICATE, 0, certificate);
	lens[1] = put_message(messages[1], CERTIFICATE_VERIFY, 1, 80);
	lens[2] = put_message(messages[2], FINISHED, 2, 32);
	if (count == 1) {
		lens[0] = put_message(messages[0], FINISHED, 2, 32);
		memset(lens + 1, 0, 2 * sizeof(lens[0]));
	}
}

static u8 option[DTLS_MAX_FLIGHT + 512];

static size_t put_record(u8 *to, const struct dtls_flight_record *r, const void *content)
{
	memcpy(to, r, sizeof(*r));
	memcpy(to + sizeof(*r), content, r->len);
	return sizeof(*r) + r->len;
}

/* What fill() made, as DTLS_LAST_FLIGHT has it; the bytes. */
static size_t put_flight(struct dtls_flight *f)
{
	size_t len = sizeof(*f);

	memset(f, 0, sizeof(*f));
	for (int i = 0; i < MOST && lens[i]; i++) {
		const struct dtls_flight_record r = {
			.type = DTLS_TYPE_HANDSHAKE, .len = lens[i], .epoch = 2,
		};

		f->count++;
		len += put_record((u8 *)f + len, &r, messages[i]);
	}
	return len;
}

static int sets(size_t len)
{
	return setsockopt(ab.b, SOL_DTLS, DTLS_LAST_FLIGHT, option, len) ? errno : 0;
}

static void begin_flight(int cipher, unsigned int count, size_t certificate)
{
	give_keys(cipher, true, 9);
	fill(count, certificate);
	need(!sets(put_flight((void *)option)), "DTLS_LAST_FLIGHT");
}

/* The next record of epoch 2 is this message, whole; its number in shaking_seq - 1. */
static bool hears_message(int i, int ms)
{
	ssize_t len = pair_recv(ab.a, record, sizeof(record), ms);
	int err;

	if (len < 0)
		return false;
	err = end_open(&shaking, shaking_seq, record, len, &heard);
	if (err || heard.seq != shaking_seq) {
		diag("error %d, number %llu", err, heard.seq);
		return false;
	}
	shaking_seq++;
	return heard.type == DTLS_TYPE_HANDSHAKE && heard.len == lens[i] &&
	       !memcmp(heard.content, messages[i], lens[i]);
}

static bool hears_all(int ms)
{
	return hears_message(0, ms) && hears_message(1, 1000) && hears_message(2, 1000);
}

static bool flight_ends(void)
{
	return hears_nothing(1500) && hears_data("goes on");
}

/* Lost three times, and its ACK. */
static void finished_lost(int cipher)
{
	const char *name = cipher_name(cipher);
	unsigned long repeated = figure(KDTLS_STAT, "KdtlsFlightRepeated");
	long then = pair_ms();

	begin_flight(cipher, 1, 0);
	ok(hears_message(0, 1000), "%s: Finished at once, from the next number on", name);
	ok(hears_data("before"), "%s: data before its ACK", name);
	ok(hears_message(0, 3000) && pair_ms() - then >= 900, "%s: again after 1 s", name);
	ok(hears_message(0, 5000) && pair_ms() - then >= 2900, "%s: ... after 2 s", name);
	ok(hears_message(0, 9000) && pair_ms() - then >= 6900, "%s: ... after 4 s", name);
	ok(data_arrives(&theirs, their_seq++), "%s: data of the server is no ACK", name);
	sends_ack(2, shaking_seq - 3);
	ok(hears_nothing(8500), "%s: an ACK of one that was late ends it", name);
	ok(hears_data("after"), "%s: data goes on", name);
	is_int(figure(KDTLS_STAT, "KdtlsFlightRepeated") - repeated, 3, "%s: counted",
	       name);
	is_int(pair_sum_drops(ab.b), 0, "%s: nothing was dropped", name);
	pair_close(&ab);
}

static void sends_acks(const struct dtls13_number *numbers, unsigned int count)
{
	static u8 ack[DTLS13_ACK_LEN(1000)];
	size_t len = dtls13_put_ack(ack, numbers, count);

	sends_type(&theirs, their_seq++, DTLS_TYPE_ACK, ack, len);
}

static void parts(void)
{
	struct dtls13_number many[100];

	begin_flight(GCM, 3, 500);
	ok(hears_all(1000), "a flight of three records");
	sends_ack(2, 10);
	ok(hears_message(0, 500) && hears_message(2, 500) && hears_nothing(500),
	   "the second is acknowledged: the others soon again");
	sends_ack(2, 10);
	ok(hears_nothing(100), "... the same ACK again says nothing");
	sends_ack(2, 9);
	ok(hears_message(2, 500), "the first, of the first time: the last again");
	for (int i = 0; i < 100; i++)
		many[i] = (struct dtls13_number){ 2, 100 + i };
	many[99].seq = 11;
	sends_acks(many, 100);
	ok(flight_ends(), "the last, among a hundred numbers");
	pair_close(&ab);
	begin_flight(GCM, 3, 500);
	ok(hears_all(1000), "another");
	sends_acks((struct dtls13_number[]){ { 2, 11 }, { 2, 9 }, { 2, 10 } }, 3);
	ok(flight_ends(), "all in one ACK");
	pair_close(&ab);
}

static void loopback_mtu(int fd, int mtu)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_mtu = mtu };

	need(!ioctl(fd, SIOCSIFMTU, &lo), "MTU of lo");
}

#define LONG	14000	/* bytes of a certificate, in 12 pieces */
#define PATH	1280	/* less would take IPv6 from lo */

/* The next piece of the flight, and its number in heard; PATH is kept. */
static bool hears_piece(struct dtls_fragment *f, int ms)
{
	ssize_t len = pair_recv(ab.a, record, sizeof(record), ms);

	if (len < 0)
		return false;
	need(!end_open(&shaking, shaking_seq++, record, len, &heard) &&
	     dtls12_parse_only_fragment(heard.content, heard.len, f), "a piece");
	need(len <= PATH - 28, "a datagram that fits the path");
	return true;
}

/* All of it, each byte once; its numbers begin with 9. */
static void hears_pieces(unsigned int wanted)
{
	static u8 got[DTLS_MAX_FLIGHT];
	struct dtls_fragment f;
	unsigned int count = 0;
	size_t have = 0;
	long first = 0, eleventh = 0;

	while (count < wanted && hears_piece(&f, 1000)) {
		if (!count++)
			first = pair_ms();
		if (count == 11)
			eleventh = pair_ms();
		if (f.type != CERTIFICATE)
			continue;
		memcpy(got + f.offset, heard.content + DTLS12_FRAGMENT_HEADER, f.len);
		have += f.len;
	}
	ok(have == LONG && !memcmp(got, messages[0] + DTLS12_FRAGMENT_HEADER, LONG),
	   "a certificate in pieces that fit the path");
	ok(eleventh - first >= 50, "ten at once, then the others");
}

/* A path on which the first message needs pieces, of which one is lost. */
static void in_pieces(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct dtls_fragment f;

	loopback_mtu(fd, PATH);
	give_keys(GCM, true, 9);
	fill(3, LONG);
	need(!sets(put_flight((void *)option)), "DTLS_LAST_FLIGHT");
	hears_pieces(14);
	for (u64 seq = 9; seq < 9 + 14; seq++)
		if (seq != 10)
			sends_ack(2, seq);
	/* what was missing when the first of these ACKs came is sent, too */
	while (hears_piece(&f, 400) && f.offset != 1218)
		;
	ok(f.type == CERTIFICATE && f.offset == 1218 && f.len == 1218,
	   "one is lost: that one again");
	while (hears_piece(&f, 200))
		;
	for (u64 seq = 9 + 14; seq < shaking_seq; seq++)
		sends_ack(2, seq);
	ok(flight_ends(), "its ACK");
	pair_close(&ab);
	loopback_mtu(fd, 65536);
	close(fd);
}

static void wrong_acks(void)
{
	begin_flight(GCM, 1, 0);
	ok(hears_message(0, 1000), "a Finished");
	sends_ack(2, 8);
	sends_ack(2, 10);
	sends_ack(3, 9);
	sends_ack(6, 9);
	sends_ack(2, ~0ULL);
	sends_ack(2, 9 + 512);
	ok(hears_message(0, 3000), "ACKs of what was not sent: it is sent again");
	sends_ack(2, 9);
	ok(flight_ends(), "the right one");
	sends_ack(2, 9);
	sends_ack(2, 10);
	ok(hears_data("later"), "ACKs behind the end of it");
	pair_close(&ab);
}

/* A replayed ACK is dropped like any replay, and does not end what follows. */
static void replayed_ack(void)
{
	u8 ack[DTLS13_ACK_LEN(1)];
	unsigned long long before;

	begin_flight(GCM, 3, 100);
	need(hears_all(1000), "a flight");
	dtls13_put_ack(ack, &(struct dtls13_number){ 2, 9 }, 1);
	sends_type(&theirs, 0, DTLS_TYPE_ACK, ack, sizeof(ack));
	need(hears_message(1, 500) && hears_message(2, 500), "the rest");
	before = pair_drops(ab.b, DTLS_DROP_REPLAY);
	sends_type(&theirs, 0, DTLS_TYPE_ACK, ack, sizeof(ack));
	ok(dropped(DTLS_DROP_REPLAY, before) && hears_nothing(300),
	   "a replayed ACK prompts nothing");
	pair_close(&ab);
}

/* RFC 9147 section 5.2: the server takes messages in their order. */
static void key_update_waits(void)
{
	begin_flight(GCM, 1, 0);
	need(hears_message(0, 1000), "Finished");
	is_int(asks(ab.b, 0, 0), 0, "DTLS_KEY_UPDATE before the ACK");
	is_int(asks(ab.b, 0, 0), EALREADY, "... once");
	ok(hears_message(0, 3000) && hears_nothing(100), "it waits for it");
	sends_ack(2, 9);
	ok(hears_update(3, 0, 1000), "and is sent then");
	sends_ack(3, heard.seq);
	ok(comes_to(ab.b, 4, 3), "its ACK");
	end_next(&ours);
	our_seq = 0;
	ok(hears_data("new keys"), "data under the new keys");
	pair_close(&ab);
}

/* A server's ticket: in epoch 3, with its numbers. */
static size_t ticket(u16 message_seq, u64 epoch)
{
	struct dtls_flight *f = (void *)option;
	const struct dtls_flight_record r = {
		.type = DTLS_TYPE_HANDSHAKE, .epoch = epoch,
		.len = put_message(messages[0], DTLS13_NEW_SESSION_TICKET, message_seq, 200),
	};

	memset(f, 0, sizeof(*f));
	f->count = 1;
	lens[0] = r.len;
	return sizeof(*f) + put_record(f->data, &r, messages[0]);
}

static bool hears_ticket(int ms)
{
	return hears(DTLS_TYPE_HANDSHAKE, ms) && heard.len == lens[0] &&
	       !memcmp(heard.content, messages[0], lens[0]);
}

static void tickets(int cipher)
{
	const char *name = cipher_name(cipher);
	long then = pair_ms();
	u64 first;

	give_keys(cipher, false, 5);
	need(!sets(ticket(2, 3)), "a ticket");
	ok(hears_ticket(1000), "%s: a server's ticket at once", name);
	first = heard.seq;
	ok(hears_data("before"), "%s: data before its ACK", name);
	is_int(asks(ab.b, 0, 0), 0, "%s: a KeyUpdate", name);
	sends_ack(2, first);
	ok(hears_ticket(3000) && pair_ms() - then >= 900 && heard.seq > first,
	   "%s: again after 1 s, under a new number, and no KeyUpdate", name);
	sends_ack(3, first);
	ok(hears_update(3, 0, 1000), "%s: its ACK lets the KeyUpdate go", name);
	sends_ack(3, heard.seq);
	ok(comes_to(ab.b, 4, 3), "%s: ... which is acknowledged", name);
	end_next(&ours);
	our_seq = 0;
	ok(hears_nothing(2500) && hears_data("new keys"), "%s: the ticket is over", name);
	is_int(pair_sum_drops(ab.b), 0, "%s: nothing was dropped", name);
	pair_close(&ab);
}

static void refused_tickets(void)
{
	give_keys(GCM, false, 5);
	is_int(sets(ticket(3, 3)), EINVAL, "refused: the next message");
	is_int(sets(ticket(2, 4)), EINVAL, "refused: a ticket of the next epoch");
	is_int(sets(ticket(2, 3)), 0, "the right one");
	is_int(sets(ticket(2, 3)), EALREADY, "refused: another");
	pair_close(&ab);
	begin(GCM, 3);
	is_int(sets(ticket(2, 3)), 0, "without the secret of epoch 2");
	pair_close(&ab);
}

static void ends_meanwhile(void)
{
	begin_flight(GCM, 3, 100);
	need(hears_all(1000), "a flight");
	sends_type(&theirs, their_seq++, DTLS_TYPE_ALERT, (u8[]){ 1, 0 }, 2);
	ok(hears(DTLS_TYPE_ALERT, 1000) && hears_nothing(1500),
	   "the server's close_notify: it is not sent again");
	pair_close(&ab);
	begin_flight(GCM, 3, 100);
	need(hears_all(1000), "a flight");
	shutdown(ab.b, SHUT_WR);
	ok(hears(DTLS_TYPE_ALERT, 1000) && hears_nothing(1500),
	   "shutdown(): nor then");
	pair_close(&ab);
	begin_flight(GCM, 3, 100);
	need(hears_all(1000), "a flight");
	close(ab.b);
	ok(hears(DTLS_TYPE_ALERT, 1000) && hears_nothing(1500), "close(): nor then");
	ab.b = -1;
	pair_close(&ab);
}

static struct dtls_flight *right(size_t *len)
{
	fill(3, 100);
	*len = put_flight((void *)option);
	return (void *)option;
}

#define REFUSED(err, why, ...) do {					\
	struct dtls_flight *f = right(&len);				\
	struct dtls_flight_record *r = (void *)f->data;			\
	u8 *message = (u8 *)(r + 1);					\
	(void)f; (void)r; (void)message;					\
	(void)(__VA_ARGS__);						\
	is_int(sets(len), err, "refused: " why);			\
} while (0)

static void refused_flights(void)
{
	size_t len;

	give_keys(GCM, true, 9);
	REFUSED(EINVAL, "a number of epoch 0", f->next_seq = 1);
	REFUSED(EINVAL, "message_seq", f->message_seq = 3);
	REFUSED(EINVAL, "flags", f->flags = 1);
	REFUSED(EINVAL, "reserved", f->reserved = 1);
	REFUSED(EINVAL, "an ACK of a fourth record", f->acked = 8);
	REFUSED(EINVAL, "another association", f->assoc = 1ULL << 40);
	REFUSED(EINVAL, "ChangeCipherSpec", r->type = 20);
	REFUSED(EINVAL, "epoch 3", r->epoch = 3);
	REFUSED(EINVAL, "epoch 0", r->epoch = 0);
	REFUSED(EINVAL, "a message behind the flight", message[5] = 3);
	REFUSED(EINVAL, "a fragment beyond its message", message[11]++);
	REFUSED(EINVAL, "less than a message", len -= 1);
	right(&len);
	is_int(sets(len), 0, "the right one");
	is_int(sets(len), EALREADY, "refused: a second one");
	need(hears_all(1000), "the flight");
	sends_acks((struct dtls13_number[]){ { 2, 9 }, { 2, 10 }, { 2, 11 } }, 3);
	ok(flight_ends(), "its ACK");
	right(&len);
	is_int(sets(len), EALREADY, "refused: one behind it");
	pair_close(&ab);
	begin_role(GCM, 3, true);
	right(&len);
	is_int(sets(len), EOPNOTSUPP, "refused: without the secret of epoch 2");
	pair_close(&ab);
	give_keys(GCM, false, 5);
	right(&len);
	is_int(sets(len), EINVAL, "refused: in epoch 2, of a server");
	pair_close(&ab);
	give_keys(GCM, true, 9);
	right(&len)->acked = 5;
	ok(!sets(len) && hears_message(1, 1000) && hears_nothing(300),
	   "what is acknowledged before is not sent");
	pair_close(&ab);
}

/* What is wrong with the i-th: EINVAL. */
static void refused_keys(void)
{
	static const char *const what[] = {
		"epoch 2 without a secret of epoch 3", "to the client",
		"without the flag", "epoch 4", "a secret of 33 bytes",
	};
	struct dtls_keys keys;

	end_init(&shaking, GCM, 0x27, 2);
	for (int i = 0; i < 5; i++) {
		prepare(&keys, GCM, i == 3 ? 4 : 3, true);
		end_handshake(i == 1 ? &keys.rx : &keys.tx, &shaking, 0);
		if (i == 0)
			keys.tx.flags &= ~DTLS_DIRECTION_SECRET;
		if (i == 2)
			keys.tx.flags &= ~DTLS_DIRECTION_HANDSHAKE;
		if (i == 4)
			keys.tx.handshake_key[32] = 1;
		is_int(ends_set(ab.b, &keys), EINVAL, "refused keys: %s", what[i]);
		pair_close(&ab);
	}
}

/* Ten times, some five minutes; then the KeyUpdate that waits. */
static void give_up(void)
{
	long then = pair_ms();
	int sent = 0, took;

	begin_flight(GCM, 1, 0);
	need(hears_message(0, 1000) && !asks(ab.b, 0, 0), "a KeyUpdate waits");
	for (sent = 1; sent < 11 && hears_message(0, 65000); sent++)
		;
	took = (pair_ms() - then) / 1000;
	is_int(sent, 10, "a Finished without an ACK is sent ten times");
	ok(took >= 303 && took < 330, "it took five minutes: %d s", took);
	/* the record that ended the loop was the first of it */
	ok(hears_update(3, 0, 3000), "then the KeyUpdate is sent");
	pair_close(&ab);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--life")) {
		life();
		return done_testing();
	}
	if (argc == 2 && !strcmp(argv[1], "--give-up")) {
		give_up();
		return done_testing();
	}
	for (int cipher = GCM; cipher <= DTLS_CIPHER_AES_128_CCM; cipher++)
		acknowledges(cipher);
	refused();
	many_at_once();
	forged();
	through_epoch_6();
	finished_lost(GCM);
	finished_lost(DTLS_CIPHER_AES_256_GCM);
	parts();
	in_pieces();
	wrong_acks();
	replayed_ack();
	key_update_waits();
	for (int cipher = GCM; cipher <= DTLS_CIPHER_AES_128_CCM; cipher++)
		tickets(cipher);
	refused_tickets();
	ends_meanwhile();
	refused_flights();
	refused_keys();
	return done_testing();
}
