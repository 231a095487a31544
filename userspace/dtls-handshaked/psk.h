/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of a psk-file: the format of GnuTLS's psktool(1), and comments. Identities
 * are bytes (RFC 4279 section 2), not text.
 */
#ifndef PSK_H
#define PSK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The minimum of RFC 4279 section 5.3, and the maximum of GnuTLS. */
#define PSK_MAX_IDENTITY 128

struct psk {
	uint8_t *identity;	/* followed by a NUL */
	size_t identity_len;
	bool has_nul;		/* inside the identity */
	uint8_t *key;
	size_t len;
	int line;		/* of the file */
};

enum psk_line {
	PSK_NONE,		/* a comment, or empty */
	PSK_ENTRY,		/* *out was filled */
	PSK_WRONG,		/* *why: the error */
};

/* The line has no newline, and may hold any other bytes. */
enum psk_line psk_parse(const char *line, size_t len, struct psk *out, const char **why);

/*
 * Parses an identity: text, or # and hexadecimal digits. NULL and *why after an error.
 * The caller frees it.
 */
uint8_t *psk_identity_parse(const char *text, size_t len, size_t *out_len, const char **why);

bool psk_is_identity(const struct psk *psk, const void *identity, size_t len);

/* The two are equal as C strings, but not as bytes. */
bool psk_looks_alike(const struct psk *a, const struct psk *b);

void psk_wipe(struct psk *psk);

#endif
