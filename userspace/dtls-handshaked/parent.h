/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PARENT_H
#define PARENT_H

#include "config.h"
#include "port.h"

/* The callbacks that parent_run() registers with the port. */
extern const struct port_handler parent_handler;

/*
 * Serves the port until SIGTERM or SIGINT. Takes ownership of config and port;
 * SIGHUP reloads the file at path. Returns the exit status.
 */
int parent_run(struct config *config, const char *path, struct port *port);

#endif
