// SPDX-License-Identifier: GPL-2.0
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"
#include "tap.h"

struct crowd server;
u8 peer_record[2 * SIDE_MAX_RECORD], peer_in[SIDE_MAX_RECORD];

int peer_socket(struct sockaddr_storage *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	memset(addr, 0, sizeof(*addr));
	need(fd >= 0 && !connect(fd, (void *)&server.addr, server.addr_len) &&
	     !getsockname(fd, (void *)addr, &len), "a plain socket");
	return fd;
}

int set_cid_len(int fd, u32 len)
{
	return setsockopt(fd, SOL_DTLS, DTLS_CID, &len, sizeof(len)) ? errno : 0;
}

void peers_begin(bool any)
{
	crowd_open(&server, AF_INET, any);
	need(!set_cid_len(server.server, CID_LEN), "DTLS_CID");
}

void peer_init(struct peer *p, u8 byte, const char *cid)
{
	side_init(&p->up, GCM, byte, cid);
	side_init(&p->down, GCM, byte + 1, *cid ? "peer" : "");
	p->seq = 0;
	p->fd = peer_socket(&p->addr);
	p->other = peer_socket(&p->other_addr);
}

int peer_add_at(struct peer *p, struct crowd *c, const struct sockaddr_storage *local)
{
	struct dtls_status status;
	int err = side_set_keys(c->server, &p->down, &p->up, false, &p->addr, local);

	if (err)
		return err;
	need(!crowd_status(c, 0, &p->addr, &status), "its status");
	p->id = status.assoc;
	return 0;
}

int peer_add(struct peer *p, struct crowd *c)
{
	return peer_add_at(p, c, NULL);
}

void peer_open(struct peer *p, u8 byte, const char *cid)
{
	peer_init(p, byte, cid);
	errno = peer_add(p, &server);
	need(!errno, "keys of a peer");
}

void peer_close(struct peer *p)
{
	close(p->fd);
	close(p->other);
}

void peer_says(struct peer *p, int fd, const char *text)
{
	size_t len = side_data(&p->up, p->seq++, text, strlen(text), peer_record);

	need(send(fd, peer_record, len, 0) == (ssize_t)len, "send");
}

/*
 * The next record within 5 s. With an event in the error queue poll() does not wait, and
 * the record that caused it may still be opened.
 */
static ssize_t next_record(struct crowd *c, struct sockaddr_storage *from, u64 *id)
{
	long end = pair_ms() + 5000;
	ssize_t len;

	while ((len = crowd_recv(c, peer_in, sizeof(peer_in), from, (void *)id,
				 NULL)) < 0 && pair_ms() < end)
		usleep(1000);
	return len;
}

bool heard_from(struct crowd *c, const struct peer *p, const char *text,
		const struct sockaddr_storage *name)
{
	struct sockaddr_storage from;
	u64 id = 0;

	return next_record(c, &from, &id) == (ssize_t)strlen(text) &&
	       !memcmp(peer_in, text, strlen(text)) && id == p->id &&
	       same_addr(&from, name);
}

bool heard(struct crowd *c, const struct peer *p, const char *text)
{
	return heard_from(c, p, text, &p->addr);
}

bool nothing(struct crowd *c)
{
	return !pair_poll(c->server, POLLIN, 50);
}

bool answered_at(struct crowd *c, const struct peer *p,
		 const struct sockaddr_storage *name, int fd)
{
	struct side_opened o;
	ssize_t len;

	if (crowd_send(c, name, 0, "answer", 6) != 6)
		return false;
	len = pair_recv(fd, peer_record, sizeof(peer_record), 2000);
	return len > 0 && !side_open(&p->down, peer_record, len, &o) && o.len == 6;
}

bool answered(struct crowd *c, const struct peer *p)
{
	return answered_at(c, p, &p->addr, p->fd);
}
