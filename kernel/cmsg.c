// SPDX-License-Identifier: GPL-2.0
/*
 * Ancillary data. Receiving: what UDP would have said about the datagram, and
 * what was asked for about the record. Sending: ours is taken out, the rest
 * goes on to UDP.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "compat/compat.h"
#include "address.h"
#include "assoc.h"
#include "assoc_lookup.h"
#include "cmsg.h"
#include "reader.h"
#include "socket.h"
#include "udp_output.h"

/* An injected datagram has no headers: it came from the peer. */
static bool has_headers(const struct sk_buff *skb)
{
	return skb->protocol;
}

static noinline void recv_name(const struct kdtls_reader *reader, int *addr_len)
{
	union kdtls_addr addr;

	*addr_len = reader->name_len;
	if (*addr_len)
		return;
	kdtls_source(reader->ks->sk, reader->skb, &addr);
	*addr_len = kdtls_addr_put(reader->msg->msg_name, &addr);
}

/* What ip6_datagram_recv_common_ctl says, which is not exported. */
static noinline void recv_pktinfo6(const struct sock *sk, struct msghdr *msg,
				   struct sk_buff *skb)
{
	struct in6_pktinfo info;

	if (!inet6_sk(sk)->rxopt.bits.rxinfo)
		return;
	info.ipi6_ifindex = PKTINFO_SKB_CB(skb)->ipi_ifindex;
	ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &info.ipi6_addr);
	if (info.ipi6_ifindex >= 0)
		put_cmsg(msg, SOL_IPV6, IPV6_PKTINFO, sizeof(info), &info);
}

static void recv_ip(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	bool is4 = skb->protocol == htons(ETH_P_IP);

#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6 && inet6_sk(sk)->rxopt.all) {
		if (!is4) {
			ip6_datagram_recv_ctl(sk, msg, skb);
			return;
		}
		recv_pktinfo6(sk, msg, skb);
	}
#endif
	if (is4 && inet_cmsg_flags(inet_sk(sk)))
		ip_cmsg_recv_offset(msg, sk, skb, sizeof(struct udphdr), 0);
}

static noinline void recv_dtls(const struct kdtls_reader *reader, u32 wanted)
{
	u64 assoc = reader->assoc;
	u8 type = reader->type;

	if (wanted & DTLS_RECVINFO_TYPE)
		put_cmsg(reader->msg, SOL_DTLS, DTLS_RECORD_TYPE, sizeof(type),
			 &type);
	if (wanted & DTLS_RECVINFO_ASSOC)
		put_cmsg(reader->msg, SOL_DTLS, DTLS_ASSOC_ID, sizeof(assoc),
			 &assoc);
}

void kdtls_recv_cmsgs(const struct kdtls_reader *reader, int *addr_len)
{
	struct sock *sk = reader->ks->sk;
	u32 wanted = READ_ONCE(reader->ks->recvinfo);

	if (reader->msg->msg_name)
		recv_name(reader, addr_len);
	if (has_headers(reader->skb)) {
		sock_recv_cmsgs(reader->msg, sk, reader->skb);
		recv_ip(sk, reader->msg, reader->skb);
	}
	if (wanted)
		recv_dtls(reader, wanted);
}

static int parse_ours(const struct cmsghdr *cmsg,
		      struct kdtls_send_control *ctl)
{
	if (cmsg->cmsg_type == DTLS_ASSOC_ID &&
	    cmsg->cmsg_len == CMSG_LEN(sizeof(ctl->assoc))) {
		memcpy(&ctl->assoc, CMSG_DATA(cmsg), sizeof(ctl->assoc));
		return ctl->assoc ? 0 : -EINVAL;
	}
	if (cmsg->cmsg_type != DTLS_RECORD_TYPE ||
	    cmsg->cmsg_len != CMSG_LEN(sizeof(u8)))
		return -EINVAL;
	ctl->type = *(u8 *)CMSG_DATA(cmsg);
	if (ctl->type != DTLS_TYPE_ALERT &&
	    ctl->type != DTLS_TYPE_APPLICATION_DATA)
		return -EINVAL;
	return 0;
}

static int parse_one(struct cmsghdr *cmsg, struct kdtls_send_control *ctl)
{
	if (cmsg->cmsg_level == SOL_DTLS)
		return parse_ours(cmsg, ctl);
	if (cmsg->cmsg_level == SOL_UDP && cmsg->cmsg_type == UDP_SEGMENT) {
		if (cmsg->cmsg_len != CMSG_LEN(sizeof(u16)))
			return -EINVAL;
		ctl->segment = *(u16 *)CMSG_DATA(cmsg);
		return 0;
	}
	memcpy(ctl->control + ctl->controllen, cmsg, cmsg->cmsg_len);
	ctl->controllen += CMSG_ALIGN(cmsg->cmsg_len);
	return 0;
}

/*
 * The room behind what UDP gets is for what is added later: see udp_output.h. The
 * caller frees ctl->control.
 */
int kdtls_send_control_parse(struct msghdr *msg, struct kdtls_send_control *ctl)
{
	struct cmsghdr *cmsg;
	int err = 0;

	ctl->control = kzalloc(CMSG_ALIGN(msg->msg_controllen) +
			       KDTLS_CONTROL_ROOM, GFP_KERNEL);
	if (!ctl->control)
		return -ENOBUFS;
	for_each_cmsghdr(cmsg, msg) {
		err = CMSG_OK(msg, cmsg) ? parse_one(cmsg, ctl) : -EINVAL;
		if (err)
			break;
	}
	if (err) {
		kfree(ctl->control);
		ctl->control = NULL;
	}
	return err;
}
