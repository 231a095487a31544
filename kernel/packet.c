// SPDX-License-Identifier: GPL-2.0
/* Packets: where their bytes lie, and what their records share. */
#include "assoc.h"
#include "epoch.h"
#include "packet.h"
#include "reader.h"
#include "socket.h"
#include "stats.h"
#include "workspace.h"

void kdtls_packet_init(struct kdtls_packet *pkt, struct kdtls_sock *ks,
		       struct kdtls_assoc *assoc, struct sk_buff *skb,
		       struct kdtls_sink *sink)
{
	pkt->ks = ks;
	pkt->assoc = assoc;
	pkt->successor = NULL;
	pkt->skb = skb;
	pkt->sink = sink;
	pkt->raw = NULL;
	pkt->ours = !skb_shared(skb) && !skb_cloned(skb) &&
		    skb_headroom(skb) >= DTLS_HEADROOM;
	pkt->shared = skb_has_shared_frag(skb);
	pkt->frag = 0;
	pkt->frag_off = skb_headlen(skb);
	pkt->epoch = NULL;
	pkt->ws = NULL;
	pkt->records = 0;
	pkt->bytes = 0;
	pkt->decided = 0;
}

void kdtls_packet_finish(struct kdtls_packet *pkt)
{
	if (pkt->records) {
		kdtls_count_rx(pkt->assoc, pkt->records, pkt->bytes);
		kdtls_assoc_heard(pkt->assoc);
	}
	if (pkt->ws)
		kdtls_workspace_put(pkt->ws);
	kdtls_epoch_put(pkt->epoch);
}

static u8 *frag_piece(struct kdtls_packet *pkt, unsigned int off,
		      unsigned int *len)
{
	const struct skb_shared_info *info = skb_shinfo(pkt->skb);

	for (; pkt->frag < info->nr_frags; pkt->frag++) {
		const skb_frag_t *frag = &info->frags[pkt->frag];
		unsigned int end = pkt->frag_off + skb_frag_size(frag);
		u8 *data;

		if (off < end) {
			data = skb_frag_address_safe(frag);
			*len = end - off;
			return data ? data + off - pkt->frag_off : NULL;
		}
		pkt->frag_off = end;
	}
	return NULL;
}

u8 *kdtls_packet_piece(struct kdtls_packet *pkt, unsigned int off,
		       unsigned int *len)
{
	unsigned int head = skb_headlen(pkt->skb);

	if (unlikely(pkt->raw))
		return NULL;
	if (off >= head)
		return frag_piece(pkt, off, len);
	*len = head - off;
	return pkt->skb->data + off;
}

bool kdtls_packet_contiguous(const struct kdtls_packet *pkt, unsigned int off,
			     unsigned int len)
{
	const struct skb_shared_info *info = skb_shinfo(pkt->skb);
	unsigned int i = pkt->frag, end;
	const skb_frag_t *frag;
	const u8 *next;

	/* in the linear part, or nowhere known */
	if (pkt->raw || off < pkt->frag_off || i >= info->nr_frags)
		return false;
	for (end = pkt->frag_off;; i++) {
		frag = &info->frags[i];
		end += skb_frag_size(frag);
		if (end >= off + len)
			return true;
		next = (u8 *)skb_frag_address_safe(frag) + skb_frag_size(frag);
		if (i + 1 >= info->nr_frags ||
		    skb_frag_address_safe(frag + 1) != next)
			return false;
	}
}

bool kdtls_packet_copy(const struct kdtls_packet *pkt, unsigned int off,
		       void *to, unsigned int len)
{
	if (likely(!pkt->raw))
		return !skb_copy_bits(pkt->skb, off, to, len);
	memcpy(to, pkt->raw + off, len);
	return true;
}
