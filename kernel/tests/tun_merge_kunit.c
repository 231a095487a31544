// SPDX-License-Identifier: GPL-2.0
/* Which TCP segments become one packet, and what it is then. */
#include <kunit/test.h>
#include <linux/slab.h>

#include "../tun_merge.c"

#define DEVICE_HEADER	12
#define SEGMENTS	4

struct merge_segment {
	u32	seq;
	u16	len;		/* of payload; 0: no further segment */
	u8	flags;
	u8	other;		/* this byte of the headers differs; 0: none */
	bool	broken;		/* its checksum is wrong */
	bool	taken;		/* expected */
};

struct merge_case {
	const char		*name;
	bool			ip6;
	struct merge_segment	segments[SEGMENTS];
};

#define ACK	FLAG_ACK
#define PSH	(FLAG_ACK | FLAG_PSH)
#define YES	.taken = true

static const struct merge_case merge_cases[] = {
	{ "one", false, { { 5, 100, ACK, YES } } },
	{ "in sequence", false, { { 5, 100, ACK, YES }, { 105, 100, ACK, YES },
				  { 205, 100, ACK, YES } } },
	{ "IPv6", true, { { 5, 100, ACK, YES }, { 105, 100, ACK, YES } } },
	{ "odd sizes", false, { { 5, 99, ACK, YES }, { 104, 99, ACK, YES },
				{ 203, 1, ACK, YES } } },
	{ "numbers wrap", false, { { -50U, 100, ACK, YES },
				   { 50, 100, ACK, YES } } },
	{ "a gap", false, { { 5, 100, ACK, YES }, { 106, 100, ACK } } },
	{ "a repeat", false, { { 5, 100, ACK, YES }, { 5, 100, ACK } } },
	{ "a shorter one ends it", false,
	  { { 5, 100, ACK, YES }, { 105, 50, ACK, YES }, { 155, 50, ACK } } },
	{ "a longer one", false, { { 5, 50, ACK, YES }, { 55, 100, ACK } } },
	{ "PSH ends it", false,
	  { { 5, 100, ACK, YES }, { 105, 100, PSH, YES }, { 205, 100, ACK } } },
	{ "FIN", false, { { 5, 100, ACK, YES }, { 105, 100, ACK | FLAG_FIN } } },
	{ "a wrong checksum", false,
	  { { 5, 100, ACK, YES }, { 105, 100, ACK, .broken = true },
	    { 105, 100, ACK, YES } } },
	{ "another TOS", false, { { 5, 100, ACK, YES },
				  { 105, 100, ACK, .other = 1 } } },
	{ "another TTL", false, { { 5, 100, ACK, YES },
				  { 105, 100, ACK, .other = 8 } } },
	{ "another source", false, { { 5, 100, ACK, YES },
				     { 105, 100, ACK, .other = 12 } } },
	{ "another port", false, { { 5, 100, ACK, YES },
				   { 105, 100, ACK, .other = 21 } } },
	{ "another acknowledgment", false, { { 5, 100, ACK, YES },
					     { 105, 100, ACK, .other = 31 } } },
	{ "another window", false, { { 5, 100, ACK, YES },
				     { 105, 100, ACK, .other = 35 } } },
	{ "IPv4's identification may differ", false,
	  { { 5, 100, ACK, YES }, { 105, 100, ACK, .other = 4, YES } } },
	{ "a fragment", false, { { 5, 100, ACK, YES },
				 { 105, 100, ACK, .other = 7 } } },
	{ "another flow label", true, { { 5, 100, ACK, YES },
					{ 105, 100, ACK, .other = 3 } } },
	{ "another destination", true, { { 5, 100, ACK, YES },
					 { 105, 100, ACK, .other = 39 } } },
	{ "64 KB", false, { { 0, 30000, ACK, YES }, { 30000, 30000, ACK, YES },
			    { 60000, 5496, ACK } } },
	{ "up to 64 KB", false,
	  { { 0, 30000, ACK, YES }, { 30000, 30000, ACK, YES },
	    { 60000, 5495, ACK, YES } } },
};

static void merge_case_desc(const struct merge_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(merge, merge_cases, merge_case_desc);

static void set_checksum(u8 *tcp, __sum16 check)
{
	memcpy(tcp + TCP_CHECK, &check, sizeof(check));
}

/* The payload is that of its place in the stream. Returns the length. */
static size_t build_segment(u8 *packet, bool ip6,
			    const struct merge_segment *seg)
{
	unsigned int ip_len = ip6 ? IP6_HEADER : IP4_HEADER;
	size_t len = ip_len + TCP_HEADER + seg->len, i;
	u8 *tcp = packet + ip_len;

	memset(packet, 0, ip_len + TCP_HEADER);
	packet[0] = ip6 ? 0x60 : 0x45;
	packet[ip6 ? IP6_NEXT : IP4_PROTOCOL] = IPPROTO_TCP;
	if (!ip6)
		dtls_put16(packet + IP4_FRAGMENT, IP4_DF);
	dtls_put32(tcp + TCP_SEQ, seg->seq);
	tcp[TCP_OFFSET] = TCP_HEADER / 4 << 4;
	tcp[TCP_FLAGS] = seg->flags;
	for (i = 0; i < seg->len; i++)
		tcp[TCP_HEADER + i] = (seg->seq + i) * 7;
	if (seg->other)
		packet[seg->other] ^= 1;
	kdtls_ip_finish(packet, ip_len, len);
	set_checksum(tcp, kdtls_tcp_checksum(packet, ip_len, len - ip_len,
					     csum_partial(tcp, len - ip_len,
							  0)));
	if (seg->broken)
		tcp[TCP_HEADER] ^= 1;
	return len;
}

/* Nothing is to be done by the device for one; for more, the checksum. */
static void check_header(struct kunit *test, u8 *buf, unsigned int count,
			 unsigned int ip_len, size_t segment)
{
	struct virtio_net_hdr header;

	memcpy(&header, buf, sizeof(header));
	if (count == 1) {
		KUNIT_EXPECT_TRUE(test, !memchr_inv(buf, 0, DEVICE_HEADER));
		return;
	}
	KUNIT_EXPECT_EQ(test, header.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	KUNIT_EXPECT_EQ(test, header.gso_type, ip_len == IP6_HEADER ?
			VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4);
	KUNIT_EXPECT_EQ(test, (__force u16)header.gso_size, segment);
	KUNIT_EXPECT_EQ(test, (__force u16)header.csum_start, ip_len);
	KUNIT_EXPECT_EQ(test, (__force u16)header.hdr_len,
			ip_len + TCP_HEADER);
}

/* Valid, once the checksum is completed; with the bytes of the stream. */
static void check_packet(struct kunit *test, u8 *packet, size_t len,
			 unsigned int count, u32 seq)
{
	struct segment seg;
	u8 *tcp;
	size_t i;

	KUNIT_ASSERT_TRUE(test, parse_segment(packet, len, &seg));
	tcp = packet + seg.ip_len;
	len -= seg.ip_len;
	if (count > 1)
		set_checksum(tcp, csum_fold(csum_partial(tcp, len, 0)));
	KUNIT_EXPECT_EQ(test, 0, (__force u16)
			kdtls_tcp_checksum(packet, seg.ip_len, len,
					   csum_partial(tcp, len, 0)));
	for (i = 0; i < seg.len; i++)
		if (seg.payload[i] != (u8)((seq + i) * 7))
			break;
	KUNIT_EXPECT_EQ(test, i, seg.len);
}

static void merge_segments(struct kunit *test)
{
	const struct merge_case *c = test->param_value;
	const struct merge_segment *seg = c->segments;
	size_t len, wanted = DEVICE_HEADER + TCP_HEADER;
	u8 *packet = kunit_kzalloc(test, MAX_PACKET, GFP_KERNEL);
	struct kdtls_tun_merge merge = {};
	unsigned int n, count = 0;

	KUNIT_ASSERT_NOT_NULL(test, packet);
	KUNIT_ASSERT_EQ(test, 0, kdtls_tun_merge_init(&merge, DEVICE_HEADER));
	wanted += c->ip6 ? IP6_HEADER : IP4_HEADER;
	for (n = 0; n < SEGMENTS && seg[n].len; n++) {
		len = build_segment(packet, c->ip6, &seg[n]);
		KUNIT_EXPECT_EQ(test, seg[n].taken,
				kdtls_tun_merge_add(&merge, packet, len));
		wanted += seg[n].taken ? seg[n].len : 0;
		count += seg[n].taken;
	}
	KUNIT_EXPECT_EQ(test, count, merge.count);
	len = kdtls_tun_merge_finish(&merge);
	KUNIT_EXPECT_EQ(test, wanted, len);
	check_header(test, merge.buf, count, merge.ip_len, seg[0].len);
	check_packet(test, merge.buf + DEVICE_HEADER, len - DEVICE_HEADER,
		     count, seg[0].seq);
	KUNIT_EXPECT_EQ(test, 0, kdtls_tun_merge_finish(&merge));
	kdtls_tun_merge_free(&merge);
}

static struct kunit_case merge_tests[] = {
	KUNIT_CASE_PARAM(merge_segments, merge_gen_params),
	{}
};

static struct kunit_suite merge_suite = {
	.name = "kdtls-tun-merge",
	.test_cases = merge_tests,
};

kunit_test_suite(merge_suite);
