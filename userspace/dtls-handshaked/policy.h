/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_H
#define POLICY_H

#include "config.h"

/*
 * Checks whether the profile allows this handshake to this user with this peer. 0,
 * or the errno of the result and a reason. With 0 the server name is normalised
 * (name.h).
 */
int policy_check(const struct config *config, struct handshake_request *r,
		 char reason[MAX_REASON]);

#endif
