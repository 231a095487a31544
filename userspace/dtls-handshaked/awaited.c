// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "awaited.h"

struct awaited_client *awaited_find(struct awaited *a, const struct cookie_client *client)
{
	for (unsigned int i = 0; i < a->n; i++)
		if (!memcmp(&a->clients[i].client, client, sizeof(*client)))
			return &a->clients[i];
	return NULL;
}

struct awaited_client *awaited_of(struct awaited *a, uint64_t handshake)
{
	for (unsigned int i = 0; i < a->n; i++)
		if (a->clients[i].handshake == handshake)
			return &a->clients[i];
	return NULL;
}

static struct awaited_client *take_entry(struct awaited *a)
{
	struct awaited_client *c;

	if (a->n < AWAITED_CLIENTS)
		return &a->clients[a->n++];
	c = &a->clients[a->oldest];
	a->oldest = (a->oldest + 1) % AWAITED_CLIENTS;
	return c;
}

void awaited_expect(struct awaited *a, const struct cookie_client *client)
{
	struct awaited_client *c = awaited_find(a, client);

	if (!c)
		c = take_entry(a);
	c->client = *client;
	c->handshake = 0;
	c->len = 0;
}

void awaited_keep(struct awaited_client *c, const void *data, size_t len)
{
	if (len > sizeof(c->data) - c->len)
		return;
	memcpy(c->data + c->len, data, len);
	c->len += len;
}
