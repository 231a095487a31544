// SPDX-License-Identifier: GPL-2.0
/*
 * io_uring on an attached socket: the same results as the system calls,
 * also when they complete later.
 */
#include <liburing.h>
#include <poll.h>
#include <unistd.h>

#include "capture.h"
#include "pair.h"
#include "tap.h"

#define MESSAGES	32
#define LEN		200
#define GROUP		7
#define BUFFER		1024

static struct io_uring ring;
static struct pair p;
static char out[MESSAGES][LEN], in[MESSAGES][2 * LEN];

static struct io_uring_sqe *entry(unsigned long long data)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	need(sqe, "a submission entry");
	sqe->user_data = data;
	return sqe;
}

/* The next completion within a time; -ETIME when none came. */
static int completion(int *data, unsigned int *flags)
{
	struct __kernel_timespec ts = { .tv_sec = 10 };
	struct io_uring_cqe *cqe;
	int res;

	/* the ring's own work interrupts a wait */
	do
		res = io_uring_wait_cqe_timeout(&ring, &cqe, &ts);
	while (res == -EINTR);
	if (res)
		return res;
	res = cqe->res;
	if (data)
		*data = cqe->user_data;
	if (flags)
		*flags = cqe->flags;
	io_uring_cqe_seen(&ring, cqe);
	return res;
}

static bool nothing_completed(void)
{
	struct io_uring_cqe *cqe;

	return io_uring_peek_cqe(&ring, &cqe) == -EAGAIN;
}

/* the library's prep_* overwrite the entry: set user_data after them */
static void prep_send(int i, int flags)
{
	struct io_uring_sqe *sqe = entry(0);

	io_uring_prep_send(sqe, p.a, out[i], LEN, flags);
	sqe->user_data = i;
}

static void prep_recv(int i)
{
	struct io_uring_sqe *sqe = entry(0);

	io_uring_prep_recv(sqe, p.b, in[i], sizeof(in[i]), 0);
	sqe->user_data = i;
}

/* As many as were submitted, each of LEN bytes. */
static bool all_complete(int n)
{
	int good = 0, i, res;

	for (i = 0; i < n; i++) {
		res = completion(NULL, NULL);
		good += res == LEN;
		if (res != LEN)
			diag("completion %d: %d", i, res);
	}
	return good == n;
}

static void send_recv(void)
{
	int i, same = 0;

	for (i = 0; i < MESSAGES; i++)
		prep_send(i, 0);
	io_uring_submit(&ring);
	ok(all_complete(MESSAGES), "send, %d at once", MESSAGES);
	for (i = 0; i < MESSAGES; i++)
		prep_recv(i);
	io_uring_submit(&ring);
	ok(all_complete(MESSAGES), "recv, of a queued record");
	for (i = 0; i < MESSAGES; i++)
		same += !memcmp(in[i], out[i], LEN);
	is_int(same, MESSAGES, "each is what was sent");
}

static void recv_waits(void)
{
	int i, j, res, data, same = 0;

	for (i = 0; i < 4; i++)
		prep_recv(i);
	io_uring_submit(&ring);
	usleep(50000);
	ok(nothing_completed(), "recv waits");
	for (i = 0; i < 4; i++)
		need(send(p.a, out[i], LEN, 0) == LEN, "send");
	for (i = 0; i < 4; i++) {
		res = completion(&data, NULL);
		for (j = 0; res == LEN && j < 4; j++)
			same += !memcmp(in[data], out[j], LEN);
	}
	is_int(same, 4, "and gets what comes");
}

/*
 * io_uring's poll completes by the wake-up alone, so it may report readable for a
 * datagram that is then dropped, as for UDP's bad checksums. recv polls
 * again and keeps waiting.
 */
static void forged(void)
{
	char record[60] = "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\x2f";
	struct io_uring_sqe *sqe;
	struct pair victim;
	int i;

	pair_victim(&victim, AF_INET, DTLS_CIPHER_AES_128_GCM);
	sqe = entry(0);
	io_uring_prep_recv(sqe, victim.b, in[0], sizeof(in[0]), 0);
	io_uring_submit(&ring);
	need(send(victim.a, record, sizeof(record), 0) > 0, "send");
	/* the ring's own work interrupts a sleep */
	for (i = 0; i < 1000 && !pair_drops(victim.b, DTLS_DROP_TAG); i++)
		usleep(10000);
	ok(nothing_completed() && i < 1000, "a forged record completes no recv");
	shutdown(victim.b, SHUT_RDWR);
	is_int(completion(NULL, NULL), 0, "the end does");
	pair_close(&victim);
}

static void poll_add(void)
{
	struct io_uring_sqe *sqe = entry(0);
	int res;

	io_uring_prep_poll_add(sqe, p.b, POLLIN);
	io_uring_submit(&ring);
	usleep(50000);
	ok(nothing_completed(), "poll_add waits");
	need(send(p.a, out[1], LEN, 0) == LEN, "send");
	res = completion(NULL, NULL);
	ok(res > 0 && res & POLLIN && recv(p.b, in[0], LEN, MSG_DONTWAIT) == LEN &&
	   !memcmp(in[0], out[1], LEN), "and then reports readable (%d)", res);
}

/* Writable only with keys: no busy loop, and nothing is sent before. */
static void before_keys(void)
{
	struct dtls_keys keys;
	struct pair early;
	struct io_uring_sqe *sqe;

	pair_plain(&early, AF_INET);
	pair_attach(&early);
	sqe = entry(0);
	io_uring_prep_send(sqe, early.a, out[0], LEN, 0);
	io_uring_submit(&ring);
	/* without an association at all send fails at once, as the call does */
	is_int(completion(NULL, NULL), -ENOTCONN, "send before keys");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, true);
	need(!pair_set_keys(early.a, &keys), "keys");
	pair_keys(&keys, DTLS_CIPHER_AES_128_GCM, false);
	need(!pair_set_keys(early.b, &keys), "keys");
	sqe = entry(0);
	io_uring_prep_poll_add(sqe, early.a, POLLOUT);
	io_uring_submit(&ring);
	ok(completion(NULL, NULL) & POLLOUT, "with keys it polls writable");
	pair_close(&early);
}

static struct io_uring_buf_ring *buffers(char *memory, int n)
{
	struct io_uring_buf_reg reg = { .ring_entries = n, .bgid = GROUP };
	struct io_uring_buf_ring *br;
	int i;

	if (posix_memalign((void **)&br, 4096, n * sizeof(struct io_uring_buf)))
		return NULL;
	reg.ring_addr = (unsigned long)br;
	if (io_uring_register_buf_ring(&ring, &reg, 0)) {
		free(br);
		return NULL;
	}
	io_uring_buf_ring_init(br);
	for (i = 0; i < n; i++)
		io_uring_buf_ring_add(br, memory + i * BUFFER, BUFFER, i,
				      io_uring_buf_ring_mask(n), i);
	io_uring_buf_ring_advance(br, n);
	return br;
}

static bool multishot_one(struct msghdr *like, const char *memory, int i)
{
	struct io_uring_recvmsg_out *o;
	unsigned int flags = 0;
	int res = completion(NULL, &flags);

	if (res < 0 || !(flags & IORING_CQE_F_BUFFER) ||
	    !(flags & IORING_CQE_F_MORE)) {
		diag("message %d: %d, flags %x", i, res, flags);
		return false;
	}
	o = io_uring_recvmsg_validate((char *)memory + BUFFER *
				      (flags >> IORING_CQE_BUFFER_SHIFT), res,
				      like);
	return o && io_uring_recvmsg_payload_length(o, res, like) == LEN &&
	       !memcmp(io_uring_recvmsg_payload(o, like), out[i], LEN) &&
	       !memcmp(io_uring_recvmsg_name(o), &p.addr_a, p.addr_len);
}

static void multishot(void)
{
	static char memory[16 * BUFFER];
	struct msghdr msg = { .msg_namelen = sizeof(struct sockaddr_storage) };
	struct io_uring_buf_ring *br = buffers(memory, 16);
	struct io_uring_sqe *sqe;
	int i, good = 0;

	need(br, "provided buffers");
	sqe = entry(0);
	io_uring_prep_recvmsg_multishot(sqe, p.b, &msg, MSG_TRUNC);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
	io_uring_submit(&ring);
	for (i = 0; i < 10; i++) {
		need(send(p.a, out[i], LEN, 0) == LEN, "send");
		good += multishot_one(&msg, memory, i);
	}
	is_int(good, 10, "recvmsg multishot: ten messages, with their addresses");
	/* close_notify: recv() = 0 ends it */
	close(p.a);
	i = completion(NULL, NULL);
	ok(i >= 0 && i <= (int)(sizeof(struct io_uring_recvmsg_out) +
				msg.msg_namelen),
	   "and the peer's close_notify ends it (%d)", i);
	io_uring_unregister_buf_ring(&ring, GROUP);
	free(br);
}

/* Refused, or correct data arrives; the pages never reach the wire. */
static void send_zc(void)
{
	struct io_uring_sqe *sqe = entry(0);
	unsigned int flags = 0;
	int res;

	io_uring_prep_send_zc(sqe, p.a, out[3], LEN, 0, 0);
	io_uring_submit(&ring);
	res = completion(NULL, &flags);
	if (flags & IORING_CQE_F_MORE)
		completion(NULL, NULL);
	ok(res == -EOPNOTSUPP && !pair_poll(p.b, POLLIN, 50),
	   "send_zc is refused (%d)", res);
}

int main(void)
{
	struct capture *tap;
	int i;

	i = io_uring_queue_init(64, &ring, 0);
	if (i) {
		printf("1..0 # SKIP no io_uring here: %s\n", strerror(-i));
		return 0;
	}
	for (i = 0; i < MESSAGES; i++)
		canary_fill(out[i], LEN, i);
	tap = capture_start(NULL, NULL);
	pair_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	send_recv();
	recv_waits();
	forged();
	poll_add();
	before_keys();
	send_zc();
	multishot();
	close(p.b);
	io_uring_queue_exit(&ring);
	capture_check(tap, "all of this");
	return done_testing();
}
