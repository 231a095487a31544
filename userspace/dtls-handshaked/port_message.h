/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes of the netlink messages, read from what the kernel sent and added to what is
 * sent to it (Documentation/netlink/specs/kdtls.yaml). No sockets.
 */
#ifndef PORT_MESSAGE_H
#define PORT_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kdtls_netlink.h>

#include "handshake.h"
#include "port.h"

struct dtls_cipher;
struct nl_msg;
struct nlattr;

/* Attributes by their type, up to KDTLS_A_HANDSHAKE_MAX; absent ones are NULL. */
void message_get_request(struct nlattr **a, struct handshake_request *r);
/* 0: there is none. */
uint32_t message_get_mtu(struct nlattr **a);
/* Unless it is complete and fits, h->len stays as it is. */
void message_get_hello(struct nlattr **a, struct hello *h);

/* Each of these: 0, or another value: the message is full. */
int message_put_client(struct nl_msg *msg, const struct hello *h);
int message_put_cid(struct nl_msg *msg, const uint8_t *cid, uint8_t len);
int message_put_keys(struct nl_msg *msg, const struct dtls_keys *k,
		     enum kdtls_direction which, const struct dtls_direction *dir,
		     const struct dtls_cipher *c);
int message_put_result(struct nl_msg *msg, const struct handshake_result *r);

#endif
