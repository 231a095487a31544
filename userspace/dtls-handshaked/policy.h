/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_H
#define POLICY_H

#include "config.h"

/*
 * May this user do this handshake, by this profile, with this peer? 0, or the
 * errno to fail it with, and a reason. With 0 the server's name is in the form of
 * name.h, for all that come after.
 */
int policy_check(const struct config *config, struct handshake_request *r,
		 char reason[MAX_REASON]);

#endif
