/* SPDX-License-Identifier: GPL-2.0 */
/* The wire between the two ends: DTLS 1.2 records, and each number once. */
#ifndef KDTLS_TESTS_VPN_WIRE_H
#define KDTLS_TESTS_VPN_WIRE_H

void wire_start(void);
/* Ends it: three TAP cases. */
void wire_check(const char *what);

#endif
