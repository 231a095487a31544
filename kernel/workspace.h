/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What sealing and opening work with: an AEAD request, and a buffer in one
 * physical piece. Making them costs as much as a short record, so one of each
 * is kept a CPU. A caller takes the workspace out for as long as it needs it,
 * asleep or not: a driver that completes late, or a page fault in a copy to user
 * memory, never finds another caller's record there.
 */
#ifndef KDTLS_WORKSPACE_H
#define KDTLS_WORKSPACE_H

#include <crypto/aead.h>
#include <linux/percpu.h>
#include <linux/scatterlist.h>

#include "aead_key.h"
#include "record/record.h"

#define KDTLS_CCM_IV		16	/* others use the nonce as it is */
#define KDTLS_ROOM_BYTES	32768	/* of each of the kept rooms */
#define KDTLS_ROOMS		4
/*
 * Memory of this size and alignment has its struct pages in a row, in every
 * memory model.
 */
#define KDTLS_SG_BLOCK		KDTLS_ROOM_BYTES

/*
 * A record in one piece. The tag has an entry of its own: an AEAD finds it
 * faster at the start of one. The struct page stays from one record to the next.
 */
struct kdtls_whole {
	struct scatterlist	sg[2];		/* AAD and text, tag */
	unsigned long		block;		/* address of what they point to */
};

struct kdtls_workspace {
	u8			*buf;		/* kdtls_workspace_buffer() */
	unsigned int		order;		/* its pages */
	unsigned int		opened;		/* bytes of it to wipe */
	unsigned int		reqsize;	/* room behind req */
	unsigned int		context;	/* bytes of it to wipe */
	struct page		*rooms[KDTLS_ROOMS];	/* or NULL */
	unsigned int		room, room_used;	/* the one in use */
	struct crypto_wait	wait;
	struct kdtls_whole	seal, open;
	struct scatterlist	split[3];	/* AAD, text, tag */
	unsigned long		split_block;	/* address, for all but the AAD */
	struct dtls_aead_op	op;
	u64			seq;	/* sealed or opened last, DTLS 1.3 */
	u8			ccm_iv[KDTLS_CCM_IV];
	struct aead_request	req;		/* with its context behind it */
};

DECLARE_PER_CPU(struct kdtls_workspace *, kdtls_workspace_kept);

/* No block is known. */
static inline void kdtls_workspace_forget(struct kdtls_workspace *ws)
{
	ws->seal.block = -1UL - KDTLS_SG_BLOCK;
	ws->open.block = ws->seal.block;
	ws->split_block = ws->seal.block;
}

/* One that is large enough, in place of ws, which may be NULL. */
struct kdtls_workspace *kdtls_workspace_renew(struct kdtls_workspace *ws,
					      const struct kdtls_aead_key *key);
/*
 * For a call with this key. NULL: out of memory. Process context; put may
 * happen on another CPU.
 */
static inline struct kdtls_workspace *
kdtls_workspace_get(const struct kdtls_aead_key *key)
{
	struct kdtls_workspace *ws = this_cpu_xchg(kdtls_workspace_kept, NULL);

	if (unlikely(!ws || ws->reqsize < key->context)) {
		ws = kdtls_workspace_renew(ws, key);
		if (!ws)
			return NULL;
	}
	ws->context = key->context;
	/* memory that was unplugged meanwhile may have come back with others */
	if (IS_ENABLED(CONFIG_MEMORY_HOTREMOVE) &&
	    !IS_ENABLED(CONFIG_SPARSEMEM_VMEMMAP))
		kdtls_workspace_forget(ws);
	return ws;
}

/* Wipes what was secret in it. */
void kdtls_workspace_put(struct kdtls_workspace *ws);

/* A buffer of len bytes in place of the one that is too small. */
u8 *kdtls_workspace_grow(struct kdtls_workspace *ws, size_t len);
/*
 * len bytes, up to a record and its headroom, that begin on a page; what was
 * there before is lost. NULL: out of memory.
 */
static inline u8 *kdtls_workspace_buffer(struct kdtls_workspace *ws, size_t len)
{
	if (likely(len <= PAGE_SIZE << ws->order))
		return ws->buf;
	return kdtls_workspace_grow(ws, len);
}

/* The same, to open a record in. */
static inline u8 *kdtls_workspace_secret(struct kdtls_workspace *ws, size_t len)
{
	u8 *buf = kdtls_workspace_buffer(ws, len);

	if (buf && len > ws->opened)
		ws->opened = len;
	return buf;
}

/*
 * Room for sealed records that UDP takes over: len bytes in one physical
 * piece, never written again after this use. Returns a reference to its page,
 * or NULL: out of memory. It is cut from pages that are reused when the workspace
 * has their last reference: new ones would have to be zeroed.
 */
struct page *kdtls_workspace_room(struct kdtls_workspace *ws, size_t len,
				  unsigned int *offset);

void kdtls_workspace_exit(void);

#endif /* KDTLS_WORKSPACE_H */
