// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Attaching kdtls to a socket, and loading the module for it.
 *
 * The option that attaches is registered by the module itself, so asking for
 * it cannot load the module. Asking generic netlink for the family "kdtls"
 * can, without privilege: the kernel requests "net-pf-16-proto-16-family-kdtls",
 * which is an alias of the module.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <kdtls/kdtls.h>
#include <linux/kdtls_netlink.h>

#include "options.h"

struct family_request {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	struct nlattr attr;
	char name[NLA_ALIGN(sizeof(KDTLS_FAMILY_NAME))];
};

/* Whatever the answer is, the module has been looked for when it comes. */
static void load_module(void)
{
	struct family_request req = {
		.nlh.nlmsg_len = sizeof(req),
		.nlh.nlmsg_type = GENL_ID_CTRL,
		.nlh.nlmsg_flags = NLM_F_REQUEST,
		.genl.cmd = CTRL_CMD_GETFAMILY,
		.genl.version = 1,
		.attr.nla_len = NLA_HDRLEN + sizeof(KDTLS_FAMILY_NAME),
		.attr.nla_type = CTRL_ATTR_FAMILY_NAME,
		.name = KDTLS_FAMILY_NAME,
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct timeval patience = { .tv_sec = 10 };
	char answer[64];
	int nl;

	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (nl < 0)
		return;
	setsockopt(nl, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (sendto(nl, &req, sizeof(req), 0, (struct sockaddr *)&kernel,
		   sizeof(kernel)) == sizeof(req))
		(void)!recv(nl, answer, sizeof(answer), 0);
	close(nl);
}

static int attach(int fd)
{
	if (!setsockopt(fd, SOL_IP, DTLS_ULP, "dtls", 4) || errno == EALREADY)
		return 0;
	return -1;
}

/* To an older kernel the option is unknown; so it is to other sockets. */
static int check_udp(int fd)
{
	int domain, protocol;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
	    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len))
		return -1;
	if ((domain == AF_INET || domain == AF_INET6) &&
	    protocol == IPPROTO_UDP)
		return 0;
	errno = EOPNOTSUPP;
	return -1;
}

int kdtls_enable(int fd)
{
	if (check_udp(fd))
		return -1;
	if (!attach(fd))
		return 0;
	if (errno != ENOPROTOOPT)
		return -1;
	load_module();
	if (!attach(fd))
		return 0;
	if (errno == ENOPROTOOPT)
		errno = EPROTONOSUPPORT;
	return -1;
}
