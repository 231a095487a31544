/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNS names in the one form that SNI, certificates and profiles compare: A-labels
 * (RFC 5890), lower case, no dot at the end.
 */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>

#include "handshake.h"

bool name_is_address(const char *name);

/*
 * in may be a pattern such as *.example.org, or an address, which stays as it is.
 * NULL, or what is wrong. out may be in.
 */
const char *name_normalise(const char *in, char out[DTLS_MAX_NAME]);

#endif
