// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <sysexits.h>

#include "fate.h"
#include "util.h"

#define REQUEST	FATE_REQUEST
#define RETRY	FATE_RETRY
#define END	FATE_END

/*
 * ENODEV comes from the port: the netlink family was unregistered. The kernel returns
 * ENOENT for that, but also for a handshake that ended, so the port checks the family
 * after ENOENT and once a second. EPERM about a handshake: it belongs to another port;
 * to FATE_ASK: CAP_NET_ADMIN is missing. A module that does not know a request or an
 * attribute does not match this daemon.
 */
static const struct {
	int error;
	enum fate in[FATE_PLACES];
} table[] = {
	/*		  read	   send     ask	     about */
	{ EAGAIN,	{ RETRY,   RETRY,   REQUEST, REQUEST } },
	{ EINTR,	{ RETRY,   RETRY,   RETRY,   REQUEST } },
	{ ENOBUFS,	{ RETRY,   RETRY,   RETRY,   REQUEST } },
	{ ENOMEM,	{ RETRY,   RETRY,   RETRY,   REQUEST } },
	{ ETIMEDOUT,	{ END,	   RETRY,   RETRY,   REQUEST } },
	{ EMSGSIZE,	{ RETRY,   REQUEST, RETRY,   REQUEST } },
	{ ENOENT,	{ END,	   END,	    END,     REQUEST } },
	{ ENODEV,	{ END,	   END,	    END,     END } },
	{ EPERM,	{ END,	   END,	    END,     REQUEST } },
	{ EACCES,	{ END,	   END,	    END,     REQUEST } },
	{ EOPNOTSUPP,	{ END,	   END,	    END,     REQUEST } },
	{ EINVAL,	{ END,	   END,	    END,     REQUEST } },
};

static const enum fate others[FATE_PLACES] = { END, END, RETRY, REQUEST };

enum fate fate_of(enum fate_place place, int error)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].error == error)
			return table[i].in[place];
	return others[place];
}

int fate_status(int error)
{
	return error == EPERM || error == EACCES ? EX_NOPERM : EX_UNAVAILABLE;
}
