// SPDX-License-Identifier: GPL-2.0
/*
 * DTLS of a TLS library. Batch 1 and rtt: one system call a record, the
 * default. The others are batches made by hand: sealed records
 * gathered and sent in one call, received in one call and passed on one by one.
 */
#include "library.h"
#include "pair.h"
#include "tap.h"

static struct pair pair;
static struct gathered to[2];
static int fds[2];

static bool by_hand(const struct load *load)
{
	return load->batch->way == WAY_MMSG || load->batch->way == WAY_GSO;
}

static void library_open(const struct load *load)
{
	struct load sealed = *load;

	pair_plain(&pair, AF_INET);
	fds[0] = pair.a;
	fds[1] = pair.b;
	handshake_both(load->path->library, load->cipher, 0,
		       by_hand(load) ? NULL : fds, to);
	sealed.bytes += load->cipher->overhead;
	sockets_prepare(fds, &sealed);
}

/* Over the sockets as one batch: out as one buffer, in as one buffer. */
static void carry(struct gathered *g, const struct load *sealed)
{
	struct load load = *sealed;
	unsigned int i;

	load.out = g->data;
	load.in = g->data;
	need(g->count == load.count && g->len == load.count * load.bytes,
	     "records of that size");
	sockets_round(fds, &load);
	/* now every record's end is known */
	for (i = 0; i < load.count; i++)
		g->ends[i] = (i + 1) * load.bytes;
	g->next = 0;
}

static void library_round(const struct load *load)
{
	const struct library *l = load->path->library;
	struct load sealed = *load;
	unsigned int i;

	for (i = 0; i < load->count; i++)
		l->write(0, load->out + i * load->bytes, load->bytes);
	if (by_hand(load)) {
		sealed.bytes += load->cipher->overhead;
		carry(&to[1], &sealed);
	}
	for (i = 0; i < load->count; i++)
		need(l->read(1, load->in + i * load->bytes, load->bytes),
		     "a record");
}

static void library_put(const struct load *load, int end, const void *data)
{
	load->path->library->write(end, data, load->bytes);
}

static void library_get(const struct load *load, int end, void *data)
{
	need(load->path->library->read(end, data, load->bytes), "a record");
}

const struct path path_openssl = {
	.name = "openssl",
	.ways = { true, true, true, true },
	.spread = SPREAD,
	.library = &library_openssl,
	.open = library_open,
	.round = library_round,
	.put = library_put,
	.get = library_get,
};

const struct path path_gnutls = {
	.name = "gnutls",
	.ways = { true, true, true, true },
	.spread = SPREAD,
	.library = &library_gnutls,
	.open = library_open,
	.round = library_round,
	.put = library_put,
	.get = library_get,
};
