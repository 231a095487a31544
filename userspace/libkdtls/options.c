// SPDX-License-Identifier: LGPL-2.1-or-later
/* The options of SOL_DTLS, one short function each. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include <kdtls/kdtls.h>

#include "options.h"

int kdtls_setopt(int fd, int option, const void *value, size_t size)
{
	if (size > INT_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	return setsockopt(fd, SOL_DTLS, option, value, size);
}

int kdtls_setopt_enable(int fd, int option, const void *value, size_t size)
{
	/* a socket that is not attached does not know the level at all */
	if (!kdtls_setopt(fd, option, value, size))
		return 0;
	if (errno != ENOPROTOOPT || kdtls_enable(fd))
		return -1;
	return kdtls_setopt(fd, option, value, size);
}

ssize_t kdtls_getopt(int fd, int option, void *value, size_t size)
{
	socklen_t len = size > INT_MAX ? INT_MAX : size;

	if (getsockopt(fd, SOL_DTLS, option, value, &len))
		return -1;
	return len;
}

int kdtls_set_keys(int fd, const struct dtls_keys *keys)
{
	return kdtls_setopt_enable(fd, DTLS_KEYS, keys, sizeof(*keys));
}

int kdtls_set_last_flight(int fd, const struct dtls_flight *flight,
			  size_t size)
{
	return kdtls_setopt(fd, DTLS_LAST_FLIGHT, flight, size);
}

int kdtls_inject(int fd, const void *datagram, size_t size)
{
	return kdtls_setopt(fd, DTLS_INJECT, datagram, size);
}

int kdtls_recvinfo(int fd, unsigned int flags)
{
	__u32 value = flags;

	return kdtls_setopt_enable(fd, DTLS_RECVINFO, &value, sizeof(value));
}

int kdtls_replay_window(int fd, unsigned int bits)
{
	__u32 value = bits;

	return kdtls_setopt_enable(fd, DTLS_REPLAY_WINDOW, &value,
				   sizeof(value));
}

/* What an older kernel does not fill in reads as zero. */
static int get_zeroed(int fd, int option, void *value, size_t size)
{
	memset(value, 0, size);
	return kdtls_getopt(fd, option, value, size) < 0 ? -1 : 0;
}

int kdtls_status(int fd, struct dtls_status *status)
{
	return get_zeroed(fd, DTLS_STATUS, status, sizeof(*status));
}

int kdtls_stats(int fd, struct dtls_stats *stats)
{
	return get_zeroed(fd, DTLS_STATS, stats, sizeof(*stats));
}

int kdtls_mtu(int fd)
{
	__u32 mtu;

	return get_zeroed(fd, DTLS_MTU, &mtu, sizeof(mtu)) ? -1 : (int)mtu;
}

int kdtls_drops(int fd, __u64 *drops, unsigned int count)
{
	return get_zeroed(fd, DTLS_DROPS, drops, count * sizeof(*drops));
}

int kdtls_peer(int fd, struct dtls_peer *peer)
{
	return get_zeroed(fd, DTLS_PEER, peer, sizeof(*peer));
}

ssize_t kdtls_peer_identity(int fd, void *identity, size_t size)
{
	return kdtls_getopt(fd, DTLS_PEER_IDENTITY, identity, size);
}

ssize_t kdtls_peer_certificate(int fd, void *der, size_t size)
{
	return kdtls_getopt(fd, DTLS_PEER_CERT, der, size);
}

ssize_t kdtls_exporter(int fd, void *material, size_t size)
{
	return kdtls_getopt(fd, DTLS_EXPORTER, material, size);
}
