/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libkdtls: DTLS on an ordinary UDP socket, done by the kernel (kdtls(7)).
 *
 * A UDP socket in, the same socket out: after kdtls_connect(), kdtls_listen()
 * or kdtls_set_keys() all that is sent on it is protected and all that is
 * received from it is authentic. libkdtls(3) has an example.
 *
 * Unless a function says otherwise it returns 0, or -1 with errno set; it
 * takes no ownership of what its arguments point to, keeps no state of its
 * own, and may be called from any thread. The errors of the kernel's options
 * are listed with the structures in <linux/kdtls.h> and in kdtls(7).
 */
#ifndef KDTLS_KDTLS_H
#define KDTLS_KDTLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/kdtls.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * kdtls_enable - attach kdtls to a UDP socket
 * @fd: AF_INET or AF_INET6 datagram socket
 *
 * Loads the module when it is not loaded yet, which needs no privilege. From
 * here on no call that begins later sends or delivers an unprotected byte,
 * and it cannot be undone. Enabling twice is no error. The other functions
 * that set something up call it themselves.
 *
 * Errors: EPROTONOSUPPORT (this kernel has no kdtls: modprobe kdtls says
 * why), EOPNOTSUPP or EINVAL (not a socket kdtls can attach to), EBUSY
 * (another user of the socket, such as sockmap or an encapsulation).
 */
int kdtls_enable(int fd);

/**
 * struct kdtls_options - the handshake of kdtls_connect() and kdtls_listen()
 * @profile: profile of dtls-handshaked.conf(5); NULL: "default"
 * @server_name: name of the server to send and to check; NULL: the profile's
 * @alpn: application protocols, comma-separated, in order of preference; or
 *	NULL
 * @exporter_label: label of RFC 5705 for kdtls_exporter(); or NULL
 * @exporter_len: bytes of it, up to DTLS_MAX_EXPORTER
 * @timeout_ms: of the handshake; 0: 60 seconds
 * @exporter_context: context value of RFC 5705 section 4; NULL: none, which
 *	gives other bytes than an empty one
 * @exporter_context_len: bytes of it, up to DTLS_MAX_CONTEXT
 * @min_version: DTLS_VERSION_*, the lowest to negotiate; 0: the profile's
 * @max_version: DTLS_VERSION_*, the highest; 0: the profile's
 * @reserved: zero
 *
 * Zero the whole structure first: members may take the place of @reserved.
 */
struct kdtls_options {
	const char *profile;
	const char *server_name;
	const char *alpn;
	const char *exporter_label;
	unsigned int exporter_len;
	unsigned int timeout_ms;
	const void *exporter_context;
	unsigned int exporter_context_len;
	__u16 min_version;
	__u16 max_version;
	void *reserved[6];
};

/**
 * kdtls_connect - let dtls-handshaked negotiate, as a client
 * @fd: connected UDP socket
 * @options: or NULL for all defaults
 *
 * Returns at once. The socket polls writable when it is keyed; kdtls_wait()
 * waits for that.
 *
 * Errors: those of kdtls_enable() and of struct dtls_request, of which ESRCH
 * (no dtls-handshaked runs here) is the common one; ENAMETOOLONG (a string
 * does not fit), EINVAL (reserved members).
 */
int kdtls_connect(int fd, const struct kdtls_options *options);

/**
 * kdtls_listen - as kdtls_connect(), as the server of the connected peer
 * @fd: connected; or bound, and then every client that comes is served: there
 *	is nothing to wait for, recvfrom() returns the address of the client
 */
int kdtls_listen(int fd, const struct kdtls_options *options);

/**
 * kdtls_wait - wait until the handshake is over
 * @timeout_ms: -1: as long as it takes
 *
 * Errors: EAGAIN (not over yet), ENOTCONN (no handshake was asked for), EPIPE
 * (over, and closed since), or why the handshake failed: EKEYREJECTED,
 * EPROTO, ECONNREFUSED, ETIMEDOUT, EACCES, ECONNABORTED.
 */
int kdtls_wait(int fd, int timeout_ms);

/**
 * kdtls_set_keys - install the keys of the application's own handshake
 * @fd: connected; or bound, and then keys->peer is the address of the peer
 */
int kdtls_set_keys(int fd, const struct dtls_keys *keys);

/**
 * kdtls_set_last_flight - what to repeat when the peer repeats its flight
 * @size: of @flight with the records that follow it, in bytes
 */
int kdtls_set_last_flight(int fd, const struct dtls_flight *flight,
			  size_t size);

/**
 * kdtls_inject - hand a datagram back that was read before the attach
 *
 * The kernel treats it as if it had come from the connected peer now: it must
 * authenticate, and is delivered once.
 */
int kdtls_inject(int fd, const void *datagram, size_t size);

/**
 * kdtls_key_update - new keys to send with (DTLS 1.3, keyed by the application)
 * @flags: DTLS_KEY_UPDATE_REQUEST: request new keys of the peer, too; or 0
 *
 * Returns at once: they are in use when the peer has acknowledged it, which
 * DTLS_EVENT_UPDATED says. Near the limits of its keys the kernel does it by itself.
 *
 * Errors: those of struct dtls_key_update, of which EALREADY (one is on its way) is the
 * common one.
 */
int kdtls_key_update(int fd, unsigned int flags);

/** kdtls_status - state, version, cipher, epochs and numbers */
int kdtls_status(int fd, struct dtls_status *status);

/**
 * kdtls_peer - the peer as the daemon authenticated it
 *
 * Errors: ENODATA (keyed by the application).
 */
int kdtls_peer(int fd, struct dtls_peer *peer);

/**
 * kdtls_peer_identity - subject of the certificate (RFC 4514), or PSK identity
 * @identity: @size bytes; DTLS_MAX_IDENTITY suffices for any
 *
 * Returns the length, at most @size: struct dtls_peer has the length of the
 * whole. No NUL is added; the identity may hold NUL bytes, kdtls_identity_text()
 * makes a string of it. Errors: ENODATA (there is none).
 */
ssize_t kdtls_peer_identity(int fd, void *identity, size_t size);

/**
 * kdtls_peer_certificate - the peer's certificate, DER
 * @der: @size bytes; DTLS_MAX_CERT suffices for any
 *
 * Returns the length, at most @size. Errors: ENODATA (there is none).
 */
ssize_t kdtls_peer_certificate(int fd, void *der, size_t size);

/**
 * kdtls_identity_text - an identity as text, in the format of psk-file
 * @identity: @len bytes, such as those of kdtls_peer_identity()
 * @text: gets the identity itself when it is UTF-8 without control characters
 *	that does not begin with #, else # and hexadecimal
 * @size: of @text; 2 * @len + 2 suffices
 *
 * Returns the length of the text. When that is @size or more it did not fit,
 * and @text is empty.
 */
int kdtls_identity_text(const void *identity, size_t len, char *text, size_t size);

/** kdtls_mtu - bytes of application data that fit one datagram, or -1 */
int kdtls_mtu(int fd);

/** kdtls_stats - counters of the association */
int kdtls_stats(int fd, struct dtls_stats *stats);

/**
 * kdtls_drops - what was dropped of the association
 * @drops: @count counters, by enum dtls_drop; DTLS_DROP_COUNT are those of this
 *	header. Those that the kernel does not have are zero
 */
int kdtls_drops(int fd, __u64 *drops, unsigned int count);

/** kdtls_exporter - keying material (RFC 5705) asked for in the request.
 * Returns its length. ENODATA: none was asked for.
 */
ssize_t kdtls_exporter(int fd, void *material, size_t size);

/** kdtls_recvinfo - set what kdtls_recv_record() sees: DTLS_RECVINFO_* */
int kdtls_recvinfo(int fd, unsigned int flags);

/** kdtls_replay_window - bits of the replay window, before keys */
int kdtls_replay_window(int fd, unsigned int bits);

/*
 * A bound socket that is not connected may have many associations, each with
 * another peer: kdtls_set_keys() adds them. recvfrom() returns the address of
 * the sender of a record, sendto() takes that of its receiver. These functions
 * name an association by its id, which kdtls_recv_record() returns too; ENOENT:
 * this socket has no such association (any more).
 */

/**
 * kdtls_assoc_find - the id of the association with a peer
 * @address: struct sockaddr_in or sockaddr_in6 of the peer, as of recvfrom()
 *
 * Returns 0 with errno set if there is none (ENOENT).
 */
__u64 kdtls_assoc_find(int fd, const void *address, size_t size);

/* As the functions without "assoc" above, of one of many. */
int kdtls_assoc_status(int fd, __u64 assoc, struct dtls_status *status);
int kdtls_assoc_stats(int fd, __u64 assoc, struct dtls_stats *stats);
int kdtls_assoc_mtu(int fd, __u64 assoc);
int kdtls_assoc_drops(int fd, __u64 assoc, __u64 *drops, unsigned int count);
int kdtls_assoc_peer(int fd, __u64 assoc, struct dtls_peer *peer);
/* @size: at least 8 */
ssize_t kdtls_assoc_peer_identity(int fd, __u64 assoc, void *identity,
				  size_t size);
ssize_t kdtls_assoc_peer_certificate(int fd, __u64 assoc, void *der,
				     size_t size);
ssize_t kdtls_assoc_exporter(int fd, __u64 assoc, void *material, size_t size);

/** kdtls_assoc_key_update - as kdtls_key_update(), of one of many */
int kdtls_assoc_key_update(int fd, __u64 assoc, unsigned int flags);

/** kdtls_assoc_close - end one of many, with a close_notify */
int kdtls_assoc_close(int fd, __u64 assoc);

/**
 * kdtls_peeloff - a connected socket for one of many
 * @flags: SOCK_CLOEXEC and SOCK_NONBLOCK, or 0
 *
 * Returns a file descriptor, or -1 with errno set: see struct dtls_peeloff. What
 * waits to be read of the association goes to the new socket.
 */
int kdtls_peeloff(int fd, __u64 assoc, int flags);

/** kdtls_assoc_limit - how many the socket may have at once (ENOSPC) */
int kdtls_assoc_limit(int fd, unsigned int most);
/**
 * kdtls_assoc_idle - seconds after which a peer that is silent is ended
 *
 * 0: never; at most 1,000,000 (EINVAL). EOPNOTSUPP: the socket is connected.
 */
int kdtls_assoc_idle(int fd, unsigned int seconds);

/**
 * kdtls_assoc_cid - find peers by Connection ID (RFC 9146)
 * @len: bytes of the Connection IDs that they send, DTLS_CID_MIN to DTLS_CID_MAX; 0: none
 *
 * Before the first association (EALREADY).
 */
int kdtls_assoc_cid(int fd, unsigned int len);

/** kdtls_assoc_roam - what a record of a peer from elsewhere does: DTLS_ROAM_* */
int kdtls_assoc_roam(int fd, unsigned int policy);

/**
 * kdtls_assoc_move - a peer has another address
 * @address: struct sockaddr_in or sockaddr_in6, of @size bytes
 *
 * Errors: those of struct dtls_move, of which EAGAIN (again in some milliseconds) and
 * EEXIST (another peer is there) are the common ones.
 */
int kdtls_assoc_move(int fd, __u64 assoc, const void *address, size_t size);

/**
 * kdtls_send_alert - send an alert
 * @level: 1 (warning) or 2 (fatal)
 * @description: AlertDescription of RFC 5246 section 7.2
 */
int kdtls_send_alert(int fd, unsigned int level,
		     unsigned int description);

/** kdtls_close_notify - send close_notify: nothing more will be sent */
int kdtls_close_notify(int fd);

/**
 * struct kdtls_record - a record that kdtls_recv_record() received
 * @assoc: association, when DTLS_RECVINFO_ASSOC was set, else 0
 * @type: content type, DTLS_TYPE_*; 0: end of the session
 * @flags: of recvmsg(2); MSG_TRUNC: the record was longer
 */
struct kdtls_record {
	__u64 assoc;
	__u8 type;
	__u8 pad[3];
	int flags;
};

/**
 * kdtls_recv_record - receive a record and its type
 * @flags: of recvmsg(2)
 *
 * Types other than application data come only after
 * kdtls_recvinfo(fd, DTLS_RECVINFO_TYPE).
 *
 * Returns the length of the record; errors are those of recvmsg(2). At the
 * end of the session it returns 0 with @record->type 0.
 */
ssize_t kdtls_recv_record(int fd, void *buf, size_t size, int flags,
			  struct kdtls_record *record);

/**
 * kdtls_tun_connect - let the kernel move packets between a socket and a tun
 * @fd: connected, with an established association
 * @device: /dev/net/tun after TUNSETIFF, with IFF_NO_PI
 * @prefix: @prefix_len bytes, up to DTLS_TUN_MAX_PREFIX, in front of a packet in
 *	a record (AnyConnect: one zero byte)
 * @flags: DTLS_TUN_SEND, DTLS_TUN_RECEIVE; 0: both
 *
 * Records that do not begin with @prefix are received by the program, which may
 * send, as before. The device's header (IFF_VNET_HDR) is asked for: set its size
 * first. The connection keeps the device's queue open; it ends with
 * kdtls_tun_disconnect() or close(@fd).
 *
 * Errors: those of struct dtls_tun; EINVAL (@device is no tun device, a tap,
 * or has no IFF_NO_PI), ENOPROTOOPT (the kernel has no DTLS_TUN, or @fd is not
 * attached).
 */
int kdtls_tun_connect(int fd, int device, const void *prefix,
		      size_t prefix_len, unsigned int flags);

/** kdtls_tun_disconnect - undo it. ENOTCONN: it is not connected */
int kdtls_tun_disconnect(int fd);

/** kdtls_tun_stats - what it has moved, and whether it has ended */
int kdtls_tun_stats(int fd, struct dtls_tun_stats *stats);

/**
 * kdtls_events - choose the events that kdtls_next_event() returns
 * @mask: DTLS_EVENT_*; 0: nothing, as before the first call
 */
int kdtls_events(int fd, unsigned int mask);

/**
 * kdtls_next_event - the next event of an association of the socket
 *
 * Never waits: poll(2) returns POLLERR while there is one. Other messages in the
 * socket's error queue (IP_RECVERR, time stamps) are dropped: an application that
 * needs them reads the queue itself, as struct dtls_event describes.
 *
 * Returns 1, or 0 if there is none, or -1 with errno set.
 */
int kdtls_next_event(int fd, struct dtls_event *event);

/*
 * Names, for people and for JSON: lower-case words for states, roles, drops,
 * events (their kind) and reasons. A number without a name gives "unknown".
 */
const char *kdtls_state_name(unsigned int state);
const char *kdtls_role_name(unsigned int role);
const char *kdtls_version_name(unsigned int version);
const char *kdtls_cipher_name(unsigned int cipher);
const char *kdtls_drop_name(unsigned int drop);
const char *kdtls_event_name(unsigned int kind);
const char *kdtls_reason_name(unsigned int reason);

/**
 * kdtls_strerror - what an errno of these functions means, in a few words
 *
 * Not to be freed. What has no meaning of its own here is strerror(3)'s.
 */
const char *kdtls_strerror(int error);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* KDTLS_KDTLS_H */
