// SPDX-License-Identifier: GPL-2.0
/* Packets: where their bytes lie, and what their records share. */
#include "assoc.h"
#include "epoch.h"
#include "packet.h"
#include "reader.h"
#include "socket.h"
#include "stats.h"
#include "workspace.h"

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

/* Fragments of the same room that lie right behind the piece belong to it. */
static noinline void extend_piece(struct kdtls_packet *pkt)
{
	const struct skb_shared_info *info = skb_shinfo(pkt->skb);
	const skb_frag_t *frag = &info->frags[pkt->frag];
	const u8 *end = pkt->piece + (pkt->piece_end - pkt->piece_off);

	while (pkt->frag < info->nr_frags &&
	       skb_frag_address_safe(frag) == end) {
		pkt->piece_end += skb_frag_size(frag);
		end += skb_frag_size(frag++);
		pkt->frag++;
	}
}

static void next_piece(struct kdtls_packet *pkt)
{
	const struct skb_shared_info *info = skb_shinfo(pkt->skb);
	const skb_frag_t *frag = &info->frags[pkt->frag++];

	pkt->piece = skb_frag_address_safe(frag);
	pkt->piece_off = pkt->piece_end;
	pkt->piece_end += skb_frag_size(frag);
	if (pkt->frag < info->nr_frags && pkt->piece)
		extend_piece(pkt);
}

void kdtls_packet_find_piece(struct kdtls_packet *pkt, unsigned int off)
{
	while (off >= pkt->piece_end &&
	       pkt->frag < skb_shinfo(pkt->skb)->nr_frags)
		next_piece(pkt);
	if (off >= pkt->piece_end)
		pkt->piece = NULL;
}

bool kdtls_packet_copy(const struct kdtls_packet *pkt, unsigned int off,
		       void *to, unsigned int len)
{
	if (likely(!pkt->raw))
		return !skb_copy_bits(pkt->skb, off, to, len);
	memcpy(to, pkt->raw + off, len);
	return true;
}
