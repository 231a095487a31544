/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PARENT_H
#define PARENT_H

#include "config.h"
#include "port.h"

/* Gives the handler that the port calls to daemon_run. */
extern const struct port_handler daemon_handler;

/*
 * Serves the port until SIGTERM or SIGINT. Takes over config and port; path
 * is where SIGHUP reads again. Returns the exit status.
 */
int daemon_run(struct config *config, const char *path, struct port *port);

#endif
