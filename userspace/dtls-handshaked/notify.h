/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NOTIFY_H
#define NOTIFY_H

/* Tells the service manager (sd_notify(3)), if there is one. */
void notify(const char *state);

/* RELOADING=1 with the time that Type=notify-reload wants. */
void notify_reloading(void);

#endif
