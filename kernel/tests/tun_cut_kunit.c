// SPDX-License-Identifier: GPL-2.0
/* A packet that is cut into segments: the same bytes as the stack's own cut. */
#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "../tun_cut.c"

#ifdef KDTLS_HAVE_NET_GSO
#include <net/gso.h>
#endif

#define MAX_LEN		9000
#define CUT_FRAGS	3

struct cut_case {
	const char	*name;
	bool		ip6;
	u8		options;	/* bytes of TCP's */
	u8		flags;
	u16		segment;
	u16		linear;		/* payload behind the headers */
	u16		frags[CUT_FRAGS];
	unsigned int	count;		/* expected segments; 0: not cut here */
	unsigned int	type;		/* besides TCP's, of GSO */
};

static const struct cut_case cut_cases[] = {
	{ "all linear", false, 0, FLAG_ACK, 1000, 2500, {}, 3 },
	{ "in fragments", false, 12, FLAG_ACK, 1000, 0, { 3000, 1000 }, 4 },
	{ "IPv6", true, 12, FLAG_ACK, 1000, 0, { 3000, 999 }, 4 },
	{ "odd pieces", false, 0, FLAG_ACK, 1001, 7, { 1, 1001, 3333 }, 5 },
	{ "odd pieces, IPv6", true, 20, FLAG_ACK, 333, 1, { 3, 5, 1000 }, 4 },
	{ "a piece ends with a segment", false, 0, FLAG_ACK, 500, 500,
	  { 500, 1000 }, 4 },
	{ "PSH and FIN", false, 0, FLAG_ACK | FLAG_PSH | FLAG_FIN, 700, 0,
	  { 1500 }, 3 },
	{ "CWR", true, 0, FLAG_ACK | FLAG_CWR, 700, 100, { 1500 }, 3 },
	{ "one more byte", false, 40, FLAG_ACK, 1300, 0, { 1301 }, 2 },
	{ "ECN is the stack's", false, 0, FLAG_ACK, 700, 0, { 1500 }, 0,
	  SKB_GSO_TCP_ECN },
	{ "a fixed id, too", false, 0, FLAG_ACK, 700, 0, { 1500 }, 0,
	  SKB_GSO_TCP_FIXEDID },
	{ "from another device", false, 0, FLAG_ACK, 700, 0, { 1500 }, 3,
	  SKB_GSO_DODGY },
};

static void cut_case_desc(const struct cut_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cut, cut_cases, cut_case_desc);

static void put_headers(struct sk_buff *skb, const struct cut_case *c,
			unsigned int payload)
{
	unsigned int ip_len = c->ip6 ? IP6_HEADER : IP4_HEADER;
	unsigned int tcp_len = TCP_HEADER + c->options;
	u8 *ip = skb_put_zero(skb, ip_len + tcp_len), *tcp = ip + ip_len;
	__sum16 check;

	ip[0] = c->ip6 ? 0x60 : 0x45;
	ip[c->ip6 ? IP6_NEXT : IP4_PROTOCOL] = IPPROTO_TCP;
	ip[c->ip6 ? IP6_ADDRESSES : IP4_ADDRESSES] = 10;
	if (!c->ip6)
		dtls_put16(ip + IP4_ID, 0xfffe);
	kdtls_ip_finish(ip, ip_len, ip_len + tcp_len + payload);
	dtls_put32(tcp + TCP_SEQ, -1000U);
	tcp[TCP_OFFSET] = tcp_len / 4 << 4;
	tcp[TCP_FLAGS] = c->flags;
	memset(tcp + TCP_HEADER, 1, c->options);
	check = ~kdtls_tcp_checksum(ip, ip_len, tcp_len + payload, 0);
	memcpy(tcp + TCP_CHECK, &check, sizeof(check));
	skb->protocol = c->ip6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, ip_len);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = TCP_CHECK;
}

static struct sk_buff *build_packet(struct kunit *test, const struct cut_case *c)
{
	struct sk_buff *skb = alloc_skb(MAX_LEN, GFP_KERNEL);
	unsigned int i, payload = c->linear, at = 3;
	struct page *page;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	for (i = 0; i < CUT_FRAGS; i++)
		payload += c->frags[i];
	skb_reserve(skb, 64);
	put_headers(skb, c, payload);
	for (i = 0; i < c->linear; i++)
		skb_put_u8(skb, i * 7);
	for (i = 0; i < CUT_FRAGS && c->frags[i]; i++) {
		page = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, page);
		get_random_bytes(page_address(page), PAGE_SIZE);
		skb_add_rx_frag(skb, i, page, at, c->frags[i], PAGE_SIZE);
	}
	skb_shinfo(skb)->gso_size = c->segment;
	skb_shinfo(skb)->gso_type = c->type |
		(c->ip6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4);
	return skb;
}

/* The next segment, in one piece. Returns its length. */
static unsigned int join_segment(struct kdtls_tun_cut *cut, u8 *to)
{
	struct bio_vec pieces[KDTLS_TUN_CUT_PIECES];
	unsigned int i, n, len = cut->headers;

	n = kdtls_tun_cut_next(cut, to, pieces);
	for (i = 0; i < n; i++) {
		memcpy(to + len, address_of(&pieces[i]), pieces[i].bv_len);
		len += pieces[i].bv_len;
	}
	return len;
}

static void expect_equal(struct kunit *test, const struct sk_buff *segment,
			 const u8 *data, unsigned int len)
{
	u8 *wanted = kunit_kzalloc(test, MAX_LEN, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, wanted);
	KUNIT_ASSERT_EQ(test, segment->len, len);
	KUNIT_ASSERT_EQ(test, 0, skb_copy_bits(segment, 0, wanted, len));
	KUNIT_EXPECT_EQ(test, 0, memcmp(wanted, data, len));
}

/* From each segment on, as after a batch that took those before it. */
static void cut_from(struct kunit *test, const struct sk_buff *skb,
		     const struct sk_buff *segments, unsigned int first)
{
	u8 *data = kunit_kzalloc(test, MAX_LEN, GFP_KERNEL);
	const struct sk_buff *segment = segments;
	struct kdtls_tun_cut cut;
	unsigned int i, size;

	KUNIT_ASSERT_NOT_NULL(test, data);
	for (i = 0; i < first; i++)
		segment = segment->next;
	kdtls_tun_cut_begin(&cut, skb, first);
	for (; segment; segment = segment->next) {
		size = kdtls_tun_cut_size(&cut);
		KUNIT_ASSERT_EQ(test, size, join_segment(&cut, data));
		expect_equal(test, segment, data, size);
	}
	KUNIT_EXPECT_EQ(test, 0, kdtls_tun_cut_size(&cut));
}

static void cut_packet(struct kunit *test)
{
	const struct cut_case *c = test->param_value;
	struct sk_buff *skb = build_packet(test, c), *segments;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, !!c->count, kdtls_tun_cut_possible(skb));
	if (c->count) {
		KUNIT_EXPECT_EQ(test, c->count, kdtls_tun_cut_count(skb));
		segments = skb_gso_segment(skb, NETIF_F_SG);
		KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(segments));
		for (i = 0; i < c->count; i++)
			cut_from(test, skb, segments, i);
		kfree_skb_list(segments);
	}
	kfree_skb(skb);
}

static struct kunit_case cut_tests[] = {
	KUNIT_CASE_PARAM(cut_packet, cut_gen_params),
	{}
};

static struct kunit_suite cut_suite = {
	.name = "kdtls-tun-cut",
	.test_cases = cut_tests,
};

kunit_test_suite(cut_suite);
