/* SPDX-License-Identifier: GPL-2.0 */
/* What any two sockets that are keyed for each other must pass. */
#ifndef KDTLS_TESTS_TRAFFIC_H
#define KDTLS_TESTS_TRAFFIC_H

#include "pair.h"

/* Records of all sizes up to this one, both ways: how many did not pass. */
unsigned int traffic_sizes(const struct pair *p, size_t largest);
/* UDP_SEGMENT at a, UDP_GRO at b: 20 records in one call. */
bool traffic_batch(const struct pair *p);

#endif /* KDTLS_TESTS_TRAFFIC_H */
