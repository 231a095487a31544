/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Admission of unknown clients at listening sockets. A ClientHello goes from the
 * kernel to a worker, which answers with a HelloVerifyRequest or verifies the
 * cookie; then the limits decide, and the kernel creates the association. The
 * number of ClientHellos at a worker is bounded, so that a flood neither fills its
 * socket nor delays its handshakes; the others wait in the kernel.
 */
#ifndef ADMISSION_H
#define ADMISSION_H

#include "inflight.h"

/* A ClientHello may wait in the kernel, and a worker has space for it. */
bool admission_waits(const struct inflight *all);
void admission_take(struct inflight *all);

/* The message answers a ClientHello, and belongs to no handshake. */
bool admission_is_answer(const struct ipc_message *m);
/* False: the worker violated the protocol. */
bool admission_answer(struct inflight *all, struct worker_process *w,
		      const struct ipc_message *m);

#endif
