// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "port_message.h"
#include "record/record.h"

static uint32_t get_u32(struct nlattr **a, int type)
{
	return a[type] ? nla_get_u32(a[type]) : 0;
}

static uint16_t get_u16(struct nlattr **a, int type)
{
	return a[type] ? nla_get_u16(a[type]) : 0;
}

static void get_text(struct nlattr **a, int type, char *out, size_t size)
{
	if (a[type])
		nla_strlcpy(out, a[type], size);
}

static void get_address(struct nlattr **a, int type, union address *out)
{
	if (a[type] && nla_len(a[type]) <= (int)sizeof(*out))
		memcpy(out, nla_data(a[type]), nla_len(a[type]));
}

/* Present but empty differs from absent: RFC 5705 section 4. */
static void get_context(struct nlattr **a, struct handshake_request *r)
{
	struct nlattr *context = a[KDTLS_A_HANDSHAKE_EXPORTER_CONTEXT];

	if (!context || nla_len(context) > (int)sizeof(r->context))
		return;
	r->has_context = true;
	r->context_len = nla_len(context);
	memcpy(r->context, nla_data(context), r->context_len);
}

static void get_cid(struct nlattr **a, struct cid *cid)
{
	struct nlattr *attr = a[KDTLS_A_HANDSHAKE_CID];

	if (!attr || nla_len(attr) > (int)sizeof(cid->bytes))
		return;
	cid->len = nla_len(attr);
	memcpy(cid->bytes, nla_data(attr), cid->len);
}

void message_get_request(struct nlattr **a, struct handshake_request *r)
{
	r->id = nla_get_u64(a[KDTLS_A_HANDSHAKE_ID]);
	r->role = get_u16(a, KDTLS_A_HANDSHAKE_ROLE);
	r->min_version = get_u16(a, KDTLS_A_HANDSHAKE_MIN_VERSION);
	r->max_version = get_u16(a, KDTLS_A_HANDSHAKE_MAX_VERSION);
	r->mtu = get_u32(a, KDTLS_A_HANDSHAKE_MTU);
	r->uid = get_u32(a, KDTLS_A_HANDSHAKE_UID);
	r->pid = get_u32(a, KDTLS_A_HANDSHAKE_PID);
	r->timeout_ms = get_u32(a, KDTLS_A_HANDSHAKE_TIMEOUT);
	r->exporter_len = get_u16(a, KDTLS_A_HANDSHAKE_EXPORTER_LEN);
	get_context(a, r);
	get_cid(a, &r->cid);
	get_address(a, KDTLS_A_HANDSHAKE_LOCAL, &r->local);
	get_address(a, KDTLS_A_HANDSHAKE_PEER, &r->peer);
	get_text(a, KDTLS_A_HANDSHAKE_PROFILE, r->profile, sizeof(r->profile));
	get_text(a, KDTLS_A_HANDSHAKE_SERVER_NAME, r->server_name, sizeof(r->server_name));
	get_text(a, KDTLS_A_HANDSHAKE_ALPN, r->alpn, sizeof(r->alpn));
	get_text(a, KDTLS_A_HANDSHAKE_EXPORTER_LABEL, r->exporter_label,
		 sizeof(r->exporter_label));
}

uint32_t message_get_mtu(struct nlattr **a)
{
	return get_u32(a, KDTLS_A_HANDSHAKE_MTU);
}

void message_get_hello(struct nlattr **a, struct hello *h)
{
	struct nlattr *data = a[KDTLS_A_HANDSHAKE_DATA];

	if (!data || !a[KDTLS_A_HANDSHAKE_LISTENER] || nla_len(data) > MAX_HELLO)
		return;
	h->listener = nla_get_u64(a[KDTLS_A_HANDSHAKE_LISTENER]);
	h->uid = get_u32(a, KDTLS_A_HANDSHAKE_UID);
	h->pid = get_u32(a, KDTLS_A_HANDSHAKE_PID);
	h->link = get_u32(a, KDTLS_A_HANDSHAKE_LINK);
	get_address(a, KDTLS_A_HANDSHAKE_LOCAL, &h->local);
	get_address(a, KDTLS_A_HANDSHAKE_PEER, &h->peer);
	get_text(a, KDTLS_A_HANDSHAKE_PROFILE, h->profile, sizeof(h->profile));
	h->len = nla_len(data);
	memcpy(h->data, nla_data(data), h->len);
}

static int put_address(struct nl_msg *msg, int type, const union address *a)
{
	return nla_put(msg, type, a->sa.sa_family == AF_INET6 ? sizeof(a->in6) :
		       sizeof(a->in), a);
}

int message_put_client(struct nl_msg *msg, const struct hello *h)
{
	return nla_put_u64(msg, KDTLS_A_HANDSHAKE_LISTENER, h->listener) ||
	       (h->link && nla_put_u32(msg, KDTLS_A_HANDSHAKE_LINK, h->link)) ||
	       put_address(msg, KDTLS_A_HANDSHAKE_LOCAL, &h->local) ||
	       put_address(msg, KDTLS_A_HANDSHAKE_PEER, &h->peer);
}

int message_put_cid(struct nl_msg *msg, const uint8_t *cid, uint8_t len)
{
	return len ? nla_put(msg, KDTLS_A_HANDSHAKE_CID, len, cid) : 0;
}

/* The kernel derives key and IV from a traffic secret. */
static int put_secret(struct nl_msg *msg, const struct dtls_direction *dir,
		      const struct dtls_cipher *c)
{
	return nla_put(msg, KDTLS_A_HANDSHAKE_SECRET, c->hash_len, dir->key) ||
	       nla_put_u16(msg, KDTLS_A_HANDSHAKE_MESSAGE_SEQ, dir->message_seq) ||
	       (dir->flags & DTLS_DIRECTION_HANDSHAKE &&
		(nla_put(msg, KDTLS_A_HANDSHAKE_HANDSHAKE_SECRET, c->hash_len,
			 dir->handshake_key) ||
		 nla_put_u64(msg, KDTLS_A_HANDSHAKE_HANDSHAKE_SEQ, dir->handshake_seq)));
}

static int put_key(struct nl_msg *msg, const struct dtls_direction *dir,
		   const struct dtls_cipher *c)
{
	if (dir->flags & DTLS_DIRECTION_SECRET)
		return put_secret(msg, dir, c);
	return nla_put(msg, KDTLS_A_HANDSHAKE_KEY, c->key_len, dir->key) ||
	       nla_put(msg, KDTLS_A_HANDSHAKE_IV, c->iv_len, dir->iv);
}

int message_put_keys(struct nl_msg *msg, const struct dtls_keys *k,
		     enum kdtls_direction which, const struct dtls_direction *dir,
		     const struct dtls_cipher *c)
{
	return nla_put_u64(msg, KDTLS_A_HANDSHAKE_EPOCH, dir->epoch) ||
	       nla_put_u32(msg, KDTLS_A_HANDSHAKE_DIRECTION, which) ||
	       nla_put_u16(msg, KDTLS_A_HANDSHAKE_VERSION, k->version) ||
	       nla_put_u16(msg, KDTLS_A_HANDSHAKE_CIPHER, k->cipher) ||
	       put_key(msg, dir, c) || message_put_cid(msg, dir->cid, dir->cid_len) ||
	       nla_put_u64(msg, KDTLS_A_HANDSHAKE_SEQ, dir->seq) ||
	       (k->record_size_limit &&
		nla_put_u16(msg, KDTLS_A_HANDSHAKE_RECORD_SIZE_LIMIT, k->record_size_limit));
}

static int put_text(struct nl_msg *msg, int type, const char *text)
{
	return *text ? nla_put_string(msg, type, text) : 0;
}

static int put_bytes(struct nl_msg *msg, int type, const void *data, size_t len)
{
	return len ? nla_put(msg, type, len, data) : 0;
}

static int put_success(struct nl_msg *msg, const struct handshake_result *r)
{
	return nla_put_u16(msg, KDTLS_A_HANDSHAKE_SUITE, r->suite) ||
	       nla_put_u32(msg, KDTLS_A_HANDSHAKE_VERIFIED, r->verified) ||
	       put_text(msg, KDTLS_A_HANDSHAKE_ALPN, r->alpn) ||
	       put_text(msg, KDTLS_A_HANDSHAKE_SERVER_NAME, r->server_name) ||
	       put_bytes(msg, KDTLS_A_HANDSHAKE_IDENTITY, r->identity, r->identity_len) ||
	       put_bytes(msg, KDTLS_A_HANDSHAKE_EXPORTER, r->exporter, r->exporter_len) ||
	       put_bytes(msg, KDTLS_A_HANDSHAKE_CERTIFICATE, r->cert, r->cert_len) ||
	       (r->tickets && nla_put_flag(msg, KDTLS_A_HANDSHAKE_TICKETS)) ||
	       put_bytes(msg, KDTLS_A_HANDSHAKE_CERTIFICATE_SHA256, r->cert_sha256,
			 r->cert_len ? sizeof(r->cert_sha256) : 0);
}

int message_put_result(struct nl_msg *msg, const struct handshake_result *r)
{
	return nla_put_u32(msg, KDTLS_A_HANDSHAKE_STATUS, r->status) ||
	       (r->status ? put_text(msg, KDTLS_A_HANDSHAKE_REASON, r->reason) :
			    put_success(msg, r));
}
