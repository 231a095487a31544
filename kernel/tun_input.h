/* SPDX-License-Identifier: GPL-2.0 */
/* DTLS_TUN: records with the prefix are written to the device. */
#ifndef KDTLS_TUN_INPUT_H
#define KDTLS_TUN_INPUT_H

#include <linux/types.h>

struct kdtls_content;
struct kdtls_tun;

/* A round: what one run of the work item opens. */
bool kdtls_tun_input_round(void *arg);
/* Takes an opened record, unless it is the application's. May sleep. */
bool kdtls_tun_input(struct kdtls_tun *tun,
		     const struct kdtls_content *content);

#endif /* KDTLS_TUN_INPUT_H */
