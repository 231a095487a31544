// SPDX-License-Identifier: GPL-2.0
/* DTLS 1.3 between two sockets, keyed by the application; and what is refused. */
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ends.h"
#include "pair.h"
#include "tap.h"
#include "traffic.h"

static const int ciphers[] = {
	DTLS_CIPHER_AES_128_GCM, DTLS_CIPHER_AES_256_GCM,
	DTLS_CIPHER_CHACHA20_POLY1305, DTLS_CIPHER_AES_128_CCM,
};

static u8 out[65000], in[65536];

static struct dtls_status status_of(int fd)
{
	struct dtls_status status = {};
	socklen_t len = sizeof(status);

	need(!getsockopt(fd, SOL_DTLS, DTLS_STATUS, &status, &len), "DTLS_STATUS");
	return status;
}

/* One end by secrets, the other by keys: both mean the same. */
static void open_pair(struct pair *p, int family, int cipher, u64 epoch)
{
	struct dtls_keys keys;
	struct end up, down;

	end_init(&up, cipher, 0xc1, epoch);
	end_init(&down, cipher, 0x51, epoch);
	pair_plain(p, family);
	pair_attach(p);
	ends_keys(&keys, &up, &down, true);
	need(!ends_set(p->a, &keys), "keys of the client");
	ends_keys(&keys, &down, &up, false);
	end_keys(&keys.tx, &down, 0);
	end_keys(&keys.rx, &up, 0);
	need(!ends_set(p->b, &keys), "keys of the server");
}

static void closes(const struct pair *p, const char *name)
{
	const u8 bye[] = { 1, 0 };

	pair_send_typed(p->a, DTLS_TYPE_ALERT, bye, sizeof(bye));
	ok(recv(p->b, in, sizeof(in), 0) == 0 &&
	   status_of(p->b).state == DTLS_STATE_CLOSED &&
	   recv(p->a, in, sizeof(in), 0) == 0, "%s: close_notify, both ways", name);
}

static void every_cipher(void)
{
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(*ciphers); i++) {
		const char *name = cipher_name(ciphers[i]);
		struct dtls_status st;
		struct pair p;

		open_pair(&p, i % 2 ? AF_INET6 : AF_INET, ciphers[i], 3 + i);
		st = status_of(p.a);
		ok(st.version == DTLS_VERSION_1_3 && st.cipher == ciphers[i] &&
		   st.tx_epoch == 3 + i && st.rx_epoch == 3 + i &&
		   st.state == DTLS_STATE_ESTABLISHED, "%s: status", name);
		is_int(traffic_sizes(&p, 16384), 0, "%s: records of all sizes, both ways",
		       name);
		ok(send(p.a, out, 16385, 0) == -1 && errno == EMSGSIZE,
		   "%s: not one of 16,385 bytes", name);
		ok(traffic_batch(&p), "%s: a batch of 20 records", name);
		st = status_of(p.b);
		ok(st.rx_seq == 37 && st.tx_seq == 17, "%s: numbers", name);
		is_int(pair_sum_drops(p.a) + pair_sum_drops(p.b), 0,
		       "%s: nothing was dropped", name);
		closes(&p, name);
		pair_close(&p);
	}
}

static struct dtls_keys right_keys(void)
{
	struct end up, down;
	struct dtls_keys keys;

	end_init(&up, DTLS_CIPHER_AES_128_GCM, 1, 3);
	end_init(&down, DTLS_CIPHER_AES_128_GCM, 2, 3);
	ends_keys(&keys, &up, &down, true);
	end_keys(&keys.rx, &down, 0);
	return keys;
}

#define REFUSED(err, why, ...) do {					\
	struct dtls_keys keys = right_keys();				\
	(void)(__VA_ARGS__);						\
	is_int(ends_set(fd, &keys), err, "refused: " why);		\
} while (0)

static void refused_members(int fd)
{
	REFUSED(EOPNOTSUPP, "AES-128-CCM-8", keys.cipher = DTLS_CIPHER_AES_128_CCM_8);
	REFUSED(EOPNOTSUPP, "an unknown cipher", keys.cipher = 77);
	REFUSED(EINVAL, "a Connection ID that is too long", keys.tx.cid_len = 33);
	REFUSED(EINVAL, "bytes of one without its length", keys.rx.cid[0] = 1);
	REFUSED(EINVAL, "epoch 2", keys.tx.epoch = 2);
	REFUSED(EINVAL, "epoch 1", keys.rx.epoch = 1);
	REFUSED(EINVAL, "an epoch of 2^48", keys.tx.epoch = 1ULL << 48);
	REFUSED(EINVAL, "a number of 2^48", keys.rx.seq = 1ULL << 48);
	REFUSED(EINVAL, "an unknown flag", keys.tx.flags |= 4);
	REFUSED(EINVAL, "pad", keys.rx.pad = 1);
	REFUSED(EINVAL, "pad2", keys.tx.pad2 = 1);
	REFUSED(EINVAL, "failures when sending", keys.tx.failures = 1);
	REFUSED(EINVAL, "more failures than the AEAD bears",
		keys.rx.failures = (1ULL << 36) + 1);
	REFUSED(EINVAL, "reserved", keys.rx.reserved[9] = 1);
	REFUSED(EINVAL, "a secret and an IV", keys.tx.iv[0] = 1);
	REFUSED(EINVAL, "a secret and an sn_key", keys.tx.sn_key[31] = 1);
	REFUSED(EINVAL, "a secret of 33 bytes", keys.tx.key[32] = 1);
	REFUSED(EINVAL, "a secret without its flag", keys.tx.flags = 0);
	REFUSED(EINVAL, "a key of 17 bytes", keys.rx.key[16] = 1);
	REFUSED(EINVAL, "an sn_key of 17 bytes", keys.rx.sn_key[16] = 1);
	REFUSED(EINVAL, "an sn_key of zeros", memset(keys.rx.sn_key, 0, 16));
	REFUSED(EINVAL, "keys of 1.3 as 1.2", keys.version = DTLS_VERSION_1_2);
	REFUSED(EOPNOTSUPP, "another version", keys.version = 0xfefb,
		memset(keys.tx.key, 0, sizeof(keys.tx.key)), keys.tx.flags = 0,
		memset(keys.rx.sn_key, 0, sizeof(keys.rx.sn_key)));
}

static void refused(void)
{
	struct dtls_keys keys = right_keys();
	struct pair p;

	pair_plain(&p, AF_INET);
	pair_attach(&p);
	refused_members(p.a);
	is_int(status_of(p.a).state, DTLS_STATE_NONE, "nothing was set up");
	keys.tx.epoch = (1ULL << 48) - 1;
	keys.tx.message_seq = 7;
	keys.record_size_limit = 64;
	is_int(ends_set(p.a, &keys), 0, "without any of that they are right");
	is_int(status_of(p.a).tx_epoch, (1ULL << 48) - 1, "... the last epoch, too");
	ok(send(p.a, out, 64, 0) == -1 && errno == EMSGSIZE &&
	   send(p.a, out, 63, 0) == 63, "record_size_limit counts the type");
	is_int(ends_set(p.a, &keys), EALREADY, "... once");
	pair_close(&p);
}

int main(void)
{
	every_cipher();
	refused();
	return done_testing();
}
