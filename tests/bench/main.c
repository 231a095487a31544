// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions a record, sent and received, in a guest of --icount, where a
 * nanosecond is an instruction. tests/bench/run starts it there.
 */
#include <getopt.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"
#include "tap.h"

#define MAX_RESULTS	1024
#define MAX_PLANS	8
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct batch batches[] = {
	{ "1", WAY_1, 1 },
	{ "mmsg", WAY_MMSG, MMSG_RECORDS },
	{ "gso2", WAY_GSO, 2 },
	{ "gso4", WAY_GSO, 4 },
	{ "gso8", WAY_GSO, 8 },
	{ "gso16", WAY_GSO, 16 },
	{ "gso32", WAY_GSO, 32 },
	{ "gso", WAY_GSO, GSO_RECORDS },
	{ "rtt", WAY_RTT, 1 },
};

static const struct path * const paths[] = {
	&path_udp, &path_kdtls, &path_kdtls13, &path_openssl, &path_gnutls,
	&path_wireguard, &path_ktls,
};

/* The cells to measure: comma-separated lists, all combinations. */
struct plan {
	const char *paths, *bytes, *batches, *ciphers;
};

#define ALL_PATHS	"udp,kdtls,openssl,gnutls,wireguard,ktls"
#define SIZES		"64,256,1400"
#define BATCHES		"1,mmsg,gso,rtt"
#define CIPHER		"AES-128-GCM"

/* by size, by batch, by cipher */
static const struct plan default_plans[] = {
	{ ALL_PATHS, SIZES ",8192", BATCHES, CIPHER },
	{ "udp,kdtls,openssl,gnutls", "256", "gso2,gso4,gso8,gso16,gso32",
	  CIPHER },
	{ "kdtls,openssl,gnutls,ktls", "1400", "1,gso",
	  "AES-256-GCM,ChaCha20-Poly1305" },
};

struct result {
	struct load load;
	struct summary instructions;
};

static struct result *results;		/* shared with children */
static unsigned int n_results, n_failed;
static struct effort effort = { .reps = MAX_REPS, .rep_ns = 20e6 };
static struct utsname uts;

static unsigned int records(const struct batch *batch, size_t bytes)
{
	unsigned int fit = GSO_BYTES / (bytes + MAX_OVERHEAD);

	if (batch->way == WAY_GSO && batch->records > fit)
		return fit;
	return batch->records;
}

static const char *cipher_of(const struct load *load)
{
	return load->cipher ? load->cipher->name : "none";
}

/* Figures are times of this guest, not a profile's or the plugin's work. */
static bool measures(void)
{
	return !effort.loop_seconds && !effort.count_rounds;
}

static void run_one(struct result *result, struct load *load)
{
	struct summary s = measure(load, &effort);

	result->load = *load;
	result->instructions = s;
	if (measures())
		printf("# %-9s %5zu bytes  %-5s  %-17s %9.0f  (%2u records, +-%.2f %%)\n",
		       load->path->name, load->bytes, load->batch->name,
		       cipher_of(load), s.median, load->count,
		       50 * (s.max - s.min) / s.median);
	fflush(NULL);
	/* with the remaining threads and sockets */
	_exit(0);
}

/* In a separate process, so that a failed path costs no other figure. */
static void one(struct load *load)
{
	int status;
	pid_t pid;

	fflush(NULL);
	need(n_results < MAX_RESULTS, "room for results");
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid)
		run_one(&results[n_results], load);
	need(waitpid(pid, &status, 0) == pid, "waitpid");
	if (!status) {
		n_results++;
		return;
	}
	fprintf(stderr, "bench: %s, %zu bytes, %s, %s: failed\n",
		load->path->name, load->bytes, load->batch->name,
		cipher_of(load));
	n_failed++;
}

/* Is word in the comma-separated list? */
static bool listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (list) {
		if (!strncmp(list, word, len) && strchr(",", list[len]))
			return true;
		list = strchr(list, ',');
		if (list)
			list++;
	}
	return false;
}

/* The next word of a list, and the list behind it; false at its end. */
static bool next_word(const char **list, char *word, size_t size)
{
	size_t len = strcspn(*list, ",");

	if (!len)
		return false;
	snprintf(word, size, "%.*s", (int)len, *list);
	*list += len;
	if (**list)
		(*list)++;
	return true;
}

static void usage(FILE *f)
{
	fprintf(f,
"Usage: bench [OPTION...], in a guest of tests/harness/vm/run --icount\n"
"  --path P,..     " ALL_PATHS " (all); kdtls13\n"
"  --bytes N,..    sizes of a record's content (" SIZES ")\n"
"  --batch B,..    1, mmsg, gso, rtt (those), gso2, gso4, .. gso32\n"
"  --cipher C,..   AES-128-GCM (default), AES-256-GCM, ChaCha20-Poly1305\n"
"  --and           another choice of the four follows\n"
"  --quick         fewer and shorter repetitions\n"
"  --json FILE     write the figures there, too\n"
"  --loop SECONDS  measure nothing, only repeat (for a profile)\n"
"  --count ROUNDS  measure nothing, only repeat between the marks of plugin.c;\n"
"                  the JSON has the number of records instead of a figure\n"
"Without a choice: those, and some of other batches and ciphers.\n");
}

static void wrong(const char *word, const char *what)
{
	fprintf(stderr, "bench: %s: not a %s\n", word, what);
	exit(2);
}

/* With every cipher of the list that the path has. */
static void each_cipher(struct load *load, const char *list)
{
	const struct path *path = load->path;
	char word[64];

	if (path->plain) {
		load->cipher = NULL;
		one(load);
		return;
	}
	if (path->fixed)
		list = path->fixed;
	while (next_word(&list, word, sizeof(word))) {
		load->cipher = cipher_by_name(word);
		one(load);
	}
}

static void each_batch(const struct plan *plan, const struct path *path,
		       size_t bytes)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(batches); i++) {
		struct load load = {
			.path = path, .batch = &batches[i], .bytes = bytes,
			.count = records(&batches[i], bytes),
		};

		/* less than requested is not a measurement */
		if (listed(plan->batches, batches[i].name) &&
		    path->ways[batches[i].way] &&
		    (load.count == batches[i].records ||
		     batches[i].records == GSO_RECORDS))
			each_cipher(&load, plan->ciphers);
	}
}

static void run_plan(const struct plan *plan)
{
	const char *list = plan->bytes;
	char word[64];
	size_t i;

	while (next_word(&list, word, sizeof(word)))
		for (i = 0; i < ARRAY_SIZE(paths); i++)
			if (listed(plan->paths, paths[i]->name))
				each_batch(plan, paths[i],
					   strtoul(word, NULL, 10));
}

static bool is_path(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++)
		if (!strcmp(paths[i]->name, word))
			return true;
	return false;
}

static bool is_size(const char *word)
{
	size_t bytes = strtoul(word, NULL, 10);

	return bytes && bytes <= MAX_BYTES;
}

static bool is_batch(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(batches); i++)
		if (!strcmp(batches[i].name, word))
			return true;
	return false;
}

static bool is_cipher(const char *word)
{
	return cipher_by_name(word);
}

static void check_list(const char *list, bool (*good)(const char *),
		       const char *what)
{
	char word[64];

	while (next_word(&list, word, sizeof(word)))
		if (!good(word))
			wrong(word, what);
}

static void check_plan(const struct plan *plan)
{
	check_list(plan->paths, is_path, "path");
	check_list(plan->bytes, is_size, "size");
	check_list(plan->batches, is_batch, "batch");
	check_list(plan->ciphers, is_cipher, "cipher");
}

static void write_json(const char *name)
{
	FILE *f = fopen(name, "w");
	unsigned int i;

	need(f, name);
	fprintf(f, "[\n");
	for (i = 0; i < n_results; i++) {
		const struct load *load = &results[i].load;
		const char *q = load->cipher ? "\"" : "";

		fprintf(f, "{\"path\": \"%s\", \"bytes\": %zu, \"batch\": \"%s\", \"cipher\": %s%s%s, \"kernel\": \"%s\", ",
			load->path->name, load->bytes, load->batch->name, q,
			load->cipher ? load->cipher->name : "null", q,
			uts.release);
		if (effort.count_rounds)
			fprintf(f, "\"records\": %u}",
				effort.count_rounds * load->count);
		else
			fprintf(f, "\"instructions\": %.0f}",
				results[i].instructions.median);
		fprintf(f, "%s\n", i + 1 < n_results ? "," : "");
	}
	fprintf(f, "]\n");
	need(!fclose(f), name);
}

static void need_calibration(const char *when)
{
	if (calibrated(when))
		return;
	fprintf(stderr, "bench: an instruction is not a nanosecond here: use tests/bench/run\n");
	exit(1);
}

static void run_plans(const struct plan *plan, unsigned int n)
{
	results = mmap(NULL, MAX_RESULTS * sizeof(*results),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	need(results != MAP_FAILED, "mmap");
	if (measures())
		need_calibration("calibrated before");
	for (; n; n--)
		run_plan(plan++);
	if (!n_results && !n_failed) {
		fprintf(stderr, "bench: no such path, or it has no such batch\n");
		exit(2);
	}
	if (measures())
		need_calibration("calibrated after");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "path", 1, NULL, 'p' }, { "bytes", 1, NULL, 'n' },
		{ "batch", 1, NULL, 'b' }, { "cipher", 1, NULL, 'c' },
		{ "and", 0, NULL, 'a' }, { "quick", 0, NULL, 'q' },
		{ "json", 1, NULL, 'j' }, { "loop", 1, NULL, 'l' },
		{ "count", 1, NULL, 'C' }, { "help", 0, NULL, 'h' }, { }
	};
	static const struct plan any = { ALL_PATHS, SIZES, BATCHES, CIPHER };
	struct plan chosen[MAX_PLANS] = { any }, *plan = chosen;
	bool choice = false;
	const char *json = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'p': plan->paths = optarg; choice = true; break;
		case 'n': plan->bytes = optarg; choice = true; break;
		case 'b': plan->batches = optarg; choice = true; break;
		case 'c': plan->ciphers = optarg; choice = true; break;
		case 'a':
			check_plan(plan++);
			need(plan < chosen + MAX_PLANS, "fewer --and");
			*plan = any;
			break;
		case 'q': effort.reps = 3; effort.rep_ns = 6e6; break;
		case 'j': json = optarg; break;
		case 'l': effort.loop_seconds = atof(optarg); break;
		case 'C': effort.count_rounds = strtoul(optarg, NULL, 10); break;
		case 'h': usage(stdout); return 0;
		default: usage(stderr); return 2;
		}
	}
	check_plan(plan++);
	uname(&uts);
	if (choice)
		run_plans(chosen, plan - chosen);
	else
		run_plans(default_plans, ARRAY_SIZE(default_plans));
	if (json && !effort.loop_seconds)
		write_json(json);
	return n_failed > 0;
}
