/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CERTIFICATE_H
#define CERTIFICATE_H

#include "profile.h"

/*
 * Logs why peers will reject this side's certificate (PEM, with its chain). These are
 * no errors: the clock may be wrong, and peers may check less.
 */
void certificate_warn(const struct profile *p, const char *path, const gnutls_datum_t *pem);

#endif
