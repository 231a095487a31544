// SPDX-License-Identifier: GPL-2.0
/* DTLS 1.3: messages after the handshake, their order, ACKs, and epochs. */
#include "unit.h"
#include "record/dtls13/dtls13.h"
#include "record/dtls13/handshake13.h"

static struct dtls_fragment fragment(u16 seq, u32 message, u32 offset, u32 len)
{
	return (struct dtls_fragment){
		.type = DTLS13_NEW_SESSION_TICKET, .message_seq = seq,
		.message = message, .offset = offset, .len = len,
	};
}

static enum dtls13_order takes(struct dtls13_inbound *in, u16 seq, u32 message,
			       u32 offset, u32 len)
{
	struct dtls_fragment f = fragment(seq, message, offset, len);
	enum dtls13_order order = dtls13_order(in, &f);

	dtls13_advance(in, &f);
	return order;
}

static void messages_in_order(void **state)
{
	struct dtls13_inbound in = { .next = 7 };

	assert_int_equal(takes(&in, 7, 1, 0, 1), DTLS13_WHOLE);
	assert_int_equal(takes(&in, 8, 1, 0, 1), DTLS13_WHOLE);
	assert_int_equal(in.next, 9);
}

static void a_message_repeated(void **state)
{
	struct dtls13_inbound in = { .next = 7 };

	takes(&in, 7, 1, 0, 1);
	assert_int_equal(takes(&in, 7, 1, 0, 1), DTLS13_REPEATED);
	assert_int_equal(takes(&in, 0, 1, 0, 1), DTLS13_REPEATED);
	assert_int_equal(in.next, 8);
}

static void a_jump_is_early(void **state)
{
	struct dtls13_inbound in = { .next = 7 };

	assert_int_equal(takes(&in, 8, 1, 0, 1), DTLS13_EARLY);
	assert_int_equal(takes(&in, 65535, 1, 0, 1), DTLS13_EARLY);
	assert_int_equal(in.next, 7);
	assert_int_equal(takes(&in, 7, 1, 0, 1), DTLS13_WHOLE);
}

static void fragments_continue(void **state)
{
	struct dtls13_inbound in = { .next = 2 };

	assert_int_equal(takes(&in, 2, 300, 100, 100), DTLS13_EARLY);
	assert_int_equal(takes(&in, 2, 300, 0, 100), DTLS13_PART);
	assert_int_equal(takes(&in, 2, 300, 0, 100), DTLS13_REPEATED);
	assert_int_equal(takes(&in, 2, 300, 50, 100), DTLS13_PART);
	assert_int_equal(in.offset, 150);
	assert_int_equal(takes(&in, 2, 300, 151, 149), DTLS13_EARLY);
	assert_int_equal(takes(&in, 2, 300, 150, 150), DTLS13_WHOLE);
	assert_int_equal(in.next, 3);
	assert_int_equal(in.offset, 0);
}

static void an_empty_fragment_is_no_progress(void **state)
{
	struct dtls13_inbound in = { .next = 2 };

	assert_int_equal(takes(&in, 2, 300, 0, 0), DTLS13_EARLY);
	assert_int_equal(in.next, 2);
	assert_int_equal(takes(&in, 2, 0, 0, 0), DTLS13_WHOLE);
}

static void the_last_message_seq(void **state)
{
	struct dtls13_inbound in = { .next = 65535 };

	assert_int_equal(takes(&in, 65535, 1, 0, 1), DTLS13_WHOLE);
	assert_int_equal(in.next, DTLS13_MESSAGE_SEQS);
	assert_int_equal(takes(&in, 0, 1, 0, 1), DTLS13_EARLY);
	assert_int_equal(takes(&in, 65534, 1, 0, 1), DTLS13_EARLY);
	assert_int_equal(takes(&in, 65535, 1, 0, 1), DTLS13_REPEATED);
}

static void key_update_as_on_the_wire(void **state)
{
	static const u8 wire[] = { 24, 0, 0, 1, 1, 2, 0, 0, 0, 0, 0, 1, 1 };
	u8 message[DTLS13_KEY_UPDATE_LEN], request = 9;
	struct dtls_fragment f;

	dtls13_put_key_update(message, 0x102, DTLS13_UPDATE_REQUESTED);
	assert_int_equal(sizeof(message), sizeof(wire));
	assert_memory_equal(message, wire, sizeof(wire));
	assert_true(dtls12_parse_fragment(wire, sizeof(wire), &f));
	assert_true(dtls13_read_key_update(&f, wire + 12, &request));
	assert_int_equal(request, DTLS13_UPDATE_REQUESTED);
	assert_int_equal(f.message_seq, 0x102);
}

static void no_key_update(void **state)
{
	static const struct dtls_fragment good = {
		.type = DTLS13_KEY_UPDATE, .message = 1, .len = 1,
	};
	struct dtls_fragment f = good;
	u8 request;

	assert_true(dtls13_read_key_update(&f, (u8[]){ 0 }, &request));
	assert_false(dtls13_read_key_update(&f, (u8[]){ 2 }, &request));
	f.len = 0;
	assert_false(dtls13_read_key_update(&f, (u8[]){ 0 }, &request));
	f = good;
	f.message = 2;
	assert_false(dtls13_read_key_update(&f, (u8[]){ 0 }, &request));
	f = good;
	f.type = DTLS13_NEW_SESSION_TICKET;
	assert_false(dtls13_read_key_update(&f, (u8[]){ 0 }, &request));
}

static void ack_as_on_the_wire(void **state)
{
	static const struct dtls13_number numbers[] = {
		{ 3, 5 }, { 0x010203040506, DTLS_MAX_SEQ },
	};
	static const u8 wire[] = {
		0, 32, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5,
		0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 255, 255, 255, 255, 255, 255,
	};
	u8 ack[DTLS13_ACK_LEN(2)];

	assert_int_equal(dtls13_put_ack(ack, numbers, 2), sizeof(wire));
	assert_memory_equal(ack, wire, sizeof(wire));
	assert_int_equal(dtls13_ack_count(wire, sizeof(wire)), 2);
	for (unsigned int i = 0; i < 2; i++) {
		struct dtls13_number n = dtls13_ack_number(wire, i);

		assert_int_equal(n.epoch, numbers[i].epoch);
		assert_int_equal(n.seq, numbers[i].seq);
	}
}

static void ack_bounds(void **state)
{
	static u8 ack[2 + 65536];

	assert_int_equal(dtls13_put_ack(ack, NULL, 0), 2);
	assert_int_equal(dtls13_ack_count(ack, 2), 0);
	assert_true(dtls13_ack_count(ack, 0) < 0);
	assert_true(dtls13_ack_count(ack, 1) < 0);
	assert_true(dtls13_ack_count(ack, 18) < 0);
	for (size_t len = 0; len < 100; len++) {
		ack[1] = len;
		assert_int_equal(dtls13_ack_count(ack, 2 + len) >= 0,
				 len % 16 == 0);
		assert_true(dtls13_ack_count(ack, 2 + len + 16) < 0);
	}
	ack[0] = 0xff;
	ack[1] = 0xf0;
	assert_int_equal(dtls13_ack_count(ack, 2 + 0xfff0), 4095);
	ack[1] = 0xff;
	assert_true(dtls13_ack_count(ack, 2 + 0xffff) < 0);
}

/* RFC 9147 section 4.2.2, with as many epochs as there may be. */
static void two_bits_choose_among_live_epochs(void **state)
{
	for (u64 newest = 3; newest < 40; newest++) {
		for (u64 wanted = newest - 2; wanted <= newest; wanted++) {
			struct dtls_header h = { .epoch = wanted & 3 };
			u64 epoch = 0;

			assert_int_equal(dtls13_epoch(&h, newest - 2, newest,
						      &epoch), 0);
			assert_int_equal(epoch, wanted);
		}
		assert_int_equal(dtls13_epoch(&(struct dtls_header){
				.epoch = (newest + 1) & 3 }, newest - 2, newest,
				&(u64){ 0 }), DTLS_DROP_ERR(DTLS_DROP_EPOCH));
	}
}

static void next_secret_label(void **state)
{
	u8 info[DTLS13_MAX_INFO];

	assert_int_equal(dtls13_hkdf_label("traffic upd", 32, info), 21);
	assert_memory_equal(info, "\0 \x11\x64tls13traffic upd", 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_in_order),
		cmocka_unit_test(a_message_repeated),
		cmocka_unit_test(a_jump_is_early),
		cmocka_unit_test(fragments_continue),
		cmocka_unit_test(an_empty_fragment_is_no_progress),
		cmocka_unit_test(the_last_message_seq),
		cmocka_unit_test(key_update_as_on_the_wire),
		cmocka_unit_test(no_key_update),
		cmocka_unit_test(ack_as_on_the_wire),
		cmocka_unit_test(ack_bounds),
		cmocka_unit_test(two_bits_choose_among_live_epochs),
		cmocka_unit_test(next_secret_label),
	};

	return run_tap("handshake13", tests);
}
