/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WORKER_H
#define WORKER_H

#include "config.h"
#include "vault.h"

/*
 * The main function of a worker after fork(): runs handshakes for the parent until
 * the parent's end of fd is closed. Returns the exit status.
 */
int worker_main(const struct config *config, int fd, struct vault *vault);

#endif
