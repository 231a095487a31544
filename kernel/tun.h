/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DTLS_TUN: the association of a connected socket and a queue of a tun device,
 * with a work item for each direction between them (tun_output.c, tun_input.c).
 *
 * A connection belongs to its socket: it is made and undone by options of that,
 * or undone by close(). It may end before (an error is set): then nothing moves
 * any more, but it stays until it is undone.
 */
#ifndef KDTLS_TUN_H
#define KDTLS_TUN_H

#include <linux/kdtls.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/sockptr.h>
#include <linux/wait.h>

#include "socket.h"
#include "tun_merge.h"
#include "tun_worker.h"

struct bio_vec;
struct file;
struct kdtls_assoc;
struct ptr_ring;
struct socket;

#define KDTLS_TUN_MAX_HEADER	64	/* of struct virtio_net_hdr_* */

struct kdtls_tun {
	struct kdtls_sock	*ks;		/* lives longer */
	struct kdtls_assoc	*assoc;		/* held */
	struct file		*file;		/* held: of the device's queue */
	struct socket		*socket;	/* of file */
	struct ptr_ring		*ring;		/* of file */
	u32			flags;		/* DTLS_TUN_* */
	int			error;		/* it has ended; cmpxchg */
	unsigned int		header_len, prefix_len;

	/* from the device; of its work item alone */
	struct kdtls_tun_worker	output;
	struct wait_queue_entry	packets_wait;	/* on the queue's socket */
	struct wait_queue_entry	space_wait;	/* on the UDP socket */
	struct sk_buff_head	waiting;	/* taken from the ring */
	unsigned int		records;	/* that they become */
	struct bio_vec		*vec;		/* tun_output.c */
	u8			*prefix, *headers;
	u64			tx_packets, tx_bytes, tx_too_large, tx_dropped;
	bool			stalled;	/* SO_SNDBUF was full */

	/* to the device; of its work item alone */
	struct kdtls_tun_worker	input;
	struct kdtls_tun_merge	merge;
	u64			rx_packets, rx_bytes, rx_dropped;
};

/* Errors as struct dtls_tun documents them. */
int kdtls_tun_connect(struct kdtls_sock *ks, const struct dtls_tun *want);
/* -ENOTCONN: there is no connection. Waits for the current rounds. */
int kdtls_tun_disconnect(struct kdtls_sock *ks);
int kdtls_tun_stats(struct kdtls_sock *ks, struct dtls_tun_stats *stats);

/* Nothing moves any more; errno > 0. The first error stays. Any context. */
void kdtls_tun_end(struct kdtls_tun *tun, int error);
/* Is it over? Notices that the association is. */
bool kdtls_tun_ended(struct kdtls_tun *tun);

/*
 * Do received packets go by the connection, and by no other opener: not by recv(),
 * poll() or the socket's own work item? Any context.
 */
bool kdtls_tun_receives_any(struct kdtls_sock *ks);
static inline bool kdtls_tun_receives(struct kdtls_sock *ks)
{
	return unlikely(rcu_access_pointer(ks->tun)) &&
	       kdtls_tun_receives_any(ks);
}

/* A packet came; true: the connection looks at it. RCU read lock held. */
bool kdtls_tun_packet_ready(struct kdtls_sock *ks);
static inline bool kdtls_tun_data_ready(struct kdtls_sock *ks)
{
	return unlikely(rcu_access_pointer(ks->tun)) &&
	       kdtls_tun_packet_ready(ks);
}

/* The association has changed. Any context. */
void kdtls_tun_look(struct kdtls_sock *ks);

/*
 * UDP reports a pending error of the socket to the next call that sends or
 * receives; the application is to see it. For calls of the connection it is put
 * aside: returns it (negative), to be put back.
 */
int kdtls_tun_error_aside(struct kdtls_tun *tun);
void kdtls_tun_error_back(struct kdtls_tun *tun, int error);

#endif /* KDTLS_TUN_H */
