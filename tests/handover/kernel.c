// SPDX-License-Identifier: GPL-2.0
/*
 * setsockopt() for libkdtls. Options of kdtls are recorded for the test,
 * and passed to the kernel with --kernel; else emulated here: open
 * records once, answer a repeated flight with the installed one.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <netinet/in.h>

#include "ends.h"
#include "tap.h"

bool real_kernel;
int refuse_ulp;
static struct end *watched[2];

void kernel_watch(struct end *a, struct end *b)
{
	watched[0] = a;
	watched[1] = b;
}

static struct end *end_by_fd(int fd)
{
	int i;

	for (i = 0; i < 2; i++)
		if (watched[i] && watched[i]->fd == fd)
			return watched[i];
	return NULL;
}

static int note(struct end *e, int option, const void *value, size_t size)
{
	const struct dtls_flight *f = value;

	switch (option) {
	case DTLS_KEYS:
		memcpy(&e->keys, value, sizeof(e->keys));
		e->tx_seq = e->keys.tx.seq;
		break;
	case DTLS_LAST_FLIGHT:
		memcpy(e->flight, value, size);
		e->flight_len = size;
		e->tx0_seq = f->next_seq;
		break;
	case DTLS_INJECT:
		e->n_injected++;
		if (!real_kernel)
			kernel_arrived(e, value, size);
		break;
	}
	return 0;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	struct end *e = end_by_fd(fd);

	if (e && level == SOL_IP && option == DTLS_ULP) {
		if (refuse_ulp) {
			errno = refuse_ulp;
			return -1;
		}
		if (!real_kernel)
			return 0;
	}
	if (e && level == SOL_DTLS) {
		note(e, option, value, len);
		if (!real_kernel)
			return 0;
	}
	return syscall(SYS_setsockopt, fd, level, option, value, len);
}

/* the emulated kernel */

static void repeat_flight(struct end *e)
{
	const struct dtls_flight *f = (void *)e->flight;
	const uint8_t *p = f->data;
	unsigned int i;

	e->repeats++;
	for (i = 0; i < f->count; i++) {
		struct dtls_flight_record r;
		uint8_t out[65536];
		size_t n;

		memcpy(&r, p, sizeof(r));
		p += sizeof(r);
		if (r.epoch) {
			n = aead_seal(e->keys.cipher, &e->keys.tx, r.type,
				      r.epoch, e->tx_seq++, p, r.len, out);
		} else {
			out[0] = r.type;
			put_be(out + 1, 2, DTLS_VERSION_1_2);
			put_be(out + 3, 2, 0);
			put_be(out + 5, 6, e->tx0_seq++);
			put_be(out + 11, 2, r.len);
			memcpy(out + RECORD_HEADER, p, r.len);
			n = RECORD_HEADER + r.len;
		}
		p += r.len;
		send(e->fd, out, n, 0);
	}
}

static void got(struct end *e, const uint8_t *text, int len)
{
	unsigned int id;

	if (len >= 11 && sscanf((const char *)text, "canary %u", &id) == 1 &&
	    e->n_got < MAX_GOT)
		e->got[e->n_got++] = id;
}

static void arrived(struct end *e, const uint8_t *record, size_t size)
{
	uint8_t plain[65536] = { 0 };
	uint64_t seq = get_be(record + 5, 6);
	int len;

	if (get_be(record + 3, 2) != 1 || seq >= 64 || e->seen >> seq & 1)
		return;
	len = aead_open(e->keys.cipher, &e->keys.rx, record, size, plain);
	if (len < 0)
		return;
	e->seen |= 1ull << seq;
	if (record[0] == DTLS_TYPE_APPLICATION_DATA)
		got(e, plain, len);
	else if (record[0] == DTLS_TYPE_HANDSHAKE && e->flight_len)
		repeat_flight(e);
}

void kernel_arrived(struct end *e, const uint8_t *datagram, size_t size)
{
	while (size >= RECORD_HEADER) {
		size_t n = RECORD_HEADER + get_be(datagram + 11, 2);

		if (n > size)
			return;
		arrived(e, datagram, n);
		datagram += n;
		size -= n;
	}
}

void kernel_drain(struct end *e)
{
	uint8_t buf[65536];
	ssize_t n;

	while (e->attached && !real_kernel &&
	       (n = recv(e->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		kernel_arrived(e, buf, n);
}

/* the application, after the attach */

void end_send(struct end *e, unsigned int id)
{
	char text[32];
	uint8_t out[256];
	size_t len = sprintf(text, "canary %04u", id);

	if (!e->attached) {
		need(!e->ops->write(e, text), "write");
	} else if (real_kernel) {
		need(send(e->fd, text, len, 0) == (ssize_t)len, "send");
	} else {
		len = aead_seal(e->keys.cipher, &e->keys.tx,
				DTLS_TYPE_APPLICATION_DATA, 1, e->tx_seq++,
				text, len, out);
		need(send(e->fd, out, len, 0) == (ssize_t)len, "send");
	}
}

void end_receive(struct end *e)
{
	uint8_t buf[2048];
	ssize_t n;

	while (e->attached && real_kernel &&
	       (n = recv(e->fd, buf, sizeof(buf) - 1, MSG_DONTWAIT)) > 0) {
		buf[n] = '\0';
		got(e, buf, n);
	}
}

unsigned int end_count(const struct end *e, unsigned int id)
{
	unsigned int i, n = 0;

	for (i = 0; i < e->n_got; i++)
		n += e->got[i] == id;
	return n;
}
