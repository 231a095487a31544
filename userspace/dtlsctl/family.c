// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests to the netlink family "kdtls", and advice when it refuses one. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <linux/genetlink.h>
#include <linux/kdtls_netlink.h>

#include "dtlsctl.h"

/* 32 groups a word: above the number of groups in the kernel. */
#define GROUP_WORDS	1024

struct request {
	message_fn fn;
	void *arg;
	bool over;
	bool check_family;	/* a netlink family came or went */
};

/* Resolving the family loads the module, if it is installed. */
static int open_family(struct nl_sock **sk)
{
	int on = 1, family;

	*sk = nl_socket_alloc();
	if (!*sk || genl_connect(*sk))
		die(EXIT_FAILED, "no netlink socket: %s", strerror(errno));
	setsockopt(nl_socket_get_fd(*sk), SOL_NETLINK, NETLINK_EXT_ACK, &on,
		   sizeof(on));
	family = genl_ctrl_resolve(*sk, KDTLS_FAMILY_NAME);
	if (family < 0)
		die(EXIT_NO_MODULE, "kdtls is not loaded: modprobe kdtls");
	return family;
}

/* The kernel's error message, which follows the copy of the request. */
static const char *get_extack(const struct nlmsgerr *err)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)err - 1;
	int skip = sizeof(*err);
	struct nlattr *msg;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += err->msg.nlmsg_len - sizeof(err->msg);
	msg = nlmsg_find_attr((struct nlmsghdr *)nlh, NLMSG_ALIGN(skip),
			      NLMSGERR_ATTR_MSG);
	return msg ? nla_get_string(msg) : NULL;
}

__attribute__((noreturn))
static void die_refused(int error, const char *why)
{
	switch (error) {
	case EPERM:
	case EACCES:
		die(EXIT_NO_RIGHT,
		    "not permitted: this command needs CAP_NET_ADMIN (try sudo)");
	case ENOENT:
	case ESRCH:
		die(EXIT_NOT_FOUND,
		    "no such association here: see dtlsctl show");
	default:
		die(EXIT_FAILED, "%s", why ? why : strerror(error));
	}
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	die_refused(-err->error, get_extack(err));
}

static int on_message(struct nl_msg *msg, void *arg)
{
	struct request *r = arg;

	if (nlmsg_hdr(msg)->nlmsg_type == GENL_ID_CTRL)
		r->check_family = true;
	else if (r->fn)
		r->fn(genlmsg_hdr(nlmsg_hdr(msg))->cmd, msg, r->arg);
	return NL_OK;
}

static int on_end(struct nl_msg *msg, void *arg)
{
	struct request *r = arg;

	r->over = true;
	return NL_OK;
}

static int no_seq_check(struct nl_msg *msg, void *arg)
{
	return NL_OK;
}

static void set_callbacks(struct nl_sock *sk, struct request *r)
{
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_message, r);
	nl_socket_modify_cb(sk, NL_CB_FINISH, NL_CB_CUSTOM, on_end, r);
	nl_socket_modify_cb(sk, NL_CB_ACK, NL_CB_CUSTOM, on_end, r);
	nl_socket_modify_err_cb(sk, NL_CB_CUSTOM, on_error, r);
}

static void send_request(int cmd, int flags, uint64_t id, struct request *r)
{
	struct nl_sock *sk;
	int family = open_family(&sk), err;
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0,
				 flags, cmd, KDTLS_FAMILY_VERSION) ||
	    (id && nla_put_u64(msg, KDTLS_A_ASSOCIATION_ID, id)))
		die(EXIT_FAILED, "out of memory");
	set_callbacks(sk, r);
	err = nl_send_auto(sk, msg);
	while (err >= 0 && !r->over)
		err = nl_recvmsgs_default(sk);
	if (err < 0)
		die(EXIT_FAILED, "%s", nl_geterror(err));
	nlmsg_free(msg);
	nl_socket_free(sk);
}

void family_get(uint64_t id, message_fn fn, void *arg)
{
	struct request r = { .fn = fn, .arg = arg };

	send_request(KDTLS_CMD_GET, NLM_F_ACK, id, &r);
}

void family_dump(message_fn fn, void *arg)
{
	struct request r = { .fn = fn, .arg = arg };

	send_request(KDTLS_CMD_GET, NLM_F_DUMP, 0, &r);
}

void family_close(uint64_t id)
{
	struct request r = { 0 };

	send_request(KDTLS_CMD_CLOSE, NLM_F_ACK, id, &r);
}

/* When a family is unregistered the kernel ends all memberships of its groups. */
static bool is_member(struct nl_sock *sk, unsigned int group)
{
	uint32_t groups[GROUP_WORDS] = { 0 };
	socklen_t len = sizeof(groups);
	unsigned int bit = group - 1;

	if (bit / 32 >= GROUP_WORDS ||
	    getsockopt(nl_socket_get_fd(sk), SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS,
		       groups, &len))
		return true;
	return groups[bit / 32] >> bit % 32 & 1;
}

/* Notifications about families arrive at the same socket. */
static void watch_families(struct nl_sock *sk)
{
	int group = genl_ctrl_resolve_grp(sk, "nlctrl", "notify");

	if (group >= 0)
		nl_socket_add_membership(sk, group);
}

void family_listen(message_fn fn, void *arg)
{
	struct request r = { .fn = fn, .arg = arg };
	struct nl_sock *sk;
	int group, err;

	open_family(&sk);
	group = genl_ctrl_resolve_grp(sk, KDTLS_FAMILY_NAME,
				      KDTLS_MCGRP_EVENTS);
	if (group < 0)
		die(EXIT_FAILED, "this version of kdtls has no events");
	err = nl_socket_add_membership(sk, group);
	if (err < 0)
		die_refused(err == -NLE_PERM ? EPERM : errno, nl_geterror(err));
	watch_families(sk);
	set_callbacks(sk, &r);
	nl_socket_modify_cb(sk, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, no_seq_check,
			    NULL);
	for (;;) {
		err = nl_recvmsgs_default(sk);
		if (err == -NLE_NOMEM)
			fprintf(stderr, "dtlsctl: events were lost\n");
		else if (err < 0 && err != -NLE_INTR && err != -NLE_AGAIN)
			die(EXIT_FAILED, "%s", nl_geterror(err));
		if ((r.check_family || err == -NLE_NOMEM) && !is_member(sk, group))
			die(EXIT_NO_MODULE,
			    "the module kdtls was unloaded");
		r.check_family = false;
	}
}
