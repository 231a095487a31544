/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kdtls: DTLS on ordinary UDP sockets. The socket API.
 *
 * Two steps give a socket DTLS; libkdtls hides the first:
 *
 *	setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4);	(AF_INET6 sockets too)
 *	setsockopt(fd, SOL_DTLS, DTLS_KEYS | DTLS_CONNECT | DTLS_LISTEN, ...);
 *
 * From the moment the first call returns no call that begins later sends or
 * delivers a byte that is not protected by DTLS. kdtls(7) documents every
 * option with its errors.
 *
 * All integers are in host byte order unless a comment says otherwise. Every
 * structure may grow at its end: a shorter one from an older program is
 * extended with zeros, a longer one is refused with E2BIG unless the rest is
 * zero. Reserved members and unknown flags must be zero (EINVAL).
 *
 * A connected socket has one association. A bound socket that is not connected
 * may have many, each with another peer: it becomes such a socket with the
 * first one, for good (connect() is EISCONN from then on). There
 *
 *	- recvmsg() says in msg_name who sent a record; DTLS_RECVINFO_ASSOC adds
 *	  the id of the association;
 *	- sendmsg() needs an address or the control message DTLS_ASSOC_ID
 *	  (EDESTADDRREQ), with an association there (ENOTCONN);
 *	- getsockopt() of DTLS_PEER, DTLS_MTU, DTLS_STATS and DTLS_EXPORTER
 *	  reads, whatever it fills in afterwards, the id of the association (a
 *	  __u64) from the first eight bytes of the buffer: EINVAL: the buffer is
 *	  shorter; ENOENT: no such association on this socket;
 *	- an association that ends, for whatever reason, leaves the socket at
 *	  once, and neither SO_ERROR nor another peer has to do with it; who
 *	  asked with DTLS_EVENTS is told.
 */
#ifndef _UAPI_LINUX_KDTLS_H
#define _UAPI_LINUX_KDTLS_H

#include <linux/socket.h>
#include <linux/types.h>

/* setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4): attach. Never undone. */
#define DTLS_ULP		0x4454

/* Level of all other options, and of the control messages. */
#define SOL_DTLS		0x4454

enum {
	DTLS_KEYS		= 1,	/* set: struct dtls_keys */
	DTLS_CONNECT		= 2,	/* set: struct dtls_request */
	DTLS_LISTEN		= 3,	/* set: struct dtls_request */
	DTLS_STATUS		= 4,	/* get: struct dtls_status */
	DTLS_PEER		= 5,	/* get: struct dtls_peer */
	DTLS_MTU		= 6,	/* get: __u32, bytes of application data */
	DTLS_STATS		= 7,	/* get: struct dtls_stats */
	DTLS_EXPORTER		= 8,	/* get: the bytes asked for in dtls_request */
	DTLS_LAST_FLIGHT	= 9,	/* set: struct dtls_flight + records */
	DTLS_RECVINFO		= 10,	/* set, get: __u32 of DTLS_RECVINFO_* */
	DTLS_REPLAY_WINDOW	= 11,	/* set, get: __u32, bits, before keys */
	DTLS_INJECT		= 12,	/* set: a datagram read before the attach */
	DTLS_PEER_LIMIT		= 13,	/* set, get: __u32, associations at once */
	DTLS_CLOSE		= 14,	/* set: __u64, id: end one of many */
	DTLS_PEELOFF		= 15,	/* get: struct dtls_peeloff */
	DTLS_IDLE_TIMEOUT	= 16,	/* set, get: __u32, seconds; 0: never */
	DTLS_EVENTS		= 17,	/* set, get: __u32 of DTLS_EVENT_* */
};

/*
 * Control messages (level SOL_DTLS).
 *
 * Receiving: both appear only on sockets that asked with DTLS_RECVINFO.
 * Sending: DTLS_RECORD_TYPE may name alert (21) or application data (23);
 * DTLS_ASSOC_ID names the association instead of an address, or beside it.
 */
enum {
	DTLS_RECORD_TYPE	= 1,	/* __u8, a content type below */
	DTLS_ASSOC_ID		= 2,	/* __u64 */
};

#define DTLS_RECVINFO_TYPE	0x1	/* deliver alerts too, with their type */
#define DTLS_RECVINFO_ASSOC	0x2	/* say which association sent it */
#define DTLS_RECVINFO_EMPTY	0x4	/* deliver empty records (recv() = 0) */

/* Content types: RFC 6347, RFC 9147, RFC 9146. */
enum {
	DTLS_TYPE_CHANGE_CIPHER_SPEC	= 20,
	DTLS_TYPE_ALERT			= 21,
	DTLS_TYPE_HANDSHAKE		= 22,
	DTLS_TYPE_APPLICATION_DATA	= 23,
	DTLS_TYPE_HEARTBEAT		= 24,
	DTLS_TYPE_CID			= 25,
	DTLS_TYPE_ACK			= 26,
};

/* Protocol versions, as on the wire but in host byte order. */
#define DTLS_VERSION_1_0	0xfeff
#define DTLS_VERSION_1_2	0xfefd
#define DTLS_VERSION_1_3	0xfefc

/* AEAD algorithms. Never renumbered. */
enum dtls_cipher_id {
	DTLS_CIPHER_AES_128_GCM		= 1,	/* RFC 5288 */
	DTLS_CIPHER_AES_256_GCM		= 2,	/* RFC 5288 */
	DTLS_CIPHER_CHACHA20_POLY1305	= 3,	/* RFC 7905 */
	DTLS_CIPHER_AES_128_CCM		= 4,	/* RFC 6655 */
	DTLS_CIPHER_AES_128_CCM_8	= 5,	/* RFC 6655; not in DTLS 1.3 */
	DTLS_CIPHER_MAX			= 5,
};

enum dtls_role {
	DTLS_ROLE_CLIENT	= 1,
	DTLS_ROLE_SERVER	= 2,
};

#define DTLS_MAX_KEY		48	/* a SHA-384 traffic secret */
#define DTLS_MAX_IV		12
#define DTLS_MAX_CONTENT	16384	/* 2^14, RFC 6347 section 4.1 */

/**
 * struct dtls_direction - keys of one direction
 * @key: DTLS 1.2: the write key (16 or 32 bytes, by cipher)
 * @iv: DTLS 1.2: the write IV (4 bytes; 12 for ChaCha20-Poly1305)
 * @pad: zero
 * @seq: sending: the next record number to use (below 2^48).
 *	Receiving: numbers below this one are refused as replays
 */
struct dtls_direction {
	__u8	key[DTLS_MAX_KEY];
	__u8	iv[DTLS_MAX_IV];
	__u8	pad[4];
	__u64	seq;
};

/**
 * struct dtls_keys - DTLS_KEYS: keys from the application's own handshake
 * @assoc: zero: keys make a new association
 * @flags: zero
 * @version: DTLS_VERSION_1_2
 * @cipher: enum dtls_cipher_id
 * @role: enum dtls_role, who this side was in the handshake
 * @epoch: 1 to 65535, both directions (after a first handshake: 1)
 * @record_size_limit: RFC 8449 value the peer sent, 0 if none, else >= 64;
 *	above DTLS_MAX_CONTENT it means that
 * @pad: zero
 * @tx: keys that protect what this socket sends
 * @rx: keys that protect what the peer sends
 * @peer: sockaddr_in or sockaddr_in6 of the peer, on a bound socket that is
 *	not connected; zero: the peer of the connected socket
 * @local: address of this machine that the peer talks to, on a socket bound to
 *	none (its port may be zero); zero: whichever. Records are sent from it,
 *	and only what came to it is the association's. Another machine's only
 *	where bind() would have it (IP_FREEBIND, IP_TRANSPARENT)
 *
 * Keys cannot be read back, and an epoch can be installed once only.
 *
 * Errors: ENOTCONN (neither connected nor @peer), EINVAL (member out of range,
 * @peer or @local no address of one host), EOPNOTSUPP (version or cipher),
 * ENOENT (the kernel has no such algorithm), EALREADY (a handshake runs or the
 * epoch was installed before), EPIPE (association closed).
 * With @peer: EISCONN (the socket is connected), EADDRNOTAVAIL (it is not
 * bound, or not to @local, or that is not this machine's), EAFNOSUPPORT, EEXIST
 * (these two addresses have an association, on this socket or one that shares
 * its port with SO_REUSEPORT: DTLS_CLOSE it there first), EMLINK (the address of
 * @peer has as many as the module allows, each with another @local), ENOSPC (the
 * socket has as many as DTLS_PEER_LIMIT or the module allows), EUSERS (the
 * network namespace has).
 */
struct dtls_keys {
	__u64	assoc;
	__u32	flags;
	__u16	version;
	__u16	cipher;
	__u16	role;
	__u16	epoch;
	__u16	record_size_limit;
	__u16	pad;
	struct dtls_direction tx;
	struct dtls_direction rx;
	struct __kernel_sockaddr_storage peer;
	struct __kernel_sockaddr_storage local;
};

#define DTLS_MAX_PROFILE	64
#define DTLS_MAX_NAME		256
#define DTLS_MAX_ALPN		256
#define DTLS_MAX_LABEL		64
#define DTLS_MAX_EXPORTER	256

/**
 * struct dtls_request - DTLS_CONNECT, DTLS_LISTEN: let dtls-handshaked do it
 * @assoc: zero
 * @flags: zero
 * @timeout_ms: milliseconds until the handshake fails (ETIMEDOUT); 0: 60,000
 * @profile: NUL-terminated name of a profile of dtls-handshaked.conf(5);
 *	empty: "default"
 * @server_name: NUL-terminated; the client's idea of the server's name, sent
 *	as SNI and checked against the certificate. Empty: the profile's
 * @alpn: NUL-terminated list, comma-separated, most wanted first; may be empty
 * @exporter_label: NUL-terminated RFC 5705 label; empty: no exporter wanted
 * @exporter_len: bytes of exporter wanted, up to DTLS_MAX_EXPORTER
 * @pad: zero
 *
 * DTLS_CONNECT takes the client's part, DTLS_LISTEN the server's. The call
 * returns at once; a connected socket polls writable when keyed. On failure
 * SO_ERROR says why: EKEYREJECTED (the peer or its
 * certificate was refused), EPROTO (the peer broke the protocol or offers
 * nothing in common), ECONNREFUSED (the peer refused with an alert),
 * ETIMEDOUT, EACCES (this user may not use the profile, or not for this
 * peer), ECONNABORTED (the daemon ended).
 *
 * DTLS_LISTEN on a bound socket that is not connected serves whoever comes: an
 * unknown client has to show a cookie first, then @timeout_ms is his. His
 * association is there when he is keyed; if his handshake fails nobody is told
 * but who asked for DTLS_EVENT_FAILED.
 *
 * Errors: ENOTCONN (not connected; DTLS_LISTEN: and not bound), EINVAL, ESRCH
 * (no dtls-handshaked runs, in any network namespace), EALREADY (keyed, listens
 * or a handshake runs), EAGAIN (too many handshakes of this user are in
 * flight), ENOKEY (uid has no mapping).
 */
struct dtls_request {
	__u64	assoc;
	__u32	flags;
	__u32	timeout_ms;
	char	profile[DTLS_MAX_PROFILE];
	char	server_name[DTLS_MAX_NAME];
	char	alpn[DTLS_MAX_ALPN];
	char	exporter_label[DTLS_MAX_LABEL];
	__u16	exporter_len;
	__u8	pad[6];
};

/* States of an association; the order is that of its life. */
enum dtls_state {
	DTLS_STATE_NONE		= 0,	/* attached, nothing asked yet */
	DTLS_STATE_HANDSHAKE	= 1,	/* the daemon is at work */
	DTLS_STATE_ESTABLISHED	= 2,	/* keyed */
	DTLS_STATE_CLOSED	= 3,	/* close_notify or fatal alert, either way */
	DTLS_STATE_FAILED	= 4,	/* the handshake failed; SO_ERROR said why */
};

/**
 * struct dtls_status - DTLS_STATUS: what the association is doing
 * @assoc: id, never used again after the association ended; 0 if there is none
 * @state: enum dtls_state
 * @error: positive errno that ended the handshake, or 0
 * @version: DTLS_VERSION_*, 0 before keys
 * @cipher: enum dtls_cipher_id, 0 before keys
 * @role: enum dtls_role
 * @alert: last alert from the peer, level << 8 | description, or 0
 * @tx_epoch: epoch in use for sending
 * @rx_epoch: newest epoch accepted
 * @tx_seq: next record number in @tx_epoch
 * @rx_seq: highest number opened in @rx_epoch, plus one
 * @mtu: as DTLS_MTU
 * @pad: zero
 * @peer: address of the other end
 * @local: address of this end; of a wildcard socket it may be none
 *
 * On a connected socket nothing is read from the structure. On one with many
 * peers @assoc names the association, or if that is zero @peer does (ENOENT:
 * there is none).
 */
struct dtls_status {
	__u64	assoc;
	__u32	state;
	__u32	error;
	__u16	version;
	__u16	cipher;
	__u16	role;
	__u16	alert;
	__u64	tx_epoch;
	__u64	rx_epoch;
	__u64	tx_seq;
	__u64	rx_seq;
	__u32	mtu;
	__u32	pad;
	struct __kernel_sockaddr_storage peer;
	struct __kernel_sockaddr_storage local;
};

/**
 * struct dtls_peer - DTLS_PEER: who the daemon found at the other end
 * @suite: IANA cipher suite number
 * @version: DTLS_VERSION_*
 * @verified: 1 when the certificate chain, fingerprint or PSK was checked
 * @cert_len: whole size of the peer's certificate, 0 if there is none
 * @identity_len: bytes of @identity; a PSK identity may hold NUL bytes. 0 from
 *	older kernels, which have no such identity
 * @pad: zero
 * @cert_sha256: SHA-256 of the DER certificate
 * @identity: certificate subject (RFC 4514) or PSK identity, and a NUL
 * @server_name: NUL-terminated: SNI
 * @alpn: NUL-terminated: protocol chosen
 * @cert: DER, as much of @cert_len bytes as the caller's buffer holds
 *
 * ENODATA when the association was keyed by the application.
 */
struct dtls_peer {
	__u16	suite;
	__u16	version;
	__u16	verified;
	__u16	cert_len;
	__u16	identity_len;
	__u8	pad[6];
	__u8	cert_sha256[32];
	char	identity[DTLS_MAX_NAME];
	char	server_name[DTLS_MAX_NAME];
	char	alpn[DTLS_MAX_NAME];
	__u8	cert[];
};

/**
 * struct dtls_flight - DTLS_LAST_FLIGHT: plaintext of the last flight sent
 * @assoc: its id, or 0 on a connected socket
 * @next_seq: next free record number of epoch 0
 * @count: records that follow, up to 16
 * @pad: zero
 * @data: @count times struct dtls_flight_record, each followed by its bytes,
 *	with no padding between
 *
 * The kernel seals and sends them again, with fresh numbers, when the peer
 * repeats its own flight (RFC 6347 section 4.2.4), until its first
 * application record or for 240 s. At most 16384 bytes in all.
 */
struct dtls_flight {
	__u64	assoc;
	__u64	next_seq;
	__u16	count;
	__u16	pad[3];
	__u8	data[];
};

/**
 * struct dtls_flight_record - one record of a flight
 * @type: content type (20 or 22)
 * @epoch: 0, or the epoch installed by DTLS_KEYS
 * @len: bytes of plaintext that follow
 */
struct dtls_flight_record {
	__u8	type;
	__u8	epoch;
	__u16	len;
};

/**
 * struct dtls_peeloff - DTLS_PEELOFF: one of many gets a socket of its own
 * @assoc: id of an established association of this socket
 * @flags: SOCK_CLOEXEC and SOCK_NONBLOCK, as accept4() has them, or zero
 * @fd: filled in: a connected UDP socket, attached and keyed, with this
 *	association, which keeps its id, keys and numbers
 *
 * What was received for the association and not yet read goes to the new
 * socket, in order but for what another thread is opening just then. Nothing of
 * it is read from this one by a call that begins after this returned. If this
 * one has no room left for what others sent before, what stands behind that
 * follows when it is read. close() of the new socket ends the association; it
 * counts for DTLS_PEER_LIMIT of this one until it ends.
 *
 * On error nothing has changed, but @fd may have been written.
 *
 * Errors: ENOENT (no such association on this socket), ENOTCONN (not
 * established), EBUSY (the peer has come back and is in a new handshake, which
 * will end it), EOPNOTSUPP (a socket without peers, or with SO_REUSEPORT),
 * EINVAL (flags, or a buffer shorter than the structure), EADDRINUSE (another
 * socket than this one or those made from it is bound to the port), EMFILE,
 * ENFILE, ENOBUFS, ENOMEM, and the errors of connect().
 */
struct dtls_peeloff {
	__u64	assoc;
	__u32	flags;
	__s32	fd;
};

/*
 * DTLS_EVENTS: what the socket wants to know about its associations; none until
 * it is set. DTLS_EVENT_LOST comes unasked (EINVAL).
 *
 * Each happening is a message of the socket's error queue, for recvmsg() with
 * MSG_ERRQUEUE: struct dtls_event, the peer in msg_name, and the control message
 * IP_RECVERR (on AF_INET6 sockets IPV6_RECVERR) with ee_origin DTLS_EE_ORIGIN,
 * which tells it from what else stands there. SO_ERROR has nothing to do with
 * it; poll() says POLLERR as long as the queue is not empty.
 */
#define DTLS_EVENT_ESTABLISHED	0x1	/* keyed */
#define DTLS_EVENT_REPLACED	0x2	/* ended: the peer came back as another */
#define DTLS_EVENT_CLOSED	0x4	/* ended otherwise, see reason */
#define DTLS_EVENT_FAILED	0x8	/* ended before it was established */
#define DTLS_EVENT_LIMIT	0x10	/* at 7/8 of what its keys may be used for */
#define DTLS_EVENT_LOST		0x80000000 /* nothing but lost is set */

#define DTLS_EE_ORIGIN		0x44	/* linux/errqueue.h counts from 0 */

/* Of an event; each kind has its own. Never renumbered. */
enum dtls_reason {
	DTLS_REASON_NONE	= 0,
	DTLS_REASON_PEER	= 1,	/* close_notify or fatal alert, see alert */
	DTLS_REASON_CLOSE	= 2,	/* DTLS_CLOSE; ss -K of the socket */
	DTLS_REASON_IDLE	= 3,	/* DTLS_IDLE_TIMEOUT */
	DTLS_REASON_ADMIN	= 4,	/* dtlsctl(8) delete */
	DTLS_REASON_ERROR	= 5,	/* see error */
	DTLS_REASON_SEALED	= 6,	/* limit: records sent */
	DTLS_REASON_FORGED	= 7,	/* limit: forged records received */
	DTLS_REASON_COUNT
};

/**
 * struct dtls_event - what happened to an association
 * @kind: one DTLS_EVENT_*
 * @reason: enum dtls_reason
 * @assoc: its id
 * @other: DTLS_EVENT_REPLACED: the id of the one that took its place; else 0
 * @lost: how many events found no room right before this one
 * @error: positive errno that ended it, or 0
 * @alert: last alert from the peer, level << 8 | description, or 0
 * @pad: zero
 * @peer: address of the other end
 *
 * An association is established once, and then ends with one of CLOSED and
 * REPLACED; else with FAILED. Its events come in the order of its life. They are
 * of the socket that it is of: after DTLS_PEELOFF the new one, which has the
 * mask of the other; of several that share a port the worker's. A socket that
 * closes is told nothing.
 *
 * Events take room of SO_RCVBUF. What finds none is lost and counted: the next
 * event says so, or one of its own (DTLS_EVENT_LOST) when there is room.
 */
struct dtls_event {
	__u32	kind;
	__u32	reason;
	__u64	assoc;
	__u64	other;
	__u32	lost;
	__u32	error;
	__u16	alert;
	__u16	pad[3];
	struct __kernel_sockaddr_storage peer;
};

/* Why a record or datagram was dropped. Never renumbered. */
enum dtls_drop {
	DTLS_DROP_NOT_DTLS		= 0,	/* first byte, RFC 7983 */
	DTLS_DROP_HEADER		= 1,	/* too short for its header */
	DTLS_DROP_LENGTH		= 2,	/* longer than datagram or limit */
	DTLS_DROP_VERSION		= 3,
	DTLS_DROP_EPOCH			= 4,	/* no keys for it */
	DTLS_DROP_PLAINTEXT		= 5,	/* epoch 0 on a keyed association */
	DTLS_DROP_CID			= 6,
	DTLS_DROP_REPLAY		= 7,	/* seen, or left of the window */
	DTLS_DROP_TAG			= 8,	/* did not authenticate */
	DTLS_DROP_INNER			= 9,	/* no content type inside */
	DTLS_DROP_TYPE			= 10,	/* authentic, but not for us */
	DTLS_DROP_CLOSED		= 11,	/* after close_notify */
	DTLS_DROP_NO_ASSOC		= 12,	/* unknown peer */
	DTLS_DROP_QUEUE			= 13,	/* no room for it */
	DTLS_DROP_NOMEM			= 14,
	DTLS_DROP_CHECKSUM		= 15,	/* UDP checksum */
	DTLS_DROP_REST			= 16,	/* of a datagram: kdtls(7) */
	DTLS_DROP_COUNT
};

/**
 * struct dtls_stats - DTLS_STATS: counters of the association
 * @tx_records: application records sealed
 * @tx_bytes: bytes of application data in them
 * @rx_records: application records delivered or waiting to be read
 * @rx_bytes: bytes of application data in them
 * @drops: by enum dtls_drop
 */
struct dtls_stats {
	__u64	tx_records;
	__u64	tx_bytes;
	__u64	rx_records;
	__u64	rx_bytes;
	__u64	drops[DTLS_DROP_COUNT];
};

#endif /* _UAPI_LINUX_KDTLS_H */
