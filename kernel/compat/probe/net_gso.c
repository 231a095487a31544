// SPDX-License-Identifier: GPL-2.0
/* 6.5 on: the declarations of GSO left <linux/netdevice.h>. */
#include <net/gso.h>
