// SPDX-License-Identifier: GPL-2.0
/*
 * DTLS_TUN: two tun devices, joined by an association. What moves, what stays
 * the program's, what is refused, and the ends of a connection.
 */
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/if_tun.h>

#include <kdtls/kdtls.h>

#include "device.h"
#include "ends.h"
#include "pair.h"
#include "tap.h"
#include "wire.h"

#define PREFIX		"\0"
#define BULK		((on_debug_kernel() ? 64 : 256) * 1024)

static struct pair p;
static struct device a = { .ns = "END_A", .address = "10.99.0.1" };
static struct device b = { .ns = "END_B", .address = "10.99.0.2" };

static void open_all(int mtu, int flags)
{
	ends_open(&p, AF_INET, DTLS_CIPHER_AES_128_GCM);
	device_open(&a, mtu, flags);
	device_open(&b, mtu, flags);
}

static void connect_all(void)
{
	need(!tun_connect(p.a, &a, PREFIX, 1), "DTLS_TUN of a");
	need(!tun_connect(p.b, &b, PREFIX, 1), "DTLS_TUN of b");
}

static int refused(struct dtls_tun tun)
{
	int err = setsockopt(p.a, SOL_DTLS, DTLS_TUN, &tun, sizeof(tun));

	return err ? errno : 0;
}

static void test_refused(void)
{
	struct dtls_tun_stats stats;
	socklen_t len = sizeof(stats);
	int fd;

	is_int(refused((struct dtls_tun){ .fd = 999 }), EBADF, "no file");
	is_int(refused((struct dtls_tun){ .fd = p.b }), EINVAL, "no tun");
	fd = open("/dev/net/tun", O_RDONLY);
	is_int(refused((struct dtls_tun){ .fd = fd }), EBADF, "read only");
	close(fd);
	is_int(refused((struct dtls_tun){ .fd = a.fd, .flags = 4 }), EINVAL,
	       "an unknown flag");
	is_int(refused((struct dtls_tun){ .fd = a.fd, .prefix_len = 17 }),
	       EINVAL, "a long prefix");
	is_int(refused((struct dtls_tun){ .fd = a.fd, .prefix = "x" }), EINVAL,
	       "a prefix beyond its length");
	is_int(refused((struct dtls_tun){ .fd = a.fd, .pad = { 1 } }), EINVAL,
	       "padding");
	is_int(refused((struct dtls_tun){ .fd = a.fd, .assoc = 1ULL << 60 }), ENOENT,
	       "another association");
	is_int(refused((struct dtls_tun){ .fd = -1, .flags = 1 }), EINVAL,
	       "to disconnect with flags");
	is_int(refused((struct dtls_tun){ .fd = -1 }), ENOTCONN,
	       "to disconnect what is not connected");
	ok(getsockopt(p.a, SOL_DTLS, DTLS_TUN, &stats, &len) &&
	   errno == ENOTCONN, "counters of none");
}

/* What TCP still says may come first, once the packets are the program's. */
static bool hears(int fd, const void *data, size_t len)
{
	char buf[2000];
	ssize_t got;

	while (pair_poll(fd, POLLIN, 5000)) {
		got = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (got == (ssize_t)len && !memcmp(buf, data, len))
			return true;
	}
	return false;
}

static bool says(int from, int to, const void *data, size_t len)
{
	need(send(from, data, len, 0) == (ssize_t)len, "send");
	return hears(to, data, len);
}

static void test_moves(const char *how)
{
	struct dtls_tun_stats before, after;

	tun_stats_at_rest(p.a, &before);
	ok(device_ping(&a, &b, 5000), "%s: ping", how);
	tun_stats_at_rest(p.a, &after);
	is_int(after.tx_packets - before.tx_packets, 1, "%s: one sent", how);
	is_int(after.rx_packets - before.rx_packets, 1, "%s: one came", how);
	is_int(after.tx_bytes - before.tx_bytes, 28, "%s: bytes", how);
	ok(device_ping(&b, &a, 5000), "%s: ping from the other end", how);
	ok(device_stream(&a, &b, BULK), "%s: TCP, a to b", how);
	ok(device_stream(&b, &a, BULK), "%s: TCP, b to a", how);
	ok(!pair_poll(p.a, POLLIN, 0) && !pair_poll(p.b, POLLIN, 0),
	   "%s: the program has nothing to read", how);
	tun_stats(p.a, &after);
	diag("%llu packets sent, %llu came, %llu dropped, %llu not accepted",
	     after.tx_packets, after.rx_packets, after.tx_dropped,
	     after.rx_dropped);
}

/* Records of the program beside it. */
static void test_rest(void)
{
	static const char odd[] = "\0?not IP";
	struct dtls_tun_stats before, after;

	ok(says(p.a, p.b, "\5alive", 6), "another prefix is received");
	ok(says(p.b, p.a, "\3dead?", 6), "so by the other end");
	ok(says(p.a, p.b, "\0", 1), "the prefix alone, too");
	tun_stats(p.b, &before);
	need(send(p.a, odd, sizeof(odd), 0) == sizeof(odd), "send");
	ok(says(p.a, p.b, "\5end", 4), "what follows is received");
	tun_stats(p.b, &after);
	is_int(after.rx_dropped - before.rx_dropped, 1,
	       "what the device does not accept is counted");
}

/* The device's MTU is larger than what fits the path. */
static void test_too_large(void)
{
	struct dtls_tun_stats before, after;
	__u32 mtu[2] = { 0 };
	socklen_t len = sizeof(mtu);
	int err = 0, i;

	need(!getsockopt(p.a, SOL_DTLS, DTLS_MTU, mtu, &len), "DTLS_MTU");
	tun_stats(p.a, &before);
	need(!device_datagram(&a, mtu[0] - 1 - 28), "a datagram that fits");
	need(!device_datagram(&a, mtu[0] - 28), "one that does not");
	for (i = 0; i < 50 && !err; i++) {
		usleep(100000);
		err = device_datagram(&a, mtu[0] - 28);
	}
	is_int(err, EMSGSIZE, "the sender is told that it was too large");
	is_int(device_datagram(&a, mtu[0] - 1 - 28), 0,
	       "and how large is not");
	ok(device_ping(&a, &b, 5000), "ping behind it");
	tun_stats(p.a, &after);
	ok(after.tx_too_large > before.tx_too_large, "counted: %llu",
	   after.tx_too_large - before.tx_too_large);
}

static void test_disconnect(void)
{
	static const char ping[] = "\0for the program";
	struct dtls_tun same = { .fd = a.fd };
	char buf[2000];

	is_int(refused(same), EALREADY, "a second connect");
	is_int(tun_disconnect(p.a), 0, "disconnect");
	is_int(refused((struct dtls_tun){ .fd = -1 }), ENOTCONN, "again");
	ok(says(p.b, p.a, ping, sizeof(ping)), "then recv() has the packets");
	ok(!device_ping(&a, &b, 300), "and none is sent");
	ok(read(a.fd, buf, sizeof(buf)) == 28 + a.header_len,
	   "it waits for read()");
	is_int(tun_connect(p.a, &a, PREFIX, 1), 0, "connect again");
	ok(device_ping(&a, &b, 5000), "ping");
}

/* The same by libkdtls, which asks the device for its header. */
static void test_library(void)
{
	struct dtls_tun_stats stats;

	need(!kdtls_tun_disconnect(p.a), "disconnect");
	ok(kdtls_tun_connect(p.a, p.b, PREFIX, 1, 0) && errno == EINVAL,
	   "libkdtls: no tun");
	ok(!kdtls_tun_connect(p.a, a.fd, PREFIX, 1, 0), "libkdtls: connect");
	ok(device_stream(&a, &b, 10000), "libkdtls: TCP");
	ok(!kdtls_tun_stats(p.a, &stats) && stats.assoc && !stats.error &&
	   stats.flags == (DTLS_TUN_SEND | DTLS_TUN_RECEIVE),
	   "libkdtls: counters");
}

static void test_dtlsctl(void)
{
	ends_enter("END_A");
	ok(!system("dtlsctl show | grep -q ' tun tx:packets:[1-9].* rx:packets:[1-9]'"),
	   "dtlsctl show");
	ok(!system("dtlsctl --json show | grep -q '\"too_large\":'"),
	   "dtlsctl --json show");
}

/* Each direction alone. */
static void test_directions(void)
{
	struct dtls_tun half = {
		.fd = a.fd, .flags = DTLS_TUN_SEND, .prefix_len = 1,
		.header_len = a.header_len,
	};
	struct dtls_tun_stats stats;

	need(!tun_disconnect(p.a), "disconnect");
	is_int(refused(half), 0, "a only sends");
	ok(!device_ping(&a, &b, 300), "no answer comes");
	tun_stats(p.a, &stats);
	ok(stats.flags == DTLS_TUN_SEND && stats.tx_packets &&
	   !stats.rx_packets, "counted so");
	ok(pair_poll(p.a, POLLIN, 5000), "the program has the answer");
	need(!tun_disconnect(p.a), "disconnect");
	half.flags = DTLS_TUN_RECEIVE;
	is_int(refused(half), 0, "a only receives");
	ok(!device_ping(&b, &a, 300), "no answer is sent");
	tun_stats(p.a, &stats);
	ok(stats.rx_packets && !stats.tx_packets, "counted so");
	need(!tun_disconnect(p.a) && !tun_connect(p.a, &a, PREFIX, 1),
	     "both again");
}

static int error_within(int fd, int ms)
{
	struct dtls_tun_stats stats;

	for (tun_stats(fd, &stats); !stats.error && ms > 0; ms -= 50) {
		usleep(50000);
		tun_stats(fd, &stats);
	}
	return stats.error;
}

/* Of the process that connected; the socket is ours, too. */
static void test_process(void)
{
	pid_t pid;

	need(!tun_disconnect(p.a), "disconnect");
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid)
		_exit(tun_connect(p.a, &a, PREFIX, 1) ? 1 : 0);
	need(waitpid(pid, NULL, 0) == pid, "wait");
	ok(device_ping(&a, &b, 5000), "the process that connected exits: ping");
	is_int(error_within(p.a, 0), 0, "no error");
	need(!tun_disconnect(p.a) && !tun_connect(p.a, &a, PREFIX, 1),
	     "connect again");
	ok(device_ping(&a, &b, 5000), "connected again: ping");
}

static void test_deleted(void)
{
	ends_enter("END_A");
	need(!system("ip link del tun0"), "ip link del");
	is_int(error_within(p.a, 5000), ENODEV, "the device is deleted");
	ok(says(p.b, p.a, "\0x", 2), "then recv() has what comes");
	close(p.a);
	is_int(error_within(p.b, 5000), EPIPE, "the peer closes");
}

/* The program closes its file of the device first. */
static void test_closed(void)
{
	int i;

	close(a.fd);
	ok(device_exists(&a), "the connection keeps the device");
	close(p.a);
	for (i = 0; i < 50 && device_exists(&a); i++)
		usleep(100000);
	ok(!device_exists(&a), "until the socket is closed");
	close(p.b);
	close(b.fd);
}

int main(void)
{
	wire_start();
	open_all(1400, 0);
	test_refused();
	connect_all();
	test_moves("plain");
	test_rest();
	test_disconnect();
	test_library();
	test_dtlsctl();
	test_directions();
	test_process();
	test_deleted();
	close(p.b);
	close(a.fd);
	close(b.fd);
	wire_check("plain");

	wire_start();
	open_all(1500, IFF_VNET_HDR);
	connect_all();
	test_too_large();
	test_moves("offloads");
	test_library();
	test_closed();
	wire_check("offloads");
	return done_testing();
}
