/* SPDX-License-Identifier: GPL-2.0 */
/* Headers of TCP segments as bytes, for those that merge and that cut them. */
#ifndef KDTLS_TUN_TCP_H
#define KDTLS_TUN_TCP_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/string.h>
#include <linux/types.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>

#include "record/wire.h"

#define IP4_HEADER	20
#define IP6_HEADER	40
#define TCP_HEADER	20

/* Offsets in headers: a packet behind a prefix has no alignment. */
enum {
	IP4_LENGTH	= 2,
	IP4_ID		= 4,
	IP4_FRAGMENT	= 6,
	IP4_TTL		= 8,
	IP4_PROTOCOL	= 9,
	IP4_CHECK	= 10,
	IP4_ADDRESSES	= 12,
	IP6_LENGTH	= 4,
	IP6_NEXT	= 6,
	IP6_ADDRESSES	= 8,
	TCP_SEQ		= 4,
	TCP_ACK		= 8,
	TCP_OFFSET	= 12,
	TCP_FLAGS	= 13,
	TCP_WINDOW	= 14,
	TCP_CHECK	= 16,
	TCP_URGENT	= 18,
};

#define IP4_DF		0x4000
#define FLAG_FIN	0x01
#define FLAG_PSH	0x08
#define FLAG_ACK	0x10
#define FLAG_CWR	0x80

/* Of the pseudo-header, for len bytes from the TCP header on. */
static inline __sum16 kdtls_tcp_checksum(const u8 *ip, unsigned int ip_len,
					 size_t len, __wsum sum)
{
	struct in6_addr addresses6[2];
	__be32 addresses[2];

	if (ip_len == IP6_HEADER) {
		memcpy(addresses6, ip + IP6_ADDRESSES, sizeof(addresses6));
		return csum_ipv6_magic(&addresses6[0], &addresses6[1], len,
				       IPPROTO_TCP, sum);
	}
	memcpy(addresses, ip + IP4_ADDRESSES, sizeof(addresses));
	return csum_tcpudp_magic(addresses[0], addresses[1], len, IPPROTO_TCP,
				 sum);
}

/* Lengths, and the checksum of IPv4. */
static inline void kdtls_ip_finish(u8 *ip, unsigned int ip_len, size_t len)
{
	__sum16 check;

	if (ip_len == IP6_HEADER) {
		dtls_put16(ip + IP6_LENGTH, len - IP6_HEADER);
		return;
	}
	dtls_put16(ip + IP4_LENGTH, len);
	memset(ip + IP4_CHECK, 0, sizeof(check));
	check = ip_compute_csum(ip, IP4_HEADER);
	memcpy(ip + IP4_CHECK, &check, sizeof(check));
}

#endif /* KDTLS_TUN_TCP_H */
