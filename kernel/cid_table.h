/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Connection IDs (RFC 9146) that the associations of a table of peers receive
 * with: found in constant time under RCU, whatever the datagram's address. All in
 * one table have the same length and differ.
 */
#ifndef KDTLS_CID_TABLE_H
#define KDTLS_CID_TABLE_H

#include <linux/kdtls.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>

struct kdtls_assoc;

/* What is hashed; zero behind len bytes. */
struct kdtls_cid {
	u8	len;			/* 0: none */
	u8	id[DTLS_CID_MAX];
	u8	zero[3];
} __aligned(4);			/* it is hashed by words */

/* An association's place in a table. */
struct kdtls_cid_entry {
	struct rhash_head	node;
	struct kdtls_cid	cid;
	bool			listed;	/* the association's lock */
};

/* len bytes, at most DTLS_CID_MAX. */
void kdtls_cid_set(struct kdtls_cid *cid, const u8 *id, u8 len);
/* A random one; len 0: none. */
void kdtls_cid_choose(struct kdtls_cid *cid, u8 len);

int kdtls_cid_table_init(struct rhashtable *table);
/*
 * By assoc->by_cid.cid. Takes no reference: the association is removed before it is
 * freed. -EEXIST: one of the table has this CID; -EPIPE: the association leaves its
 * table of peers; -ENOMEM. Any context.
 */
int kdtls_cid_table_add(struct rhashtable *table, struct kdtls_assoc *assoc);
/* If it is there. Any context. */
void kdtls_cid_table_remove(struct rhashtable *table,
			    struct kdtls_assoc *assoc);
/* Or NULL. Under RCU; the association may be about to end. */
struct kdtls_assoc *kdtls_cid_table_find(struct rhashtable *table,
					 const struct kdtls_cid *cid);

#endif /* KDTLS_CID_TABLE_H */
