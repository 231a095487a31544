/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DTLSWRAP_CONFINE_H
#define DTLSWRAP_CONFINE_H

/*
 * From here on this process, and every process that it starts, gets its UDP
 * sockets from a supervisor (supervisor.h), with DTLS from the start. Returns
 * NULL, or what is in the way.
 */
const char *confine(void);

#endif
