/* SPDX-License-Identifier: GPL-2.0 */
/* Content into sealed records, in pages or in the workspace. */
#ifndef KDTLS_SEAL_H
#define KDTLS_SEAL_H

#include <linux/bvec.h>
#include <linux/types.h>
#include <linux/uio.h>

#include "assoc.h"
#include "epoch.h"
#include "workspace.h"

/* What sealing for an association needs, while a call sends. */
struct kdtls_tx {
	struct kdtls_assoc	*assoc;
	struct kdtls_epoch	*epoch;		/* a reference */
	struct kdtls_workspace	*ws;
};

/* With this epoch: takes over the caller's reference. 0 or -ENOMEM. */
static inline int kdtls_tx_open_with(struct kdtls_tx *tx,
				     struct kdtls_assoc *assoc,
				     struct kdtls_epoch *epoch)
{
	tx->assoc = assoc;
	tx->epoch = epoch;
	tx->ws = kdtls_workspace_get(&epoch->key);
	if (tx->ws)
		return 0;
	kdtls_epoch_put(epoch);
	return -ENOMEM;
}

/*
 * 0, -ENOKEY (no sending keys) or -ENOMEM; kdtls_tx_close() follows success only.
 * Process context.
 */
static inline int kdtls_tx_open(struct kdtls_tx *tx, struct kdtls_assoc *assoc)
{
	struct kdtls_epoch *epoch = kdtls_epoch_get(&assoc->tx);

	return epoch ? kdtls_tx_open_with(tx, assoc, epoch) : -ENOKEY;
}

static inline void kdtls_tx_close(struct kdtls_tx *tx)
{
	kdtls_workspace_put(tx->ws);
	kdtls_epoch_put(tx->epoch);
}

/* Records of one size, sealed back to back: one piece of a GSO packet. */
struct kdtls_run {
	u8		type;		/* content type */
	size_t		left;		/* bytes of content to take */
	size_t		segment;	/* of which a record gets so many */
	unsigned int	max;		/* records; 1 or more */
	/* the result */
	struct bio_vec	vec;		/* with a reference to its page */
	unsigned int	records;
	size_t		content;
};

/*
 * Copies content from the iterator into new room and seals it there, record
 * after record, as far as the room goes: at least one (empty if nothing is
 * left). 0 if there is a record; else -EFAULT, -ENOBUFS, -ENOMEM or
 * -EKEYEXPIRED (the keys are used up), and no reference.
 */
int kdtls_seal_run(const struct kdtls_tx *tx, struct iov_iter *from,
		   struct kdtls_run *run);
/* The same for one record of len bytes: 0 or an errno. */
int kdtls_seal_page(const struct kdtls_tx *tx, struct iov_iter *from, u8 type,
		    size_t len, struct bio_vec *vec);
/*
 * One record, sealed in tx->ws->buf, at DTLS_HEADROOM. Returns its length or an
 * errno as above.
 */
ssize_t kdtls_seal_record(const struct kdtls_tx *tx, struct iov_iter *from,
			  u8 type, size_t len);

#endif /* KDTLS_SEAL_H */
