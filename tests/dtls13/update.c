// SPDX-License-Identifier: GPL-2.0
/*
 * KeyUpdate and ACK (RFC 9147 sections 7 and 8): a socket against records that the
 * test makes or opens itself, with each datagram lost, repeated, early or wrong; and
 * two sockets against each other.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "hold.h"
#include "figure.h"
#include "peer.h"
#include "tap.h"
#include "record/dtls13/handshake13.h"
#include "record/limit.h"

/* The peer's */

static void peer_updates(int cipher)
{
	const char *name = cipher_name(cipher);
	struct end old;

	begin(cipher, 3);
	ok(data_arrives(&theirs, their_seq++), "%s: data in epoch 3", name);
	old = theirs;
	ok(updates(0), "%s: a KeyUpdate is acknowledged, without a reader", name);
	ok(epochs(ab.b, 3, 4), "%s: ... it receives in the next epoch, too", name);
	ok(data_arrives(&old, 50), "%s: data in the old one still arrives", name);
	sends_update_in(&old, 51, 7, 0);
	ok(hears_ack(&old, 51) && epochs(ab.b, 3, 4),
	   "%s: the same KeyUpdate again: acknowledged, not applied", name);
	their_seq = 0;
	ok(data_arrives(&theirs, their_seq++), "%s: data in epoch 4", name);
	ok(data_arrives(&old, 49), "%s: data that it overtook", name);
	ok(data_dropped(&old, 49, DTLS_DROP_REPLAY), "%s: ... not twice", name);
	ok(hears_data("old keys"), "%s: sending goes on in epoch 3", name);
	is_int(pair_sum_drops(ab.b), 1, "%s: nothing else was dropped", name);
	pair_close(&ab);
}

/* Old keys are there until new ones are used, and a while after. */
static void old_epoch_goes(void)
{
	struct end old;

	begin(GCM, 3);
	old = theirs;
	need(updates(0), "KeyUpdate");
	sleep(6);
	ok(data_arrives(&old, 10), "old keys stay while new ones are not used");
	their_seq = 0;
	ok(data_arrives(&theirs, their_seq++), "new ones are used");
	sleep(6);
	ok(data_dropped(&old, 11, DTLS_DROP_EPOCH), "old ones are gone soon after");
	ok(data_arrives(&theirs, their_seq++), "new ones are not");
	pair_close(&ab);
}

static bool refuses_message(const struct end *e, u64 seq, const void *message,
			    size_t len)
{
	unsigned long long before = pair_drops(ab.b, DTLS_DROP_TYPE);

	sends_type(e, seq, DTLS_TYPE_HANDSHAKE, message, len);
	return dropped(DTLS_DROP_TYPE, before) && hears_nothing(20);
}

#define REFUSED(why, ...) do {						\
	static const u8 message[] = { __VA_ARGS__ };			\
	ok(refuses_message(&theirs, their_seq++, message, sizeof(message)), \
	   "refused: " why);						\
} while (0)

static void refused_messages(void)
{
	struct end next;

	begin(GCM, 3);
	REFUSED("a jump of message_seq", 24, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0, 1, 0);
	REFUSED("two bytes of request", 24, 0, 0, 2, 0, 7, 0, 0, 0, 0, 0, 2, 0, 0);
	REFUSED("a request of 2", 24, 0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 1, 2);
	REFUSED("an empty fragment", 24, 0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0);
	REFUSED("less than a message", 24, 0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 1);
	REFUSED("less than a header", 24, 0, 0, 1, 0, 7, 0, 0, 0, 0, 0);
	REFUSED("a fragment beyond its message",
		24, 0, 0, 1, 0, 7, 0, 0, 1, 0, 0, 1, 0);
	REFUSED("a ticket, by a server", 4, 0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 1, 0);
	REFUSED("a Finished", 20, 0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 1, 0);
	next = theirs;
	end_next(&next);
	ok(data_dropped(&next, 0, DTLS_DROP_EPOCH), "data before its KeyUpdate");
	ok(epochs(ab.b, 3, 3), "all that has changed nothing");
	ok(updates(0) && epochs(ab.b, 3, 4), "the right one does");
	next = theirs;
	end_init(&next, GCM, 0xc1, 3);
	ok(refuses_message(&next, their_seq, (u8[]){ 24, 0, 0, 1, 0, 8, 0, 0, 0,
						     0, 0, 1, 0 }, 13) &&
	   epochs(ab.b, 3, 4), "refused: it again with a new message_seq");
	pair_close(&ab);
}

/* Two in a datagram: the second is in an epoch for which there are no keys yet. */
static void two_at_once(void)
{
	unsigned long long before;
	u8 message[DTLS13_KEY_UPDATE_LEN];
	struct end old;
	size_t len;

	begin(GCM, 3);
	old = theirs;
	dtls13_put_key_update(message, 7, 0);
	len = seal(&theirs, 0, DTLS_TYPE_HANDSHAKE, message, sizeof(message), record);
	end_next(&theirs);
	dtls13_put_key_update(message, 8, 0);
	len += seal(&theirs, 0, DTLS_TYPE_HANDSHAKE, message, sizeof(message),
		    record + len);
	before = pair_drops(ab.b, DTLS_DROP_EPOCH);
	sends(record, len);
	ok(dropped(DTLS_DROP_EPOCH, before) && hears_ack(&old, 0) &&
	   epochs(ab.b, 3, 4), "of two KeyUpdates in a datagram the first");
	sends_update_in(&theirs, 1, 8, 0);
	ok(hears_ack(&theirs, 1) && epochs(ab.b, 3, 5), "the second in its own");
	pair_close(&ab);
}

static void tickets(void)
{
	static const u8 first[] = { 4, 0, 0, 9, 0, 7, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4 };
	static const u8 rest[] = { 4, 0, 0, 9, 0, 7, 0, 0, 4, 0, 0, 5, 5, 6, 7, 8, 9 };
	u8 both[2 * DTLS13_KEY_UPDATE_LEN];

	begin_role(GCM, 3, true);
	ok(refuses_message(&theirs, 0, rest, sizeof(rest)), "the end of a ticket first");
	sends_type(&theirs, 1, DTLS_TYPE_HANDSHAKE, first, sizeof(first));
	ok(hears_ack(&theirs, 1), "its beginning is acknowledged");
	sends_type(&theirs, 2, DTLS_TYPE_HANDSHAKE, rest, sizeof(rest));
	ok(hears_ack(&theirs, 2), "its end then");
	sends_type(&theirs, 3, DTLS_TYPE_HANDSHAKE, first, sizeof(first));
	ok(hears_ack(&theirs, 3), "all of it again");
	memcpy(both, (u8[]){ 4, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0, 1, 9 }, 13);
	dtls13_put_key_update(both + 13, 9, 0);
	sends_type(&theirs, 4, DTLS_TYPE_HANDSHAKE, both, sizeof(both));
	ok(hears_ack(&theirs, 4) && epochs(ab.b, 3, 4),
	   "a ticket and a KeyUpdate in a record");
	pair_close(&ab);
}

/* RFC 9147 section 4.2.2: two bits, among the epochs that live; numbers of each. */
static void many_updates(u64 epoch)
{
	struct end before, old = {};
	unsigned int bad = 0;

	begin(GCM, epoch);
	for (int i = 0; i < 9; i++) {
		before = old;
		old = theirs;
		bad += !data_arrives(&theirs, 40000);
		their_seq = 40100;
		bad += !updates(0) + !data_arrives(&theirs, 0) +
		       !data_arrives(&old, 70000) + !data_arrives(&theirs, 256);
		if (i)
			bad += !data_arrives(&before, 71000);
	}
	ok(!bad && epochs(ab.b, epoch, epoch + 9),
	   "from epoch %llu nine updates: data in three epochs at a time", epoch);
	pair_close(&ab);
}

/* Ours */

static void answers(int cipher)
{
	const char *name = cipher_name(cipher);
	u64 seq;

	begin(cipher, 5);
	ok(updates(1) && hears_update(3, 0, 1000), "%s: an update as requested", name);
	seq = heard.seq;
	ok(hears_data("before") && epochs(ab.b, 5, 6),
	   "%s: no data in the new epoch before the ACK", name);
	their_seq = 0;
	sends_ack(5, seq);
	ok(comes_to(ab.b, 6, 6), "%s: the ACK, without a reader", name);
	end_next(&ours);
	our_seq = 0;
	ok(hears_data("after") && !heard.seq, "%s: data in the new epoch, from 0", name);
	sends_ack(5, seq);
	ok(hears_data("later") && epochs(ab.b, 6, 6), "%s: the ACK again", name);
	is_int(pair_sum_drops(ab.b), 0, "%s: nothing was dropped", name);
	pair_close(&ab);
}

/* A KeyUpdate that is lost, an ACK that is lost. */
static void lost(void)
{
	long then = pair_ms();
	u64 first;

	begin(GCM, 3);
	is_int(asks(ab.b, 0, 0), 0, "DTLS_KEY_UPDATE");
	ok(hears_update(3, 0, 1000), "its KeyUpdate");
	first = heard.seq;
	is_int(asks(ab.b, 0, 0), EALREADY, "one at a time");
	ok(hears_update(3, 0, 3000) && heard.seq > first,
	   "it is sent again, in a record of its own");
	ok(pair_ms() - then >= 900, "... after a second");
	ok(hears_data("old"), "data goes on with the old keys");
	ok(hears_update(3, 0, 5000) && pair_ms() - then >= 2900,
	   "... and after two more");
	sends_ack(3, first);
	ok(comes_to(ab.b, 4, 3), "the ACK of the first record");
	end_next(&ours);
	our_seq = 0;
	ok(hears_data("new") && hears_nothing(300), "then it is not sent any more");
	is_int(asks(ab.b, 0, DTLS_KEY_UPDATE_REQUEST), 0, "the next");
	ok(hears_update(4, 1, 1000), "... has the next message_seq, in the new epoch");
	pair_close(&ab);
}

static void wrong_acks(void)
{
	static u8 ack[DTLS13_ACK_LEN(1000)];
	struct dtls13_number many[1000];
	unsigned long long before;
	u64 seq;

	begin(GCM, 3);
	sends_ack(3, 0);
	ok(hears_data("0") && epochs(ab.b, 3, 3), "an ACK without a KeyUpdate");
	need(!asks(ab.b, 0, 0) && hears_update(3, 0, 1000), "KeyUpdate");
	seq = heard.seq;
	sends_ack(3, seq + 1);
	sends_ack(3, seq - 1);
	sends_ack(4, seq);
	sends_ack(3, ~0ULL);
	sends_ack(2, seq);
	before = pair_drops(ab.b, DTLS_DROP_TYPE);
	sends_type(&theirs, their_seq++, DTLS_TYPE_ACK, ack, 0);
	ok(dropped(DTLS_DROP_TYPE, before) && epochs(ab.b, 3, 3),
	   "ACKs of what was not sent, and none");
	/* a KeyUpdate of the peer's acknowledges nothing */
	ok(updates(0) && epochs(ab.b, 3, 4), "a KeyUpdate is no ACK");
	their_seq = 0;
	for (int i = 0; i < 1000; i++)
		many[i] = (struct dtls13_number){ 3, 5000 + i };
	many[999].seq = seq;
	dtls13_put_ack(ack, many, 1000);
	sends_type(&theirs, their_seq++, DTLS_TYPE_ACK, ack, sizeof(ack));
	ok(comes_to(ab.b, 4, 4), "the right one, the last of 1,000 numbers");
	pair_close(&ab);
}

/* A request that comes while ours is on its way is answered after that. */
static void requested_meanwhile(void)
{
	u64 seq;

	begin(GCM, 3);
	need(!asks(ab.b, 0, 0) && hears_update(3, 0, 1000), "KeyUpdate");
	seq = heard.seq;
	ok(updates(1) && hears_nothing(100), "requested while one is on its way");
	their_seq = 0;
	sends_ack(3, seq);
	ok(comes_to(ab.b, 4, 4), "its ACK");
	end_next(&ours);
	our_seq = 0;
	ok(hears_update(4, 0, 1000), "then the one that was requested");
	sends_ack(4, heard.seq);
	ok(comes_to(ab.b, 5, 4), "and its ACK");
	pair_close(&ab);
}

static void refused_requests(void)
{
	struct dtls_key_update want = { .pad = 1 };
	struct dtls_keys keys;

	begin(GCM, 3);
	is_int(asks(ab.b, 0, 2), EINVAL, "refused: an unknown flag");
	ok(setsockopt(ab.b, SOL_DTLS, DTLS_KEY_UPDATE, &want, sizeof(want)) &&
	   errno == EINVAL, "refused: pad");
	ok(setsockopt(ab.b, SOL_DTLS, DTLS_KEY_UPDATE, &want, 8) &&
	   errno == EINVAL, "refused: less than the structure");
	is_int(asks(ab.b, status_of(ab.b).assoc + 1, 0), ENOENT,
	       "refused: another association");
	pair_close(&ab);
	pair_plain(&ab, AF_INET);
	need(!setsockopt(ab.b, SOL_IP, DTLS_ULP, "dtls", 4), "attach");
	is_int(asks(ab.b, 0, 0), ENOTCONN, "refused: no association");
	ends_keys(&keys, &ours, &theirs, false);
	end_keys(&keys.rx, &theirs, 0);
	need(!ends_set(ab.b, &keys), "keys");
	is_int(asks(ab.b, 0, 0), EOPNOTSUPP, "refused: keys without their secret");
	ok(refuses_message(&theirs, 0, (u8[]){ 24, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
					       0 }, 13), "... and of the peer, too");
	pair_close(&ab);
	pair_victim(&ab, AF_INET, GCM);
	is_int(asks(ab.b, 0, 0), EOPNOTSUPP, "refused: DTLS 1.2");
	pair_close(&ab);
}

/* Two sockets */

static const char held_text[] = "held";
static struct hold *held;

static void *sends_held(void *arg)
{
	(void)arg;
	return (void *)send(ab.b, hold_page(held), sizeof(held_text), 0);
}

/* Old keys give no number behind the ACK, not to a call that has begun before. */
static void begun_before(void)
{
	pthread_t thread;
	void *sent;

	begin(GCM, 3);
	held = hold_new(held_text, sizeof(held_text));
	need(!pthread_create(&thread, NULL, sends_held, NULL), "thread");
	hold_wait(held);
	need(!asks(ab.b, 0, 0) && hears_update(3, 0, 1000), "KeyUpdate");
	sends_ack(3, heard.seq);
	ok(comes_to(ab.b, 4, 3), "the keys change while a send waits for its content");
	hold_go(held);
	need(!pthread_join(thread, &sent), "join");
	hold_free(held);
	end_next(&ours);
	our_seq = 0;
	ok((ssize_t)sent == sizeof(held_text) &&
	   hears(DTLS_TYPE_APPLICATION_DATA, 1000) && !heard.seq &&
	   !memcmp(heard.content, held_text, sizeof(held_text)),
	   "it goes on with the new ones");
	pair_close(&ab);
}

/* Behind the peer's close_notify, and behind ours. */
static void behind_the_end(void)
{
	begin(GCM, 3);
	ok(!asks(ab.b, 0, 0) && hears_update(3, 0, 1000), "one waits for its ACK");
	sends_type(&theirs, 0, DTLS_TYPE_ALERT, (u8[]){ 1, 0 }, 2);
	ok(hears(DTLS_TYPE_ALERT, 1000) && hears_nothing(1500),
	   "the peer's close_notify: it is not sent again");
	is_int(asks(ab.b, 0, 0), EPIPE, "nor another");
	pair_close(&ab);
	begin(GCM, 3);
	ok(!asks(ab.b, 0, 0) && hears_update(3, 0, 1000), "one waits for its ACK");
	shutdown(ab.b, SHUT_WR);
	ok(hears(DTLS_TYPE_ALERT, 1000) && hears_nothing(1500),
	   "shutdown(): it is not sent again");
	sends_update_in(&theirs, 0, their_message, 1);
	ok(hears_nothing(300), "nor is one of the peer acknowledged, or answered");
	pair_close(&ab);
}

static bool passes(int from, int to, u64 number)
{
	return send(from, &number, sizeof(number), 0) == sizeof(number) &&
	       pair_recv(to, in, sizeof(in), 5000) == sizeof(number) &&
	       !memcmp(in, &number, sizeof(number));
}

static bool both_pass(void)
{
	return passes(ab.a, ab.b, 1) && passes(ab.b, ab.a, 2);
}

static bool event_comes(int fd, u32 kind, u32 reason, int ms)
{
	struct dtls_event event = {};
	struct iovec iov = { &event, sizeof(event) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	return pair_poll(fd, POLLERR, ms) &&
	       recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) == sizeof(event) &&
	       event.kind == kind && event.reason == reason &&
	       event.assoc == status_of(fd).assoc;
}

/* Limits of the keys: RFC 9147 section 4.5.3 */

static void events_of(int fd, u32 mask)
{
	need(!setsockopt(fd, SOL_DTLS, DTLS_EVENTS, &mask, sizeof(mask)), "events");
}

static u64 seal_limit(int cipher)
{
	return dtls_cipher_by_id(cipher)->seal_limit;
}

/* The next record has this number. secret: in both directions, so that keys change. */
static void begin_at(int cipher, u64 seq, bool secret)
{
	struct dtls_keys keys;

	prepare(&keys, cipher, 3, false);
	keys.tx.seq = seq;
	our_seq = seq;
	if (!secret)
		end_keys(&keys.rx, &theirs, 0);
	need(!ends_set(ab.b, &keys), "keys");
	events_of(ab.b, DTLS_EVENT_LIMIT | DTLS_EVENT_UPDATED | DTLS_EVENT_CLOSED);
}

/* Data, and the KeyUpdate that it causes, in any order; *seq: its number. */
static bool hears_data_and_update(const char *text, u64 *seq)
{
	bool data = false, update = false;

	need(send(ab.b, text, strlen(text), 0) == (ssize_t)strlen(text), "send");
	for (int i = 0; i < 2 && hears_record(1000); i++) {
		data = data || heard_data(text);
		if (heard_update(3, 0)) {
			update = true;
			*seq = heard.seq;
		}
	}
	return data && update;
}

static bool no_event(int fd)
{
	return !pair_poll(fd, POLLERR, 50);
}

/* The peer acknowledges the record with this number: then new keys are in use. */
static bool new_keys_come(u64 update, u64 rx)
{
	sends_ack(ours.params.epoch, update);
	end_next(&ours);
	our_seq = 0;
	return comes_to(ab.b, ours.params.epoch, rx) &&
	       event_comes(ab.b, DTLS_EVENT_UPDATED, DTLS_REASON_NONE, 1000);
}

static bool refuses_data(void)
{
	return send(ab.b, "x", 1, 0) == -1 && errno == EKEYEXPIRED;
}

static void near_the_limit(int cipher)
{
	unsigned long limits = figure(KDTLS_STAT, "KdtlsKeyLimits");
	unsigned long updates = figure(KDTLS_STAT, "KdtlsTxKeyUpdates");
	const char *name = cipher_name(cipher);
	u64 update;

	begin_at(cipher, dtls_limit_near(seal_limit(cipher)), true);
	ok(hears_data("7/8") && no_event(ab.b), "%s: 7/8 of the limit: nothing", name);
	ok(hears_data_and_update("above", &update),
	   "%s: a record above: a KeyUpdate", name);
	ok(event_comes(ab.b, DTLS_EVENT_LIMIT, DTLS_REASON_SEALED, 1000),
	   "%s: ... and the event", name);
	ok(hears_data("1") && hears_data("2") && hears_nothing(50) && no_event(ab.b),
	   "%s: ... once", name);
	ok(new_keys_come(update, 3), "%s: its ACK: new keys", name);
	ok(hears_data("new") && !heard.seq && hears_nothing(50) && no_event(ab.b),
	   "%s: data in the new epoch, from 0", name);
	is_int(figure(KDTLS_STAT, "KdtlsKeyLimits") - limits, 1,
	       "%s: counted: a limit", name);
	is_int(figure(KDTLS_STAT, "KdtlsTxKeyUpdates") - updates, 1,
	       "%s: ... and an update", name);
	pair_close(&ab);
}

/* No ACK comes: data ends, and what changes the keys does not. */
static void at_the_limit(void)
{
	u64 end = dtls_data_end(seal_limit(GCM)), update;

	begin_at(GCM, end - 2, true);
	ok(hears_data_and_update("last", &update) && update == end - 1,
	   "at the limit: a KeyUpdate");
	ok(refuses_data() && refuses_data(), "... and no more data: EKEYEXPIRED");
	ok(updates(0), "the peer's KeyUpdate is acknowledged");
	ok(hears_update(3, 0, 3000) && heard.seq == end + 1,
	   "ours is sent again, and took no number that was refused");
	ok(refuses_data(), "no data in this epoch");
	their_seq = 0;
	ok(event_comes(ab.b, DTLS_EVENT_LIMIT, DTLS_REASON_SEALED, 0) &&
	   new_keys_come(heard.seq, 4), "its ACK");
	ok(hears_data("again"), "data goes on with the new keys");
	pair_close(&ab);
}

/* So many were sealed before the keys were handed over. */
static void behind_the_limit(void)
{
	begin_at(GCM, seal_limit(GCM) + 1000, true);
	ok(refuses_data() && refuses_data(), "keys behind their limit: EKEYEXPIRED");
	ok(hears_update(3, 0, 1000) &&
	   event_comes(ab.b, DTLS_EVENT_LIMIT, DTLS_REASON_SEALED, 1000) &&
	   new_keys_come(heard.seq, 3), "a KeyUpdate, its ACK");
	ok(hears_data("new"), "data");
	pair_close(&ab);
}

/* The application was first: its own KeyUpdate does. */
static void application_first(void)
{
	u64 near = dtls_limit_near(seal_limit(GCM)), update;

	begin_at(GCM, near, true);
	ok(!asks(ab.b, 0, 0) && hears_update(3, 0, 1000), "a KeyUpdate is on its way");
	update = heard.seq;
	ok(hears_data("above") &&
	   event_comes(ab.b, DTLS_EVENT_LIMIT, DTLS_REASON_SEALED, 1000) &&
	   hears_nothing(100), "the limit comes near: no other");
	ok(new_keys_come(update, 3) && hears_nothing(100), "nor behind its ACK");
	pair_close(&ab);
	begin_at(GCM, near + 1, true);
	ok(!asks(ab.b, 0, 0) && hears_update(3, 0, 1000) &&
	   event_comes(ab.b, DTLS_EVENT_LIMIT, DTLS_REASON_SEALED, 1000) &&
	   hears_nothing(100), "a KeyUpdate is itself the record above 7/8");
	ok(new_keys_come(heard.seq, 3), "its ACK");
	pair_close(&ab);
}

static void keys_that_cannot_change(void)
{
	begin_at(GCM, dtls_limit_near(seal_limit(GCM)) + 1, false);
	ok(hears_data("1") &&
	   event_comes(ab.b, DTLS_EVENT_LIMIT, DTLS_REASON_SEALED, 1000) &&
	   hears_nothing(100), "keys without a secret: the event, no KeyUpdate");
	pair_close(&ab);
	begin_at(GCM, seal_limit(GCM) - 1, false);
	ok(hears_data("1") && hears_data("2") && hears_data("3"),
	   "... and data goes on behind the limit");
	pair_close(&ab);
}

/* So many records have not authenticated under the keys to receive with. */
static void begin_forged(int cipher, u64 failures, bool secret)
{
	struct dtls_keys keys;

	prepare(&keys, cipher, 3, false);
	if (!secret)
		end_keys(&keys.tx, &ours, 0);
	keys.rx.failures = failures;
	need(!ends_set(ab.b, &keys), "keys");
	events_of(ab.b, DTLS_EVENT_LIMIT | DTLS_EVENT_UPDATED | DTLS_EVENT_CLOSED);
}

static void sends_forged(const struct end *e)
{
	size_t len = seal(e, their_seq, DTLS_TYPE_APPLICATION_DATA, "x", 1, record);

	record[len - 1] ^= 1;
	sends(record, len);
}

static bool forges(const struct end *e)
{
	unsigned long long before = pair_drops(ab.b, DTLS_DROP_TAG);

	sends_forged(e);
	return dropped(DTLS_DROP_TAG, before);
}

static u64 fail_limit(int cipher)
{
	return dtls_cipher_by_id(cipher)->fail_limit;
}

static void forged_near_the_limit(int cipher)
{
	const char *name = cipher_name(cipher);

	begin_forged(cipher, dtls_limit_near(fail_limit(cipher)) - 1, true);
	ok(forges(&theirs) && no_event(ab.b) && hears_nothing(50),
	   "%s: 7/8 of the forgeries that the keys bear: nothing", name);
	ok(forges(&theirs) &&
	   event_comes(ab.b, DTLS_EVENT_LIMIT, DTLS_REASON_FORGED, 1000),
	   "%s: one more: the event", name);
	ok(hears_update(3, 1, 1000) && new_keys_come(heard.seq, 3),
	   "%s: ... and a KeyUpdate that requests one", name);
	ok(forges(&theirs) && hears_nothing(50) && no_event(ab.b), "%s: ... once", name);
	ok(data_arrives(&theirs, their_seq++), "%s: data goes on", name);
	pair_close(&ab);
}

/* The peer has updated its keys in time: only the old ones end. */
static void forged_old_keys(int cipher)
{
	struct end old;

	begin_forged(cipher, fail_limit(cipher) - 1, true);
	old = theirs;
	ok(forges(&old) && event_comes(ab.b, DTLS_EVENT_LIMIT, DTLS_REASON_FORGED, 1000) &&
	   hears_update(3, 1, 1000) && new_keys_come(heard.seq, 3),
	   "as many forgeries as the keys bear");
	ok(updates(0) && data_arrives(&old, their_seq), "the peer updates its own");
	ok(forges(&old) && data_dropped(&old, their_seq + 1, DTLS_DROP_EPOCH),
	   "one more: the old keys are dropped");
	their_seq = 0;
	ok(data_arrives(&theirs, their_seq++) && no_event(ab.b), "the new ones are not");
	pair_close(&ab);
}

static void forged_to_the_end(int cipher)
{
	const struct timeval patience = { .tv_sec = 5 };
	unsigned long ended = figure(KDTLS_STAT, "KdtlsForgedEnded");

	begin_forged(cipher, fail_limit(cipher) - 1, true);
	need(!setsockopt(ab.b, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)),
	     "SO_RCVTIMEO");
	ok(forges(&theirs) &&
	   event_comes(ab.b, DTLS_EVENT_LIMIT, DTLS_REASON_FORGED, 1000) &&
	   hears_update(3, 1, 1000) && data_arrives(&theirs, their_seq++),
	   "as many as they bear, and the peer keeps its keys");
	sends_forged(&theirs);
	ok(recv(ab.b, in, sizeof(in), 0) == -1 && errno == EKEYEXPIRED,
	   "one more, recv(): EKEYEXPIRED");
	ok(event_comes(ab.b, DTLS_EVENT_CLOSED, DTLS_REASON_FORGED, 1000),
	   "... the association is closed");
	ok(hears(DTLS_TYPE_ALERT, 1000) && !heard.content[1], "... with a close_notify");
	is_int(figure(KDTLS_STAT, "KdtlsForgedEnded") - ended, 1, "... and counted");
	ok(status_of(ab.b).error == EKEYEXPIRED, "... with its reason");
	ok(!recv(ab.b, in, sizeof(in), 0), "recv(): the end");
	ok(send(ab.b, "x", 1, 0) == -1 && errno == EPIPE, "send(): EPIPE");
	pair_close(&ab);
}

static void forged_keys_that_cannot_change(void)
{
	begin_forged(GCM, fail_limit(GCM) - 1, false);
	ok(forges(&theirs) &&
	   event_comes(ab.b, DTLS_EVENT_LIMIT, DTLS_REASON_FORGED, 1000) &&
	   forges(&theirs) && forges(&theirs) && hears_nothing(50) && no_event(ab.b),
	   "keys without a secret: forgeries are an event");
	ok(data_arrives(&theirs, their_seq++), "... and data goes on");
	pair_close(&ab);
}

/* The KeyUpdate on its way requests none. */
static void forged_meanwhile(void)
{
	begin_forged(GCM, dtls_limit_near(fail_limit(GCM)), true);
	ok(!asks(ab.b, 0, 0) && hears_update(3, 0, 1000), "a KeyUpdate is on its way");
	ok(forges(&theirs) &&
	   event_comes(ab.b, DTLS_EVENT_LIMIT, DTLS_REASON_FORGED, 1000) &&
	   hears_nothing(50), "forgeries come near the limit");
	ok(new_keys_come(heard.seq, 3) && hears_update(4, 1, 1000),
	   "behind its ACK comes one that requests the peer's");
	ok(new_keys_come(heard.seq, 3) && hears_nothing(50), "and its ACK");
	pair_close(&ab);
}

/* On one CPU no work item runs in between. */
static bool both_ask(void)
{
	const struct sched_param first = { .sched_priority = 1 }, usual = {};
	int bad;

	need(!sched_setscheduler(0, SCHED_FIFO, &first), "SCHED_FIFO");
	bad = asks(ab.a, 0, DTLS_KEY_UPDATE_REQUEST) +
	      asks(ab.b, 0, DTLS_KEY_UPDATE_REQUEST);
	need(!sched_setscheduler(0, SCHED_OTHER, &usual), "SCHED_OTHER");
	return !bad;
}

static void two_sockets(void)
{
	u32 mask = DTLS_EVENT_UPDATED;
	unsigned int bad = 0;

	pair_open13(&ab, AF_INET6, DTLS_CIPHER_AES_256_GCM);
	need(!setsockopt(ab.a, SOL_DTLS, DTLS_EVENTS, &mask, sizeof(mask)), "events");
	is_int(asks(ab.a, 0, 0), 0, "two sockets: an update");
	ok(comes_to(ab.a, 4, 3) && comes_to(ab.b, 3, 4), "... in one direction");
	ok(event_comes(ab.a, DTLS_EVENT_UPDATED, DTLS_REASON_NONE, 3000), "... with its event");
	ok(both_pass(), "... and data, both ways");
	is_int(asks(ab.b, 0, DTLS_KEY_UPDATE_REQUEST), 0, "an update of both");
	ok(comes_to(ab.a, 5, 4) && comes_to(ab.b, 4, 5) && both_pass(),
	   "... and data, both ways");
	for (int i = 1; i <= 10; i++)
		bad += !both_ask() ||
		       !comes_to(ab.a, 5 + 2 * i, 4 + 2 * i) ||
		       !comes_to(ab.b, 4 + 2 * i, 5 + 2 * i) || !both_pass();
	is_int(bad, 0, "both request one at once, 10 times: two each, with data");
	for (int i = 1; i <= 20; i++)
		bad += asks(ab.a, 0, DTLS_KEY_UPDATE_REQUEST) +
		       !comes_to(ab.a, 25 + i, 24 + i) + !comes_to(ab.b, 24 + i, 25 + i) +
		       !both_pass();
	is_int(bad, 0, "20 more, with data");
	is_int(pair_sum_drops(ab.a) + pair_sum_drops(ab.b), 0, "nothing was dropped");
	pair_close(&ab);
}

/* No ACK comes for five minutes, then the peer requests an update of ours. */
static void give_up(void)
{
	u32 mask = DTLS_EVENT_UPDATED;
	long then = pair_ms();
	int sent = 0, took;

	begin(GCM, 3);
	need(!setsockopt(ab.b, SOL_DTLS, DTLS_EVENTS, &mask, sizeof(mask)), "events");
	need(!asks(ab.b, 0, 0), "DTLS_KEY_UPDATE");
	while (sent < 11 && hears_update(3, 0, 65000))
		sent++;
	is_int(sent, 10, "the same KeyUpdate in ten records");
	ok(event_comes(ab.b, DTLS_EVENT_UPDATED, DTLS_REASON_UNACKNOWLEDGED, 10000),
	   "and the event that no ACK came");
	took = (pair_ms() - then) / 1000;
	ok(took >= 303 && took < 330, "it took five minutes: %d s", took);
	ok(hears_data("old keys") && epochs(ab.b, 3, 3), "the old keys stay in use");
	ok(updates(1) && hears_update(3, 0, 1000), "a request is answered by the same");
	their_seq = 0;
	sends_ack(3, heard.seq);
	ok(comes_to(ab.b, 4, 4), "its ACK changes the keys");
	ok(event_comes(ab.b, DTLS_EVENT_UPDATED, DTLS_REASON_NONE, 1000),
	   "and the event says so");
	end_next(&ours);
	our_seq = 0;
	ok(hears_data("new keys"), "they are in use");
	pair_close(&ab);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--give-up")) {
		give_up();
		return done_testing();
	}
	for (int cipher = GCM; cipher <= DTLS_CIPHER_AES_128_CCM; cipher++) {
		peer_updates(cipher);
		answers(cipher);
		near_the_limit(cipher);
		forged_near_the_limit(cipher);
	}
	old_epoch_goes();
	refused_messages();
	two_at_once();
	tickets();
	for (u64 epoch = 3; epoch < 7; epoch++)
		many_updates(epoch);
	lost();
	wrong_acks();
	requested_meanwhile();
	refused_requests();
	begun_before();
	behind_the_end();
	at_the_limit();
	behind_the_limit();
	application_first();
	keys_that_cannot_change();
	forged_old_keys(GCM);
	forged_to_the_end(DTLS_CIPHER_AES_128_CCM);
	forged_keys_that_cannot_change();
	forged_meanwhile();
	two_sockets();
	return done_testing();
}
