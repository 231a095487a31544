/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_ASSOC_STATUS_H
#define KDTLS_ASSOC_STATUS_H

struct dtls_status;
struct kdtls_assoc;

/* Fills all of it. Process context. */
void kdtls_assoc_status(struct kdtls_assoc *assoc, struct dtls_status *status);

#endif /* KDTLS_ASSOC_STATUS_H */
