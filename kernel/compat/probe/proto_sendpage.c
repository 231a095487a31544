/* SPDX-License-Identifier: GPL-2.0 */
/* struct proto and proto_ops have sendpage (until 6.4). */
#include <linux/net.h>
#include <net/sock.h>
struct proto p = { .sendpage = NULL };
struct proto_ops o = { .sendpage = sock_no_sendpage };
