/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GNUTLS_PREPARE_H
#define GNUTLS_PREPARE_H

#include "profile.h"

bool is_cipher(const char *word);
/* The words of "ciphers", for messages. */
const char *cipher_words(void);

/* The word of the value of "priority" that GnuTLS does not know, to be freed, or NULL. */
char *priority_error(const char *tail);

/*
 * Creates the priority string, the PSK credentials and the ticket key of a profile
 * after its files were loaded. NULL, or what is wrong.
 */
const char *prepare_profile(struct profile *p);

#endif
