/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DTLSCAT_ADVICE_H
#define DTLSCAT_ADVICE_H

#include <stdbool.h>
#include <stddef.h>

/* dtls-handshaked runs in this network namespace, or that cannot be found out. */
bool daemon_runs(void);

/* The command that starts one here. */
void daemon_start_command(char *to, size_t size);

#endif
