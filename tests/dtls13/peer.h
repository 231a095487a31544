/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer made by hand of one socket with DTLS 1.3: records that the test seals, and opens
 * by itself, one at a time.
 */
#ifndef KDTLS_TESTS_DTLS13_PEER_H
#define KDTLS_TESTS_DTLS13_PEER_H

#include "ends.h"
#include "pair.h"

#define GCM	DTLS_CIPHER_AES_128_GCM

/* The socket is ab.b; ab.a is plain. theirs: what it opens, ours: what it seals. */
extern struct pair ab;
extern struct end theirs, ours;
extern u64 their_seq, our_seq;		/* next numbers there */
extern u16 their_message;		/* next message_seq */
extern u8 record[2 * END_MAX_RECORD], in[END_MAX_RECORD];
extern struct opened_record heard;	/* the last record of the socket */

/* A socket, and keys for it from this epoch on; ours begin with message_seq 3. */
void prepare(struct dtls_keys *keys, int cipher, u64 epoch, bool client);
/* The same with the keys set; begin(): a server. */
void begin_role(int cipher, u64 epoch, bool client);
void begin(int cipher, u64 epoch);
struct dtls_status status_of(int fd);
/* DTLS_STATUS says these epochs; comes_to(): soon, without a reader. */
bool epochs(int fd, u64 tx, u64 rx);
bool comes_to(int fd, u64 tx, u64 rx);

size_t seal(const struct end *e, u64 seq, u8 type, const void *content, size_t len,
	    u8 *to);
void sends(const void *bytes, size_t len);
void sends_type(const struct end *e, u64 seq, u8 type, const void *content,
		size_t len);
/* A record with its number and epoch as content: it is read. */
bool data_arrives(const struct end *e, u64 seq);
/* Of what was sent last one record was dropped, for this reason. */
bool dropped(enum dtls_drop reason, unsigned long long before);
bool data_dropped(const struct end *e, u64 seq, enum dtls_drop reason);

/* The next record of the socket, in our epoch; hears(): of this type. */
bool hears_record(int ms);
bool hears(u8 type, int ms);
bool hears_nothing(int ms);
/* What heard is. */
bool heard_data(const char *text);
bool heard_update(u16 message_seq, u8 request);
/* An ACK of this one record. */
bool hears_ack(const struct end *e, u64 seq);
bool hears_update(u16 message_seq, u8 request, int ms);
/* The socket sends it. */
bool hears_data(const char *text);

void sends_update_in(const struct end *e, u64 seq, u16 message_seq, u8 request);
/* A KeyUpdate and its ACK. */
bool updates(u8 request);
/* An ACK of one record. */
void sends_ack(u64 epoch, u64 seq);
/* DTLS_KEY_UPDATE: 0 or an errno. */
int asks(int fd, u64 assoc, u32 flags);

#endif /* KDTLS_TESTS_DTLS13_PEER_H */
