/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NOTIFY_H
#define NOTIFY_H

/* Notifies the service manager, if any (sd_notify(3)). */
void notify(const char *state);

/* RELOADING=1 with the timestamp that Type=notify-reload requires. */
void notify_reloading(void);

#endif
