// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtlsctl.h"

static const char usage[] =
"Usage: dtlsctl [OPTION...] [COMMAND]\n"
"Shows and closes the DTLS associations of the kernel (kdtls).\n"
"\n"
"  show [ID]      all associations of this network namespace, or one (default)\n"
"  monitor        their events, as they happen\n"
"  stats          counters of this network namespace\n"
"  handshakes [FILE]\n"
"                 counters of dtls-handshaked, from its metrics file\n"
"  close ID       end an association with close_notify\n"
"\n"
"  -j, --json     machine-readable; see dtlsctl(8)\n"
"  -h, --help     this text\n"
"  -V, --version\n"
"\n"
"All but stats and handshakes need CAP_NET_ADMIN. Keys are never shown: the\n"
"kernel does not return them.\n"
"\n"
"Exit status: 0 done, 1 failed, 2 wrong usage, 3 kdtls is not loaded,\n"
"4 not permitted, 5 no such association or metrics file.\n";

__attribute__((noreturn)) static void die_usage(void)
{
	fputs(usage, stderr);
	exit(EXIT_USAGE);
}

static uint64_t parse_id(const char *text)
{
	unsigned long long id;
	char *end;

	errno = 0;
	id = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || !id)
		die(EXIT_USAGE, "%s: not the id of an association", text);
	return id;
}

static void show_all_or_one(bool json, const char *id)
{
	show_begin(json);
	if (id)
		family_get(parse_id(id), show_association, NULL);
	else
		family_dump(show_association, NULL);
	show_end();
}

static bool is_command(const char *word, const char *command)
{
	return !strcmp(word, command);
}

static void run_command(int argc, char **argv, bool json)
{
	if (argc < 1)
		show_all_or_one(json, NULL);
	else if (is_command(argv[0], "show") && argc <= 2)
		show_all_or_one(json, argv[1]);
	else if (is_command(argv[0], "monitor") && argc == 1)
		family_listen(print_event, &json);
	else if (is_command(argv[0], "stats") && argc == 1)
		stats(json);
	else if (is_command(argv[0], "handshakes") && argc <= 2)
		handshakes(json, argc == 2 ? argv[1] : METRICS_FILE);
	else if (is_command(argv[0], "close") && argc == 2)
		family_close(parse_id(argv[1]));
	else
		die_usage();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, "jhV", options, NULL)) >= 0) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'V':
			puts("dtlsctl " KDTLS_VERSION);
			return 0;
		default:
			die_usage();
		}
	}
	run_command(argc - optind, argv + optind, json);
	if (fflush(stdout))
		die(EXIT_FAILED, "standard output: %s", strerror(errno));
	return 0;
}
