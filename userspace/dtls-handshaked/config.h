/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration file, dtls-handshaked.conf(5). */
#ifndef CONFIG_H
#define CONFIG_H

#include <sys/types.h>

#include "limit.h"
#include "profile.h"

#define MAX_WORKERS 64

struct config {
	unsigned int workers;
	unsigned int max_handshakes;
	unsigned int max_per_user;
	unsigned int max_per_listener;
	struct limit_rule per_address;
	unsigned int cookie_lifetime;	/* seconds */
	int log_level;
	char *metrics_file;		/* or NULL */
	uid_t worker_uid;
	gid_t worker_gid;
	char *user;
	struct profile *profiles;
};

/*
 * Parses the file, checks it and loads the files that it names. NULL after an error;
 * each one is logged as FILE:LINE: what is wrong and what to do.
 */
struct config *config_load(const char *path);
void config_free(struct config *c);

/* The profile with this name ("": "default"), or NULL. */
struct profile *config_profile(const struct config *c, const char *name);

/* The lowest descriptor of a profile's key log that is not below from, or -1. */
static inline int config_keylog(const struct config *c, int from)
{
	int lowest = -1;

	for (const struct profile *p = c->profiles; p; p = p->next)
		if (p->keylog_fd >= from && (lowest < 0 || p->keylog_fd < lowest))
			lowest = p->keylog_fd;
	return lowest;
}

#endif
