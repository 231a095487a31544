// SPDX-License-Identifier: GPL-2.0
/*
 * Any datagram, to a receiver of DTLS 1.3. Records count as authentic.
 *
 * Input: cipher, epoch, CID length, CID, expected number (8), datagram. The
 * mask is taken from the sample itself.
 */
#include "fuzz.h"
#include "record/dtls13/dtls13.h"

static void check_header(const struct dtls_header *h, size_t rest, u8 cid_len)
{
	must((size_t)h->len + h->payload_len <= rest);
	must(h->payload_len >= DTLS13_SAMPLE);
	must(h->payload_len <= DTLS13_MAX_CIPHERTEXT);
	must(!h->cid_len || h->cid_len == cid_len);
	must(h->seq_len == 1 || h->seq_len == 2);
	must(h->epoch <= 3 && h->seq <= 0xffff && h->unified);
}

static void check_number(const struct dtls_header *h, u64 next, u64 seq)
{
	u64 range = 1ULL << (8 * h->seq_len);

	must((seq & (range - 1)) == h->seq);
	if (seq > next)
		must(seq - next <= range / 2 || seq < range);
	else
		must(next - seq <= range / 2);
}

static void open_one(const struct dtls_record_params *p, struct dtls_header *h,
		     u8 *buf, u64 next)
{
	u8 *record = buf + DTLS_HEADROOM;
	struct dtls_aead_op op;
	struct dtls_opened opened;
	u64 seq, epoch;

	dtls13_unmask(h, record, record + h->len);
	seq = dtls13_seq(h, next);
	check_number(h, next, seq);
	if (!dtls13_epoch(h, p->epoch, p->epoch + 1, &epoch))
		must(epoch - p->epoch <= 1 && (epoch & 3) == h->epoch);
	if (dtls13_open_begin(p, h, seq, buf, &op))
		return;
	must(seq <= DTLS_MAX_SEQ);
	must(op.aad_off == DTLS_HEADROOM && op.aad_len == h->len);
	must(op.text_len == h->payload_len && op.text_len > p->cipher->tag_len);
	if (dtls13_open_end(p, buf, &op, &opened))
		return;
	must(opened.type && opened.off == op.aad_off + op.aad_len);
	must(opened.len < op.text_len - p->cipher->tag_len &&
	     opened.len <= DTLS_MAX_CONTENT);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct dtls_record_params p;
	struct dtls_header h;
	size_t off;
	u64 next;
	u8 *buf;
	int err;

	take_params(&in, &p);
	next = take64(&in) & DTLS_MAX_SEQ;
	buf = take_datagram(&in);
	for (off = 0; off < in.len; off += h.len + h.payload_len) {
		u8 *record = buf + DTLS_HEADROOM + off;

		err = off ? dtls13_parse_next(record, in.len - off, p.cid_len, &h) :
		      dtls13_parse(record, in.len - off, p.cid_len, &h);
		if (err)
			break;
		must(off || h.cid_len == p.cid_len);
		check_header(&h, in.len - off, p.cid_len);
		open_one(&p, &h, buf + off, next);
	}
	free(buf);
	return 0;
}
