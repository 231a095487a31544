/* SPDX-License-Identifier: GPL-2.0 */
/* Peers of a socket with many that are at another address than before. */
#ifndef KDTLS_ROAM_H
#define KDTLS_ROAM_H

#include <linux/types.h>

struct kdtls_assoc;
struct kdtls_epoch;
struct kdtls_packet;
union kdtls_addr;

/*
 * A record with this number was accepted of a packet that came from elsewhere than the
 * peer was. Process context.
 */
void kdtls_roam_look(struct kdtls_packet *pkt, struct kdtls_epoch *epoch,
		     u64 seq);
/*
 * The peer is there, says the application: 0 or an error of kdtls_peer_table_move();
 * -ENOTCONN: the association is not established.
 */
int kdtls_roam_move(struct kdtls_assoc *assoc, const union kdtls_addr *to);

#endif /* KDTLS_ROAM_H */
