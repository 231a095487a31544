// SPDX-License-Identifier: GPL-2.0
/*
 * Structures shared by programs and kernel have one layout for any word size:
 * a 32-bit program runs on a 64-bit kernel. Checked by compilation only.
 * The numbers are those of the first release.
 */
#include <stddef.h>

#include <linux/kdtls.h>

#define SIZE(type, size) \
	_Static_assert(sizeof(struct type) == (size), "size of " #type)
#define AT(type, member, offset) \
	_Static_assert(offsetof(struct type, member) == (offset), #type " " #member)

SIZE(dtls_direction, 72);
AT(dtls_direction, seq, 64);
SIZE(dtls_keys, 424);
AT(dtls_keys, tx, 24);
AT(dtls_keys, rx, 96);
AT(dtls_keys, peer, 168);
AT(dtls_keys, local, 296);
SIZE(dtls_request, 664);
AT(dtls_request, profile, 16);
AT(dtls_request, exporter_len, 656);
SIZE(dtls_status, 320);
AT(dtls_status, tx_epoch, 24);
AT(dtls_status, rx_seq, 48);
AT(dtls_status, mtu, 56);
AT(dtls_status, peer, 64);
AT(dtls_status, local, 192);
SIZE(dtls_peer, 816);
AT(dtls_peer, identity_len, 8);
AT(dtls_peer, cert_sha256, 16);
SIZE(dtls_flight, 24);
AT(dtls_flight, next_seq, 8);
AT(dtls_flight, data, 24);
SIZE(dtls_flight_record, 4);
SIZE(dtls_peeloff, 16);
AT(dtls_peeloff, fd, 12);
SIZE(dtls_event, 168);
AT(dtls_event, assoc, 8);
AT(dtls_event, lost, 24);
AT(dtls_event, alert, 32);
AT(dtls_event, peer, 40);
SIZE(dtls_stats, 168);
AT(dtls_stats, drops, 32);
