// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

enum engine_state engine_fail(struct engine *e, int status, const char *fmt, ...)
{
	struct handshake_result *r;
	va_list ap;

	e->state = ENGINE_FAILED;
	if (!e->outcome)
		e->outcome = calloc(1, sizeof(*e->outcome));
	if (!e->outcome)
		return e->state;
	r = &e->outcome->result;
	memset(r, 0, sizeof(*r));
	r->status = status;
	va_start(ap, fmt);
	vsnprintf(r->reason, sizeof(r->reason), fmt, ap);
	va_end(ap);
	return e->state;
}

void engine_fail_unknown(struct engine *e)
{
	engine_fail(e, ETIMEDOUT, "no ClientHello with a valid cookie arrived");
}

void engine_fail_unanswered(struct engine *e)
{
	engine_fail(e, EKEYREJECTED,
		    "the peer does not answer our Finished; do both sides have the same PSK?");
}

void engine_forget_outcome(struct engine *e)
{
	if (!e->outcome)
		return;
	explicit_bzero(e->outcome, sizeof(*e->outcome));
	free(e->outcome);
	e->outcome = NULL;
}
