// SPDX-License-Identifier: GPL-2.0
/* Every cipher, both families: messages both ways, all relevant sizes. */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

static char out[16500], in[16500];

static bool one_way(int from, int to, size_t len)
{
	canary_fill(out, len, len);
	if (send(from, out, len, 0) != (ssize_t)len) {
		diag("send of %zu: %s", len, strerror(errno));
		return false;
	}
	if (!pair_poll(to, POLLIN, 2000)) {
		diag("%zu did not arrive", len);
		return false;
	}
	return recv(to, in, sizeof(in), 0) == (ssize_t)len &&
	       !memcmp(in, out, len);
}

static void talk(int family, int cipher)
{
	static const size_t sizes[] = {
		1, 2, 15, 16, 17, 63, 64, 65, 255, 256, 1400, 4096, 16383,
		16384,
	};
	const char *v = family == AF_INET ? "IPv4" : "IPv6";
	struct dtls_status status;
	socklen_t len = sizeof(status);
	struct pair p;
	bool good = true;

	pair_open(&p, family, cipher);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		good = good && one_way(p.a, p.b, sizes[i]) &&
		       one_way(p.b, p.a, sizes[i]);
	ok(good, "%s %s: messages of all sizes, both ways", v,
	   cipher_name(cipher));
	ok(send(p.a, out, 16385, 0) == -1 && errno == EMSGSIZE,
	   "%s %s: one byte over 2^14 is EMSGSIZE", v, cipher_name(cipher));
	need(!getsockopt(p.b, SOL_DTLS, DTLS_STATUS, &status, &len), "status");
	ok(status.state == DTLS_STATE_ESTABLISHED && status.rx_seq == 14 &&
	   status.tx_seq == 14 && status.cipher == cipher,
	   "%s %s: so does the status", v, cipher_name(cipher));
	close(p.a);
	ok(pair_poll(p.b, POLLIN, 2000) && recv(p.b, in, sizeof(in), 0) == 0,
	   "%s %s: close_notify reads as the end", v, cipher_name(cipher));
	close(p.b);
}

/* RFC 8449 section 4: the peer's limit may exceed the protocol's maximum. */
static void size_limit(void)
{
	struct dtls_keys keys;
	struct pair p;

	pair_plain(&p, AF_INET);
	pair_attach(&p);
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
	keys.record_size_limit = 65535;
	need(!pair_set_keys(p.a, &keys), "keys of the client");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, false);
	keys.record_size_limit = 1000;
	need(!pair_set_keys(p.b, &keys), "keys of the server");
	ok(one_way(p.a, p.b, 16384) && send(p.a, out, 16385, 0) == -1 &&
	   errno == EMSGSIZE, "a record size limit above 2^14 is 2^14");
	ok(one_way(p.b, p.a, 1000) && send(p.b, out, 1001, 0) == -1 &&
	   errno == EMSGSIZE, "one below is the limit");
	pair_close(&p);
}

int main(void)
{
	struct capture *tap = capture_start(NULL, NULL);

	for (int cipher = 1; cipher <= DTLS_CIPHER_MAX; cipher++) {
		talk(AF_INET, cipher);
		talk(AF_INET6, cipher);
	}
	size_limit();
	capture_check(tap, "all of this");
	return done_testing();
}
