/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DTLSWRAP_CONFINE_H
#define DTLSWRAP_CONFINE_H

/*
 * From now on this process and its children get their UDP sockets from a supervisor
 * (supervisor.h), attached to DTLS. NULL, or why that is not possible.
 */
const char *confine(void);

#endif
