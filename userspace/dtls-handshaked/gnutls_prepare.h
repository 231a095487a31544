/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GNUTLS_PREPARE_H
#define GNUTLS_PREPARE_H

#include "profile.h"

/*
 * Creates the priority string, the PSK credentials and the ticket key of a profile
 * after its files were loaded. NULL, or what is wrong.
 */
const char *prepare_profile(struct profile *p);

#endif
