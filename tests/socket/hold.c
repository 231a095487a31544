// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "hold.h"
#include "tap.h"

#define PAGE	4096
#define FILE_ID	2		/* the only file; FUSE_ROOT_ID is 1 */

struct hold {
	char dir[sizeof("/tmp/hold.XXXXXX")];
	int fuse;
	pthread_t thread;
	sem_t inside, go;
	char data[PAGE];
	void *page;
	struct hold *next;
};

static struct hold *all;

/*
 * A test that gives up: a call that is held would keep the process from ending,
 * and so the descriptor of FUSE from being closed.
 */
static void let_all_go(void)
{
	struct hold *h;

	for (h = all; h; h = h->next)
		sem_post(&h->go);
}

static void answer(struct hold *h, const struct fuse_in_header *in, int error,
		   const void *data, size_t len)
{
	struct fuse_out_header out = {
		.len = sizeof(out) + len, .error = -error, .unique = in->unique,
	};
	struct iovec iov[] = { { &out, sizeof(out) }, { (void *)data, len } };

	/* ENOENT: the reader was interrupted */
	need(writev(h->fuse, iov, 2) == (ssize_t)out.len || errno == ENOENT,
	     "an answer to the kernel");
}

static struct fuse_attr attributes(uint64_t id)
{
	return (struct fuse_attr) {
		.ino = id, .nlink = 1, .size = PAGE, .blksize = PAGE,
		.mode = id == FILE_ID ? S_IFREG | 0400 : S_IFDIR | 0500,
	};
}

static void answer_init(struct hold *h, const struct fuse_in_header *in)
{
	const struct fuse_init_in *init = (const void *)(in + 1);
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION, .minor = init->minor,
		.max_write = PAGE, .max_background = 1,
	};

	if (out.minor > FUSE_KERNEL_MINOR_VERSION)
		out.minor = FUSE_KERNEL_MINOR_VERSION;
	answer(h, in, 0, &out, sizeof(out));
}

static void answer_read(struct hold *h, const struct fuse_in_header *in)
{
	sem_post(&h->inside);
	while (sem_wait(&h->go))
		;
	answer(h, in, 0, h->data, PAGE);
}

static void request(struct hold *h, const struct fuse_in_header *in)
{
	struct fuse_entry_out entry = {
		.nodeid = FILE_ID, .attr = attributes(FILE_ID),
	};
	struct fuse_attr_out attr = { .attr = attributes(in->nodeid) };
	struct fuse_open_out opened = { .fh = 1 };

	switch (in->opcode) {
	case FUSE_INIT:
		answer_init(h, in);
		break;
	case FUSE_LOOKUP:
		answer(h, in, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		answer(h, in, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		answer(h, in, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		answer_read(h, in);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
		break;
	default:
		answer(h, in, ENOSYS, NULL, 0);
	}
}

/* Until it is unmounted. */
static void *serve(void *arg)
{
	union {
		struct fuse_in_header in;
		char bytes[FUSE_MIN_READ_BUFFER + PAGE];
	} buf;
	struct hold *h = arg;
	ssize_t len;

	while ((len = read(h->fuse, &buf, sizeof(buf))) > 0 ||
	       (len < 0 && (errno == EINTR || errno == ENOENT)))
		if (len > 0)
			request(h, &buf.in);
	return NULL;
}

static void mount_it(struct hold *h)
{
	char options[80];

	h->fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	need(h->fuse >= 0, "/dev/fuse");
	strcpy(h->dir, "/tmp/hold.XXXXXX");
	need(mkdtemp(h->dir), "a directory");
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", h->fuse);
	need(!mount("hold", h->dir, "fuse", MS_NOSUID | MS_NODEV, options),
	     "FUSE");
}

struct hold *hold_new(const void *data, size_t len)
{
	struct hold *h = calloc(1, sizeof(*h));
	char path[40];
	int fd;

	need(h, "hold");
	memcpy(h->data, data, len);
	sem_init(&h->inside, 0, 0);
	sem_init(&h->go, 0, 0);
	mount_it(h);
	need(!pthread_create(&h->thread, NULL, serve, h), "thread");
	snprintf(path, sizeof(path), "%s/page", h->dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	need(fd >= 0, "the page's file");
	h->page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	need(h->page != MAP_FAILED, "the page");
	close(fd);
	if (!all)
		atexit(let_all_go);
	h->next = all;
	all = h;
	return h;
}

const void *hold_page(const struct hold *h)
{
	return h->page;
}

void hold_wait(struct hold *h)
{
	while (sem_wait(&h->inside))
		;
}

void hold_go(struct hold *h)
{
	sem_post(&h->go);
}

void hold_free(struct hold *h)
{
	struct hold **at = &all;

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	munmap(h->page, PAGE);
	need(!umount(h->dir), "unmount");
	pthread_join(h->thread, NULL);
	close(h->fuse);
	rmdir(h->dir);
	sem_destroy(&h->inside);
	sem_destroy(&h->go);
	free(h);
}
