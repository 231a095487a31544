/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients of listening sockets. A ClientHello goes from the kernel to a worker,
 * which answers with a challenge, or says that the cookie is good; then the
 * limits decide, and the kernel makes the association. A worker has few
 * ClientHellos to answer at a time, so that a flood of them neither fills its
 * socket nor delays the handshakes it runs; the others wait in the kernel.
 */
#ifndef ADMISSION_H
#define ADMISSION_H

#include "inflight.h"

/* True when clients_take() might find something that a worker has room for. */
bool clients_wait(const struct sessions *all);
void clients_take(struct sessions *all);
/* What a worker says to a ClientHello. False: it broke the protocol. */
bool clients_answer(struct sessions *all, struct worker_process *w,
		    const struct ipc_message *m);

#endif
