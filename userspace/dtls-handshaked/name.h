/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNS names in the form in which SNI, certificates and profiles are compared:
 * A-labels (RFC 5890), lower case, no trailing dot.
 */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>

#include "handshake.h"

bool name_is_address(const char *name);

/*
 * in may be a pattern such as *.example.org, or an address, which is not changed.
 * NULL, or what is wrong. out may be equal to in.
 */
const char *name_normalise(const char *in, char out[DTLS_MAX_NAME]);

#endif
