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

#define ADDRESS_LEN	(INET6_ADDRSTRLEN + 16)

static json_t *list;		/* NULL: columns */
static unsigned int printed;

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

static void print_head(void)
{
	printf("%-6s %-11s %-6s %-22s %-22s %-4s %s\n", "ID", "State", "Role",
	       "Local", "Peer", "DTLS", "Cipher");
}

static void print_line(const struct association *a)
{
	char local[ADDRESS_LEN], peer[ADDRESS_LEN];

	format_address(&a->local, local);
	format_address(&a->peer, peer);
	printf("%-6" PRIu64 " %-11s %-6s %-22s %-22s %-4s %s\n", a->id,
	       kdtls_state_name(a->state), kdtls_role_name(a->role), local,
	       peer, version_or_dash(a), cipher_or_dash(a));
}

static void print_drops(const struct association *a)
{
	unsigned int i;

	for (i = 0; i < DTLS_DROP_COUNT; i++)
		if (a->drops[i])
			printf(" drop:%s:%" PRIu64, kdtls_drop_name(i),
			       a->drops[i]);
}

static void print_details(const struct association *a)
{
	printf("       by:%s driver:%s mtu:%u uid:%u pid:%u ino:%" PRIu64,
	       keyer_name(a->keyed_by), a->driver[0] ? a->driver : "-", a->mtu,
	       a->uid, a->pid, a->inode);
	if (a->error)
		printf(" error:%s", strerrorname_np(a->error) ?: "unknown");
	printf("\n       tx:epoch:%" PRIu64 ",next:%" PRIu64 ",records:%" PRIu64
	       ",bytes:%" PRIu64, a->tx_epoch, a->tx_seq, a->tx_records,
	       a->tx_bytes);
	printf(" rx:epoch:%" PRIu64 ",next:%" PRIu64 ",records:%" PRIu64
	       ",bytes:%" PRIu64, a->rx_epoch, a->rx_seq, a->rx_records,
	       a->rx_bytes);
	print_drops(a);
	printf("\n");
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
				 uint64_t bytes)
{
	json_t *j = new_object();

	put_number(j, "epoch", epoch);
	put_number(j, "next", seq);
	put_number(j, "records", records);
	put_number(j, "bytes", bytes);
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
	put_word(j, "error", a->error ?
		 strerrorname_np(a->error) ?: "unknown" : NULL);
	put_value(j, "tx",
		  direction_to_json(a->tx_epoch, a->tx_seq, a->tx_records,
				    a->tx_bytes));
	put_value(j, "rx",
		  direction_to_json(a->rx_epoch, a->rx_seq, a->rx_records,
				    a->rx_bytes));
	put_value(j, "drops", drops_to_json(a));
	return j;
}

/* show */

void show_begin(bool json)
{
	if (json)
		list = new_list();
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
	if (!printed++)
		print_head();
	print_line(&a);
	print_details(&a);
}

void show_end(void)
{
	json_t *j;

	if (!list)
		return;
	j = new_object();
	put_value(j, "associations", list);
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

void print_event(int cmd, struct nl_msg *msg, void *arg)
{
	struct association a;
	const bool *json = arg;
	char now[40];
	json_t *j;

	if (association_parse(msg, &a))
		return;
	format_now(now, sizeof(now));
	if (*json) {
		j = new_object();
		put_word(j, "event", event_name(cmd));
		put_word(j, "time", now);
		put_value(j, "association", association_to_json(&a));
		print_json(j, JSON_COMPACT);
		return;
	}
	printf("%s %-11s ", now, event_name(cmd));
	print_line(&a);
	fflush(stdout);
}
