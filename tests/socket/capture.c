// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture.h"
#include "tap.h"

struct capture {
	int fd;
	pthread_t thread;
	volatile int stop;
	unsigned long packets, hits, lost;
	uint8_t first[40];	/* the beginning of the first hit */
	capture_each each;
	void *arg;
	uint8_t buf[70000];
};

void canary_fill(void *buf, size_t len, unsigned int seed)
{
	char *p = buf;

	for (size_t i = 0; i < len; i++) {
		if (i % 64 < CANARY_LEN)
			p[i] = CANARY[i % 64];
		else
			p[i] = 'a' + (i * 7 + seed) % 26;
	}
}

bool canary_heard(int fd, size_t len, unsigned int seed)
{
	static char in[20000], wanted[sizeof(in)];
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	need(len <= sizeof(wanted), "room");
	canary_fill(wanted, len, seed);
	return poll(&pfd, 1, 5000) == 1 && pfd.revents & POLLIN &&
	       recv(fd, in, sizeof(in), MSG_DONTWAIT) == (ssize_t)len &&
	       !memcmp(in, wanted, len);
}

static unsigned int get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* The UDP payload of an IP packet, NULL: none (or a later fragment). */
static const uint8_t *udp_payload(const uint8_t *p, size_t *len,
				  unsigned int *sport)
{
	size_t off = 40;

	if (*len < 28)
		return NULL;
	if (p[0] >> 4 == 4) {
		if (p[9] != 17 || get16(p + 6) & 0x1fff)
			return NULL;
		off = (p[0] & 15) * 4;
	} else if (p[0] >> 4 != 6 || p[6] != 17) {
		return NULL;
	}
	if (*len < off + 8)
		return NULL;
	*sport = get16(p + off);
	*len -= off + 8;
	return p + off + 8;
}

static void packet(struct capture *tap, size_t len, int outgoing)
{
	const uint8_t *data;
	unsigned int sport;

	tap->packets++;
	if (memmem(tap->buf, len, CANARY, CANARY_LEN) && !tap->hits++)
		memcpy(tap->first, tap->buf, sizeof(tap->first));
	data = udp_payload(tap->buf, &len, &sport);
	if (tap->each && outgoing && data)
		tap->each(tap->arg, data, len, sport);
}

static void *tap_thread(void *arg)
{
	struct capture *tap = arg;
	struct pollfd pfd = { .fd = tap->fd, .events = POLLIN };

	for (;;) {
		struct sockaddr_ll from;
		socklen_t from_len = sizeof(from);
		ssize_t len;

		if (poll(&pfd, 1, 50) <= 0) {
			if (tap->stop)
				return NULL;
			continue;
		}
		len = recvfrom(tap->fd, tap->buf, sizeof(tap->buf), 0,
			       (void *)&from, &from_len);
		if (len > 0)
			packet(tap, len, from.sll_pkttype == PACKET_OUTGOING);
	}
}

struct capture *capture_start(capture_each each, void *arg)
{
	struct capture *tap = calloc(1, sizeof(*tap));
	int room = 64 << 20;

	need(tap, "capture");
	tap->each = each;
	tap->arg = arg;
	/* without link-layer headers: lo and veth look the same */
	tap->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
	need(tap->fd >= 0, "AF_PACKET");
	need(!setsockopt(tap->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room,
			 sizeof(room)), "SO_RCVBUFFORCE");
	need(!pthread_create(&tap->thread, NULL, tap_thread, tap), "thread");
	return tap;
}

static void show_first(const struct capture *tap)
{
	char hex[2 * sizeof(tap->first) + 1];
	size_t i;

	for (i = 0; i < sizeof(tap->first); i++)
		sprintf(hex + 2 * i, "%02x", tap->first[i]);
	diag("the first with the canary begins: %s", hex);
}

unsigned long capture_stop(struct capture *tap, unsigned long *packets,
			   unsigned long *lost)
{
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof(stats);
	unsigned long hits;

	tap->stop = 1;
	pthread_join(tap->thread, NULL);
	getsockopt(tap->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len);
	close(tap->fd);
	if (packets)
		*packets = tap->packets;
	if (lost)
		*lost = stats.tp_drops;
	hits = tap->hits;
	if (hits)
		show_first(tap);
	free(tap);
	return hits;
}
