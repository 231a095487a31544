// SPDX-License-Identifier: LGPL-2.1-or-later
/* One association of many on a socket, named by its id. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <kdtls/kdtls.h>

#include "options.h"

/* The kernel reads the id from where it writes the answer to. */
static ssize_t get_of(int fd, __u64 assoc, int option, void *value, size_t size)
{
	if (size < sizeof(assoc)) {
		errno = EINVAL;
		return -1;
	}
	memset(value, 0, size);
	memcpy(value, &assoc, sizeof(assoc));
	return kdtls_getopt(fd, option, value, size);
}

__u64 kdtls_assoc_find(int fd, const void *address, size_t size)
{
	struct dtls_status status = { 0 };

	if (size > sizeof(status.peer)) {
		errno = EINVAL;
		return 0;
	}
	memcpy(&status.peer, address, size);
	if (kdtls_getopt(fd, DTLS_STATUS, &status, sizeof(status)) < 0)
		return 0;
	return status.assoc;
}

int kdtls_assoc_status(int fd, __u64 assoc, struct dtls_status *status)
{
	return get_of(fd, assoc, DTLS_STATUS, status, sizeof(*status)) < 0 ?
	       -1 : 0;
}

int kdtls_assoc_stats(int fd, __u64 assoc, struct dtls_stats *stats)
{
	return get_of(fd, assoc, DTLS_STATS, stats, sizeof(*stats)) < 0 ? -1 : 0;
}

int kdtls_assoc_mtu(int fd, __u64 assoc)
{
	__u32 mtu[2];

	return get_of(fd, assoc, DTLS_MTU, mtu, sizeof(mtu)) < 0 ?
	       -1 : (int)mtu[0];
}

int kdtls_assoc_peer(int fd, __u64 assoc, struct dtls_peer *peer)
{
	return get_of(fd, assoc, DTLS_PEER, peer, sizeof(*peer)) < 0 ? -1 : 0;
}

ssize_t kdtls_assoc_peer_identity(int fd, __u64 assoc, void *identity,
				  size_t size)
{
	return get_of(fd, assoc, DTLS_PEER_IDENTITY, identity, size);
}

ssize_t kdtls_assoc_peer_certificate(int fd, __u64 assoc, void *der,
				     size_t size)
{
	return get_of(fd, assoc, DTLS_PEER_CERT, der, size);
}

int kdtls_assoc_drops(int fd, __u64 assoc, __u64 *drops, unsigned int count)
{
	return get_of(fd, assoc, DTLS_DROPS, drops, count * sizeof(*drops)) < 0 ?
	       -1 : 0;
}

ssize_t kdtls_assoc_exporter(int fd, __u64 assoc, void *material, size_t size)
{
	return get_of(fd, assoc, DTLS_EXPORTER, material, size);
}

int kdtls_assoc_key_update(int fd, __u64 assoc, unsigned int flags)
{
	struct dtls_key_update update = { .assoc = assoc, .flags = flags };

	return kdtls_setopt(fd, DTLS_KEY_UPDATE, &update, sizeof(update));
}

int kdtls_key_update(int fd, unsigned int flags)
{
	return kdtls_assoc_key_update(fd, 0, flags);
}

int kdtls_assoc_close(int fd, __u64 assoc)
{
	return kdtls_setopt(fd, DTLS_CLOSE, &assoc, sizeof(assoc));
}

int kdtls_peeloff(int fd, __u64 assoc, int flags)
{
	struct dtls_peeloff peeloff = { .assoc = assoc, .flags = flags };

	return kdtls_getopt(fd, DTLS_PEELOFF, &peeloff, sizeof(peeloff)) < 0 ?
	       -1 : peeloff.fd;
}

int kdtls_assoc_limit(int fd, unsigned int most)
{
	__u32 value = most;

	return kdtls_setopt_enable(fd, DTLS_PEER_LIMIT, &value, sizeof(value));
}

int kdtls_assoc_idle(int fd, unsigned int seconds)
{
	__u32 value = seconds;

	return kdtls_setopt_enable(fd, DTLS_IDLE_TIMEOUT, &value,
				   sizeof(value));
}

int kdtls_assoc_cid(int fd, unsigned int len)
{
	__u32 value = len;

	return kdtls_setopt_enable(fd, DTLS_CID, &value, sizeof(value));
}

int kdtls_assoc_roam(int fd, unsigned int policy)
{
	__u32 value = policy;

	return kdtls_setopt_enable(fd, DTLS_ROAM, &value, sizeof(value));
}

int kdtls_assoc_move(int fd, __u64 assoc, const void *address, size_t size)
{
	struct dtls_move move = { .assoc = assoc };

	if (size > sizeof(move.peer)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(&move.peer, address, size);
	return kdtls_setopt(fd, DTLS_MOVE, &move, sizeof(move));
}
