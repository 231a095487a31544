/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an error of the control port means: the one place that says so.
 */
#ifndef FATE_H
#define FATE_H

/* Milliseconds without a success until what may pass has not passed. */
#define FATE_PATIENCE	30000

enum fate {
	FATE_REQUEST,	/* of this request only: what it was about fails */
	FATE_RETRY,	/* may pass: asked again each second, FATE_PATIENCE long */
	FATE_END,	/* the port is of no more use */
};

enum fate_place {
	FATE_READ,	/* reading from a socket of the port */
	FATE_SEND,	/* sending a request */
	FATE_ASK,	/* the answer to a request that asks what waits */
	FATE_ABOUT,	/* the answer to one about a handshake or listener */
	FATE_PLACES
};

/* error: positive errno. */
enum fate fate_of(enum fate_place place, int error);
/* The exit status of a daemon that ends by it. */
int fate_status(int error);

#endif
