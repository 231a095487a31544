// SPDX-License-Identifier: GPL-2.0
/* TCP segments become one packet. */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/virtio_net.h>
#include <net/checksum.h>

#include "tun_merge.h"
#include "tun_tcp.h"
#include "record/wire.h"

#define MAX_PACKET	65535

/* A segment with payload. */
struct segment {
	const u8	*ip, *tcp, *payload;
	unsigned int	ip_len, tcp_len;
	size_t		len;		/* of payload */
};

static unsigned int parse_ip4(const u8 *ip, size_t len)
{
	if (len < IP4_HEADER || ip[0] != 0x45 ||
	    dtls_get16(ip + IP4_LENGTH) != len ||
	    dtls_get16(ip + IP4_FRAGMENT) != IP4_DF ||	/* else ids matter */
	    ip[IP4_PROTOCOL] != IPPROTO_TCP ||
	    ip_compute_csum(ip, IP4_HEADER))
		return 0;
	return IP4_HEADER;
}

static unsigned int parse_ip6(const u8 *ip, size_t len)
{
	if (len < IP6_HEADER ||
	    dtls_get16(ip + IP6_LENGTH) + IP6_HEADER != len ||
	    ip[IP6_NEXT] != IPPROTO_TCP)
		return 0;
	return IP6_HEADER;
}

static bool parse_segment(const u8 *packet, size_t len, struct segment *seg)
{
	seg->ip = packet;
	if (len && packet[0] >> 4 == 6)
		seg->ip_len = parse_ip6(packet, len);
	else
		seg->ip_len = parse_ip4(packet, len);
	if (!seg->ip_len || len < seg->ip_len + TCP_HEADER)
		return false;
	seg->tcp = packet + seg->ip_len;
	seg->tcp_len = (seg->tcp[TCP_OFFSET] >> 4) * 4;
	if (seg->tcp_len < TCP_HEADER || seg->tcp[TCP_OFFSET] & 15 ||
	    len <= seg->ip_len + seg->tcp_len ||
	    (seg->tcp[TCP_FLAGS] & ~FLAG_PSH) != FLAG_ACK)
		return false;
	seg->payload = seg->tcp + seg->tcp_len;
	seg->len = len - seg->ip_len - seg->tcp_len;
	return true;
}

static bool same_ip(const u8 *a, const u8 *b, unsigned int ip_len)
{
	if (ip_len == IP6_HEADER)
		return !memcmp(a, b, IP6_LENGTH) &&
		       !memcmp(a + IP6_NEXT, b + IP6_NEXT,
			       IP6_HEADER - IP6_NEXT);
	return !memcmp(a, b, IP4_LENGTH) &&
	       !memcmp(a + IP4_FRAGMENT, b + IP4_FRAGMENT,
		       IP4_CHECK - IP4_FRAGMENT) &&
	       !memcmp(a + IP4_ADDRESSES, b + IP4_ADDRESSES,
		       IP4_HEADER - IP4_ADDRESSES);
}

/* PSH, which may differ, ends a packet and is checked apart. */
static bool same_tcp(const u8 *a, const u8 *b, unsigned int tcp_len)
{
	return !memcmp(a, b, TCP_SEQ) &&
	       !memcmp(a + TCP_ACK, b + TCP_ACK, TCP_FLAGS - TCP_ACK) &&
	       !memcmp(a + TCP_WINDOW, b + TCP_WINDOW,
		       TCP_CHECK - TCP_WINDOW) &&
	       !memcmp(a + TCP_URGENT, b + TCP_URGENT, tcp_len - TCP_URGENT);
}

static bool follows(const struct kdtls_tun_merge *merge,
		    const struct segment *seg)
{
	const u8 *first = merge->buf + merge->header_len;

	return !merge->full && seg->ip_len == merge->ip_len &&
	       seg->tcp_len == merge->tcp_len && seg->len <= merge->segment &&
	       dtls_get32(seg->tcp + TCP_SEQ) == merge->next &&
	       merge->len - merge->header_len + seg->len <= MAX_PACKET &&
	       same_ip(first, seg->ip, seg->ip_len) &&
	       same_tcp(first + merge->ip_len, seg->tcp, seg->tcp_len);
}

/* Copies the payload to its place; false: its checksum was wrong. */
static bool copy_payload(const struct segment *seg, u8 *to)
{
	__wsum sum = csum_partial_copy_nocheck(seg->payload, to, seg->len);

	sum = csum_partial(seg->tcp, seg->tcp_len, sum);
	return !kdtls_tcp_checksum(seg->ip, seg->ip_len, seg->tcp_len + seg->len, sum);
}

static void begin_packet(struct kdtls_tun_merge *merge,
			 const struct segment *seg)
{
	unsigned int headers = seg->ip_len + seg->tcp_len;

	memset(merge->buf, 0, merge->header_len);
	memcpy(merge->buf + merge->header_len, seg->ip, headers);
	merge->len = merge->header_len + headers;
	merge->count = 0;
	merge->ip_len = seg->ip_len;
	merge->tcp_len = seg->tcp_len;
	merge->segment = seg->len;
	merge->next = dtls_get32(seg->tcp + TCP_SEQ);
	merge->full = false;
}

bool kdtls_tun_merge_add(struct kdtls_tun_merge *merge, const u8 *packet,
			 size_t len)
{
	struct segment seg;
	size_t at;

	if (!merge->buf || len > MAX_PACKET ||
	    !parse_segment(packet, len, &seg) ||
	    (merge->len && !follows(merge, &seg)))
		return false;
	at = merge->len ?: merge->header_len + seg.ip_len + seg.tcp_len;
	if (!copy_payload(&seg, merge->buf + at))
		return false;
	if (!merge->len)
		begin_packet(merge, &seg);
	merge->len += seg.len;
	merge->count++;
	merge->next += seg.len;
	merge->full = seg.len < merge->segment ||
		      seg.tcp[TCP_FLAGS] & FLAG_PSH;
	merge->buf[merge->header_len + merge->ip_len + TCP_FLAGS] |=
		seg.tcp[TCP_FLAGS];
	return true;
}

/* The device completes the checksum, or trusts it: each one was right. */
static void finish_merged(struct kdtls_tun_merge *merge)
{
	u8 *ip = merge->buf + merge->header_len;
	size_t len = merge->len - merge->header_len;
	struct virtio_net_hdr header = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = merge->ip_len == IP6_HEADER ?
			    VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
	};
	__sum16 check;

	/* in the byte order of this machine, as tun reads it by default */
	header.hdr_len = (__force __virtio16)(u16)(merge->ip_len +
						   merge->tcp_len);
	header.gso_size = (__force __virtio16)(u16)merge->segment;
	header.csum_start = (__force __virtio16)(u16)merge->ip_len;
	header.csum_offset = (__force __virtio16)(u16)TCP_CHECK;
	memcpy(merge->buf, &header, sizeof(header));
	kdtls_ip_finish(ip, merge->ip_len, len);
	check = ~kdtls_tcp_checksum(ip, merge->ip_len, len - merge->ip_len, 0);
	memcpy(ip + merge->ip_len + TCP_CHECK, &check, sizeof(check));
}

size_t kdtls_tun_merge_finish(struct kdtls_tun_merge *merge)
{
	size_t len = merge->len;

	if (merge->count > 1)
		finish_merged(merge);
	merge->len = 0;
	merge->count = 0;
	return len;
}

int kdtls_tun_merge_init(struct kdtls_tun_merge *merge, unsigned int header_len)
{
	merge->buf = kvmalloc(header_len + MAX_PACKET, GFP_KERNEL_ACCOUNT);
	merge->header_len = header_len;
	return merge->buf ? 0 : -ENOMEM;
}

/* Packets were in it. */
void kdtls_tun_merge_free(struct kdtls_tun_merge *merge)
{
	kvfree_sensitive(merge->buf, merge->header_len + MAX_PACKET);
}
