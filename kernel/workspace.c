// SPDX-License-Identifier: GPL-2.0
/* AEAD requests and buffers, one of each kept a CPU. */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "aead_key.h"
#include "workspace.h"

DEFINE_PER_CPU(struct kdtls_workspace *, kdtls_workspace_kept);

static void workspace_free(struct kdtls_workspace *ws)
{
	unsigned int i;

	if (!ws)
		return;
	for (i = 0; i < KDTLS_ROOMS; i++)
		if (ws->rooms[i])
			put_page(ws->rooms[i]);
	memzero_explicit(ws->buf, PAGE_SIZE << ws->order);
	free_pages((unsigned long)ws->buf, ws->order);
	kfree_sensitive(ws);
}

static struct kdtls_workspace *workspace_create(unsigned int reqsize)
{
	struct kdtls_workspace *ws = kmalloc(sizeof(*ws) + reqsize,
					     GFP_KERNEL_ACCOUNT);

	if (!ws)
		return NULL;
	ws->order = 0;
	ws->buf = (u8 *)__get_free_page(GFP_KERNEL_ACCOUNT);
	if (!ws->buf) {
		kfree(ws);
		return NULL;
	}
	ws->reqsize = reqsize;
	ws->opened = 0;
	memset(ws->rooms, 0, sizeof(ws->rooms));
	ws->room = 0;
	ws->room_used = 0;
	crypto_init_wait(&ws->wait);	/* crypto_wait_req() does it again */
	sg_init_table(ws->seal.sg, ARRAY_SIZE(ws->seal.sg));
	sg_init_table(ws->open.sg, ARRAY_SIZE(ws->open.sg));
	sg_init_table(ws->split, ARRAY_SIZE(ws->split));
	kdtls_workspace_forget(ws);
	aead_request_set_callback(&ws->req, CRYPTO_TFM_REQ_MAY_SLEEP |
				  CRYPTO_TFM_REQ_MAY_BACKLOG, crypto_req_done,
				  &ws->wait);
	return ws;
}

struct kdtls_workspace *kdtls_workspace_renew(struct kdtls_workspace *ws,
					      const struct kdtls_aead_key *key)
{
	workspace_free(ws);
	return workspace_create(key->context);
}

/* A page has a whole number of these, and memset() no remainder to set. */
#define WIPE_STEP	64

/*
 * Some AEADs leave the keys of one record in the request's context. Sealed
 * records in the buffer are no secret, opened ones are.
 */
void kdtls_workspace_put(struct kdtls_workspace *ws)
{
	if (ws->opened)
		memzero_explicit(ws->buf, round_up(ws->opened, WIPE_STEP));
	ws->opened = 0;
	memzero_explicit(&ws->op, sizeof(ws->op));
	memzero_explicit(ws->ccm_iv, sizeof(ws->ccm_iv));
	memzero_explicit(ws->req.__ctx, ws->context);
	if (this_cpu_cmpxchg(kdtls_workspace_kept, NULL, ws))
		workspace_free(ws);
}

u8 *kdtls_workspace_grow(struct kdtls_workspace *ws, size_t len)
{
	unsigned int order = get_order(len);
	unsigned long pages;

	pages = __get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_NOWARN, order);
	if (!pages)
		return NULL;
	memzero_explicit(ws->buf, PAGE_SIZE << ws->order);
	free_pages((unsigned long)ws->buf, ws->order);
	ws->buf = (u8 *)pages;
	ws->order = order;
	return ws->buf;
}

/*
 * One unread record keeps the whole chunk, and only the record's bytes are charged
 * to sockets: the chunk is charged to the cgroup of the caller that allocated it.
 */
static struct page *room_create(size_t len)
{
	return alloc_pages(GFP_KERNEL_ACCOUNT | __GFP_COMP | __GFP_NOWARN,
			   get_order(len));
}

/* All records in it are gone: it is as new, and warm in the cache. */
static bool room_free(const struct page *room)
{
	return room && page_ref_count(room) == 1;
}

/* The next room in turn; false: out of memory. */
static bool room_next(struct kdtls_workspace *ws)
{
	struct page **room;

	ws->room = (ws->room + 1) % KDTLS_ROOMS;
	room = &ws->rooms[ws->room];
	ws->room_used = 0;
	if (room_free(*room))
		return true;
	if (*room)
		put_page(*room);
	*room = room_create(KDTLS_ROOM_BYTES);
	return *room;
}

/* False: not in any of the rooms that are kept. */
static bool room_fits(struct kdtls_workspace *ws, size_t len)
{
	const struct page *room = ws->rooms[ws->room];

	if (len > KDTLS_ROOM_BYTES)
		return false;
	if (room_free(room))
		ws->room_used = 0;
	if (room && len <= KDTLS_ROOM_BYTES - ws->room_used)
		return true;
	return room_next(ws);
}

struct page *kdtls_workspace_room(struct kdtls_workspace *ws, size_t len,
				  unsigned int *offset)
{
	struct page *room;

	if (!room_fits(ws, len)) {
		*offset = 0;
		return room_create(len);	/* of its own */
	}
	room = ws->rooms[ws->room];
	*offset = ws->room_used;
	ws->room_used += len;
	get_page(room);
	return room;
}

void kdtls_workspace_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		workspace_free(xchg(per_cpu_ptr(&kdtls_workspace_kept, cpu),
				    NULL));
}
