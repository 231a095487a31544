// SPDX-License-Identifier: GPL-2.0
/*
 * stress-instance NAME: makes the kernel instantiate an AEAD template,
 * such as "pcrypt(generic-gcm-aesni-avx)", with the highest priority.
 * stress-instance -d NAME: removes it.
 */
#include <err.h>
#include <stdbool.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/cryptouser.h>
#include <linux/netlink.h>

#define TYPE_AEAD	3	/* CRYPTO_ALG_TYPE_AEAD */
#define TYPE_MASK	15	/* CRYPTO_ALG_TYPE_MASK */
#define PRIORITY	10000

struct message {
	struct nlmsghdr head;
	struct crypto_user_alg alg;
	struct nlattr priority;
	__u32 value;
};

static int ask(const struct message *m)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char echo[1024];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_CRYPTO);

	if (fd < 0)
		err(2, "NETLINK_CRYPTO");
	if (send(fd, m, m->head.nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_HDRLEN + 4)
		err(2, "netlink");
	return -answer.error.error;
}

int main(int argc, char **argv)
{
	bool remove = argc == 3 && !strcmp(argv[1], "-d");
	struct message m = {
		.head = {
			.nlmsg_len = sizeof(m),
			.nlmsg_type = remove ? CRYPTO_MSG_DELALG : CRYPTO_MSG_NEWALG,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.alg = { .cru_type = TYPE_AEAD, .cru_mask = TYPE_MASK },
		.priority = { .nla_len = 8, .nla_type = CRYPTOCFGA_PRIORITY_VAL },
		.value = PRIORITY,
	};
	int e;

	if (argc != 2 + remove ||
	    strlen(argv[argc - 1]) >= sizeof(m.alg.cru_driver_name))
		errx(2, "usage: stress-instance [-d] NAME");
	strcpy(m.alg.cru_driver_name, argv[argc - 1]);
	if (remove)
		m.head.nlmsg_len -= 8;	/* no priority */
	e = ask(&m);
	if (e)
		errx(1, "%s: %s", argv[argc - 1], strerror(e));
	return 0;
}
