/* SPDX-License-Identifier: GPL-2.0 */
/* DTLS_TUN: packets that are routed into the device become records. */
#ifndef KDTLS_TUN_OUTPUT_H
#define KDTLS_TUN_OUTPUT_H

#include <linux/types.h>

struct kdtls_tun;

/* 0 or -ENOMEM; and the opposite, after its rounds have ended. */
int kdtls_tun_output_init(struct kdtls_tun *tun);
void kdtls_tun_output_free(struct kdtls_tun *tun);
/* A round: one batch. */
bool kdtls_tun_output_round(void *arg);

#endif /* KDTLS_TUN_OUTPUT_H */
