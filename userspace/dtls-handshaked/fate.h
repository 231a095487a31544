/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The consequence of each error of the control port. */
#ifndef FATE_H
#define FATE_H

/* Milliseconds of FATE_RETRY without a success before the port is given up. */
#define FATE_PATIENCE	30000

enum fate {
	FATE_REQUEST,	/* only this request fails, with its handshake or listener */
	FATE_RETRY,	/* transient: retried each second, up to FATE_PATIENCE */
	FATE_END,	/* the port is unusable: the daemon ends */
};

enum fate_place {
	FATE_READ,	/* reading from a socket of the port */
	FATE_SEND,	/* sending a request */
	FATE_ASK,	/* the answer to a request for what is queued */
	FATE_ABOUT,	/* the answer to a request about a handshake or listener */
	FATE_PLACES
};

/* error: positive errno. */
enum fate fate_of(enum fate_place place, int error);
/* The exit status of the daemon after FATE_END. */
int fate_status(int error);

#endif
