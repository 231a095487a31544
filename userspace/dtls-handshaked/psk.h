/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of a psk-file: GnuTLS's format, as psktool(1) writes it, and
 * comments. Identities are bytes (RFC 4279), with no text in mind.
 */
#ifndef PSK_H
#define PSK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 4279 section 5.3 asks for 128 bytes, and GnuTLS takes no more. */
#define PSK_MAX_IDENTITY 128

struct psk {
	uint8_t *identity;	/* and a NUL behind it */
	size_t identity_len;
	bool has_nul;		/* in the identity */
	uint8_t *key;
	size_t len;
	int line;		/* of the file */
};

enum psk_line {
	PSK_NONE,		/* a comment, or empty */
	PSK_ENTRY,		/* *out was filled */
	PSK_WRONG,		/* *why says what is not understood */
};

/* A line without its end. It may hold any bytes. */
enum psk_line psk_parse(const char *line, size_t len, struct psk *out, const char **why);

/*
 * An identity as it is written: text, or # and hexadecimal. NULL and *why when
 * it is neither. The caller frees it.
 */
uint8_t *psk_identity_parse(const char *text, size_t len, size_t *out_len, const char **why);

bool psk_is_identity(const struct psk *psk, const void *identity, size_t len);

/* Programs that read an identity as text would take the one for the other. */
bool psk_looks_alike(const struct psk *a, const struct psk *b);

void psk_wipe(struct psk *psk);

#endif
