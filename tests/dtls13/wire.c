// SPDX-License-Identifier: GPL-2.0
/*
 * One socket with DTLS 1.3 against records that the test makes or opens itself:
 * lost, repeated, reordered, forged, of other epochs and in other forms.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ends.h"
#include "pair.h"
#include "tap.h"

/* The socket is p.b; p.a is plain. theirs: what it opens, ours: what it seals. */
static struct pair p;
static struct end theirs, ours;
static u8 record[2 * END_MAX_RECORD], in[END_MAX_RECORD];

static const struct dtls13_content data8 = {
	.type = DTLS_TYPE_APPLICATION_DATA, .form = DTLS13_LENGTH,
};

static void begin(int cipher, u64 epoch, u64 rx_seq, u64 tx_seq)
{
	struct dtls_keys keys;

	end_init(&theirs, cipher, 0xc1, epoch);
	end_init(&ours, cipher, 0x51, epoch);
	pair_plain(&p, AF_INET);
	need(!setsockopt(p.b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	ends_keys(&keys, &ours, &theirs, false);
	keys.rx.seq = rx_seq;
	keys.tx.seq = tx_seq;
	need(!ends_set(p.b, &keys), "keys");
}

static unsigned long long drops_before;

static void sends(const void *bytes, size_t len)
{
	drops_before = pair_sum_drops(p.b);
	need(send(p.a, bytes, len, 0) == (ssize_t)len, "send");
}

static void sends_number(u64 seq)
{
	sends(record, end_data(&theirs, seq, &seq, sizeof(seq), record));
}

static bool silent(void)
{
	return recv(p.b, in, sizeof(in), MSG_DONTWAIT) == -1 && errno == EAGAIN;
}

/* What was sent last is dropped. */
static bool dropped(void)
{
	return pair_only_drops(p.b, drops_before);
}

/* The record whose content is this number. */
static bool receives_number(u64 seq)
{
	return pair_recv(p.b, in, sizeof(in), 5000) == sizeof(seq) &&
	       !memcmp(in, &seq, sizeof(seq));
}

static bool receives_text(const char *text)
{
	return pair_recv(p.b, in, sizeof(in), 5000) == (ssize_t)strlen(text) &&
	       !memcmp(in, text, strlen(text));
}

static void sends_text(const struct dtls13_content *like, u64 seq, const char *text)
{
	struct dtls13_content c = *like;

	c.seq = seq;
	c.len = strlen(text);
	sends(record, end_seal(&theirs, &c, text, record));
}

static void order(const char *name)
{
	sends_number(0);
	ok(receives_number(0), "%s: the first", name);
	sends_number(5);
	ok(receives_number(5), "%s: after five that are lost", name);
	sends_number(3);
	ok(receives_number(3), "%s: one that was overtaken", name);
	sends_number(3);
	ok(dropped() && pair_drops(p.b, DTLS_DROP_REPLAY) == 1, "%s: not twice", name);
	sends_number(5);
	ok(dropped() && pair_drops(p.b, DTLS_DROP_REPLAY) == 2,
	   "%s: the newest not twice either", name);
	sends_number(3000);
	ok(receives_number(3000), "%s: far ahead", name);
	sends_number(1900);
	ok(dropped() && pair_drops(p.b, DTLS_DROP_REPLAY) == 3,
	   "%s: not one left of the window", name);
	sends_number(2000);
	ok(receives_number(2000), "%s: one within", name);
}

/* Each bit of the record but those that make it another epoch's or length. */
static void forged(const char *name)
{
	size_t len = end_data(&theirs, 4000, "forged", 6, record);
	unsigned long long before = pair_drops(p.b, DTLS_DROP_TAG);
	unsigned int sent = 0;

	for (size_t bit = 8; bit < len * 8; bit += 3) {
		if (bit / 8 == 3 || bit / 8 == 4)
			continue;
		record[bit / 8] ^= 1 << bit % 8;
		sends(record, len);
		record[bit / 8] ^= 1 << bit % 8;
		sent += dropped();
	}
	ok(sent && pair_drops(p.b, DTLS_DROP_TAG) - before == sent,
	   "%s: %u forged records are dropped", name, sent);
	sends(record, len);
	ok(receives_text("forged"), "%s: the genuine one is not", name);
}

static void other_epochs(const char *name)
{
	unsigned long long before = pair_drops(p.b, DTLS_DROP_EPOCH);
	struct end other = theirs;
	bool none = true;

	for (int i = 1; i <= 3; i++) {
		other.params.epoch = theirs.params.epoch + i;
		sends(record, end_data(&other, 4100, "other", 5, record));
		none = dropped() && none;
	}
	ok(none && pair_drops(p.b, DTLS_DROP_EPOCH) - before == 3,
	   "%s: three other epochs have no keys", name);
}

/* Changed numbers are of a record that does not authenticate. */
static void each_cipher(void)
{
	for (int cipher = DTLS_CIPHER_AES_128_GCM; cipher <= DTLS_CIPHER_AES_128_CCM;
	     cipher++) {
		begin(cipher, 2 + cipher, 0, 0);
		order(cipher_name(cipher));
		forged(cipher_name(cipher));
		other_epochs(cipher_name(cipher));
		pair_close(&p);
	}
}

static void sends_form(u64 seq, u8 form)
{
	struct dtls13_content c = data8;

	c.form = form;
	c.seq = seq;
	c.len = sizeof(seq);
	sends(record, end_seal(&theirs, &c, &seq, record));
}

static bool number_arrives(u64 seq, u8 form)
{
	sends_form(seq, form);
	return receives_number(seq);
}

static bool number_dropped(u64 seq, u8 form)
{
	sends_form(seq, form);
	return dropped();
}

/* RFC 9147 section 4.2.2: the number that is closest to the expected one. */
static void numbers(void)
{
	static const u64 steps[] = {
		0, 254, 255, 256, 257, 300, 290, 260, 420,
	};
	unsigned int bad = 0;

	begin(DTLS_CIPHER_AES_128_GCM, 3, 0, 0);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		bad += !number_arrives(steps[i], i == 1 ? FORM_16 : DTLS13_LENGTH);
	is_int(bad, 0, "numbers of 8 bits, across their end and back");
	ok(number_dropped(420 + 200, DTLS13_LENGTH) &&
	   pair_drops(p.b, DTLS_DROP_TAG) == 1, "200 ahead is taken for another");
	ok(number_arrives(30000, FORM_16) && number_arrives(62000, FORM_16) &&
	   number_arrives(65535, FORM_16) && number_arrives(65536, FORM_16) &&
	   number_arrives(65534, FORM_16) && number_arrives(98303, FORM_16),
	   "numbers of 16 bits, across their end and back");
	ok(number_dropped(98304 + 32769, FORM_16), "32,769 ahead is not");
	pair_close(&p);

	begin(DTLS_CIPHER_CHACHA20_POLY1305, 3, DTLS_MAX_SEQ - 2, 0);
	ok(number_arrives(DTLS_MAX_SEQ - 1, FORM_16) &&
	   number_arrives(DTLS_MAX_SEQ, DTLS13_LENGTH) &&
	   number_arrives(DTLS_MAX_SEQ - 2, FORM_16), "the last numbers");
	ok(number_dropped(DTLS_MAX_SEQ, FORM_16), "... once");
	pair_close(&p);
}

static void forms(void)
{
	struct dtls13_content c = { .type = DTLS_TYPE_APPLICATION_DATA };
	size_t len;

	begin(DTLS_CIPHER_AES_256_GCM, 3, 0, 0);
	sends_text(&c, 0, "no length");
	ok(receives_text("no length"), "without a length");
	c.padding = 300;
	c.form = FORM_16;
	sends_text(&c, 1, "padded");
	ok(receives_text("padded"), "300 bytes of padding");
	len = end_data(&theirs, 2, "first", 5, record);
	c = (struct dtls13_content){ .seq = 3, .len = 6, .form = DTLS13_SEQ16,
				     .type = DTLS_TYPE_APPLICATION_DATA };
	len += end_seal(&theirs, &c, "second", record + len);
	sends(record, len);
	ok(receives_text("first") && receives_text("second"), "two in a datagram");
	len = end_data(&theirs, 4, "good", 4, record);
	memcpy(record + len, record, len);
	sends(record, 2 * len + end_data(&theirs, 5, "after", 5, record + 2 * len));
	ok(receives_text("good") && receives_text("after") &&
	   pair_drops(p.b, DTLS_DROP_REPLAY) == 1,
	   "behind one that is repeated in its datagram");
	len = end_data(&theirs, 6, "forged", 6, record);
	record[len - 1] ^= 1;
	sends(record, len + end_data(&theirs, 7, "after", 5, record + len));
	ok(dropped() && pair_drops(p.b, DTLS_DROP_TAG) == 1 &&
	   pair_drops(p.b, DTLS_DROP_REST) == 1, "not behind a forged one");
	pair_close(&p);
}

#define DROPPED(reason, n, why) \
	ok(dropped() && pair_drops(p.b, DTLS_DROP_##reason) == (n), "dropped: " why)

static void sends_type(u8 type, u64 seq, const void *content, size_t len)
{
	struct dtls13_content c = { .seq = seq, .len = len, .type = type,
				    .form = FORM_16 };

	sends(record, end_seal(&theirs, &c, content, record));
}

/* KeyUpdate and ACK: update.c. */
static void other_types(void)
{
	static const u8 request[] = { 13, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1 };
	static const u8 ack[17] = { 0, 16 };

	begin(DTLS_CIPHER_AES_128_GCM, 3, 0, 0);
	sends_type(DTLS_TYPE_HANDSHAKE, 0, request, sizeof(request));
	DROPPED(TYPE, 1, "a CertificateRequest");
	sends_type(DTLS_TYPE_ACK, 1, ack, sizeof(ack));
	DROPPED(TYPE, 2, "less than an ACK");
	sends_type(DTLS_TYPE_HEARTBEAT, 2, "x", 1);
	DROPPED(TYPE, 3, "a heartbeat");
	sends_type(0, 3, "", 0);
	DROPPED(INNER, 1, "nothing but zeros inside");
	sends_number(4);
	ok(receives_number(4), "data goes on");
	pair_close(&p);
}

static void other_headers(void)
{
	static const u8 plain[13 + 5] = { 23, 0xfe, 0xfd, [12] = 5 };
	static const u8 plain_ack[13 + 2] = { 26, 0xfe, 0xfd, [12] = 2 };
	static const u8 epoch3[13 + 40] = { 23, 0xfe, 0xfd, 0, 3, [12] = 40 };
	size_t len;

	begin(DTLS_CIPHER_AES_128_GCM, 3, 0, 0);
	sends(plain, sizeof(plain));
	DROPPED(PLAINTEXT, 1, "data of epoch 0");
	sends(plain_ack, sizeof(plain_ack));
	DROPPED(PLAINTEXT, 2, "an ACK in the clear");
	sends(epoch3, sizeof(epoch3));
	DROPPED(VERSION, 1, "a record of DTLS 1.2 in this epoch");
	len = end_data(&theirs, 0, "x", 1, record);
	record[0] |= DTLS13_CID;
	sends(record, len);
	DROPPED(CID, 1, "a Connection ID");
	record[0] &= ~DTLS13_CID;
	sends(record, len - 1);
	DROPPED(LENGTH, 1, "a length beyond the datagram");
	record[4] = 15;
	sends(record, 5 + 15);
	DROPPED(LENGTH, 2, "less than a sample of ciphertext");
	sends(record, 3);
	DROPPED(HEADER, 1, "less than a header");
	record[0] = 64;
	sends(record, len);
	DROPPED(NOT_DTLS, 1, "a first byte above");
	pair_close(&p);
}

static int pending_error(void)
{
	socklen_t len = sizeof(int);
	int err = 0;

	need(!getsockopt(p.b, SOL_SOCKET, SO_ERROR, &err, &len), "SO_ERROR");
	return err;
}

/* RFC 8446 section 6: the level means nothing. */
static void alerts(void)
{
	begin(DTLS_CIPHER_AES_128_GCM, 3, 0, 0);
	sends_type(DTLS_TYPE_ALERT, 0, (u8[]){ 2, 90 }, 2);
	sends_number(1);
	ok(receives_number(1), "user_canceled ends nothing");
	sends_type(DTLS_TYPE_ALERT, 2, (u8[]){ 1, 50 }, 2);
	need(pair_poll(p.b, POLLIN | POLLERR | POLLHUP, 2000), "the alert");
	is_int(pending_error(), ECONNRESET, "decode_error does, as a warning, too");
	pair_close(&p);
}

/* During a handshake the module's own work may have the record, not this call. */
static bool drop_comes(enum dtls_drop reason)
{
	for (int i = 0; i < 200 && !pair_drops(p.b, reason); i++)
		usleep(10000);
	return pair_drops(p.b, reason) == 1;
}

/* Records that come before the keys of their direction. */
static void early(void)
{
	struct dtls_keys keys;
	struct dtls_status st = {};
	socklen_t len = sizeof(st);
	bool none;

	for (u64 epoch = 3; epoch < 7; epoch++) {
		end_init(&theirs, DTLS_CIPHER_AES_128_GCM, 0xc1, epoch);
		end_init(&ours, DTLS_CIPHER_AES_128_GCM, 0x51, epoch);
		pair_plain(&p, AF_INET);
		need(!setsockopt(p.b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
		ends_keys(&keys, &ours, &theirs, false);
		keys.flags = DTLS_KEYS_TX;
		memset(&keys.rx, 0, sizeof(keys.rx));
		need(!ends_set(p.b, &keys), "keys to send");
		sends_number(0);
		none = silent();
		sends_type(DTLS_TYPE_ALERT, 1, (u8[]){ 1, 0 }, 2);
		none = silent() && none;
		sends_number(2);
		ok(silent() && none, "epoch %llu: nothing to read without keys",
		   epoch);
		need(!getsockopt(p.b, SOL_DTLS, DTLS_STATUS, &st, &len), "status");
		ends_keys(&keys, &ours, &theirs, false);
		keys.flags = DTLS_KEYS_RX;
		keys.assoc = st.assoc;
		memset(&keys.tx, 0, sizeof(keys.tx));
		need(!ends_set(p.b, &keys), "keys to receive");
		ok(receives_number(0) && recv(p.b, in, sizeof(in), 0) == 0 &&
		   drop_comes(DTLS_DROP_CLOSED),
		   "... then data, its end, and nothing behind that");
		pair_close(&p);
	}
}

/* What the socket seals, read by the test. */
static void sealed(void)
{
	static struct opened_record o;
	unsigned int bad = 0;
	ssize_t len;

	for (int i = 0; i < 8; i++) {
		u64 seq = i * 40000;

		begin(DTLS_CIPHER_AES_128_GCM + i % 4, 3 + i, 0, seq);
		need(send(p.b, "sealed", 6, 0) == 6, "send");
		len = recv(p.a, record, sizeof(record), 0);
		bad += len != 6 + 22 || end_open(&ours, seq, record, len, &o) ||
		       o.seq != seq || o.type != DTLS_TYPE_APPLICATION_DATA ||
		       o.len != 6 || memcmp(o.content, "sealed", 6) ||
		       o.first != (0x2c | ((3 + i) & 3));
		pair_close(&p);
	}
	is_int(bad, 0, "sealed records: epochs 3 to 10, numbers to 280,000");
	/* keys that can change, of a cipher without a limit before that */
	begin(DTLS_CIPHER_CHACHA20_POLY1305, 3, 0, DTLS_MAX_SEQ - 16);
	ok(send(p.b, "last", 4, 0) == 4, "the last number for data");
	ok(send(p.b, "none", 4, 0) == -1 && errno == EKEYEXPIRED, "... is the last");
	pair_close(&p);
}

/* An association of DTLS 1.2 has no records of 1.3. */
static void to_the_other_version(void)
{
	struct pair two;

	end_init(&theirs, DTLS_CIPHER_AES_128_GCM, 0xc1, 3);
	pair_victim(&two, AF_INET, DTLS_CIPHER_AES_128_GCM);
	p = two;
	sends_number(0);
	DROPPED(VERSION, 1, "DTLS 1.3 on an association of DTLS 1.2");
	pair_close(&two);
}

int main(void)
{
	each_cipher();
	numbers();
	forms();
	other_types();
	other_headers();
	alerts();
	early();
	sealed();
	to_the_other_version();
	return done_testing();
}
