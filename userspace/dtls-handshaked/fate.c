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
 * ENODEV is the port's own word: the family has left the kernel. The kernel says
 * ENOENT then, as it does of a handshake that is over: after it, and each second,
 * the port looks. EPERM about a handshake: another port has it; in answer to a
 * question: CAP_NET_ADMIN is gone. A module that does not know the question or
 * its form is not the one that this daemon was built for.
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
