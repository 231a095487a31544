/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kdtls: DTLS on ordinary UDP sockets. The socket API, version 0.2.
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
 * All integers are in host byte order unless a comment says otherwise. The
 * layout is the same for 32-bit and 64-bit programs. Reserved members and
 * unknown flags must be zero (EINVAL).
 *
 * A structure grows at its end only. A larger kernel accepts the size of every
 * earlier release, from the first one on (*_SIZE_VER0):
 *
 *	- setsockopt(): missing members read as zero; a structure that is longer
 *	  than the kernel's is refused with E2BIG unless the rest is zero;
 *	- getsockopt(): as much as fits the buffer is written, and its size is
 *	  returned in optlen. An array (DTLS_DROPS) has as many elements as the
 *	  kernel knows, or as fit.
 *
 * A connected socket has one association. A bound socket that is not connected
 * may have many, each with another peer. Its first association makes it such a
 * socket for good: connect() fails with EISCONN from then on. There
 *
 *	- recvmsg() returns the peer's address in msg_name; DTLS_RECVINFO_ASSOC
 *	  adds the id of the association;
 *	- sendmsg() needs an address or the control message DTLS_ASSOC_ID
 *	  (EDESTADDRREQ) that an association has (ENOTCONN);
 *	- getsockopt() of DTLS_PEER, DTLS_PEER_CERT, DTLS_PEER_IDENTITY,
 *	  DTLS_MTU, DTLS_STATS, DTLS_DROPS and DTLS_EXPORTER reads the id of the
 *	  association (a __u64) from the first eight bytes of the buffer before
 *	  it writes the answer there. EINVAL: the buffer is shorter; ENOENT: no
 *	  such association on this socket;
 *	- an association that ends leaves the socket at once. SO_ERROR and the
 *	  other associations are not affected; DTLS_EVENTS reports it.
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
	DTLS_PEER_CERT		= 18,	/* get: certificate, DER */
	DTLS_PEER_IDENTITY	= 19,	/* get: bytes, see struct dtls_peer */
	DTLS_DROPS		= 20,	/* get: array of __u64 by enum dtls_drop */
	DTLS_TUN		= 21,	/* set: struct dtls_tun, get: dtls_tun_stats */
	DTLS_KEY_UPDATE		= 22,	/* set: struct dtls_key_update */
	DTLS_CID		= 23,	/* set, get: __u32, bytes, before keys */
	DTLS_ROAM		= 24,	/* set, get: __u32, DTLS_ROAM_* */
	DTLS_MOVE		= 25,	/* set: struct dtls_move */
};

/*
 * Control messages (level SOL_DTLS).
 *
 * Receiving: both appear only on sockets that requested them with
 * DTLS_RECVINFO. Sending: DTLS_RECORD_TYPE may name alert (21) or application
 * data (23); DTLS_ASSOC_ID names the association instead of an address, or
 * beside it.
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
#define DTLS_MAX_CID		32
#define DTLS_MAX_SN_KEY		32
#define DTLS_MAX_CONTENT	16384	/* 2^14, RFC 6347 section 4.1 */

/*
 * DTLS_CID: bytes of the Connection IDs (RFC 9146) by which a socket with many
 * associations finds them, 0 (none) or DTLS_CID_MIN to DTLS_CID_MAX. All sockets
 * that share a port with SO_REUSEPORT have the same. It is set before the first
 * association (EALREADY). A connected socket does not need it for keys of the
 * application. In handshakes of the daemon it is what the peer is asked for, if the
 * profile has connection-id = yes: the kernel chooses a random one.
 */
#define DTLS_CID_MIN		4
#define DTLS_CID_MAX		20

/* dtls_direction.flags, DTLS 1.3 */
#define DTLS_DIRECTION_SECRET	0x1	/* key is a traffic secret */
#define DTLS_DIRECTION_HANDSHAKE 0x2	/* handshake_key is one, too */

/**
 * struct dtls_direction - keys of one direction
 * @epoch: DTLS 1.2: 1 to 65535 (after a first handshake: 1). DTLS 1.3: 3 (after
 *	the handshake) to 2^48 - 1
 * @seq: sending: the next record number to use (below 2^48).
 *	Receiving: numbers below this one are refused as replays
 * @key: the write key (16 or 32 bytes, by cipher). With DTLS_DIRECTION_SECRET the
 *	traffic secret (32 bytes; 48 for AES-256-GCM): the kernel derives key, IV
 *	and sn_key from it. DTLS 1.3: the bytes behind it must be zero
 * @iv: the write IV. DTLS 1.2: 4 bytes, 12 for ChaCha20-Poly1305. DTLS 1.3: 12
 *	bytes; zero with a traffic secret
 * @message_seq: with DTLS_DIRECTION_SECRET the next message_seq of a handshake
 *	message after the handshake (RFC 9147 section 5.2): for key updates, else not
 *	used. Zero in DTLS 1.2
 * @cid_len: bytes of @cid, up to DTLS_MAX_CID; zero: no Connection ID in this
 *	direction (RFC 9146, RFC 9147 section 9). Receiving, with @peer: zero, or
 *	what DTLS_CID says
 * @pad: zero
 * @cid: Connection ID in the records of this direction. Sending: the one that the
 *	peer asked for in the handshake. Receiving: the one that this side asked
 *	for; records without it are dropped. The bytes behind it are zero
 * @sn_key: DTLS 1.3: key of the record number encryption (RFC 9147 section 4.2.3),
 *	as long as the write key, and not all zeros; zero with a traffic secret.
 *	Zero in DTLS 1.2
 * @flags: DTLS 1.3: DTLS_DIRECTION_*; zero in DTLS 1.2
 * @pad2: zero
 * @failures: DTLS 1.3, receiving: records that did not authenticate under this key so
 *	far (RFC 9147 section 4.5.3), up to the limit of the AEAD: 2^36, with AES-CCM
 *	11,863,283. Zero when sending, and in DTLS 1.2
 * @handshake_seq: with DTLS_DIRECTION_HANDSHAKE the next record number of epoch 2,
 *	below 2^48; else zero
 * @handshake_key: with DTLS_DIRECTION_HANDSHAKE, which is for the direction from the
 *	client to the server, epoch 3 and DTLS_DIRECTION_SECRET: the client's handshake
 *	traffic secret (RFC 8446 section 7.1), as long as the one in @key. The kernel
 *	of a server opens the repetitions of the client's last flight with it, to
 *	acknowledge them; that of a client seals DTLS_LAST_FLIGHT. Else zero
 * @reserved: zero
 *
 * The size is fixed: new members take the place of @reserved.
 */
struct dtls_direction {
	__u64	epoch;
	__u64	seq;
	__u8	key[DTLS_MAX_KEY];
	__u8	iv[DTLS_MAX_IV];
	__u16	message_seq;
	__u8	cid_len;
	__u8	pad;
	__u8	cid[DTLS_MAX_CID];
	__u8	sn_key[DTLS_MAX_SN_KEY];
	__u32	flags;
	__u32	pad2;
	__u64	failures;
	__u64	handshake_seq;
	__u8	handshake_key[DTLS_MAX_KEY];
	__u32	reserved[10];
};

/* dtls_keys.flags: the directions that are given; none: both */
#define DTLS_KEYS_TX		0x1
#define DTLS_KEYS_RX		0x2

/**
 * struct dtls_keys - DTLS_KEYS: keys from the application's own handshake
 * @assoc: zero: the keys make a new association. Otherwise the id of one that
 *	has one direction, which gets the other
 * @flags: DTLS_KEYS_TX, DTLS_KEYS_RX or both; zero means both. The member of a
 *	direction that is not given must be zero
 * @version: DTLS_VERSION_1_2 or DTLS_VERSION_1_3
 * @cipher: enum dtls_cipher_id
 * @role: enum dtls_role of this side in the handshake
 * @record_size_limit: RFC 8449 value the peer sent, 0 if none, else >= 64;
 *	values above DTLS_MAX_CONTENT mean DTLS_MAX_CONTENT. In DTLS 1.3 a byte of
 *	it is the content type's
 * @pad: zero
 * @peer: sockaddr_in or sockaddr_in6 of the peer, on a bound socket that is
 *	not connected; zero: the peer of the connected socket. Zero with @assoc
 * @local: local address of the association, on a socket bound to a wildcard
 *	address (its port may be zero); zero: any. Records are sent from it, and
 *	only datagrams to it belong to the association. An address of another
 *	machine is accepted where bind() would accept it (IP_FREEBIND,
 *	IP_TRANSPARENT). Zero with @assoc
 * @tx: keys that protect what this socket sends
 * @rx: keys that protect what the peer sends
 *
 * Keys cannot be read back. An association with one direction is in
 * DTLS_STATE_HANDSHAKE: on a connected socket sends wait for the other direction,
 * one of many is no destination yet (ENOTCONN); records that arrive are kept,
 * within a limit. Each direction is keyed once. In DTLS 1.3, if both have a traffic
 * secret, the kernel derives the keys of later epochs: when the peer sends a
 * KeyUpdate, for DTLS_KEY_UPDATE, and near a limit of RFC 9147 section 4.5.3, beyond
 * which these keys are not used. Otherwise handshake messages and ACKs that
 * arrive are dropped (DTLS_DROP_TYPE), so that the peer keeps its keys and sends
 * its message again.
 *
 * Errors: ENOTCONN (neither connected nor @peer), EINVAL (member out of range,
 * @peer or @local no address of one host; with @assoc: version, cipher or role
 * differ from those of the first direction; with @peer: a Connection ID to receive
 * that is not as long as DTLS_CID says), EOPNOTSUPP (version, cipher), ENOENT (the
 * kernel has no such algorithm; this socket has no such @assoc), EALREADY (a
 * handshake runs, or the direction is keyed), EPIPE (association closed).
 * With @peer: EISCONN (the socket is connected), EADDRNOTAVAIL (it is not
 * bound, or not to @local, or @local is no address of this machine),
 * EAFNOSUPPORT, EEXIST (these two addresses, or this Connection ID to receive,
 * have an association, on this socket or one that shares its port with
 * SO_REUSEPORT: DTLS_CLOSE it there first),
 * EMLINK (the address of @peer has as many associations as the module allows,
 * each with another @local), ENOSPC (DTLS_PEER_LIMIT or the module's limit for
 * a socket is reached), EUSERS (the limit of the network namespace is reached).
 */
struct dtls_keys {
	__u64	assoc;
	__u32	flags;
	__u16	version;
	__u16	cipher;
	__u16	role;
	__u16	record_size_limit;
	__u32	pad;
	struct __kernel_sockaddr_storage peer;
	struct __kernel_sockaddr_storage local;
	struct dtls_direction tx;
	struct dtls_direction rx;
};

#define DTLS_KEYS_SIZE_VER0	792

/* dtls_key_update.flags */
#define DTLS_KEY_UPDATE_REQUEST	0x1	/* request one of the peer, too */

/**
 * struct dtls_key_update - DTLS_KEY_UPDATE: new keys to send with (DTLS 1.3)
 * @assoc: its id, or 0 on a connected socket
 * @flags: DTLS_KEY_UPDATE_*
 * @pad: zero
 *
 * Sends a KeyUpdate (RFC 9147 section 8), and again after 1, 2, 4 seconds and so on,
 * until the peer acknowledges it. Until then records are sent with the old keys;
 * then the epoch is the next one, and the old keys are wiped. DTLS_EVENT_UPDATED
 * says that it has happened, or with DTLS_REASON_UNACKNOWLEDGED that the peer
 * did not acknowledge it within some five minutes: the old keys stay in use, and the
 * next call sends the same KeyUpdate again. The kernel does the same by itself near
 * the limit of records under the old keys, once. While DTLS_LAST_FLIGHT is not
 * acknowledged it waits for that, since the peer takes messages in their order.
 *
 * Errors: ENOTCONN, ENOENT (no such association), EINVAL (@flags, @pad), EOPNOTSUPP
 * (DTLS 1.2, or a direction that was not given a traffic secret), EALREADY (a
 * KeyUpdate is not acknowledged yet), EKEYEXPIRED (the last epoch, or the last
 * message_seq), EPIPE (the association has ended).
 */
struct dtls_key_update {
	__u64	assoc;
	__u32	flags;
	__u32	pad;
};

#define DTLS_KEY_UPDATE_SIZE_VER0	16

/*
 * DTLS_ROAM: an authentic record with a Connection ID, newer than all before, came from
 * another address than the peer's (RFC 9146 section 6). It is delivered in any case.
 * ASK: DTLS_EVENT_MOVED (DTLS_REASON_SEEN) if it is requested, not again for the same
 * address, and once a second at most; the
 * application may call DTLS_MOVE when it has convinced itself that the peer is there.
 * TRUST: the address is the peer's from then on, with DTLS_EVENT_MOVED: for networks in
 * which no host sends another's datagrams on from an address of its own.
 */
#define DTLS_ROAM_ASK		0
#define DTLS_ROAM_TRUST		1

/**
 * struct dtls_move - DTLS_MOVE: the peer of one of many has another address
 * @assoc: its id
 * @flags: zero
 * @pad: zero
 * @peer: sockaddr_in or sockaddr_in6: records are sent there from then on, and datagrams
 *	without a Connection ID that come from there are the association's
 *
 * DTLS_EVENT_MOVED follows (DTLS_REASON_NONE).
 *
 * Errors: EOPNOTSUPP (not a socket with many), ENOENT (no such association on this
 * socket), ENOTCONN (not established), EINVAL (@peer is no address of one host, or a
 * link-local one of another link; reserved members), EAFNOSUPPORT, EALREADY (that is its
 * address), EEXIST (another association has this address: DTLS_CLOSE it first), EMLINK
 * (as many have it as the module allows), EAGAIN (it moved some milliseconds ago: again
 * later), ENOMEM.
 */
struct dtls_move {
	__u64	assoc;
	__u32	flags;
	__u32	pad;
	struct __kernel_sockaddr_storage peer;
};

#define DTLS_MOVE_SIZE_VER0	144

#define DTLS_MAX_PROFILE	64
#define DTLS_MAX_NAME		256
#define DTLS_MAX_ALPN		256
#define DTLS_MAX_LABEL		64
#define DTLS_MAX_EXPORTER	256
#define DTLS_MAX_CONTEXT	256
#define DTLS_MAX_IDENTITY	16384
#define DTLS_MAX_CERT		16384

/* dtls_request.flags */
#define DTLS_REQUEST_CID	0x1	/* negotiate RFC 9146: EOPNOTSUPP yet */
#define DTLS_REQUEST_EXPORTER_CONTEXT	0x2	/* exporter_context counts */

/**
 * struct dtls_request - DTLS_CONNECT, DTLS_LISTEN: a handshake of dtls-handshaked
 * @assoc: zero
 * @flags: DTLS_REQUEST_*
 * @timeout_ms: milliseconds until the handshake fails (ETIMEDOUT); 0: 60,000
 * @min_version: DTLS_VERSION_*, the lowest to negotiate; 0: the profile's
 * @max_version: DTLS_VERSION_*, the highest; 0: the profile's
 * @exporter_len: bytes of exporter requested, up to DTLS_MAX_EXPORTER
 * @exporter_context_len: bytes of @exporter_context, up to DTLS_MAX_CONTEXT
 * @profile: NUL-terminated name of a profile of dtls-handshaked.conf(5);
 *	empty: "default"
 * @server_name: NUL-terminated; the name of the server, sent as SNI and checked
 *	against the certificate. Empty: the profile's
 * @alpn: NUL-terminated list, comma-separated, in order of preference; may be
 *	empty
 * @exporter_label: NUL-terminated RFC 5705 label; empty: no exporter requested
 * @exporter_context: with DTLS_REQUEST_EXPORTER_CONTEXT the context value of
 *	RFC 5705 section 4. An empty one (@exporter_context_len zero) gives
 *	other bytes than none (the flag not set; both members are zero then)
 *
 * DTLS_CONNECT is the client's side, DTLS_LISTEN the server's. The call returns
 * at once; a connected socket polls writable when it is keyed. On failure
 * SO_ERROR is EKEYREJECTED (the peer or its certificate was refused), EPROTO
 * (the peer broke the protocol or offers nothing in common), ECONNREFUSED (the
 * peer refused with an alert), ETIMEDOUT, EACCES (the profile does not exist,
 * or not for this user, role, peer or server name; the daemon's log says which)
 * or ECONNABORTED (the daemon ended).
 *
 * DTLS_LISTEN on a bound socket that is not connected serves every client: an
 * unknown client has to return a cookie first (RFC 6347 section 4.2.1), and
 * @timeout_ms counts from then. Its association exists when it is keyed; a
 * handshake that fails is reported by DTLS_EVENT_FAILED only.
 *
 * Errors: ENOTCONN (not connected; DTLS_LISTEN: and not bound), EINVAL,
 * EOPNOTSUPP (no version that the kernel has is between @min_version and
 * @max_version, or DTLS_REQUEST_CID), ESRCH (no dtls-handshaked runs, in any
 * network namespace),
 * EALREADY (keyed, listens or a handshake runs), EAGAIN (too many handshakes of
 * this user are in flight), ENOKEY (uid has no mapping).
 */
struct dtls_request {
	__u64	assoc;
	__u32	flags;
	__u32	timeout_ms;
	__u16	min_version;
	__u16	max_version;
	__u16	exporter_len;
	__u16	exporter_context_len;
	char	profile[DTLS_MAX_PROFILE];
	char	server_name[DTLS_MAX_NAME];
	char	alpn[DTLS_MAX_ALPN];
	char	exporter_label[DTLS_MAX_LABEL];
	__u8	exporter_context[DTLS_MAX_CONTEXT];
};

#define DTLS_REQUEST_SIZE_VER0	920

/*
 * States of an association, in the order of its life. The values between are
 * for later states: compare with < and >, not only for equality.
 */
enum dtls_state {
	DTLS_STATE_NONE		= 0,	/* attached, nothing requested yet */
	DTLS_STATE_HANDSHAKE	= 16,	/* not keyed in both directions yet */
	DTLS_STATE_ESTABLISHED	= 32,	/* keyed */
	DTLS_STATE_CLOSED	= 48,	/* close_notify or fatal alert, either way */
	DTLS_STATE_FAILED	= 64,	/* the handshake failed, see SO_ERROR */
};

/**
 * struct dtls_status - DTLS_STATUS: state of the association
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
 * @peer: address of the peer
 * @local: local address; of a wildcard socket it may be unspecified
 *
 * On a connected socket nothing is read from the structure. On one with many
 * associations @assoc selects one, or if that is zero @peer does (ENOENT: there
 * is none).
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

#define DTLS_STATUS_SIZE_VER0	320

/* Of dtls_peer.kind. */
enum dtls_peer_kind {
	DTLS_PEER_ANONYMOUS	= 0,	/* the peer did not authenticate */
	DTLS_PEER_CERTIFICATE	= 1,	/* the identity is its subject, RFC 4514 */
	DTLS_PEER_PSK		= 2,	/* the identity is that of the PSK */
};

/**
 * struct dtls_peer - DTLS_PEER: the peer as the daemon authenticated it
 * @assoc: id of the association
 * @suite: IANA cipher suite number
 * @version: DTLS_VERSION_*
 * @verified: 1 when the certificate chain, fingerprint or PSK was checked
 * @kind: enum dtls_peer_kind
 * @identity_len: bytes of DTLS_PEER_IDENTITY, up to DTLS_MAX_IDENTITY
 * @cert_len: bytes of DTLS_PEER_CERT, up to DTLS_MAX_CERT
 * @cert_sha256: SHA-256 of the DER certificate
 * @server_name: NUL-terminated: SNI
 * @alpn: NUL-terminated: the protocol selected
 *
 * DTLS_PEER_IDENTITY and DTLS_PEER_CERT return bytes, without a NUL at their
 * end; the identity may hold NUL bytes. What does not fit the buffer is cut.
 *
 * ENODATA when the association was keyed by the application, and for
 * DTLS_PEER_IDENTITY and DTLS_PEER_CERT when there is none.
 */
struct dtls_peer {
	__u64	assoc;
	__u16	suite;
	__u16	version;
	__u16	verified;
	__u16	kind;
	__u32	identity_len;
	__u32	cert_len;
	__u8	cert_sha256[32];
	char	server_name[DTLS_MAX_NAME];
	char	alpn[DTLS_MAX_ALPN];
};

#define DTLS_PEER_SIZE_VER0	568

#define DTLS_MAX_FLIGHT		16384	/* records with their headers */

/**
 * struct dtls_flight - DTLS_LAST_FLIGHT: plaintext of the last flight sent
 * @assoc: its id, or 0 on a connected socket
 * @next_seq: next free record number of epoch 0. Zero in DTLS 1.3
 * @count: records that follow, up to 16
 * @message_seq: zero: the keys have it
 * @flags: zero
 * @acked: DTLS 1.3: bit n: the peer acknowledged record n (RFC 9147 section 7), which
 *	is not sent. Zero in DTLS 1.2
 * @reserved: zero
 * @data: @count times struct dtls_flight_record, each followed by its bytes,
 *	with no padding between
 *
 * DTLS 1.2: the kernel seals and sends them again, with fresh numbers, when the peer
 * repeats its own flight (RFC 6347 section 4.2.4), until its first
 * application record or for 240 s. @data is at most DTLS_MAX_FLIGHT bytes.
 *
 * DTLS 1.3: a client's Certificate, CertificateVerify and Finished, as far as there
 * are any: whole fragments with the headers of RFC 9147 section 5.2, up to 64, of
 * messages before dtls_direction.message_seq. The kernel sends them at once, with
 * the numbers from dtls_direction.handshake_seq on, and what of them the peer has not
 * acknowledged again after 1, 2, 4 seconds and so on, some five minutes long, or soon
 * after an ACK of a part. The library need not have sent them; ACKs of what it has
 * sent are not recognised. A server acknowledges it for 240 s after its keys with
 * DTLS_DIRECTION_HANDSHAKE. Its own flight is NewSessionTickets (RFC 8446 section 4.6.1),
 * in its sending epoch and with its numbers; a KeyUpdate waits until they are acknowledged.
 *
 * Errors: EINVAL (a member, a record, or what is in one), EMSGSIZE, EALREADY (it was
 * set), EOPNOTSUPP (DTLS 1.3: keys without DTLS_DIRECTION_SECRET, or a client's without
 * DTLS_DIRECTION_HANDSHAKE), EPIPE (ended), ENOMEM.
 */
struct dtls_flight {
	__u64	assoc;
	__u64	next_seq;
	__u16	count;
	__u16	message_seq;
	__u32	flags;
	__u64	acked;
	__u64	reserved;
	__u8	data[];
};

#define DTLS_FLIGHT_SIZE_VER0	40

/**
 * struct dtls_flight_record - one record of a flight
 * @type: content type (20 or 22). DTLS 1.3: 22
 * @pad: zero
 * @len: bytes of plaintext that follow
 * @flags: zero
 * @epoch: 0, or the epoch of the sending direction. DTLS 1.3: 2 (a client), or that one
 */
struct dtls_flight_record {
	__u8	type;
	__u8	pad;
	__u16	len;
	__u32	flags;
	__u64	epoch;
};

/**
 * struct dtls_peeloff - DTLS_PEELOFF: give one of many a socket of its own
 * @assoc: id of an established association of this socket
 * @flags: SOCK_CLOEXEC and SOCK_NONBLOCK, as for accept4(), or zero
 * @fd: filled in: a connected UDP socket, attached and keyed, with this
 *	association, which keeps its id, keys and numbers
 *
 * Records of the association that were received and not yet read move to the
 * new socket, in order except for what another thread is opening at the moment.
 * No call that begins after this one returned reads them from this socket. If
 * the receive buffer of this socket is full of records of other associations,
 * those queued behind them move when they are read. close() of the new socket
 * ends the association; it counts for DTLS_PEER_LIMIT of this one until it ends.
 *
 * On error nothing has changed, but @fd may have been written.
 *
 * Errors: ENOENT (no such association on this socket), ENOTCONN (not
 * established), EBUSY (the peer is in a new handshake, which will replace the
 * association), EOPNOTSUPP (a connected socket, or one with SO_REUSEPORT),
 * EINVAL (flags, or a buffer shorter than DTLS_PEELOFF_SIZE_VER0), EADDRINUSE
 * (a socket other than this one and those made from it is bound to the port),
 * EMFILE, ENFILE, ENOBUFS, ENOMEM, and the errors of connect().
 */
struct dtls_peeloff {
	__u64	assoc;
	__u32	flags;
	__s32	fd;
};

#define DTLS_PEELOFF_SIZE_VER0	16

/*
 * DTLS_EVENTS: the events of its associations that the socket requests; none
 * until it is set. DTLS_EVENT_LOST needs no request (EINVAL).
 *
 * Each event is a message of the socket's error queue, for recvmsg() with
 * MSG_ERRQUEUE: struct dtls_event, the peer in msg_name, and the control message
 * IP_RECVERR (on AF_INET6 sockets IPV6_RECVERR) with ee_origin DTLS_EE_ORIGIN,
 * which distinguishes it from other messages there. SO_ERROR is not affected;
 * poll() reports POLLERR as long as the queue is not empty.
 */
#define DTLS_EVENT_ESTABLISHED	0x1	/* keyed */
#define DTLS_EVENT_REPLACED	0x2	/* ended: a new handshake of the peer */
#define DTLS_EVENT_CLOSED	0x4	/* ended otherwise, see reason */
#define DTLS_EVENT_FAILED	0x8	/* ended before it was established */
#define DTLS_EVENT_LIMIT	0x10	/* at 7/8 of a limit of its keys */
#define DTLS_EVENT_MOVED	0x20	/* the peer has another address: see reason */
#define DTLS_EVENT_UPDATED	0x40	/* new sending keys, or none: see reason */
#define DTLS_EVENT_LOST		0x80000000 /* only lost is set */

#define DTLS_EE_ORIGIN		0x44	/* linux/errqueue.h counts from 0 */

/* Reasons of events. Never renumbered. */
enum dtls_reason {
	DTLS_REASON_NONE	= 0,
	DTLS_REASON_PEER	= 1,	/* close_notify or fatal alert, see alert */
	DTLS_REASON_CLOSE	= 2,	/* DTLS_CLOSE; ss -K of the socket */
	DTLS_REASON_IDLE	= 3,	/* DTLS_IDLE_TIMEOUT */
	DTLS_REASON_ADMIN	= 4,	/* dtlsctl(8) close */
	DTLS_REASON_ERROR	= 5,	/* see error */
	DTLS_REASON_SEALED	= 6,	/* limit: records sent */
	DTLS_REASON_FORGED	= 7,	/* limit, closed: forged records received */
	DTLS_REASON_UNACKNOWLEDGED = 8,	/* updated: not yet, no ACK came */
	DTLS_REASON_SEEN	= 9,	/* moved: not yet, see struct dtls_event */
	DTLS_REASON_COUNT
};

/**
 * struct dtls_event - an event of an association
 * @kind: one DTLS_EVENT_*
 * @reason: enum dtls_reason
 * @assoc: its id
 * @other: DTLS_EVENT_REPLACED: the id of the one that took its place; else 0
 * @lost: number of events that were dropped right before this one
 * @error: positive errno that ended it, or 0
 * @alert: last alert from the peer, level << 8 | description, or 0
 * @pad: zero
 * @peer: address of the peer. DTLS_EVENT_MOVED with DTLS_REASON_SEEN: where its newest
 *	record came from
 * @local: local address; of a wildcard socket it may be unspecified
 * @old_peer: DTLS_EVENT_MOVED: address before it. With DTLS_REASON_SEEN it still is
 *	the peer's, until DTLS_MOVE; else zero
 * @old_local: DTLS_EVENT_MOVED: local address before it; else zero
 *
 * An association is established once, and then ends with one of CLOSED and
 * REPLACED; otherwise it ends with FAILED. Its events are queued in this order,
 * to the socket that has the association: after DTLS_PEELOFF the new one, which
 * inherits the mask; of several sockets that share a port the one that serves
 * the peer. close() of a socket queues no event to it.
 *
 * Events are charged to SO_RCVBUF. Those that do not fit are dropped and
 * counted; the next event has the count, or a DTLS_EVENT_LOST when there is
 * space again.
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
	struct __kernel_sockaddr_storage local;
	struct __kernel_sockaddr_storage old_peer;
	struct __kernel_sockaddr_storage old_local;
};

#define DTLS_EVENT_SIZE_VER0	552

/*
 * Why a record or datagram was dropped. Never renumbered. DTLS_DROPS returns
 * one counter for each reason that the kernel has; DTLS_DROP_COUNT is the
 * number of those that this header has.
 */
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
	DTLS_DROP_TYPE			= 10,	/* authentic, unexpected type */
	DTLS_DROP_CLOSED		= 11,	/* after close_notify */
	DTLS_DROP_NO_ASSOC		= 12,	/* unknown peer */
	DTLS_DROP_QUEUE			= 13,	/* the queue was full */
	DTLS_DROP_NOMEM			= 14,
	DTLS_DROP_CHECKSUM		= 15,	/* UDP checksum */
	DTLS_DROP_REST			= 16,	/* of a datagram: kdtls(7) */
	DTLS_DROP_COUNT
};

/**
 * struct dtls_stats - DTLS_STATS: counters of the association
 * @assoc: id of the association
 * @tx_records: application records sealed
 * @tx_bytes: bytes of application data in them
 * @rx_records: application records delivered or waiting to be read
 * @rx_bytes: bytes of application data in them
 *
 * Drops are counted by DTLS_DROPS.
 */
struct dtls_stats {
	__u64	assoc;
	__u64	tx_records;
	__u64	tx_bytes;
	__u64	rx_records;
	__u64	rx_bytes;
};

#define DTLS_STATS_SIZE_VER0	40

#define DTLS_TUN_MAX_PREFIX	16

/* dtls_tun.flags: the directions that are connected; none: both */
#define DTLS_TUN_SEND		0x1	/* from the device to the peer */
#define DTLS_TUN_RECEIVE	0x2	/* from the peer to the device */

/**
 * struct dtls_tun - DTLS_TUN: connect the association with a tun device
 * @assoc: its id, or 0
 * @fd: a queue of a tun device (/dev/net/tun after TUNSETIFF with IFF_TUN and
 *	IFF_NO_PI), not of a tap; -1: disconnect, and the other members must be zero
 * @flags: DTLS_TUN_*
 * @header_len: bytes in front of a packet that is written to the device: with
 *	IFF_VNET_HDR what TUNGETVNETHDRSZ returns, else zero
 * @prefix_len: bytes of @prefix
 * @pad: zero
 * @prefix: what the program puts in front of a packet in a record
 *
 * From then on the kernel moves packets between the two, without the program:
 * one that is routed into the device, @prefix before it, becomes a record, and
 * a record of application data that begins with @prefix is, without it, written
 * to the device. All other records are received by the program as before, and
 * it may go on sending. While packets are received only those other records
 * make the socket readable.
 *
 * A packet that does not fit a record on the path is dropped, and its sender
 * gets ICMP "fragmentation needed" or "packet too big".
 *
 * The connection holds the device's queue open, also if the program closes @fd.
 * It ends when the program disconnects or the socket is closed; when the
 * association ends or the device is deleted nothing moves any more (the error in
 * struct dtls_tun_stats), and what arrives is received by the program again.
 *
 * Errors: ENOTCONN (no established association), EOPNOTSUPP (a socket with many
 * associations: DTLS_PEELOFF first), ENOENT (@assoc is another), EBADF (@fd is
 * not open, or not for what is connected: to read, to write), EINVAL (@fd is no
 * tun device; flags, lengths, reserved members), EALREADY (it is connected:
 * disconnect first), ENOMEM. Disconnecting: ENOTCONN (it is not connected).
 */
struct dtls_tun {
	__u64	assoc;
	__s32	fd;
	__u32	flags;
	__u16	header_len;
	__u8	prefix_len;
	__u8	pad[5];
	__u8	prefix[DTLS_TUN_MAX_PREFIX];
};

#define DTLS_TUN_SIZE_VER0	40

/**
 * struct dtls_tun_stats - DTLS_TUN: what the connection has moved
 * @assoc: id of the association
 * @flags: DTLS_TUN_* of the connection
 * @error: positive errno by which it has ended: EPIPE (the association ended),
 *	ENODEV (the device was deleted), EKEYEXPIRED (its keys are used up, as for
 *	send()). Zero: it moves packets
 * @tx_packets: packets sent as records; those of a GSO packet count each
 * @tx_bytes: bytes in them, without prefixes
 * @rx_packets: packets written to the device
 * @rx_bytes: bytes in them
 * @tx_too_large: packets that did not fit; the sender got ICMP
 * @tx_dropped: packets that could not be sent for another reason
 * @rx_dropped: packets that the device did not accept: it is down, or they are
 *	not IP
 *
 * ENOTCONN: it is not connected.
 */
struct dtls_tun_stats {
	__u64	assoc;
	__u32	flags;
	__u32	error;
	__u64	tx_packets;
	__u64	tx_bytes;
	__u64	rx_packets;
	__u64	rx_bytes;
	__u64	tx_too_large;
	__u64	tx_dropped;
	__u64	rx_dropped;
};

#define DTLS_TUN_STATS_SIZE_VER0	72

#endif /* _UAPI_LINUX_KDTLS_H */
