/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The known records of tests/vectors/data through sockets: each is opened by a socket
 * that has its keys, and sealed by one where it has the form that the module sends;
 * those to be refused are.
 */
#ifndef KDTLS_TESTS_KNOWN_H
#define KDTLS_TESTS_KNOWN_H

#include "pair.h"
#include "vectors/entry.h"

/* What a version has of its own. The socket with the keys is p->b, p->a is plain. */
struct known_version {
	/* for both directions, the first number of which is seq */
	void (*keys)(const struct entry *e, u64 seq, struct dtls_keys *keys);
	/* before the record; NULL: nothing */
	bool (*bring_to)(const struct pair *p, const struct entry *e);
	/* after one that is no data: was it opened? */
	bool (*no_data)(const struct pair *p);
	/* is it, of one content and not padded, as the module would send it? */
	bool (*own_form)(const struct entry *e);
};

/* Two cases a file. The first number that is accepted: that of the record, or next - 1. */
void known_files(const struct known_version *version, int argc, char **argv);
bool known_receives(int fd, const struct bytes *want);

#endif /* KDTLS_TESTS_KNOWN_H */
