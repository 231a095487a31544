// SPDX-License-Identifier: GPL-2.0
/*
 * interop-wire [BYTES]: UDP leaving this network namespace, until SIGTERM: for each record
 * (with a Connection ID of so many bytes) a line "PORT TYPE EPOCH NUMBER LENGTH"; at the end
 * "packets N unseen N plaintext N", the last those with the canary.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture.h"

#define HEADER	13
#define TYPE_CID	25

static size_t cid_len;

static void print_records(void *arg, const uint8_t *p, size_t len,
			  unsigned int port)
{
	while (len >= HEADER) {
		size_t header = HEADER + (p[0] == TYPE_CID ? cid_len : 0), content;
		unsigned int epoch = p[3] << 8 | p[4];
		uint64_t number = 0;

		if (len < header)
			return;
		content = p[header - 2] << 8 | p[header - 1];
		for (int i = 5; i < 11; i++)
			number = number << 8 | p[i];
		printf("%u %u %u %ju %zu\n", port, p[0], epoch,
		       (uintmax_t)number, content);
		if (content > len - header)
			return;
		p += header + content;
		len -= header + content;
	}
}

int main(int argc, char **argv)
{
	unsigned long packets, unseen, hits;
	struct capture *tap;
	sigset_t end;
	int sig;

	if (argc > 1)
		cid_len = strtoul(argv[1], NULL, 10);
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
