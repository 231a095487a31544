/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DTLSWRAP_INHERITED_H
#define DTLSWRAP_INHERITED_H

/*
 * UDP sockets that are open already (systemd's socket activation): those bound
 * to a port of --listen become servers, those of --plain stay as they are, others
 * will not send. 0, or -1 after a line that says what failed.
 */
int inherited_protect(void);

#endif
