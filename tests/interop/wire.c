// SPDX-License-Identifier: GPL-2.0
/*
 * UDP leaving this network namespace, until SIGTERM: for each record
 * a line "PORT TYPE EPOCH NUMBER LENGTH"; at the end "packets N unseen N
 * plaintext N", the last those with the canary.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>

#include "capture.h"

#define HEADER	13

static void print_records(void *arg, const uint8_t *p, size_t len,
			  unsigned int port)
{
	while (len >= HEADER) {
		unsigned int epoch = p[3] << 8 | p[4];
		size_t content = p[11] << 8 | p[12];
		uint64_t number = 0;

		for (int i = 5; i < 11; i++)
			number = number << 8 | p[i];
		printf("%u %u %u %ju %zu\n", port, p[0], epoch,
		       (uintmax_t)number, content);
		if (content > len - HEADER)
			return;
		p += HEADER + content;
		len -= HEADER + content;
	}
}

int main(void)
{
	unsigned long packets, unseen, hits;
	struct capture *tap;
	sigset_t end;
	int sig;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, NULL);
	tap = capture_start(print_records, NULL);
	fprintf(stderr, "ready\n");
	sigwait(&end, &sig);
	hits = capture_stop(tap, &packets, &unseen);
	printf("packets %lu unseen %lu plaintext %lu\n", packets, unseen, hits);
	return 0;
}
