// SPDX-License-Identifier: GPL-2.0
/*
 * bpf_sock_destroy() from a BPF iterator over all UDP sockets must not sleep,
 * and ending an association does. Attached sockets refuse; others end.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pair.h"
#include "tap.h"

static char out[100], in[200];

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

/* The kernel's own description of its types, or NULL. */
static struct btf_header *btf_read(void)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	size_t size = 64 << 20, len = 0;
	ssize_t got = 1;
	char *btf;

	if (fd < 0)
		return NULL;
	btf = malloc(size);
	need(btf, "memory");
	while (got > 0) {
		got = read(fd, btf + len, size - len);
		len += got > 0 ? got : 0;
	}
	close(fd);
	return (struct btf_header *)btf;
}

/* Bytes that follow a type. */
static size_t btf_rest(const struct btf_type *t)
{
	unsigned int n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return 8 * n;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
	case BTF_KIND_ARRAY:
		return 12 * (BTF_INFO_KIND(t->info) == BTF_KIND_ARRAY ? 1 : n);
	default:
		return 0;
	}
}

/* The id of a function, or 0. */
static int btf_function(const struct btf_header *btf, const char *name)
{
	const char *base = (const char *)btf + btf->hdr_len;
	const char *p = base + btf->type_off, *end = p + btf->type_len;

	for (int id = 1; p < end; id++) {
		const struct btf_type *t = (const struct btf_type *)p;

		if (BTF_INFO_KIND(t->info) == BTF_KIND_FUNC &&
		    !strcmp(base + btf->str_off + t->name_off, name))
			return id;
		p += sizeof(*t) + btf_rest(t);
	}
	return 0;
}

/* int f(struct bpf_iter__udp *ctx): bpf_sock_destroy(ctx->udp_sk) */
static int program(int iterator, int function)
{
	struct bpf_insn insns[] = {
		{ BPF_LDX | BPF_DW | BPF_MEM, 1, 1, 8, 0 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1, 0 },
		{ BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, function },
		{ BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	static char log[4096];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACING,
		.expected_attach_type = BPF_TRACE_ITER,
		.attach_btf_id = iterator,
		.insn_cnt = sizeof(insns) / sizeof(*insns),
		.insns = (unsigned long)insns,
		.license = (unsigned long)"GPL",
		.log_level = 1,
		.log_size = sizeof(log),
		.log_buf = (unsigned long)log,
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0)
		diag("%s", log);
	need(fd >= 0, "the BPF program");
	return fd;
}

/* Runs it for every UDP socket of this network namespace. */
static void run(int prog)
{
	union bpf_attr attr = {
		.link_create.prog_fd = prog,
		.link_create.attach_type = BPF_TRACE_ITER,
	};
	int link = bpf(BPF_LINK_CREATE, &attr), iter;
	char nothing[16];

	need(link >= 0, "a link");
	memset(&attr, 0, sizeof(attr));
	attr.iter_create.link_fd = link;
	iter = bpf(BPF_ITER_CREATE, &attr);
	need(iter >= 0, "an iterator");
	while (read(iter, nothing, sizeof(nothing)) > 0 || errno == EAGAIN)
		errno = 0;
	close(iter);
	close(link);
}

static bool talks(struct pair *p)
{
	return send(p->a, out, 100, 0) == 100 && pair_poll(p->b, POLLIN, 5000) &&
	       recv(p->b, in, sizeof(in), 0) == 100 &&
	       send(p->b, out, 90, 0) == 90 && pair_poll(p->a, POLLIN, 5000) &&
	       recv(p->a, in, sizeof(in), 0) == 90;
}

int main(void)
{
	struct btf_header *btf = btf_read();
	int iterator = btf ? btf_function(btf, "bpf_iter_udp") : 0;
	int function = btf ? btf_function(btf, "bpf_sock_destroy") : 0;
	struct pair plain, keyed;

	if (!iterator || !function) {
		printf("1..0 # SKIP this kernel has no bpf_sock_destroy()\n");
		return 0;
	}
	/* all sockets of a namespace end: use a new namespace */
	need(!unshare(CLONE_NEWNET), "a namespace");
	need(!system("ip link set lo up"), "lo");
	pair_plain(&plain, AF_INET);
	pair_open(&keyed, AF_INET, DTLS_CIPHER_AES_128_GCM);
	ok(talks(&plain) && talks(&keyed), "two pairs talk, one is keyed");
	run(program(iterator, function));
	ok(recv(plain.a, in, sizeof(in), MSG_DONTWAIT) == -1 &&
	   errno == ECONNABORTED, "bpf_sock_destroy() ends the plain one");
	ok(talks(&keyed), "and not the keyed one");
	pair_close(&plain);
	pair_close(&keyed);
	return done_testing();
}
