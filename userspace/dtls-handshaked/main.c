// SPDX-License-Identifier: GPL-2.0-or-later
/* dtls-handshaked: see dtls-handshaked(8). */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "config.h"
#include "engine.h"
#include "instance.h"
#include "log.h"
#include "parent.h"
#include "port.h"
#include "sandbox.h"

#define DEFAULT_CONFIG "/etc/dtls-handshaked.conf"

struct options {
	const char *config;
	bool foreground;
	bool check;
};

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: dtls-handshaked [OPTION...]\n"
		"Negotiates DTLS handshakes for UDP sockets of the kernel (kdtls).\n\n"
		"  -c, --config FILE   configuration file; " DEFAULT_CONFIG "\n"
		"  -f, --foreground    stay in the foreground; log to stderr\n"
		"      --engines DIR   directory of the plug-ins; " ENGINE_DIRECTORY "\n"
		"      --check         check the configuration and exit\n"
		"  -h, --help          this text\n"
		"  -V, --version\n");
}

static void parse_options(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "check", no_argument, NULL, 'C' },
		{ "engines", required_argument, NULL, 'E' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "c:fhV", names, NULL)) != -1)
		switch (opt) {
		case 'c':
			o->config = optarg;
			break;
		case 'f':
			o->foreground = true;
			break;
		case 'C':
			o->check = true;
			break;
		case 'E':
			engine_directory = optarg;
			break;
		case 'V':
			puts("dtls-handshaked " KDTLS_VERSION);
			exit(EX_OK);
		case 'h':
			usage(stdout);
			exit(EX_OK);
		default:
			usage(stderr);
			exit(EX_USAGE);
		}
	if (optind < argc) {
		usage(stderr);
		exit(EX_USAGE);
	}
}

static void detach_stdio(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
}

/* Called when port and configuration are loaded: their errors reach the terminal. */
static void go_background(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		say(LOG_ERR, "fork: %s", strerror(errno));
		exit(EX_OSERR);
	}
	if (pid > 0)
		_exit(EX_OK);
	setsid();
	instance_renew();
	if (chdir("/") < 0)
		exit(EX_OSERR);
	detach_stdio();
	log_to_syslog();
}

static int check_config(struct config *config)
{
	if (geteuid())
		say(LOG_WARNING, "read as uid %u; the service reads these files as root",
		    geteuid());
	if (!config)
		return EX_CONFIG;
	config_free(config);
	return EX_OK;
}

int main(int argc, char **argv)
{
	struct options o = { .config = DEFAULT_CONFIG };
	struct config *config;
	struct port *port;
	int status;

	parse_options(argc, argv, &o);
	log_open();
	/* a reload and --check read the files with these capabilities, too */
	if (!sandbox_parent())
		return EX_OSERR;
	config = config_load(o.config);
	if (o.check)
		return check_config(config);
	if (!config)
		return EX_CONFIG;
	status = EX_TEMPFAIL;
	port = instance_claim() ? port_netlink_open(&status) : NULL;
	if (!port) {
		config_free(config);
		return status;
	}
	if (!o.foreground)
		go_background();
	return parent_run(config, o.config, port);
}
