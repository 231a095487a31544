/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "keylog" of a profile: the secrets of its sessions, for tools such as tshark. */
#ifndef KEYLOG_H
#define KEYLOG_H

#include <gnutls/gnutls.h>

/*
 * Opens path for appending, or creates it. Only this process's user may be able to
 * open the file, or to replace it: -1, and why, otherwise. The descriptor is above
 * those that a worker gets.
 */
int keylog_open(const char *path, const char **why);

/* One line of the NSS key log format; an error, such as a full disk, is ignored. */
void keylog_write(int fd, gnutls_session_t session, const gnutls_datum_t *master);
/* The same of DTLS 1.3, for one secret. random: the client's, 32 bytes. */
void keylog_write_secret(int fd, const char *label, const void *random,
			 const void *secret, size_t len);

#endif
