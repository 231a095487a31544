/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What UDP's own calls leave on a socket that was attached while they ran.
 *
 * A call that was inside of UDP at attach stays in UDP's functions for as long
 * as its page fault lasts. setsockopt() can then cork the socket, choose a
 * segment size or an encapsulation; send(MSG_MORE) leaves plaintext pending.
 *
 * Two rules follow. Frames are never pending while the socket's lock is free:
 * release_cb, the last thing that its owner does, frees them. And a call that
 * sends a record looks afterwards whether UDP saw anything of this kind; then
 * it is undone, and the same sealed bytes are sent again.
 */
#ifndef KDTLS_LEFTOVER_H
#define KDTLS_LEFTOVER_H

#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <net/udp.h>

struct kdtls_sock;

struct kdtls_leftover {
	spinlock_t		lock;	/* of writing to seq; BH */
	seqcount_spinlock_t	seq;	/* changes when something is undone */
};

void kdtls_leftover_init(struct kdtls_leftover *leftover);

/* Has a call of UDP's set what our setsockopt refuses? Any context. */
static inline bool kdtls_leftover_seen(const struct sock *sk)
{
	return unlikely(udp_test_bit(CORK, sk) ||
			READ_ONCE(udp_sk(sk)->gso_size) ||
			READ_ONCE(udp_sk(sk)->encap_type));
}

/* Undoes it. Any context but hard interrupts; takes no lock of the socket's. */
void kdtls_leftover_undo(struct kdtls_sock *ks);

/* The socket's lock goes back: frees what is pending. From release_cb only. */
void kdtls_leftover_flush(struct kdtls_sock *ks);

/* Before a call of UDP's sendmsg. */
static inline unsigned int
kdtls_leftover_begin(const struct kdtls_leftover *leftover)
{
	return read_seqcount_begin(&leftover->seq);
}

/*
 * After it: may that call have seen something? What it saw either stands there
 * still, or has been undone since it began.
 */
static inline bool kdtls_leftover_met(const struct kdtls_leftover *leftover,
				      const struct sock *sk, unsigned int begin)
{
	return kdtls_leftover_seen(sk) ||
	       read_seqcount_retry(&leftover->seq, begin);
}

#endif /* KDTLS_LEFTOVER_H */
