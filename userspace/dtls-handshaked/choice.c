// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine of a profile with both versions, or with Connection IDs in DTLS 1.2, which only
 * the plug-in has. A client is the plug-in's: its ClientHello offers all of it. A server's
 * engine is that of what the ClientHello offers: of its version, and in DTLS 1.2 the
 * plug-in's with Connection IDs, else GnuTLS. It is asked without state, until it finds its
 * own cookie. Neither accepts a cookie of the other, so that a client offers the same with
 * the cookie as before.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <kdtls/kdtls.h>

#include "engine.h"
#include "offer.h"

struct choice {
	struct engine engine;		/* state and outcome: of the one chosen */
	struct handshake_request request;
	const struct profile *profile;
	struct cookie *cookie;
	engine_send send;
	void *ctx;
	struct engine *chosen;		/* NULL before a valid cookie */
};

static struct choice *to_choice(struct engine *engine)
{
	return (struct choice *)engine;
}

/* What a ClientHello comes to. */
struct answer {
	uint16_t version;
	const struct engine_ops *engine;
};

/* RFC 9147 section 5.3: a client that offers both gets DTLS 1.3. */
static struct answer answer_to(const struct profile *profile, const void *data, size_t len)
{
	struct offer offer;

	offer_read(&offer, data, len);
	if (profile->dtls13 && offer.dtls13)
		return (struct answer){ DTLS_VERSION_1_3, profile->plugin };
	return (struct answer){ DTLS_VERSION_1_2, profile->connection_id && offer.connection_id ?
						  profile->plugin : &gnutls_engine };
}

static enum cookie_verdict op_hello(const struct profile *profile, struct cookie *cookie,
				    const struct cookie_client *client,
				    const void *data, size_t len,
				    engine_send send, void *ctx)
{
	const struct engine_ops *ops = answer_to(profile, data, len).engine;

	return ops->hello(profile, cookie, client, data, len, send, ctx);
}

static enum engine_state follow(struct choice *c, enum engine_state state)
{
	c->engine.state = state;
	c->engine.outcome = c->chosen->outcome;
	return state;
}

/* What the chosen engine has learnt before it sends belongs to what it sends. */
static void send_chosen(void *ctx, const void *data, size_t len)
{
	struct choice *c = ctx;

	if (c->chosen)
		c->engine.peer_cid = c->chosen->peer_cid;
	c->send(c->ctx, data, len);
}

/* The program's versions are not known when a listening socket's client gets its cookie. */
static enum engine_state choose(struct choice *c, const struct answer *answer)
{
	if (!request_allows(&c->request, answer->version))
		return engine_fail(&c->engine, EOPNOTSUPP,
				   "the client offers DTLS %s, which is not between the versions of the program; use a profile without it",
				   kdtls_version_name(answer->version));
	c->chosen = answer->engine->create(&c->request, c->profile, c->cookie, send_chosen, c);
	if (!c->chosen)
		return engine_fail(&c->engine, ENOMEM, "out of memory");
	return ENGINE_RUNNING;
}

/* True: a library has been chosen, by a ClientHello with its cookie. */
static bool take_hello(struct choice *c, const void *data, size_t len)
{
	const struct handshake_request *r = &c->request;
	struct cookie_client client;
	struct answer answer;

	if (!data)
		return false;
	answer = answer_to(c->profile, data, len);
	cookie_client(&client, r->listener ? r->listener : r->id, r->link, &r->peer, &r->local);
	return answer.engine->hello(c->profile, c->cookie, &client, data, len, c->send,
				    c->ctx) == COOKIE_GOOD &&
	       choose(c, &answer) == ENGINE_RUNNING;
}

static enum engine_state op_step(struct engine *engine, const void *data, size_t len)
{
	struct choice *c = to_choice(engine);

	if (c->engine.state != ENGINE_RUNNING)
		return c->engine.state;
	if (!c->chosen && !take_hello(c, data, len))
		return c->engine.state;
	return follow(c, c->chosen->ops->step(c->chosen, data, len));
}

static void op_path(struct engine *engine, size_t mtu)
{
	struct choice *c = to_choice(engine);

	c->request.mtu = mtu;
	if (c->chosen)
		c->chosen->ops->path(c->chosen, mtu);
}

static unsigned int op_timeout(struct engine *engine)
{
	const struct choice *c = to_choice(engine);

	return c->chosen ? c->chosen->ops->timeout(c->chosen) : UINT32_MAX;
}

static void op_expire(struct engine *engine)
{
	struct choice *c = to_choice(engine);

	if (c->engine.state != ENGINE_RUNNING)
		return;
	if (!c->chosen) {
		engine_fail_unknown(&c->engine);
		return;
	}
	c->chosen->ops->expire(c->chosen);
	follow(c, c->chosen->state);
}

static void op_release(struct engine *engine)
{
	struct choice *c = to_choice(engine);

	c->chosen->ops->release(c->chosen);
}

static void op_free(struct engine *engine)
{
	struct choice *c = to_choice(engine);

	if (c->chosen)
		c->chosen->ops->free(c->chosen);
	else
		engine_forget_outcome(engine);
	explicit_bzero(c, sizeof(*c));
	free(c);
}

static struct engine *new_choice(const struct handshake_request *request,
				 const struct profile *profile, struct cookie *cookie,
				 engine_send send, void *ctx)
{
	struct choice *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->engine.ops = &choice_engine;
	c->request = *request;
	c->profile = profile;
	c->cookie = cookie;
	c->send = send;
	c->ctx = ctx;
	return &c->engine;
}

/* Without a choice: a client, or a program that wants one version, which has one engine. */
static const struct engine_ops *only_engine(const struct handshake_request *r,
					    const struct profile *profile)
{
	bool dtls13 = profile->dtls13 && request_allows(r, DTLS_VERSION_1_3);

	if (!dtls13 && !profile->connection_id)
		return &gnutls_engine;
	if (r->role == DTLS_ROLE_CLIENT)
		return profile->plugin;
	return dtls13 && !request_allows(r, DTLS_VERSION_1_2) ? profile->plugin : NULL;
}

static struct engine *op_create(const struct handshake_request *request,
				const struct profile *profile, struct cookie *cookie,
				engine_send send, void *ctx)
{
	const struct engine_ops *only = request->listener ? NULL : only_engine(request, profile);

	return only ? only->create(request, profile, cookie, send, ctx) :
		      new_choice(request, profile, cookie, send, ctx);
}

const struct engine_ops choice_engine = {
	.hello = op_hello,
	.create = op_create,
	.step = op_step,
	.path = op_path,
	.timeout = op_timeout,
	.expire = op_expire,
	.release = op_release,
	.free = op_free,
};
