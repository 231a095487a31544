// SPDX-License-Identifier: GPL-2.0
/*
 * Structures shared by programs and kernel have one layout for any word size:
 * a 32-bit program runs on a 64-bit kernel. Checked by compilation only.
 * The numbers are those of version 0.2.
 */
#include <stddef.h>

#include <linux/kdtls.h>

#ifdef __cplusplus
#define _Static_assert static_assert
#endif
#define SIZE(type, size) \
	_Static_assert(sizeof(struct type) == (size), "size of " #type)
#define AT(type, member, offset) \
	_Static_assert(offsetof(struct type, member) == (offset), #type " " #member)

SIZE(dtls_direction, 256);
AT(dtls_direction, seq, 8);
AT(dtls_direction, key, 16);
AT(dtls_direction, message_seq, 76);
AT(dtls_direction, cid, 80);
AT(dtls_direction, flags, 144);
AT(dtls_direction, failures, 152);
AT(dtls_direction, handshake_seq, 160);
AT(dtls_direction, handshake_key, 168);
SIZE(dtls_keys, 792);
AT(dtls_keys, peer, 24);
AT(dtls_keys, local, 152);
AT(dtls_keys, tx, 280);
AT(dtls_keys, rx, 536);
SIZE(dtls_request, 920);
AT(dtls_request, profile, 24);
AT(dtls_request, exporter_context, 664);
SIZE(dtls_status, 320);
AT(dtls_status, tx_epoch, 24);
AT(dtls_status, rx_seq, 48);
AT(dtls_status, mtu, 56);
AT(dtls_status, peer, 64);
AT(dtls_status, local, 192);
SIZE(dtls_peer, 568);
AT(dtls_peer, identity_len, 16);
AT(dtls_peer, cert_sha256, 24);
AT(dtls_peer, server_name, 56);
AT(dtls_peer, alpn, 312);
SIZE(dtls_flight, 40);
AT(dtls_flight, next_seq, 8);
AT(dtls_flight, acked, 24);
AT(dtls_flight, data, 40);
SIZE(dtls_flight_record, 16);
AT(dtls_flight_record, epoch, 8);
SIZE(dtls_move, 144);
AT(dtls_move, peer, 16);
SIZE(dtls_key_update, 16);
AT(dtls_key_update, flags, 8);
SIZE(dtls_peeloff, 16);
AT(dtls_peeloff, fd, 12);
SIZE(dtls_event, 552);
AT(dtls_event, assoc, 8);
AT(dtls_event, lost, 24);
AT(dtls_event, alert, 32);
AT(dtls_event, peer, 40);
AT(dtls_event, local, 168);
AT(dtls_event, old_peer, 296);
SIZE(dtls_stats, 40);
AT(dtls_stats, tx_records, 8);

/* Equal until a structure grows; never changed. */
_Static_assert(sizeof(struct dtls_keys) == DTLS_KEYS_SIZE_VER0, "DTLS_KEYS_SIZE_VER0");
_Static_assert(sizeof(struct dtls_request) == DTLS_REQUEST_SIZE_VER0, "DTLS_REQUEST_SIZE_VER0");
_Static_assert(sizeof(struct dtls_status) == DTLS_STATUS_SIZE_VER0, "DTLS_STATUS_SIZE_VER0");
_Static_assert(sizeof(struct dtls_peer) == DTLS_PEER_SIZE_VER0, "DTLS_PEER_SIZE_VER0");
_Static_assert(sizeof(struct dtls_flight) == DTLS_FLIGHT_SIZE_VER0, "DTLS_FLIGHT_SIZE_VER0");
_Static_assert(sizeof(struct dtls_key_update) == DTLS_KEY_UPDATE_SIZE_VER0, "DTLS_KEY_UPDATE_SIZE_VER0");
_Static_assert(sizeof(struct dtls_move) == DTLS_MOVE_SIZE_VER0, "DTLS_MOVE_SIZE_VER0");
_Static_assert(sizeof(struct dtls_peeloff) == DTLS_PEELOFF_SIZE_VER0, "DTLS_PEELOFF_SIZE_VER0");
_Static_assert(sizeof(struct dtls_event) == DTLS_EVENT_SIZE_VER0, "DTLS_EVENT_SIZE_VER0");
_Static_assert(sizeof(struct dtls_stats) == DTLS_STATS_SIZE_VER0, "DTLS_STATS_SIZE_VER0");
_Static_assert(sizeof(struct dtls_tun) == DTLS_TUN_SIZE_VER0, "DTLS_TUN_SIZE_VER0");
_Static_assert(sizeof(struct dtls_tun_stats) == DTLS_TUN_STATS_SIZE_VER0, "DTLS_TUN_STATS_SIZE_VER0");
