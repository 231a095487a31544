/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two calls that wait for one lock, and which has it first.
 *
 * setsockopt(SOL_IP, DTLS_ULP) takes the socket's lock twice, for ip_setsockopt()
 * looks for options of its own before it asks netfilter: another call that waits
 * may come in between. On one CPU, with a real-time priority, it is not preempted
 * by what its own release of the lock wakes.
 */
#ifndef KDTLS_TESTS_ORDER_H
#define KDTLS_TESTS_ORDER_H

#include <pthread.h>

void order_first(pthread_t *thread, void *(*call)(void *arg));
void order_second(pthread_t *thread, void *(*call)(void *arg));

#endif
