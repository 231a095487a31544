// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vault.h"

struct vault *vault_new(void)
{
	struct vault *v = mmap(NULL, sizeof(*v), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (v == MAP_FAILED)
		return NULL;
	madvise(v, sizeof(*v), MADV_DONTDUMP);
	return v;
}

void vault_keep(struct vault *v)
{
	madvise(v, sizeof(*v), MADV_DONTFORK);
}

void vault_free(struct vault *v)
{
	explicit_bzero(v, sizeof(*v));
	munmap(v, sizeof(*v));
}

void vault_put(struct vault *v, const struct dtls_keys *keys,
	       const struct handshake_result *result)
{
	while (atomic_load(&v->full))
		syscall(SYS_futex, &v->full, FUTEX_WAIT, 1, NULL, NULL, 0);
	v->secrets.keys = *keys;
	v->secrets.exporter_len = result->exporter_len;
	memcpy(v->secrets.exporter, result->exporter, sizeof(result->exporter));
	atomic_store(&v->full, 1);
}

bool vault_take(struct vault *v, struct secrets *out)
{
	if (!atomic_load(&v->full))
		return false;
	*out = v->secrets;
	explicit_bzero(&v->secrets, sizeof(v->secrets));
	atomic_store(&v->full, 0);
	syscall(SYS_futex, &v->full, FUTEX_WAKE, 1, NULL, NULL, 0);
	return out->exporter_len <= sizeof(out->exporter);
}
