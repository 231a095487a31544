// SPDX-License-Identifier: GPL-2.0
/* What the module says itself: alerts, flights, the daemon's datagrams. */
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "address.h"
#include "assoc.h"
#include "daemon_record.h"
#include "epoch.h"
#include "ip_output.h"
#include "key_update.h"
#include "output.h"
#include "seal.h"
#include "socket.h"
#include "stats.h"
#include "workspace.h"
#include "record/header12.h"

void kdtls_output_stop(struct kdtls_sock *ks)
{
	WRITE_ONCE(ks->silent, true);
}

static int send_bytes(struct kdtls_assoc *assoc, const void *bytes, size_t len)
{
	struct kdtls_ends ends;

	if (READ_ONCE(assoc->ks->silent))
		return -EPIPE;
	kdtls_assoc_ends(assoc, &ends);
	return kdtls_ip_output(assoc->sk, &ends, bytes, len);
}

int kdtls_output_handshake(struct kdtls_assoc *assoc,
			   const struct kdtls_daemon_datagram *dg)
{
	if (kdtls_assoc_state(assoc) != DTLS_STATE_HANDSHAKE)
		return -EPIPE;
	if (!kdtls_daemon_may_send(assoc, dg))
		return -EINVAL;
	return send_bytes(assoc, dg->data, dg->len);
}

/*
 * Replies to unknown clients have a quarter of the send buffer: on a link where
 * their addresses do not resolve they wait for seconds, and poll() reports
 * writable only below a half.
 */
static bool strangers_have_room(const struct sock *sk)
{
	return sk_wmem_alloc_get(sk) < READ_ONCE(sk->sk_sndbuf) / 4;
}

int kdtls_output_challenge(struct kdtls_sock *ks, const struct kdtls_ends *ends,
			   const void *data, size_t len)
{
	struct kdtls_ends own;
	__be16 port;

	if (!kdtls_daemon_may_challenge(data, len))
		return -EINVAL;
	if (READ_ONCE(ks->silent))
		return -EPIPE;
	if (!strangers_have_room(ks->sk))
		return -EAGAIN;
	kdtls_ends_of_socket(ks->sk, &own);
	port = own.local.in.sin_port;
	if (kdtls_wildcard(ks->sk))
		own.local = ends->local;
	own.local.in.sin_port = port;
	own.remote = ends->remote;
	own.link = ends->link;
	return kdtls_ip_output(ks->sk, &own, data, len);
}

int kdtls_output_plain(struct kdtls_assoc *assoc, u8 type, u64 seq,
		       const void *data, size_t len)
{
	u8 *record;
	int err;

	if (len > DTLS_MAX_CONTENT || seq > DTLS_MAX_SEQ ||
	    type == DTLS_TYPE_APPLICATION_DATA)
		return -EINVAL;
	record = kmalloc(DTLS12_HEADER + len, GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	record[0] = type;
	dtls_put16(record + 1, DTLS_VERSION_1_2);
	dtls_put_number(record + 3, 0, seq);
	dtls_put16(record + 11, len);
	memcpy(record + DTLS12_HEADER, data, len);
	err = send_bytes(assoc, record, DTLS12_HEADER + len);
	kfree(record);
	return err;
}

/* Of several pieces one record; closes tx. */
static int seal_and_send(struct kdtls_tx *tx, u8 type, const struct kvec *vec,
			 unsigned int pieces, u64 *seq)
{
	struct iov_iter from;
	unsigned int i;
	size_t len = 0;
	ssize_t ret;

	for (i = 0; i < pieces; i++)
		len += vec[i].iov_len;
	iov_iter_kvec(&from, WRITE, vec, pieces, len);
	ret = kdtls_seal_record(tx, &from, type, len);
	if (ret >= 0) {
		*seq = tx->ws->seq;
		ret = send_bytes(tx->assoc, tx->ws->buf + DTLS_HEADROOM, ret);
	}
	kdtls_tx_close(tx);
	return ret;
}

static int output_kvec(struct kdtls_assoc *assoc, u8 type,
		       const struct kvec *kvec, u64 *seq)
{
	struct kdtls_tx tx;
	int err = kdtls_tx_open(&tx, assoc);

	return err ?: seal_and_send(&tx, type, kvec, 1, seq);
}

int kdtls_output_numbered(struct kdtls_assoc *assoc, u8 type, const void *data,
			  size_t len, u64 *seq)
{
	const struct kvec kvec = { .iov_base = (void *)data, .iov_len = len };
	int err = output_kvec(assoc, type, &kvec, seq);

	/* a key update may have taken the keys away meanwhile: by the new ones */
	return err == -EKEYEXPIRED ? output_kvec(assoc, type, &kvec, seq) : err;
}

int kdtls_output_under(struct kdtls_assoc *assoc, struct kdtls_epoch *epoch,
		       u8 type, const struct kvec *vec, unsigned int pieces,
		       u64 *seq)
{
	struct kdtls_tx tx;
	int err;

	refcount_inc(&epoch->refs);
	err = kdtls_tx_open_with(&tx, assoc, epoch);
	return err ?: seal_and_send(&tx, type, vec, pieces, seq);
}

int kdtls_output_record(struct kdtls_assoc *assoc, u8 type, const void *data,
			size_t len)
{
	u64 seq;

	return kdtls_output_numbered(assoc, type, data, len, &seq);
}

/* One that is lost is sent again when the peer repeats what it acknowledges. */
void kdtls_output_ack(struct kdtls_assoc *assoc,
		      const struct dtls13_number *number)
{
	u8 ack[DTLS13_ACK_LEN(1)];

	if (kdtls_key_update_speaks(assoc))
		kdtls_output_record(assoc, DTLS_TYPE_ACK, ack,
				    dtls13_put_ack(ack, number, 1));
}

/* Of two that say it at once one does. False: it was said, or is just now. */
static bool claim_close(struct kdtls_assoc *assoc)
{
	bool mine;

	spin_lock_bh(&assoc->lock);
	mine = !assoc->close_sent;
	assoc->close_sent = true;
	spin_unlock_bh(&assoc->lock);
	return mine;
}

/* It did not leave: the next occasion, close() at the latest, says it again. */
static void unclaim_close(struct kdtls_assoc *assoc)
{
	spin_lock_bh(&assoc->lock);
	assoc->close_sent = false;
	spin_unlock_bh(&assoc->lock);
}

int kdtls_output_alert(struct kdtls_assoc *assoc, u8 level, u8 description)
{
	const u8 alert[2] = { level, description };
	bool close = description == KDTLS_ALERT_CLOSE_NOTIFY;
	int err;

	if (close && !claim_close(assoc))
		return 0;
	err = kdtls_output_record(assoc, DTLS_TYPE_ALERT, alert, sizeof(alert));
	if (err)
		kdtls_mib_add(sock_net(assoc->sk), KDTLS_MIB_ALERT_UNSENT, 1);
	if (err && close)
		unclaim_close(assoc);
	return err;
}
