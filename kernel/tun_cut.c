// SPDX-License-Identifier: GPL-2.0
/* A TCP packet of GSO becomes segments. */
#include <linux/mm.h>

#include "tun_cut.h"
#include "tun_tcp.h"

/* Of its IP header; 0: it has options, or another version than GSO says. */
static unsigned int find_ip_len(const struct sk_buff *skb)
{
	const u8 *ip = skb->data;

	switch (skb_shinfo(skb)->gso_type & ~SKB_GSO_DODGY) {
	case SKB_GSO_TCPV4:
		return ip[0] == 0x45 && ip[IP4_PROTOCOL] == IPPROTO_TCP &&
		       !(dtls_get16(ip + IP4_FRAGMENT) & ~IP4_DF) ?
		       IP4_HEADER : 0;
	case SKB_GSO_TCPV6:
		return ip[0] >> 4 == 6 && ip[IP6_NEXT] == IPPROTO_TCP ?
		       IP6_HEADER : 0;
	default:
		return 0;
	}
}

static unsigned int tcp_len(const struct sk_buff *skb, unsigned int ip_len)
{
	return (skb->data[ip_len + TCP_OFFSET] >> 4) * 4;
}

bool kdtls_tun_cut_possible(struct sk_buff *skb)
{
	unsigned int ip_len, headers;

	if (skb->encapsulation || skb->ip_summed != CHECKSUM_PARTIAL ||
	    skb_has_frag_list(skb) || skb_network_offset(skb) ||
	    !pskb_may_pull(skb, IP4_HEADER + TCP_HEADER))
		return false;
	ip_len = find_ip_len(skb);
	if (!ip_len || skb_checksum_start_offset(skb) != ip_len ||
	    !pskb_may_pull(skb, ip_len + TCP_HEADER))
		return false;
	headers = ip_len + tcp_len(skb, ip_len);
	return headers >= ip_len + TCP_HEADER && skb->len > headers &&
	       pskb_may_pull(skb, headers);
}

static unsigned int payload_of(const struct kdtls_tun_cut *cut)
{
	return cut->skb->len - cut->headers;
}

static void init_cut(struct kdtls_tun_cut *cut, const struct sk_buff *skb)
{
	memset(cut, 0, sizeof(*cut));
	cut->skb = skb;
	cut->segment = skb_shinfo(skb)->gso_size;
	cut->ip_len = skb_checksum_start_offset(skb);
	cut->headers = cut->ip_len + tcp_len(skb, cut->ip_len);
	cut->used = cut->headers;
}

unsigned int kdtls_tun_cut_count(const struct sk_buff *skb)
{
	struct kdtls_tun_cut cut;

	init_cut(&cut, skb);
	return DIV_ROUND_UP(payload_of(&cut), cut.segment);
}

/* The rest of the current piece of the packet. */
static struct bio_vec rest_of_piece(const struct kdtls_tun_cut *cut)
{
	const struct sk_buff *skb = cut->skb;
	const skb_frag_t *frag;
	struct bio_vec rest;

	if (!cut->piece) {
		bvec_set_page(&rest, virt_to_page(skb->data),
			      skb_headlen(skb), offset_in_page(skb->data));
	} else {
		frag = &skb_shinfo(skb)->frags[cut->piece - 1];
		bvec_set_page(&rest, skb_frag_page(frag), skb_frag_size(frag),
			      skb_frag_off(frag));
	}
	rest.bv_offset += cut->used;
	rest.bv_len -= cut->used;
	return rest;
}

/* Up to most bytes of payload, more than 0. */
static struct bio_vec take_piece(struct kdtls_tun_cut *cut, unsigned int most)
{
	struct bio_vec piece = rest_of_piece(cut);

	while (!piece.bv_len) {
		cut->piece++;
		cut->used = 0;
		piece = rest_of_piece(cut);
	}
	piece.bv_len = min(piece.bv_len, most);
	cut->used += piece.bv_len;
	cut->off += piece.bv_len;
	return piece;
}

void kdtls_tun_cut_begin(struct kdtls_tun_cut *cut, const struct sk_buff *skb,
			 unsigned int number)
{
	init_cut(cut, skb);
	cut->number = number;
	while (cut->off < number * cut->segment)
		take_piece(cut, number * cut->segment - cut->off);
}

unsigned int kdtls_tun_cut_size(const struct kdtls_tun_cut *cut)
{
	unsigned int left = payload_of(cut) - cut->off;

	return left ? cut->headers + min(left, cut->segment) : 0;
}

/* As the stack cuts: RFC 3168 section 6.1.2 for CWR, and FIN and PSH at the end. */
static u8 flags_of(const struct kdtls_tun_cut *cut, u8 flags)
{
	if (cut->number)
		flags &= ~FLAG_CWR;
	if (cut->off < payload_of(cut))
		flags &= ~(FLAG_FIN | FLAG_PSH);
	return flags;
}

/* cut->off is behind the segment's len bytes of payload, of this sum. */
static void make_headers(const struct kdtls_tun_cut *cut, u8 *ip,
			 unsigned int len, __wsum sum)
{
	unsigned int tcp_len = cut->headers - cut->ip_len;
	u8 *tcp = ip + cut->ip_len;
	__sum16 check = 0;

	memcpy(ip, cut->skb->data, cut->headers);
	if (cut->ip_len == IP4_HEADER)
		dtls_put16(ip + IP4_ID, dtls_get16(ip + IP4_ID) + cut->number);
	kdtls_ip_finish(ip, cut->ip_len, cut->headers + len);
	dtls_put32(tcp + TCP_SEQ,
		   dtls_get32(tcp + TCP_SEQ) + cut->number * cut->segment);
	tcp[TCP_FLAGS] = flags_of(cut, tcp[TCP_FLAGS]);
	memcpy(tcp + TCP_CHECK, &check, sizeof(check));
	sum = csum_partial(tcp, tcp_len, sum);
	check = kdtls_tcp_checksum(ip, cut->ip_len, tcp_len + len, sum);
	memcpy(tcp + TCP_CHECK, &check, sizeof(check));
}

/* tun has no NETIF_F_HIGHDMA: what it gets is mapped. */
static const void *address_of(const struct bio_vec *piece)
{
	return page_address(piece->bv_page) + piece->bv_offset;
}

unsigned int kdtls_tun_cut_next(struct kdtls_tun_cut *cut, u8 *headers,
				struct bio_vec *pieces)
{
	unsigned int len = kdtls_tun_cut_size(cut) - cut->headers;
	unsigned int done = 0, n;
	__wsum sum = 0;

	for (n = 0; done < len; n++) {
		pieces[n] = take_piece(cut, len - done);
		sum = csum_block_add(sum, csum_partial(address_of(&pieces[n]),
						       pieces[n].bv_len, 0),
				     done);
		done += pieces[n].bv_len;
	}
	make_headers(cut, headers, len, sum);
	cut->number++;
	return n;
}
