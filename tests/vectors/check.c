// SPDX-License-Identifier: GPL-2.0
/* Checks an entry: opens, compares, seals again; or checks its refusal. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "check.h"

bool check_failed(struct check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->why, c->why_len, fmt, ap);
	va_end(ap);
	return false;
}

const char *drop_name(int err)
{
	static const char * const names[DTLS_DROP_COUNT] = {
		[DTLS_DROP_NOT_DTLS] = "first byte is not DTLS",
		[DTLS_DROP_HEADER] = "shorter than its header",
		[DTLS_DROP_LENGTH] = "length",
		[DTLS_DROP_VERSION] = "version",
		[DTLS_DROP_EPOCH] = "no keys for this epoch",
		[DTLS_DROP_CID] = "connection id",
		[DTLS_DROP_REPLAY] = "number seen before or out of range",
		[DTLS_DROP_TAG] = "does not authenticate",
		[DTLS_DROP_INNER] = "no content type inside",
		[DTLS_DROP_TYPE] = "content type",
	};
	unsigned int reason = dtls_drop_of(err);

	return reason < ARRAY_SIZE(names) && names[reason] ? names[reason] :
	       "unknown reason";
}

bool same_bytes(struct check *c, const char *what, const u8 *got, size_t len,
		const struct bytes *want)
{
	size_t i;

	if (!want->p)
		return true;
	for (i = 0; i < len && i < want->len && got[i] == want->p[i]; i++)
		;
	if (i == len && i == want->len)
		return true;
	return check_failed(c, "%s differs at byte %zu (%zu bytes, wanted %zu)",
			    what, i, len, want->len);
}

static bool same_number(struct check *c, const char *what, long long got,
			long long want)
{
	if (want < 0 || got == want)
		return true;
	return check_failed(c, "%s is %lld, wanted %lld", what, got, want);
}

/* Expectations of the entry for its only, or its first, record. */
static bool compare(struct check *c, const struct opened *o)
{
	const struct entry *e = c->e;

	return same_number(c, "seq", o->seq, e->seq) &&
	       same_number(c, "outer_type", o->outer_type, e->outer_type) &&
	       same_number(c, "content_type", o->type, e->content_type) &&
	       same_number(c, "padding", o->padding, e->padding) &&
	       same_bytes(c, "nonce", o->nonce, DTLS_NONCE, &e->nonce) &&
	       same_bytes(c, "aad", o->aad, o->aad_len, &e->aad) &&
	       same_bytes(c, "mask", o->mask, o->mask_len, &e->mask);
}

static const struct version_ops *ops_of(const struct entry *e)
{
	return e->dtls13 ? &version13 : &version12;
}

static u64 first_next(const struct entry *e)
{
	if (e->next >= 0)
		return e->next;
	return e->seq >= 0 ? e->seq : 0;
}

/* Every record of the datagram must open and seal. */
static bool check_accepted(struct check *c)
{
	const struct version_ops *ops = ops_of(c->e);
	struct opened o = { 0 };
	u64 next = first_next(c->e);
	size_t i;
	int err;

	for (i = 0; o.off < c->e->record.len; i++, o.off += o.len) {
		if (i == c->e->count)
			return check_failed(c, "more than %zu records", i);
		err = ops->open(c, &o, next);
		if (err)
			return check_failed(c, "record %zu refused: %s", i,
					    drop_name(err));
		if (!i && !compare(c, &o))
			return false;
		if (!same_bytes(c, "content", o.content.p, o.content.len,
				&c->e->contents[i]) || !ops->seal(c, &o))
			return false;
		next = o.seq + 1;
	}
	if (i < c->e->count)
		return check_failed(c, "%zu records, wanted %zu", i, c->e->count);
	return true;
}

/* No record of the datagram may open. */
static bool check_refused(struct check *c)
{
	const struct version_ops *ops = ops_of(c->e);
	struct opened o = { 0 };
	int err;

	do {
		err = ops->open(c, &o, first_next(c->e));
		if (!err)
			return check_failed(c, "accepted, but: %s", c->e->refuse);
		o.off += o.len;
	} while (o.len && o.off < c->e->record.len);
	return true;
}

bool check_entry(const struct entry *e, char *why, size_t why_len)
{
	struct check c = {
		.e = e,
		.params = { .cipher = e->cipher, .epoch = e->epoch,
			    .cid_len = e->cid.len },
		.why = why, .why_len = why_len,
	};
	bool good;

	if (e->cid.len)
		memcpy(c.params.cid, e->cid.p, e->cid.len);
	/* exact, so that a sanitizer detects every access beyond it */
	c.buf = malloc(DTLS_HEADROOM + e->record.len);
	if (!c.buf)
		return check_failed(&c, "no memory");
	memcpy(c.buf + DTLS_HEADROOM, e->record.p, e->record.len);
	good = ops_of(e)->keys(&c) &&
	       (e->refuse ? check_refused(&c) : check_accepted(&c));
	free(c.buf);
	return good;
}
