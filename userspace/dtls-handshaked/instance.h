/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One daemon in a network namespace: two would take each other's handshakes. */
#ifndef INSTANCE_H
#define INSTANCE_H

#include <stdbool.h>

/* Until this process and its children end. False, and logged: there is another one. */
bool instance_claim(void);

/* Until it ends: dtlsctl shows that keys of this network namespace have been logged. */
void instance_mark_keylog(void);

/* After a fork: this process is the one that a second daemon names. */
void instance_renew(void);

#endif
