/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints: events/kdtls/. Never a byte of a key. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kdtls

#if !defined(KDTLS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KDTLS_TRACE_H

#include <linux/kdtls.h>
#include <linux/tracepoint.h>

/* The order is that of enum dtls_drop, the names are those of kdtls_stat. */
#define kdtls_show_drop(reason)					\
	__print_symbolic(reason,				\
		{ DTLS_DROP_NOT_DTLS,	"NotDtls" },		\
		{ DTLS_DROP_HEADER,	"Header" },		\
		{ DTLS_DROP_LENGTH,	"Length" },		\
		{ DTLS_DROP_VERSION,	"Version" },		\
		{ DTLS_DROP_EPOCH,	"Epoch" },		\
		{ DTLS_DROP_PLAINTEXT,	"Plaintext" },		\
		{ DTLS_DROP_CID,	"Cid" },		\
		{ DTLS_DROP_REPLAY,	"Replay" },		\
		{ DTLS_DROP_TAG,	"Tag" },		\
		{ DTLS_DROP_INNER,	"Inner" },		\
		{ DTLS_DROP_TYPE,	"Type" },		\
		{ DTLS_DROP_CLOSED,	"Closed" },		\
		{ DTLS_DROP_NO_ASSOC,	"NoAssoc" },		\
		{ DTLS_DROP_QUEUE,	"Queue" },		\
		{ DTLS_DROP_NOMEM,	"NoMem" },		\
		{ DTLS_DROP_CHECKSUM,	"Checksum" },		\
		{ DTLS_DROP_REST,	"Rest" })

#define kdtls_show_state(state)					\
	__print_symbolic(state,					\
		{ DTLS_STATE_NONE,		"none" },	\
		{ DTLS_STATE_HANDSHAKE,		"handshake" },	\
		{ DTLS_STATE_ESTABLISHED,	"established" }, \
		{ DTLS_STATE_CLOSED,		"closed" },	\
		{ DTLS_STATE_FAILED,		"failed" })

#define kdtls_show_cipher(cipher)				\
	__print_symbolic(cipher,				\
		{ DTLS_CIPHER_AES_128_GCM,	"AES-128-GCM" }, \
		{ DTLS_CIPHER_AES_256_GCM,	"AES-256-GCM" }, \
		{ DTLS_CIPHER_CHACHA20_POLY1305, "CHACHA20-POLY1305" }, \
		{ DTLS_CIPHER_AES_128_CCM,	"AES-128-CCM" }, \
		{ DTLS_CIPHER_AES_128_CCM_8,	"AES-128-CCM-8" })

TRACE_EVENT(kdtls_drop,
	    TP_PROTO(u64 assoc, unsigned int reason),
	    TP_ARGS(assoc, reason),
	    TP_STRUCT__entry(__field(u64, assoc)
			     __field(unsigned int, reason)
	    ),
	    TP_fast_assign(__entry->assoc = assoc;
			   __entry->reason = reason;
	    ),
	    TP_printk("assoc=%llu reason=%s", __entry->assoc,
		      kdtls_show_drop(__entry->reason))
);

TRACE_EVENT(kdtls_key_install,
	    TP_PROTO(u64 assoc, u64 epoch, bool is_tx, unsigned int cipher),
	    TP_ARGS(assoc, epoch, is_tx, cipher),
	    TP_STRUCT__entry(__field(u64, assoc)
			     __field(u64, epoch)
			     __field(bool, is_tx)
			     __field(unsigned int, cipher)
	    ),
	    TP_fast_assign(__entry->assoc = assoc;
			   __entry->epoch = epoch;
			   __entry->is_tx = is_tx;
			   __entry->cipher = cipher;
	    ),
	    TP_printk("assoc=%llu epoch=%llu direction=%s cipher=%s",
		      __entry->assoc, __entry->epoch,
		      __entry->is_tx ? "tx" : "rx",
		      kdtls_show_cipher(__entry->cipher))
);

TRACE_EVENT(kdtls_state,
	    TP_PROTO(u64 assoc, unsigned int from, unsigned int to, int error),
	    TP_ARGS(assoc, from, to, error),
	    TP_STRUCT__entry(__field(u64, assoc)
			     __field(unsigned int, from)
			     __field(unsigned int, to)
			     __field(int, error)
	    ),
	    TP_fast_assign(__entry->assoc = assoc;
			   __entry->from = from;
			   __entry->to = to;
			   __entry->error = error;
	    ),
	    TP_printk("assoc=%llu from=%s to=%s error=%d", __entry->assoc,
		      kdtls_show_state(__entry->from),
		      kdtls_show_state(__entry->to), __entry->error)
);

TRACE_EVENT(kdtls_tun_connect,
	    TP_PROTO(u64 assoc, unsigned int flags),
	    TP_ARGS(assoc, flags),
	    TP_STRUCT__entry(__field(u64, assoc)
			     __field(unsigned int, flags)
	    ),
	    TP_fast_assign(__entry->assoc = assoc;
			   __entry->flags = flags;
	    ),
	    TP_printk("assoc=%llu flags=%#x", __entry->assoc, __entry->flags)
);

TRACE_EVENT(kdtls_tun_drop,
	    TP_PROTO(u64 assoc, unsigned int direction, unsigned int packets,
		     int error),
	    TP_ARGS(assoc, direction, packets, error),
	    TP_STRUCT__entry(__field(u64, assoc)
			     __field(unsigned int, direction)
			     __field(unsigned int, packets)
			     __field(int, error)
	    ),
	    TP_fast_assign(__entry->assoc = assoc;
			   __entry->direction = direction;
			   __entry->packets = packets;
			   __entry->error = error;
	    ),
	    TP_printk("assoc=%llu %s packets=%u error=%d", __entry->assoc,
		      __entry->direction == DTLS_TUN_SEND ? "send" : "receive",
		      __entry->packets, __entry->error)
);

TRACE_EVENT(kdtls_tun_end,
	    TP_PROTO(u64 assoc, int error),
	    TP_ARGS(assoc, error),
	    TP_STRUCT__entry(__field(u64, assoc)
			     __field(int, error)
	    ),
	    TP_fast_assign(__entry->assoc = assoc;
			   __entry->error = error;
	    ),
	    TP_printk("assoc=%llu error=%d", __entry->assoc, __entry->error)
);

#endif /* KDTLS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
