/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DTLSWRAP_INHERITED_H
#define DTLSWRAP_INHERITED_H

/*
 * For UDP sockets that are already open (systemd's socket activation): sockets bound
 * to a port of --listen become servers, those of --plain are not changed, others cannot
 * send. 0, or -1 after a message.
 */
int inherited_protect(void);

#endif
