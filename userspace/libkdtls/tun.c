// SPDX-License-Identifier: LGPL-2.1-or-later
/* DTLS_TUN: an association and a queue of a tun device. */
#include <errno.h>
#include <string.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/if_tun.h>

#include <kdtls/kdtls.h>

#include "options.h"

/* Bytes in front of each packet that is written to the device, or -1. */
static int device_header(int device)
{
	struct ifreq ifr = { 0 };
	int size = 0;

	if (ioctl(device, TUNGETIFF, &ifr)) {
		/* no tun, or none yet */
		if (errno == ENOTTY || errno == EBADFD)
			errno = EINVAL;
		return -1;
	}
	if (!(ifr.ifr_flags & IFF_TUN) || !(ifr.ifr_flags & IFF_NO_PI)) {
		errno = EINVAL;
		return -1;
	}
	if (ifr.ifr_flags & IFF_VNET_HDR &&
	    ioctl(device, TUNGETVNETHDRSZ, &size))
		return -1;
	return size;
}

int kdtls_tun_connect(int fd, int device, const void *prefix,
		      size_t prefix_len, unsigned int flags)
{
	struct dtls_tun tun = { .fd = device, .flags = flags };
	int header = device_header(device);

	if (header < 0)
		return -1;
	if (prefix_len > sizeof(tun.prefix)) {
		errno = EINVAL;
		return -1;
	}
	tun.header_len = header;
	tun.prefix_len = prefix_len;
	if (prefix_len)
		memcpy(tun.prefix, prefix, prefix_len);
	return kdtls_setopt(fd, DTLS_TUN, &tun, sizeof(tun));
}

int kdtls_tun_disconnect(int fd)
{
	struct dtls_tun tun = { .fd = -1 };

	return kdtls_setopt(fd, DTLS_TUN, &tun, sizeof(tun));
}

int kdtls_tun_stats(int fd, struct dtls_tun_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	return kdtls_getopt(fd, DTLS_TUN, stats, sizeof(*stats)) < 0 ? -1 : 0;
}
