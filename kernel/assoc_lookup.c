// SPDX-License-Identifier: GPL-2.0
/* Which association a datagram, a message or an option belongs to. */
#include "address.h"
#include "assoc.h"
#include "assoc_lookup.h"
#include "cid_table.h"
#include "peer_table.h"
#include "socket.h"
#include "record/dtls13/dtls13.h"
#include "record/header12.h"

bool kdtls_lookup_possible(struct kdtls_sock *ks)
{
	struct kdtls_assoc *connected;
	bool possible = kdtls_lookup_begin(ks, &connected);

	if (possible)
		kdtls_assoc_put(connected);
	return possible;
}

/*
 * Where the Connection ID is in a record, by its first byte: RFC 9146 section 4, RFC
 * 9147 section 4. 0: it has none.
 */
static unsigned int cid_offset(u8 first)
{
	switch (dtls_first_byte(first)) {
	case DTLS_FIRST_CID12:
		return DTLS12_LENGTH_OFF;
	case DTLS_FIRST_UNIFIED:
		return first & DTLS13_CID ? 1 : 0;
	default:
		return 0;
	}
}

/* Of the one that begins at off, in a packet of several. */
static unsigned int datagram_len(const struct sk_buff *skb, unsigned int off)
{
	unsigned int left = skb->len - off;

	return skb_is_gso(skb) ?
	       min_t(unsigned int, left, skb_shinfo(skb)->gso_size) : left;
}

/*
 * The Connection ID in the first record of the datagram at off. False: there is none,
 * and it belongs to the association of its source.
 */
static bool read_cid(struct kdtls_sock *ks, const struct sk_buff *skb,
		     unsigned int off, struct kdtls_cid *cid)
{
	u8 len = ks->cid_len, first, id[DTLS_CID_MAX];
	unsigned int at;

	if (!len || skb_copy_bits(skb, off, &first, 1))
		return false;
	at = cid_offset(first);
	if (!at || at + len > datagram_len(skb, off) ||
	    skb_copy_bits(skb, off + at, id, len))
		return false;
	kdtls_cid_set(cid, id, len);
	return true;
}

unsigned int kdtls_lookup_end(struct kdtls_sock *ks, const struct sk_buff *skb,
			      unsigned int off)
{
	struct kdtls_cid first, next;
	bool has;

	if (!skb_is_gso(skb) || !kdtls_peer_table_of(ks))
		return skb->len;
	has = read_cid(ks, skb, off, &first);
	do {
		off += datagram_len(skb, off);
	} while (off < skb->len && read_cid(ks, skb, off, &next) == has &&
		 (!has || !memcmp(&first, &next, sizeof(first))));
	return off;
}

struct kdtls_assoc *kdtls_lookup_among(struct kdtls_sock *ks,
				       const struct sk_buff *skb,
				       unsigned int off,
				       struct kdtls_assoc **successor)
{
	struct kdtls_ends ends;
	struct kdtls_cid cid;

	kdtls_ends_of_skb(ks->sk, skb, &ends);
	if (unlikely(read_cid(ks, skb, off, &cid)))
		return kdtls_peer_table_find_cid(ks, &ends, &cid);
	return kdtls_peer_table_find(ks, &ends, successor);
}

struct kdtls_assoc *kdtls_lookup_id(struct kdtls_sock *ks, u64 id)
{
	struct kdtls_assoc *assoc = kdtls_assoc_by_id(sock_net(ks->sk), id);

	if (!assoc || READ_ONCE(assoc->ks) == ks)
		return assoc;
	kdtls_assoc_put(assoc);
	return NULL;
}

int kdtls_lookup_check_peer(struct kdtls_assoc *assoc, const void *addr,
			    int len)
{
	union kdtls_addr peer;

	if (kdtls_addr_read(assoc->sk, addr, len, &peer) ||
	    !kdtls_addr_equal(&peer, &assoc->remote))
		return -EISCONN;
	return 0;
}

static struct kdtls_assoc *addressee_connected(struct kdtls_sock *ks,
					       const void *name, int len,
					       u64 id)
{
	struct kdtls_assoc *assoc = kdtls_lookup_connected(ks);

	if (assoc && ((id && id != assoc->id) ||
		      (name && kdtls_lookup_check_peer(assoc, name, len)))) {
		kdtls_assoc_put(assoc);
		return ERR_PTR(-EISCONN);
	}
	return assoc;
}

/* By id; the address, if there is one, must be its. */
static struct kdtls_assoc *addressee_by_id(struct kdtls_sock *ks, u64 id,
					   const union kdtls_addr *addr)
{
	struct kdtls_assoc *assoc = kdtls_lookup_id(ks, id);
	union kdtls_addr remote;

	if (!assoc || !addr)
		return assoc;
	kdtls_assoc_remote(assoc, &remote);
	if (kdtls_addr_equal(addr, &remote))
		return assoc;
	kdtls_assoc_put(assoc);
	return NULL;
}

static struct kdtls_assoc *addressee_of_many(struct kdtls_sock *ks,
					     const void *name, int len, u64 id)
{
	struct kdtls_assoc *assoc;
	union kdtls_addr addr;
	int err;

	if (!name && !id)
		return ERR_PTR(-EDESTADDRREQ);
	err = name ? kdtls_addr_read(ks->sk, name, len, &addr) : 0;
	if (err)
		return ERR_PTR(err);
	assoc = id ? addressee_by_id(ks, id, name ? &addr : NULL) :
		     kdtls_peer_table_find_address(ks, &addr);
	if (assoc && kdtls_assoc_state(assoc) == DTLS_STATE_ESTABLISHED)
		return assoc;
	kdtls_assoc_put(assoc);
	return ERR_PTR(-ENOTCONN);
}

struct kdtls_assoc *kdtls_lookup_named(struct kdtls_sock *ks, const void *name,
				       int len, u64 id)
{
	if (kdtls_peer_table_of(ks))
		return addressee_of_many(ks, name, len, id);
	return addressee_connected(ks, name, len, id);
}
