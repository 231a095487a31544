/* SPDX-License-Identifier: GPL-2.0 */
/* A tun device in a network namespace, and traffic through it. */
#ifndef KDTLS_TESTS_DEVICE_H
#define KDTLS_TESTS_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/kdtls.h>

struct device {
	const char *ns;		/* END_A or END_B: ends_enter() */
	const char *address;
	int fd;
	int header_len;		/* of the device */
	bool uso;		/* UDP_SEGMENT arrives uncut */
};

/*
 * tun0, up, with this address of 24 bits, or 64 of IPv6; flags: IFF_VNET_HDR (with all
 * offloads), IFF_MULTI_QUEUE, or 0.
 */
void device_open(struct device *dev, int mtu, int flags);
/* Another queue, in the current namespace. */
int device_queue(int flags);
/* Its address, and up: again, in another namespace. */
void device_up(const struct device *dev, int mtu);
/* Is it there? */
bool device_exists(const struct device *dev);

/* DTLS_TUN with this prefix; 0 or -1. */
int tun_connect(int fd, const struct device *dev, const void *prefix,
		size_t prefix_len);
int tun_disconnect(int fd);
void tun_stats(int fd, struct dtls_tun_stats *stats);
/*
 * When they no longer change: a packet is counted after it was written, and TCP has
 * more to say after a stream.
 */
void tun_stats_at_rest(int fd, struct dtls_tun_stats *stats);

/* Sends an echo request from one to the other; true: the answer came. */
bool device_ping(const struct device *from, const struct device *to, int ms);
/* A TCP stream of len bytes; true: all arrived as it was sent. */
bool device_stream(const struct device *from, const struct device *to,
		   size_t len);
/* A UDP datagram for none, len bytes, not to be fragmented; 0 or errno. */
int device_datagram(const struct device *from, size_t len);
/* Sockets of UDP inside the tunnel: bound; connected to such a one. */
int device_listen(const struct device *dev, int port);
int device_say(const struct device *from, const struct device *to, int port);

#endif
