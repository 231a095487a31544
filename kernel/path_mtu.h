/* SPDX-License-Identifier: GPL-2.0 */
/* The path MTU of an association: by its route, by ICMP, and by loss. */
#ifndef KDTLS_PATH_MTU_H
#define KDTLS_PATH_MTU_H

#include <linux/types.h>

struct kdtls_assoc;

/* UDP payload bytes that fit the path now. */
u32 kdtls_path_mtu(struct kdtls_assoc *assoc);
/*
 * More than so many arrive nowhere, and no ICMP message says it: what was found
 * by loss, in a handshake. Lowers kdtls_path_mtu(), for good.
 */
#define KDTLS_PATH_MIN	228	/* of 256 bytes of IPv4 */
void kdtls_path_mtu_lower(struct kdtls_assoc *assoc, u32 path);
/*
 * The same for what was sent so often without an answer: RFC 6347 section
 * 4.1.1.1 lets it be smaller from the third time on. KDTLS_PATH_MIN at least.
 */
u32 kdtls_path_mtu_guess(struct kdtls_assoc *assoc, unsigned int losses);
/* Bytes of application data that fit one record on the path now. */
u32 kdtls_path_mtu_content(struct kdtls_assoc *assoc);

#endif /* KDTLS_PATH_MTU_H */
