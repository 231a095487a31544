// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control port over generic netlink; libnl builds and parses the messages.
 * Two sockets: one is in the multicast group and is notified that requests are
 * queued; the other sends requests. The kernel binds a handshake to the second,
 * which also requests its datagrams and cancellations: its receive queue holds only
 * answers and one notification.
 *
 * A request waits for its answer, which the kernel queues before sendto() returns.
 * Other messages that arrive before it are kept for dispatch().
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>

#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <linux/kdtls_netlink.h>

#include "clock.h"
#include "fate.h"
#include "log.h"
#include "port.h"
#include "port_message.h"
#include "record/record.h"

#define QUEUE_BYTES	(4 << 20)
#define ANSWER_MS	1000
/* Above the size of any message of the family. */
#define MAX_MESSAGE	(128 << 10)
/* 32 groups a word: above the number of groups in the kernel. */
#define GROUP_WORDS	1024
/* For headers and all attributes except one that may be large. */
#define SMALL_BYTES	2048

struct event {
	struct event *next;
	int cmd;
	uint64_t id;
	int status;
	size_t len;
	uint8_t data[];
};

struct netlink_port {
	struct port port;
	struct nl_sock *events;
	struct nl_sock *requests;
	int family;
	unsigned int group;	/* the membership of events */
	bool wanted;
	bool waiting;
	bool check_family;	/* a netlink family came or went */
	uint64_t failing_since;	/* ms; 0: the last request succeeded */
	struct event *first, **last;

	/* the request in progress */
	unsigned int seq;
	bool answered;
	int error;
	struct handshake_request *accepted;
	struct hello *hello;
	uint32_t *mtu;
	int expected;		/* an error that is not logged */

	char buffer[MAX_MESSAGE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static struct netlink_port *to_netlink(struct port *port)
{
	return (struct netlink_port *)port;
}

/* Errors: fate.c has the consequence of each */

static void end_port(struct netlink_port *p, int error)
{
	if (p->port.status)
		return;
	p->port.status = fate_status(error);
	if (error == ENODEV)
		say(LOG_ERR, "the module kdtls was unloaded");
	else
		say(LOG_ERR, "the kernel's control port is gone: %s", strerror(error));
}

/*
 * When a family is unregistered the kernel ends all memberships of its groups; they
 * do not return if a family is registered under the same name and numbers.
 */
static bool is_registered(const struct netlink_port *p)
{
	uint32_t groups[GROUP_WORDS] = { 0 };
	socklen_t len = sizeof(groups);
	unsigned int bit = p->group - 1;

	if (bit / 32 >= GROUP_WORDS ||
	    getsockopt(nl_socket_get_fd(p->events), SOL_NETLINK,
		       NETLINK_LIST_MEMBERSHIPS, groups, &len))
		return true;
	return groups[bit / 32] >> bit % 32 & 1;
}

static void verify_family(struct netlink_port *p)
{
	p->check_family = false;
	if (!p->port.status && !is_registered(p))
		end_port(p, ENODEV);
}

static void note_success(struct netlink_port *p)
{
	p->failing_since = 0;
}

static void note_transient(struct netlink_port *p, int error)
{
	if (!p->failing_since) {
		p->failing_since = clock_ms();
		say(LOG_WARNING, "the kernel's control port: %s; trying again",
		    strerror(error));
	} else if (clock_ms() - p->failing_since >= FATE_PATIENCE) {
		end_port(p, error);
	}
}

static void handle_error(struct netlink_port *p, enum fate_place place, int error)
{
	if (error == ENOENT)
		verify_family(p);
	switch (fate_of(place, error)) {
	case FATE_REQUEST:
		if (place != FATE_SEND)
			note_success(p);
		break;
	case FATE_RETRY:
		note_transient(p, error);
		break;
	case FATE_END:
		end_port(p, error);
		break;
	}
}

/* Receiving */

static void keep_event(struct netlink_port *p, int cmd, struct nlattr **a)
{
	struct nlattr *data = a[KDTLS_A_HANDSHAKE_DATA];
	size_t len = data ? nla_len(data) : 0;
	struct event *e;

	if (!a[KDTLS_A_HANDSHAKE_ID])
		return;
	e = malloc(sizeof(*e) + len);
	if (!e)
		return;
	e->next = NULL;
	e->cmd = cmd;
	e->id = nla_get_u64(a[KDTLS_A_HANDSHAKE_ID]);
	e->status = a[KDTLS_A_HANDSHAKE_STATUS] ?
		    (int)nla_get_u32(a[KDTLS_A_HANDSHAKE_STATUS]) : 0;
	e->len = len;
	if (len)
		memcpy(e->data, nla_data(data), len);
	*p->last = e;
	p->last = &e->next;
}

static void take_family(struct netlink_port *p, struct nlmsghdr *nlh)
{
	struct nlattr *a[KDTLS_A_HANDSHAKE_MAX + 1];
	int cmd;

	if (!genlmsg_valid_hdr(nlh, 0) ||
	    genlmsg_parse(nlh, 0, a, KDTLS_A_HANDSHAKE_MAX, NULL) < 0)
		return;
	cmd = ((struct genlmsghdr *)nlmsg_data(nlh))->cmd;
	switch (cmd) {
	case KDTLS_CMD_HANDSHAKE_WANTED:
		p->wanted = true;
		break;
	case KDTLS_CMD_HELLO:
		if (p->hello && nlh->nlmsg_seq == p->seq)
			message_get_hello(a, p->hello);
		break;
	case KDTLS_CMD_ADMIT:
	case KDTLS_CMD_ACCEPT:
		if (p->accepted && nlh->nlmsg_seq == p->seq && a[KDTLS_A_HANDSHAKE_ID])
			message_get_request(a, p->accepted);
		break;
	case KDTLS_CMD_PATH:
		if (p->mtu && nlh->nlmsg_seq == p->seq)
			*p->mtu = message_get_mtu(a);
		break;
	case KDTLS_CMD_WAITING:
		p->waiting = true;
		break;
	case KDTLS_CMD_NEXT:
		keep_event(p, a[KDTLS_A_HANDSHAKE_DATA] ? KDTLS_CMD_DATAGRAM :
			   KDTLS_CMD_CANCELLED, a);
		break;
	case KDTLS_CMD_TICKET:
	case KDTLS_CMD_DATAGRAM:	/* sent before the first KDTLS_CMD_NEXT */
	case KDTLS_CMD_CANCELLED:
		keep_event(p, cmd, a);
		break;
	}
}

/* The kernel's message about a refused request (extended ack). */
static void log_extack(const struct nlmsghdr *nlh, const struct nlmsgerr *err)
{
	int len = nlmsg_datalen(nlh) - sizeof(*err);
	struct nlattr *text;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || !(nlh->nlmsg_flags & NLM_F_CAPPED))
		return;
	text = nla_find((struct nlattr *)(err + 1), len, NLMSGERR_ATTR_MSG);
	if (text)
		say(LOG_NOTICE, "kernel: %.*s", nla_len(text), (char *)nla_data(text));
}

static void set_answer(struct netlink_port *p, int error)
{
	p->answered = true;
	p->error = error;
}

/* An error of 0 is an ack. */
static void take_error(struct netlink_port *p, struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = nlmsg_data(nlh);

	if (nlmsg_datalen(nlh) < (int)sizeof(*err) || nlh->nlmsg_seq != p->seq)
		return;
	if (err->error && err->error != -EAGAIN && err->error != p->expected)
		log_extack(nlh, err);
	set_answer(p, err->error);
}

static void take_messages(struct netlink_port *p, int len)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)p->buffer;

	for (; nlmsg_ok(nlh, len); nlh = nlmsg_next(nlh, &len)) {
		if (nlh->nlmsg_type == NLMSG_ERROR)
			take_error(p, nlh);
		else if (nlh->nlmsg_type == p->family)
			take_family(p, nlh);
		else if (nlh->nlmsg_type == GENL_ID_CTRL)
			p->check_family = true;
	}
}

/* Messages may be lost: everything that may be queued is requested. */
static void note_loss(struct netlink_port *p, struct nl_sock *sk, int error)
{
	p->wanted = true;
	p->waiting = true;
	p->check_family = true;
	if (sk == p->requests && !p->answered)
		set_answer(p, -error);
	handle_error(p, FATE_READ, error);
}

/* Until the socket is empty, or an error. */
static void read_socket(struct netlink_port *p, struct nl_sock *sk)
{
	ssize_t n;

	for (;;) {
		n = recv(nl_socket_get_fd(sk), p->buffer, sizeof(p->buffer),
			 MSG_DONTWAIT | MSG_TRUNC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 || n > MAX_MESSAGE) {
			note_loss(p, sk, n < 0 ? errno : EMSGSIZE);
			return;
		}
		take_messages(p, n);
	}
}

/* Requests */

/* large: bytes of an attribute that may be large, or 0. */
static struct nl_msg *new_message(struct netlink_port *p, int cmd, uint64_t id, size_t large)
{
	struct nl_msg *msg = nlmsg_alloc_size(SMALL_BYTES + large);

	if (!msg)
		return NULL;
	if (genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, p->family, 0, 0, cmd,
			KDTLS_FAMILY_VERSION) &&
	    (!id || !nla_put_u64(msg, KDTLS_A_HANDSHAKE_ID, id)))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* The message may have a key in it. */
static void free_message(struct nl_msg *msg)
{
	explicit_bzero(nlmsg_hdr(msg), nlmsg_get_max_size(msg));
	nlmsg_free(msg);
}

static int wait_answer(struct netlink_port *p)
{
	struct pollfd pfd = { .fd = nl_socket_get_fd(p->requests), .events = POLLIN };
	int ret;

	for (;;) {
		read_socket(p, p->requests);
		if (p->answered)
			return p->error;
		ret = poll(&pfd, 1, ANSWER_MS);
		if (ret == 0)
			return -ETIMEDOUT;
		if (ret < 0 && errno != EINTR)
			return -errno;
	}
}

static int send_request(struct netlink_port *p, const struct nlmsghdr *nlh)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t n;

	do {
		n = sendto(nl_socket_get_fd(p->requests), nlh, nlh->nlmsg_len, 0,
			   (const struct sockaddr *)&kernel, sizeof(kernel));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* place: the kind of request. */
static int ask_kernel(struct netlink_port *p, struct nl_msg *msg, enum fate_place place)
{
	int ret;

	/* notifications must not fill the receive queue */
	read_socket(p, p->requests);
	if (p->port.status)
		return -ENODEV;
	nl_complete_msg(p->requests, msg);
	p->seq = nlmsg_hdr(msg)->nlmsg_seq;
	p->answered = false;
	ret = send_request(p, nlmsg_hdr(msg));
	if (ret)
		place = FATE_SEND;
	else
		ret = wait_answer(p);
	p->seq = 0;
	if (ret)
		handle_error(p, place, -ret);
	else
		note_success(p);
	return ret;
}

/* Sends msg and frees it. err: nonzero if building it failed. */
static int finish_request(struct netlink_port *p, struct nl_msg *msg, int err,
			  enum fate_place place)
{
	int ret = err ? -EMSGSIZE : -ENOMEM;

	if (msg && !err)
		ret = ask_kernel(p, msg, place);
	if (msg)
		free_message(msg);
	return ret;
}

/* For requests that are answered with a handshake. */
static int request_handshake(struct netlink_port *p, struct nl_msg *msg, int err,
			     enum fate_place place, struct handshake_request *r)
{
	int ret;

	p->accepted = r;
	ret = finish_request(p, msg, err, place);
	p->accepted = NULL;
	if (!ret && !r->id)
		return -EPROTO;
	return ret;
}

static int op_next(struct port *port, unsigned int count)
{
	struct netlink_port *p = to_netlink(port);
	struct nl_msg *msg = new_message(p, KDTLS_CMD_NEXT, 0, 0);
	int err = msg ? nla_put_u32(msg, KDTLS_A_HANDSHAKE_COUNT, count) : 0;

	return finish_request(p, msg, err, FATE_ASK);
}

static int op_accept(struct port *port, struct handshake_request *r)
{
	struct netlink_port *p = to_netlink(port);

	return request_handshake(p, new_message(p, KDTLS_CMD_ACCEPT, 0, 0), 0, FATE_ASK, r);
}

static int op_hello(struct port *port, struct hello *h)
{
	struct netlink_port *p = to_netlink(port);
	int ret;

	p->hello = h;
	ret = finish_request(p, new_message(p, KDTLS_CMD_HELLO, 0, 0), 0, FATE_ASK);
	p->hello = NULL;
	if (!ret && !h->len)
		return -EPROTO;
	return ret;
}

static int op_challenge(struct port *port, const struct hello *h)
{
	struct netlink_port *p = to_netlink(port);
	struct nl_msg *msg = new_message(p, KDTLS_CMD_CHALLENGE, 0, h->len);
	int err = 0;

	if (msg)
		err = message_put_client(msg, h) ||
		      nla_put(msg, KDTLS_A_HANDSHAKE_DATA, h->len, h->data);
	return finish_request(p, msg, err, FATE_ABOUT);
}

static int op_admit(struct port *port, const struct hello *h, struct handshake_request *r)
{
	struct netlink_port *p = to_netlink(port);
	struct nl_msg *msg = new_message(p, KDTLS_CMD_ADMIT, 0, 0);
	int err = msg ? message_put_client(msg, h) : 0;

	r->listener = h->listener;
	r->link = h->link;
	return request_handshake(p, msg, err, FATE_ABOUT, r);
}

static int op_send(struct port *port, uint64_t id, const struct cid *cid,
		   const void *data, size_t len)
{
	struct netlink_port *p = to_netlink(port);
	struct nl_msg *msg = new_message(p, KDTLS_CMD_DATAGRAM, id, len);
	int err = 0, ret;

	if (msg)
		err = nla_put(msg, KDTLS_A_HANDSHAKE_DATA, len, data) ||
		      message_put_cid(msg, cid->bytes, cid->len);
	p->expected = -EMSGSIZE;
	ret = finish_request(p, msg, err, FATE_ABOUT);
	p->expected = 0;
	return ret;
}

static int op_path(struct port *port, uint64_t id, uint32_t narrow, uint32_t *mtu)
{
	struct netlink_port *p = to_netlink(port);
	struct nl_msg *msg = new_message(p, KDTLS_CMD_PATH, id, 0);
	int err = msg && narrow ? nla_put_u32(msg, KDTLS_A_HANDSHAKE_MTU, narrow) : 0;
	int ret;

	*mtu = 0;
	p->mtu = mtu;
	ret = finish_request(p, msg, err, FATE_ABOUT);
	p->mtu = NULL;
	return ret ?: *mtu ? 0 : -EPROTO;
}

static int install_direction(struct netlink_port *p, uint64_t id,
			     const struct dtls_keys *k,
			     enum kdtls_direction which,
			     const struct dtls_direction *dir,
			     const struct dtls_cipher *c)
{
	struct nl_msg *msg = new_message(p, KDTLS_CMD_KEY_INSTALL, id, 0);
	int err = 0;

	if (msg)
		err = message_put_keys(msg, k, which, dir, c);
	return finish_request(p, msg, err, FATE_ABOUT);
}

static int op_install(struct port *port, uint64_t id, const struct dtls_keys *k)
{
	struct netlink_port *p = to_netlink(port);
	const struct dtls_cipher *c = dtls_cipher_by_id(k->cipher);
	int ret;

	if (!c)
		return -EINVAL;
	/* receive keys first: the peer may use its keys at once */
	ret = install_direction(p, id, k, KDTLS_DIRECTION_RX, &k->rx, c);
	if (!ret)
		ret = install_direction(p, id, k, KDTLS_DIRECTION_TX, &k->tx, c);
	return ret;
}

static int op_last_flight(struct port *port, uint64_t id, const void *flight, size_t len)
{
	struct netlink_port *p = to_netlink(port);
	struct nl_msg *msg = new_message(p, KDTLS_CMD_LAST_FLIGHT, id, len);
	int err = 0;

	if (msg)
		err = nla_put(msg, KDTLS_A_HANDSHAKE_FLIGHT, len, flight);
	return finish_request(p, msg, err, FATE_ABOUT);
}

static int send_done(struct port *port, uint64_t id, const struct handshake_result *r)
{
	struct netlink_port *p = to_netlink(port);
	struct nl_msg *msg = new_message(p, KDTLS_CMD_DONE, id,
					 (size_t)r->cert_len + r->identity_len);
	int err = 0;

	if (msg)
		err = message_put_result(msg, r);
	return finish_request(p, msg, err, FATE_ABOUT);
}

/* A module of before does not know about tickets. */
static int op_done(struct port *port, uint64_t id, const struct handshake_result *r)
{
	struct handshake_result without;
	int ret = send_done(port, id, r);

	if (ret != -EINVAL || r->status || !r->tickets)
		return ret;
	without = *r;
	without.tickets = 0;
	ret = send_done(port, id, &without);
	explicit_bzero(without.exporter, sizeof(without.exporter));
	return ret;
}

/* Events */

static int op_fds(struct port *port, int fds[PORT_MAX_FDS])
{
	struct netlink_port *p = to_netlink(port);

	fds[0] = nl_socket_get_fd(p->events);
	fds[1] = nl_socket_get_fd(p->requests);
	return 2;
}

static void op_ready(struct port *port, int fd)
{
	struct netlink_port *p = to_netlink(port);

	read_socket(p, fd == nl_socket_get_fd(p->events) ? p->events : p->requests);
	if (p->check_family)
		verify_family(p);
}

static void op_tick(struct port *port)
{
	verify_family(to_netlink(port));
}

static void deliver_event(struct netlink_port *p, const struct event *e)
{
	const struct port_handler *h = p->port.handler;

	if (e->cmd == KDTLS_CMD_CANCELLED)
		h->cancelled(p->port.ctx, e->id, e->status);
	else if (e->cmd == KDTLS_CMD_TICKET)
		h->ticket(p->port.ctx, e->id, e->data, e->len);
	else
		h->datagram(p->port.ctx, e->id, e->data, e->len);
}

static void op_dispatch(struct port *port)
{
	struct netlink_port *p = to_netlink(port);
	struct event *e;

	while ((e = p->first)) {
		p->first = e->next;
		if (!p->first)
			p->last = &p->first;
		deliver_event(p, e);
		free(e);
	}
	if (p->wanted) {
		p->wanted = false;
		p->port.handler->wanted(p->port.ctx);
	}
	if (p->waiting) {
		p->waiting = false;
		p->port.handler->waiting(p->port.ctx);
	}
}

static void op_close(struct port *port)
{
	struct netlink_port *p = to_netlink(port);
	struct event *next;

	for (struct event *e = p->first; e; e = next) {
		next = e->next;
		free(e);
	}
	nl_socket_free(p->events);
	nl_socket_free(p->requests);
	free(p);
}

static const struct port_ops ops = {
	.fds = op_fds,
	.ready = op_ready,
	.tick = op_tick,
	.dispatch = op_dispatch,
	.next = op_next,
	.accept = op_accept,
	.hello = op_hello,
	.challenge = op_challenge,
	.admit = op_admit,
	.send = op_send,
	.path = op_path,
	.install = op_install,
	.last_flight = op_last_flight,
	.done = op_done,
	.close = op_close,
};

/* Opening */

static void set_queue(struct nl_sock *sk)
{
	int fd = nl_socket_get_fd(sk), size = QUEUE_BYTES, on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	/* errors have a message, and no copy of the request, which may hold keys */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
}

static struct nl_sock *open_socket(void)
{
	struct nl_sock *sk = nl_socket_alloc();

	if (!sk)
		return NULL;
	if (genl_connect(sk) < 0) {
		nl_socket_free(sk);
		return NULL;
	}
	set_queue(sk);
	return sk;
}

/* A family that is unregistered is noticed at once, not only by op_tick(). */
static void watch_families(struct netlink_port *p)
{
	int group = genl_ctrl_resolve_grp(p->requests, "nlctrl", "notify");

	if (group >= 0)
		nl_socket_add_membership(p->events, group);
}

/* Resolving the family loads the module, if that is allowed. */
static bool resolve_family(struct netlink_port *p, int *status)
{
	int group, ret;

	*status = EX_UNAVAILABLE;
	p->family = genl_ctrl_resolve(p->requests, KDTLS_FAMILY_NAME);
	if (p->family < 0) {
		say(LOG_ERR,
		    "this kernel has no netlink family \"%s\"; load the module: \"modprobe kdtls\" says what prevents it",
		    KDTLS_FAMILY_NAME);
		return false;
	}
	group = genl_ctrl_resolve_grp(p->requests, KDTLS_FAMILY_NAME,
				      KDTLS_MCGRP_HANDSHAKES);
	ret = group < 0 ? group : nl_socket_add_membership(p->events, group);
	if (ret >= 0) {
		p->group = group;
		watch_families(p);
		return true;
	}
	if (ret == -NLE_PERM) {
		*status = EX_NOPERM;
		say(LOG_ERR, "joining the netlink group \"%s\" needs CAP_NET_ADMIN",
		    KDTLS_MCGRP_HANDSHAKES);
	} else {
		say(LOG_ERR, "cannot join the netlink group \"%s\": %s",
		    KDTLS_MCGRP_HANDSHAKES, nl_geterror(ret));
	}
	return false;
}

static void unblock_sockets(struct netlink_port *p)
{
	nl_socket_set_nonblocking(p->events);
	nl_socket_set_nonblocking(p->requests);
}

struct port *port_netlink_open(int *status)
{
	struct netlink_port *p = calloc(1, sizeof(*p));

	*status = EX_OSERR;
	if (!p)
		return NULL;
	p->port.ops = &ops;
	p->last = &p->first;
	p->events = open_socket();
	p->requests = open_socket();
	if (p->events && p->requests && resolve_family(p, status)) {
		unblock_sockets(p);
		return &p->port;
	}
	op_close(&p->port);
	return NULL;
}
