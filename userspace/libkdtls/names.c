// SPDX-License-Identifier: LGPL-2.1-or-later
/* Every number of the socket API that people get to see, with its name. */
#include <errno.h>
#include <string.h>

#include <kdtls/kdtls.h>

struct name {
	unsigned int value;
	const char *text;
};

static const struct name states[] = {
	{ DTLS_STATE_NONE, "none" },
	{ DTLS_STATE_HANDSHAKE, "handshake" },
	{ DTLS_STATE_ESTABLISHED, "established" },
	{ DTLS_STATE_CLOSED, "closed" },
	{ DTLS_STATE_FAILED, "failed" },
	{ 0, NULL }
};

static const struct name roles[] = {
	{ DTLS_ROLE_CLIENT, "client" },
	{ DTLS_ROLE_SERVER, "server" },
	{ 0, NULL }
};

static const struct name versions[] = {
	{ DTLS_VERSION_1_0, "1.0" },
	{ DTLS_VERSION_1_2, "1.2" },
	{ DTLS_VERSION_1_3, "1.3" },
	{ 0, NULL }
};

static const struct name ciphers[] = {
	{ DTLS_CIPHER_AES_128_GCM, "AES-128-GCM" },
	{ DTLS_CIPHER_AES_256_GCM, "AES-256-GCM" },
	{ DTLS_CIPHER_CHACHA20_POLY1305, "CHACHA20-POLY1305" },
	{ DTLS_CIPHER_AES_128_CCM, "AES-128-CCM" },
	{ DTLS_CIPHER_AES_128_CCM_8, "AES-128-CCM-8" },
	{ 0, NULL }
};

static const struct name drops[] = {
	{ DTLS_DROP_NOT_DTLS, "not_dtls" },
	{ DTLS_DROP_HEADER, "header" },
	{ DTLS_DROP_LENGTH, "length" },
	{ DTLS_DROP_VERSION, "version" },
	{ DTLS_DROP_EPOCH, "epoch" },
	{ DTLS_DROP_PLAINTEXT, "plaintext" },
	{ DTLS_DROP_CID, "cid" },
	{ DTLS_DROP_REPLAY, "replay" },
	{ DTLS_DROP_TAG, "tag" },
	{ DTLS_DROP_INNER, "inner" },
	{ DTLS_DROP_TYPE, "type" },
	{ DTLS_DROP_CLOSED, "closed" },
	{ DTLS_DROP_NO_ASSOC, "no_assoc" },
	{ DTLS_DROP_QUEUE, "queue" },
	{ DTLS_DROP_NOMEM, "nomem" },
	{ DTLS_DROP_CHECKSUM, "checksum" },
	{ DTLS_DROP_REST, "rest" },
	{ 0, NULL }
};

static const struct name events[] = {
	{ DTLS_EVENT_ESTABLISHED, "established" },
	{ DTLS_EVENT_REPLACED, "replaced" },
	{ DTLS_EVENT_CLOSED, "closed" },
	{ DTLS_EVENT_FAILED, "failed" },
	{ DTLS_EVENT_LIMIT, "limit" },
	{ DTLS_EVENT_MOVED, "moved" },
	{ DTLS_EVENT_UPDATED, "updated" },
	{ DTLS_EVENT_LOST, "lost" },
	{ 0, NULL }
};

static const struct name reasons[] = {
	{ DTLS_REASON_NONE, "none" },
	{ DTLS_REASON_PEER, "peer" },
	{ DTLS_REASON_CLOSE, "close" },
	{ DTLS_REASON_IDLE, "idle" },
	{ DTLS_REASON_ADMIN, "admin" },
	{ DTLS_REASON_ERROR, "error" },
	{ DTLS_REASON_SEALED, "sealed" },
	{ DTLS_REASON_FORGED, "forged" },
	{ DTLS_REASON_UNACKNOWLEDGED, "unacknowledged" },
	{ DTLS_REASON_SEEN, "seen" },
	{ 0, NULL }
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)) - 1)

_Static_assert(COUNT(drops) == DTLS_DROP_COUNT, "a drop reason has no name");
_Static_assert(COUNT(reasons) == DTLS_REASON_COUNT, "a reason has no name");
_Static_assert(COUNT(ciphers) == DTLS_CIPHER_MAX, "a cipher has no name");

static const char *find(const struct name *n, unsigned int value)
{
	for (; n->text; n++)
		if (n->value == value)
			return n->text;
	return "unknown";
}

const char *kdtls_state_name(unsigned int state)
{
	return find(states, state);
}

const char *kdtls_role_name(unsigned int role)
{
	return find(roles, role);
}

const char *kdtls_version_name(unsigned int version)
{
	return find(versions, version);
}

const char *kdtls_cipher_name(unsigned int cipher)
{
	return find(ciphers, cipher);
}

const char *kdtls_drop_name(unsigned int drop)
{
	return find(drops, drop);
}

const char *kdtls_event_name(unsigned int kind)
{
	return find(events, kind);
}

const char *kdtls_reason_name(unsigned int reason)
{
	return find(reasons, reason);
}

const char *kdtls_strerror(int error)
{
	switch (error) {
	case EPROTONOSUPPORT:
		return "the kernel has no kdtls (modprobe kdtls)";
	case ESRCH:
		return "no dtls-handshaked runs; start one in this network namespace";
	case ETIMEDOUT:
		return "the peer did not answer, or no dtls-handshaked runs here";
	case EACCES:
		return "no such profile, or not for this user, role, peer or server name";
	case EKEYREJECTED:
		return "the peer's certificate, name or PSK was refused";
	case EPROTO:
		return "no parameters in common, or a protocol violation";
	case ECONNREFUSED:
		return "the peer refused the handshake, or its port is closed";
	case ECONNABORTED:
		return "aborted, because dtls-handshaked or its worker ended";
	case EKEYREVOKED:
		return "this virtual machine is a copy: its keys are not used any more";
	default:
		return strerror(error);
	}
}
