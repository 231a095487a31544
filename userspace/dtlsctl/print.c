// SPDX-License-Identifier: GPL-2.0-or-later
/* Columns for reading, and JSON for programs: its names do not change. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <kdtls/kdtls.h>
#include <linux/kdtls_netlink.h>

#include "dtlsctl.h"
#include "json.h"
#include "mark.h"

#define ADDRESS_LEN	(INET6_ADDRSTRLEN + 16)

static json_t *list;		/* NULL: columns */
/* show's columns are as wide as their widest cell, as those of ss(8) */
static struct association *shown;
static size_t n_shown;

/* 192.0.2.1:4433, [2001:db8::1]:4433, - */
static void format_address(const union address *a, char *to)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (a->sa.sa_family == AF_INET) {
		inet_ntop(AF_INET, &a->in.sin_addr, text, sizeof(text));
		snprintf(to, ADDRESS_LEN, "%s:%u", text,
			 ntohs(a->in.sin_port));
	} else if (a->sa.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &a->in6.sin6_addr, text, sizeof(text));
		if (a->in6.sin6_scope_id)
			snprintf(to, ADDRESS_LEN, "[%s%%%u]:%u", text,
				 a->in6.sin6_scope_id,
				 ntohs(a->in6.sin6_port));
		else
			snprintf(to, ADDRESS_LEN, "[%s]:%u", text,
				 ntohs(a->in6.sin6_port));
	} else {
		strcpy(to, "-");
	}
}

static const char *cipher_or_dash(const struct association *a)
{
	return a->cipher ? kdtls_cipher_name(a->cipher) : "-";
}

static const char *version_or_dash(const struct association *a)
{
	return a->version ? kdtls_version_name(a->version) : "-";
}

/* columns */

#define COLUMNS	7
/* of an id and of the longest names; an address is longer */
#define SHORT	32

struct row {
	char cell[COLUMNS][ADDRESS_LEN];
};

static const struct row head = {
	{ "ID", "State", "Role", "Local", "Peer", "DTLS", "Cipher" }
};

/* As wide as monitor expects them to be, which prints each line at once. */
static const int usual[COLUMNS] = { 6, 11, 6, 22, 22, 4, 0 };

static void fill_row(const struct association *a, struct row *r)
{
	snprintf(r->cell[0], SHORT, "%" PRIu64, a->id);
	snprintf(r->cell[1], SHORT, "%s", kdtls_state_name(a->state));
	snprintf(r->cell[2], SHORT, "%s", kdtls_role_name(a->role));
	format_address(&a->local, r->cell[3]);
	format_address(&a->peer, r->cell[4]);
	snprintf(r->cell[5], SHORT, "%s", version_or_dash(a));
	snprintf(r->cell[6], SHORT, "%s", cipher_or_dash(a));
}

static void widen(int width[COLUMNS], const struct row *r)
{
	/* nothing follows the last one */
	for (int i = 0; i < COLUMNS - 1; i++) {
		int len = strlen(r->cell[i]);

		if (len > width[i])
			width[i] = len;
	}
}

static void print_cells(const int width[COLUMNS], const struct row *r)
{
	for (int i = 0; i < COLUMNS; i++)
		printf("%-*s%s", width[i], r->cell[i], i < COLUMNS - 1 ? " " : "");
}

static void print_row(const int width[COLUMNS], const struct row *r)
{
	print_cells(width, r);
	putchar('\n');
}

static void print_drops(const struct association *a)
{
	unsigned int i;

	for (i = 0; i < DTLS_DROP_COUNT; i++)
		if (a->drops[i])
			printf(" drop:%s:%" PRIu64, kdtls_drop_name(i),
			       a->drops[i]);
}

static const char *error_name(uint32_t error)
{
	if (!error)
		return NULL;
	return strerrorname_np(error) ?: "unknown";
}

static void print_tunnel(const struct dtls_tun_stats *t)
{
	printf("       tun");
	if (t->flags & DTLS_TUN_SEND)
		printf(" tx:packets:%llu,bytes:%llu", t->tx_packets,
		       t->tx_bytes);
	if (t->tx_too_large)
		printf(",too-large:%llu", t->tx_too_large);
	if (t->tx_dropped)
		printf(",dropped:%llu", t->tx_dropped);
	if (t->flags & DTLS_TUN_RECEIVE)
		printf(" rx:packets:%llu,bytes:%llu", t->rx_packets,
		       t->rx_bytes);
	if (t->rx_dropped)
		printf(",dropped:%llu", t->rx_dropped);
	if (t->error)
		printf(" error:%s", error_name(t->error));
	printf("\n");
}

/* Lengths only: a Connection ID identifies the peer to observers. */
static void print_cids(const struct association *a)
{
	if (a->tx_cid_len || a->rx_cid_len)
		printf(" cid:tx:%u,rx:%u", a->tx_cid_len, a->rx_cid_len);
	if (a->moves)
		printf(" moves:%u", a->moves);
}

static void print_details(const struct association *a)
{
	printf("       by:%s driver:%s mtu:%u uid:%u pid:%u ino:%" PRIu64,
	       keyer_name(a->keyed_by) ?: "-", a->driver[0] ? a->driver : "-", a->mtu,
	       a->uid, a->pid, a->inode);
	print_cids(a);
	if (a->error)
		printf(" error:%s", error_name(a->error));
	printf("\n       tx:epoch:%" PRIu64 ",next:%" PRIu64 ",records:%" PRIu64
	       ",bytes:%" PRIu64, a->tx_epoch, a->tx_seq, a->tx_records,
	       a->tx_bytes);
	printf(" rx:epoch:%" PRIu64 ",next:%" PRIu64 ",records:%" PRIu64
	       ",bytes:%" PRIu64, a->rx_epoch, a->rx_seq, a->rx_records,
	       a->rx_bytes);
	print_drops(a);
	printf("\n");
	if (a->tunnel.assoc)
		print_tunnel(&a->tunnel);
}

/* JSON */

static void put_address(json_t *object, const char *name,
			const union address *a)
{
	json_t *j = new_object();
	char text[INET6_ADDRSTRLEN];
	bool v6 = a->sa.sa_family == AF_INET6;

	if (a->sa.sa_family != AF_INET && !v6) {
		json_decref(j);
		put_value(object, name, json_null());
		return;
	}
	inet_ntop(a->sa.sa_family, v6 ? (void *)&a->in6.sin6_addr :
		  (void *)&a->in.sin_addr, text, sizeof(text));
	put_word(j, "address", text);
	put_number(j, "port", ntohs(v6 ? a->in6.sin6_port : a->in.sin_port));
	if (v6 && a->in6.sin6_scope_id)
		put_number(j, "scope", a->in6.sin6_scope_id);
	put_value(object, name, j);
}

static json_t *direction_to_json(uint64_t epoch, uint64_t seq, uint64_t records,
				 uint64_t bytes, uint32_t cid_len)
{
	json_t *j = new_object();

	put_number(j, "epoch", epoch);
	put_number(j, "next", seq);
	put_number(j, "records", records);
	put_number(j, "bytes", bytes);
	put_number(j, "cid_len", cid_len);
	return j;
}

static json_t *drops_to_json(const struct association *a)
{
	json_t *j = new_object();
	unsigned int i;

	for (i = 0; i < DTLS_DROP_COUNT; i++)
		put_number(j, kdtls_drop_name(i), a->drops[i]);
	return j;
}

/* null: no DTLS_TUN; a direction that is not connected is null, too. */
static json_t *tunnel_to_json(const struct dtls_tun_stats *t)
{
	json_t *j, *tx = json_null(), *rx = json_null();

	if (!t->assoc)
		return json_null();
	j = new_object();
	put_word(j, "error", error_name(t->error));
	if (t->flags & DTLS_TUN_SEND) {
		tx = new_object();
		put_number(tx, "packets", t->tx_packets);
		put_number(tx, "bytes", t->tx_bytes);
		put_number(tx, "too_large", t->tx_too_large);
		put_number(tx, "dropped", t->tx_dropped);
	}
	if (t->flags & DTLS_TUN_RECEIVE) {
		rx = new_object();
		put_number(rx, "packets", t->rx_packets);
		put_number(rx, "bytes", t->rx_bytes);
		put_number(rx, "dropped", t->rx_dropped);
	}
	put_value(j, "tx", tx);
	put_value(j, "rx", rx);
	return j;
}

static json_t *association_to_json(const struct association *a)
{
	json_t *j = new_object();

	put_number(j, "id", a->id);
	put_word(j, "state", kdtls_state_name(a->state));
	put_word(j, "role", kdtls_role_name(a->role));
	put_word(j, "version", a->version ? kdtls_version_name(a->version) :
		 NULL);
	put_word(j, "cipher", a->cipher ? kdtls_cipher_name(a->cipher) : NULL);
	put_word(j, "driver", a->driver[0] ? a->driver : NULL);
	put_address(j, "local", &a->local);
	put_address(j, "peer", &a->peer);
	put_word(j, "keyed_by", keyer_name(a->keyed_by));
	put_number(j, "mtu", a->mtu);
	put_number(j, "uid", a->uid);
	put_number(j, "pid", a->pid);
	put_number(j, "inode", a->inode);
	put_word(j, "error", error_name(a->error));
	put_value(j, "tx",
		  direction_to_json(a->tx_epoch, a->tx_seq, a->tx_records,
				    a->tx_bytes, a->tx_cid_len));
	put_value(j, "rx",
		  direction_to_json(a->rx_epoch, a->rx_seq, a->rx_records,
				    a->rx_bytes, a->rx_cid_len));
	put_value(j, "drops", drops_to_json(a));
	put_value(j, "tunnel", tunnel_to_json(&a->tunnel));
	put_number(j, "moves", a->moves);
	return j;
}

/* show */

void show_begin(bool json)
{
	if (json)
		list = new_list();
}

static void keep_association(const struct association *a)
{
	/* reallocated at the powers of two */
	if (!(n_shown & (n_shown - 1)))
		shown = reallocarray(shown, n_shown ? 2 * n_shown : 1, sizeof(*shown));
	if (!shown)
		die(EXIT_FAILED, "out of memory");
	shown[n_shown++] = *a;
}

void show_association(int cmd, struct nl_msg *msg, void *arg)
{
	struct association a;

	if (association_parse(msg, &a))
		return;
	if (list) {
		put_item(list, association_to_json(&a));
		return;
	}
	keep_association(&a);
}

static bool keys_logged(void)
{
	return kdtls_mark_find(KDTLS_MARK_KEYLOG) == KDTLS_MARK_PRESENT;
}

static void print_shown(void)
{
	int width[COLUMNS] = { 0 };
	struct row r;

	widen(width, &head);
	for (size_t i = 0; i < n_shown; i++) {
		fill_row(&shown[i], &r);
		widen(width, &r);
	}
	if (n_shown)
		print_row(width, &head);
	for (size_t i = 0; i < n_shown; i++) {
		fill_row(&shown[i], &r);
		print_row(width, &r);
		print_details(&shown[i]);
	}
	if (keys_logged())
		puts("WARNING: dtls-handshaked writes keys to a file (keylog)");
	free(shown);
	shown = NULL;
	n_shown = 0;
}

void show_end(void)
{
	json_t *j;

	if (!list) {
		print_shown();
		return;
	}
	j = new_object();
	put_value(j, "associations", list);
	put_value(j, "keylog", json_boolean(keys_logged()));
	print_json(j, JSON_INDENT(2));
}

/* monitor */

static const char *event_name(int cmd)
{
	switch (cmd) {
	case KDTLS_CMD_ESTABLISHED:
		return "established";
	case KDTLS_CMD_CLOSED:
		return "closed";
	case KDTLS_CMD_FAILED:
		return "failed";
	case KDTLS_CMD_LIMIT:
		return "limit";
	case KDTLS_CMD_UPDATED:
		return "updated";
	case KDTLS_CMD_MOVED:
		return "moved";
	default:
		return "unknown";
	}
}

static void format_now(char *to, size_t size)
{
	struct timespec t;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &t);
	gmtime_r(&t.tv_sec, &tm);
	n = strftime(to, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(to + n, size - n, ".%03ldZ", t.tv_nsec / 1000000);
}

static void print_event_json(int cmd, const char *now, const struct association *a)
{
	json_t *j = new_object();

	put_word(j, "event", event_name(cmd));
	put_word(j, "time", now);
	if (cmd == KDTLS_CMD_MOVED)
		put_address(j, "old_peer", &a->old_peer);
	put_value(j, "association", association_to_json(a));
	print_json(j, JSON_COMPACT);
}

static void print_event_line(int cmd, const char *now, const struct association *a)
{
	char old_peer[ADDRESS_LEN];
	struct row r;

	printf("%s %-11s ", now, event_name(cmd));
	fill_row(a, &r);
	print_cells(usual, &r);
	if (cmd == KDTLS_CMD_UPDATED)
		printf(" tx:epoch:%" PRIu64 " rx:epoch:%" PRIu64, a->tx_epoch,
		       a->rx_epoch);
	if (cmd == KDTLS_CMD_MOVED) {
		format_address(&a->old_peer, old_peer);
		printf(" from:%s", old_peer);
	}
	putchar('\n');
	fflush(stdout);
}

void print_event(int cmd, struct nl_msg *msg, void *arg)
{
	struct association a;
	const bool *json = arg;
	char now[40];

	if (association_parse(msg, &a))
		return;
	format_now(now, sizeof(now));
	if (*json)
		print_event_json(cmd, now, &a);
	else
		print_event_line(cmd, now, &a);
}
