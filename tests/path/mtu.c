// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP about a flow: a router with a narrower next link, and forgeries.
 * $ROUTER is the namespace of the router, $ROUTER_LINK its device to b.
 */
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <unistd.h>

#include "checksum.h"
#include "ends.h"
#include "tap.h"

#define OVERHEAD	37	/* of a record: AES-GCM */
#define SMALL		1300

static char out[2000], in[2000];
static struct pair p;

static unsigned int mtu(void)
{
	unsigned int value = 0;
	socklen_t len = sizeof(value);

	need(!getsockopt(p.a, SOL_DTLS, DTLS_MTU, &value, &len), "DTLS_MTU");
	return value;
}

static bool arrives(size_t len)
{
	ssize_t sent = send(p.a, out, len, 0);

	if (sent != (ssize_t)len)
		return false;
	return pair_poll(p.b, POLLIN, 5000) &&
	       recv(p.b, in, sizeof(in), 0) == sent && !memcmp(in, out, len);
}

/* One message that fits arrives; an error may be reported once before. */
static bool goes_on(size_t len)
{
	return arrives(len) || arrives(len);
}

static void link_set(int bytes)
{
	char command[200];

	snprintf(command, sizeof(command), "ip -n %s link set %s mtu %d",
		 getenv("ROUTER"), getenv("ROUTER_LINK"), bytes);
	need(!system(command), command);
}

/* Sends the old size until the path reports an error. */
static bool told(size_t len)
{
	int i;

	for (i = 0; i < 200; i++) {
		if (send(p.a, out, len, 0) == -1)
			return errno == EMSGSIZE;
		usleep(20000);
	}
	return false;
}

static void shrinking(int family)
{
	unsigned int headers = OVERHEAD + 8 + (family == AF_INET ? 20 : 40);
	char v = family == AF_INET ? '4' : '6';
	struct dtls_status status;
	socklen_t len = sizeof(status);

	ends_open(&p, family, DTLS_CIPHER_AES_128_GCM);
	is_int(mtu(), 1500 - headers, "IPv%c: DTLS_MTU", v);
	ok(arrives(mtu()), "IPv%c: a record of just that size", v);
	link_set(SMALL);
	ok(told(1500 - headers), "IPv%c: a smaller link: EMSGSIZE", v);
	is_int(mtu(), SMALL - headers, "IPv%c: DTLS_MTU goes down", v);
	ok(goes_on(SMALL - headers), "IPv%c: a record of that size arrives", v);
	ok(send(p.a, out, SMALL - headers + 1, 0) == -1 && errno == EMSGSIZE,
	   "IPv%c: a byte more is refused", v);
	need(!getsockopt(p.a, SOL_DTLS, DTLS_STATUS, &status, &len), "status");
	is_int(status.state, DTLS_STATE_ESTABLISHED, "IPv%c: it lives on", v);
	pair_close(&p);
	link_set(1500);
}

/* As if a had sent to b from this port, and b's host had answered. */
static void forge(int code, int size, unsigned short port)
{
	struct sockaddr_in *a = (void *)&p.addr_a, *b = (void *)&p.addr_b;
	struct {
		struct icmphdr icmp;
		struct iphdr ip;
		struct udphdr udp;
	} m = {
		.icmp = { .type = ICMP_DEST_UNREACH, .code = code },
		.ip = { .version = 4, .ihl = 5, .ttl = 60,
			.protocol = IPPROTO_UDP, .tot_len = htons(1400),
			.saddr = a->sin_addr.s_addr,
			.daddr = b->sin_addr.s_addr },
		.udp = { .source = port, .dest = b->sin_port,
			 .len = htons(1380) },
	};
	int fd;

	ends_enter("END_B");
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	m.icmp.un.frag.mtu = htons(size);
	m.ip.check = checksum(&m.ip, sizeof(m.ip));
	m.icmp.checksum = checksum(&m, sizeof(m));
	need(fd >= 0 && sendto(fd, &m, sizeof(m), 0, (void *)a, sizeof(*a)) ==
	     sizeof(m), "a forged ICMP message");
	close(fd);
	ends_enter("END_A");
}

static void forged(void)
{
	unsigned int before, after;
	unsigned short port;

	ends_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	before = mtu();
	port = ((struct sockaddr_in *)&p.addr_a)->sin_port;
	forge(ICMP_PORT_UNREACH, 0, port ^ htons(1));
	ok(arrives(before), "ICMP about another flow changes nothing");
	forge(ICMP_PORT_UNREACH, 0, port);
	ok(!arrives(100) && errno == ECONNREFUSED && arrives(100),
	   "a forged port unreachable is reported once, and traffic continues");
	forge(ICMP_FRAG_NEEDED, 68, port);
	arrives(100);
	after = mtu();
	ok(after < before && after >= 300,
	   "a forged fragmentation needed lowers DTLS_MTU, to %u", after);
	ok(goes_on(after), "and traffic continues below it");
	pair_close(&p);
}

int main(void)
{
	memset(out, 'x', sizeof(out));
	shrinking(AF_INET);
	shrinking(AF_INET6);
	forged();
	return done_testing();
}
