/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A tun device whose packets have a header (IFF_VNET_HDR), which the kernel needs
 * for packets of many segments. Those of the program itself have an empty one.
 */
#ifndef KDTLS_VNET_H
#define KDTLS_VNET_H

#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

static inline ssize_t vnet_read(int fd, void *packet, size_t size)
{
	struct virtio_net_hdr header;
	struct iovec iov[] = {
		{ &header, sizeof(header) },
		{ packet, size },
	};
	ssize_t n = readv(fd, iov, 2);

	return n < (ssize_t)sizeof(header) ? n : n - (ssize_t)sizeof(header);
}

static inline ssize_t vnet_write(int fd, const void *packet, size_t size)
{
	struct virtio_net_hdr header = { 0 };
	struct iovec iov[] = {
		{ &header, sizeof(header) },
		{ (void *)packet, size },
	};
	ssize_t n = writev(fd, iov, 2);

	return n < (ssize_t)sizeof(header) ? n : n - (ssize_t)sizeof(header);
}

/* Packets of many segments, and without checksums: while the kernel moves them. */
static inline void vnet_offloads(int fd, bool on)
{
#ifdef TUN_F_USO4
	if (on && !ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 |
			 TUN_F_USO4 | TUN_F_USO6))
		return;
#endif
	ioctl(fd, TUNSETOFFLOAD, on ? TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 : 0);
}

#endif /* KDTLS_VNET_H */
