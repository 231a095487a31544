// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_tun.h>

#include "capture.h"
#include "checksum.h"
#include "device.h"
#include "ends.h"
#include "pair.h"
#include "tap.h"

#ifndef TUN_F_USO4
#define TUN_F_USO4	0x20
#define TUN_F_USO6	0x40
#endif

static bool is_ipv6(const struct device *dev)
{
	return strchr(dev->address, ':');
}

int device_queue(int flags)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | flags };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	strcpy(ifr.ifr_name, "tun0");
	need(fd >= 0 && !ioctl(fd, TUNSETIFF, &ifr), "tun device");
	return fd;
}

/* USO: 6.2 on */
static void set_offloads(struct device *dev)
{
	unsigned int tso = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;

	need(!ioctl(dev->fd, TUNGETVNETHDRSZ, &dev->header_len), "header");
	dev->uso = !ioctl(dev->fd, TUNSETOFFLOAD, tso | TUN_F_USO4 | TUN_F_USO6);
	need(dev->uso || !ioctl(dev->fd, TUNSETOFFLOAD, tso), "offloads");
}

void device_up(const struct device *dev, int mtu)
{
	char command[300];

	/* no router solicitations: what is sent is counted */
	snprintf(command, sizeof(command),
		 "echo %d >/proc/sys/net/ipv6/conf/tun0/disable_ipv6; ip -batch - <<-EOF\n"
		 "link set tun0 addrgenmode none\n"
		 "addr add %s/%d dev tun0 %s\n"
		 "link set tun0 up mtu %d\nEOF\n",
		 !is_ipv6(dev), dev->address, is_ipv6(dev) ? 64 : 24,
		 is_ipv6(dev) ? "nodad" : "", mtu);
	ends_enter(dev->ns);
	need(!system(command), command);
}

void device_open(struct device *dev, int mtu, int flags)
{
	ends_enter(dev->ns);
	dev->fd = device_queue(flags);
	dev->header_len = 0;
	if (flags & IFF_VNET_HDR)
		set_offloads(dev);
	device_up(dev, mtu);
}

bool device_exists(const struct device *dev)
{
	ends_enter(dev->ns);
	return if_nametoindex("tun0");
}

int tun_connect(int fd, const struct device *dev, const void *prefix,
		size_t prefix_len)
{
	struct dtls_tun tun = {
		.fd = dev->fd,
		.header_len = dev->header_len,
		.prefix_len = prefix_len,
	};

	memcpy(tun.prefix, prefix, prefix_len);
	return setsockopt(fd, SOL_DTLS, DTLS_TUN, &tun, sizeof(tun));
}

int tun_disconnect(int fd)
{
	struct dtls_tun tun = { .fd = -1 };

	return setsockopt(fd, SOL_DTLS, DTLS_TUN, &tun, sizeof(tun));
}

void tun_stats(int fd, struct dtls_tun_stats *stats)
{
	socklen_t len = sizeof(*stats);

	memset(stats, 0, sizeof(*stats));
	need(!getsockopt(fd, SOL_DTLS, DTLS_TUN, stats, &len) &&
	     len == sizeof(*stats), "DTLS_TUN");
}

void tun_stats_at_rest(int fd, struct dtls_tun_stats *stats)
{
	struct dtls_tun_stats before;

	tun_stats(fd, stats);
	do {
		before = *stats;
		usleep(100000);
		tun_stats(fd, stats);
	} while (memcmp(&before, stats, sizeof(before)));
}

struct address {
	struct sockaddr_storage any;
	socklen_t len;
};

static struct address address_of(const struct device *dev, int port)
{
	struct address to = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&to.any;
	struct sockaddr_in *in = (struct sockaddr_in *)&to.any;

	if (is_ipv6(dev)) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		to.len = sizeof(*in6);
		need(inet_pton(AF_INET6, dev->address, &in6->sin6_addr) == 1,
		     "address");
		return to;
	}
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	need(inet_pton(AF_INET, dev->address, &in->sin_addr) == 1, "address");
	return to;
}

static int socket_of(const struct device *dev, int type, int protocol)
{
	int fd;

	ends_enter(dev->ns);
	fd = socket(is_ipv6(dev) ? AF_INET6 : AF_INET, type, protocol);
	need(fd >= 0, "socket");
	return fd;
}

/* Is it the answer? Earlier ones may come late. IPv4 has its header before it. */
static bool answered(int fd, const struct icmphdr *echo, size_t before, int ms)
{
	char answer[200];

	while (pair_poll(fd, POLLIN, ms))
		if (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) ==
		    (ssize_t)(before + sizeof(*echo)) &&
		    !memcmp(answer + before + 4, (const char *)echo + 4, 4))
			return true;
	return false;
}

/* Only echo replies. */
static int echo_socket(const struct device *from)
{
	unsigned int others = ~(1U << ICMP_ECHOREPLY), others6[8];
	int fd;

	if (!is_ipv6(from)) {
		fd = socket_of(from, SOCK_RAW, IPPROTO_ICMP);
		need(!setsockopt(fd, SOL_RAW, ICMP_FILTER, &others,
				 sizeof(others)), "ICMP_FILTER");
		return fd;
	}
	fd = socket_of(from, SOCK_RAW, IPPROTO_ICMPV6);
	memset(others6, 0xff, sizeof(others6));
	others6[ICMPV6_ECHO_REPLY / 32] &= ~(1U << ICMPV6_ECHO_REPLY % 32);
	need(!setsockopt(fd, SOL_ICMPV6, ICMPV6_FILTER, others6,
			 sizeof(others6)), "ICMPV6_FILTER");
	return fd;
}

bool device_ping(const struct device *from, const struct device *to, int ms)
{
	static unsigned short sequence;
	struct icmphdr echo = {
		.type = is_ipv6(from) ? ICMPV6_ECHO_REQUEST : ICMP_ECHO,
	};
	struct address dest = address_of(to, 0);
	int fd = echo_socket(from);
	bool came;

	echo.un.echo.id = getpid();
	echo.un.echo.sequence = ++sequence;
	/* of IPv6 the stack does it */
	echo.checksum = checksum(&echo, sizeof(echo));
	need(sendto(fd, &echo, sizeof(echo), 0, (void *)&dest.any,
		    dest.len) == sizeof(echo), "echo request");
	came = answered(fd, &echo, is_ipv6(from) ? 0 : 20, ms);
	close(fd);
	return came;
}

struct stream {
	int fd;
	size_t len;
};

/* With the canary of capture.h in every 64 bytes. */
static unsigned char byte_at(size_t i)
{
	if (i % 64 < CANARY_LEN)
		return CANARY[i % 64];
	return 'a' + (i * 7 + (i >> 8) * 13) % 26;
}

static void *send_stream(void *arg)
{
	const struct stream *stream = arg;
	unsigned char buf[8192];
	size_t sent = 0, i, n;
	ssize_t done;

	while (sent < stream->len) {
		n = stream->len - sent;
		if (n > sizeof(buf))
			n = sizeof(buf);
		for (i = 0; i < n; i++)
			buf[i] = byte_at(sent + i);
		done = send(stream->fd, buf, n, MSG_NOSIGNAL);
		if (done <= 0)
			break;
		sent += done;
	}
	shutdown(stream->fd, SHUT_WR);
	return NULL;
}

static bool stream_arrives(int fd, size_t len)
{
	unsigned char buf[16384];
	size_t got = 0;
	ssize_t n, i;

	while (pair_poll(fd, POLLIN, 20000)) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0)
			break;
		for (i = 0; i < n; i++)
			if (buf[i] != byte_at(got + i))
				return false;
		got += n;
	}
	if (got != len)
		diag("%zu of %zu bytes", got, len);
	return got == len;
}

bool device_stream(const struct device *from, const struct device *to,
		   size_t len)
{
	static int port = 4000;
	struct address dest = address_of(to, ++port);
	struct stream stream = { .len = len };
	int listener = socket_of(to, SOCK_STREAM, 0), fd;
	pthread_t thread;
	bool came;

	stream.fd = socket_of(from, SOCK_STREAM, 0);
	need(!bind(listener, (void *)&dest.any, dest.len) &&
	     !listen(listener, 1), "listen");
	if (connect(stream.fd, (void *)&dest.any, dest.len))
		return false;
	fd = accept(listener, NULL, NULL);
	need(fd >= 0, "accept");
	need(!pthread_create(&thread, NULL, send_stream, &stream), "thread");
	came = stream_arrives(fd, len);
	pthread_join(thread, NULL);
	close(fd);
	close(stream.fd);
	close(listener);
	return came;
}

int device_datagram(const struct device *from, size_t len)
{
	const struct device none = {
		.address = is_ipv6(from) ? "fd99::99" : "10.99.0.99",
	};
	struct address dest = address_of(&none, 9);
	int fd = socket_of(from, SOCK_DGRAM, 0), discover = IP_PMTUDISC_DO;
	char buf[2000] = "";
	int err = 0;

	need(!setsockopt(fd, is_ipv6(from) ? SOL_IPV6 : SOL_IP,
			 is_ipv6(from) ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
			 &discover, sizeof(discover)), "MTU_DISCOVER");
	if (sendto(fd, buf, len, 0, (void *)&dest.any, dest.len) < 0)
		err = errno;
	close(fd);
	return err;
}

int device_listen(const struct device *dev, int port)
{
	struct address at = address_of(dev, port);
	int fd = socket_of(dev, SOCK_DGRAM, 0);

	need(!bind(fd, (void *)&at.any, at.len), "bind");
	return fd;
}

int device_say(const struct device *from, const struct device *to, int port)
{
	struct address dest = address_of(to, port);
	int fd = socket_of(from, SOCK_DGRAM, 0);

	need(!connect(fd, (void *)&dest.any, dest.len), "connect");
	return fd;
}
