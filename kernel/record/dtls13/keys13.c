// SPDX-License-Identifier: GPL-2.0
/* Input of the DTLS 1.3 key schedule. */
#include "../wire.h"
#include "dtls13.h"

/* RFC 8446 section 7.1; RFC 9147 section 5.9: "dtls13", without a space */
static const char prefix[] = { 'd', 't', 'l', 's', '1', '3' };

size_t dtls13_hkdf_label(const char *label, u16 len, u8 info[DTLS13_MAX_INFO])
{
	size_t n = strlen(label);

	if (n > DTLS13_MAX_LABEL)
		return 0;
	dtls_put16(info, len);
	info[2] = sizeof(prefix) + n;
	memcpy(info + 3, prefix, sizeof(prefix));
	memcpy(info + 3 + sizeof(prefix), label, n);
	info[3 + sizeof(prefix) + n] = 0;	/* no context */
	return 4 + sizeof(prefix) + n;
}
