/* SPDX-License-Identifier: GPL-2.0 */
/* The kept AEAD requests of an epoch. */
#ifndef KDTLS_REQUEST_H
#define KDTLS_REQUEST_H

struct kdtls_request;

void kdtls_requests_free(struct kdtls_request *__percpu *requests);

#endif /* KDTLS_REQUEST_H */
