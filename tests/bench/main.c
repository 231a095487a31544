// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions a record, sent and received, in a guest of --icount, where a
 * nanosecond is an instruction. tests/bench/run starts it there.
 */
#include <getopt.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "tap.h"

#define MAX_REPS	7
#define MAX_SIZES	8
#define TRIES		5
#define MAX_BYTES	16384

static const char * const batch_names[BATCHES] = { "1", "mmsg", "gso" };
static const struct path * const paths[] = {
	&path_udp, &path_kdtls, &path_openssl, &path_gnutls,
};

#define PATHS	(sizeof(paths) / sizeof(*paths))

struct result {
	const struct path *path;
	size_t bytes;
	enum batch batch;
	double instructions, spread;
};

#define MAX_RESULTS	(PATHS * BATCHES * MAX_SIZES)

static struct result *results;		/* shared with children */
static unsigned int n_results, n_failed;

static size_t sizes[MAX_SIZES] = { 64, 256, 1400 };
static unsigned int n_sizes = 3;
static const char *only_paths, *only_batches;
static int reps = MAX_REPS;
static double rep_ns = 20e6, loop_seconds;
static struct utsname uts;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/* Two instructions a round. */
static double calibrate(void)
{
	unsigned long n = 10 * 1000 * 1000;
	double start = now();

	__asm__ volatile("1:	dec %0\n\tjnz 1b\n" : "+r"(n) : : "cc");
	return (now() - start) / (2.0 * 10 * 1000 * 1000);
}

static void check_calibration(const char *when)
{
	double ratio = 0;
	int try;

	for (try = 0; try < TRIES; try++) {
		ratio = calibrate();
		if (ratio >= 0.99 && ratio <= 1.01)
			break;
	}
	printf("# %s: %.4f ns an instruction\n", when, ratio);
	if (try < TRIES)
		return;
	fprintf(stderr, "bench: an instruction is not a nanosecond here: use tests/bench/run\n");
	exit(1);
}

/* Every byte of a batch differs from round to round: nothing old passes. */
static void checked_round(const struct path *path, struct load *load,
			  unsigned int salt)
{
	size_t i, len = load->bytes * load->count;

	for (i = 0; i < len; i++)
		load->out[i] = salt + i * 7 + i / load->bytes * 13;
	memset(load->in, ~salt, len);
	path->round(load);
	if (!memcmp(load->in, load->out, len))
		return;
	fprintf(stderr, "bench: %s, %zu bytes, %s: wrong content\n",
		path->name, load->bytes, batch_names[load->batch]);
	exit(1);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double repetition(const struct path *path, const struct load *load,
			 unsigned long rounds)
{
	double start = now();
	unsigned long i;

	for (i = 0; i < rounds; i++)
		path->round(load);
	return (now() - start) / rounds / load->count;
}

/* Repetitions must agree within 1 %, or it was not a measurement. */
static void measure(const struct path *path, struct load *load,
		    struct result *result)
{
	unsigned long rounds;
	double got[MAX_REPS];
	int try, i;

	for (i = 0; i < 4; i++)
		checked_round(path, load, i);
	repetition(path, load, 20);
	rounds = rep_ns / (repetition(path, load, 20) * load->count) + 1;
	for (try = 0; try < TRIES; try++) {
		for (i = 0; i < reps; i++)
			got[i] = repetition(path, load, rounds);
		qsort(got, reps, sizeof(*got), compare);
		result->instructions = got[reps / 2];
		result->spread = (got[reps - 1] - got[0]) / got[reps / 2];
		if (result->spread < 0.01)
			break;
	}
	checked_round(path, load, 5);
	if (try < TRIES)
		return;
	fprintf(stderr, "bench: %s, %zu bytes, %s: repetitions differ by %.1f %%\n",
		path->name, load->bytes, batch_names[load->batch],
		100 * result->spread);
	exit(1);
}

static unsigned int records(enum batch batch, size_t bytes)
{
	unsigned int fit = GSO_BYTES / (bytes + OVERHEAD);

	if (batch == BATCH_1)
		return 1;
	if (batch == BATCH_MMSG)
		return MMSG_RECORDS;
	return fit < GSO_RECORDS ? fit : GSO_RECORDS;
}

static void run_one(struct result *result)
{
	const struct path *path = result->path;
	struct load load = {
		.batch = result->batch, .bytes = result->bytes,
		.count = records(result->batch, result->bytes),
	};
	double end;

	load.out = malloc(load.bytes * load.count);
	load.in = malloc(load.bytes * load.count);
	need(load.out && load.in, "malloc");
	path->open(&load);
	if (!loop_seconds) {
		measure(path, &load, result);
		printf("# %-8s %5zu bytes  %-5s %9.0f  (%2u records, +-%.2f %%)\n",
		       path->name, load.bytes, batch_names[load.batch],
		       result->instructions, load.count, 50 * result->spread);
	} else {
		checked_round(path, &load, 0);
		for (end = now() + 1e9 * loop_seconds; now() < end;)
			path->round(&load);
	}
	path->close();
}

/* In a process of its own, so that a path that fails costs no other figure. */
static void one(const struct path *path, size_t bytes, enum batch batch)
{
	struct result *result = &results[n_results];
	int status;
	pid_t pid;

	result->path = path;
	result->bytes = bytes;
	result->batch = batch;
	fflush(NULL);
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid) {
		run_one(result);
		exit(0);
	}
	need(waitpid(pid, &status, 0) == pid, "waitpid");
	if (!status) {
		n_results++;
		return;
	}
	fprintf(stderr, "bench: %s, %zu bytes, %s: failed\n", path->name,
		bytes, batch_names[batch]);
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

static void all(void)
{
	size_t i, s;
	int b;

	for (s = 0; s < n_sizes; s++)
		for (i = 0; i < PATHS; i++)
			for (b = 0; b < BATCHES; b++)
				if (paths[i]->batches[b] &&
				    (!only_paths ||
				     listed(only_paths, paths[i]->name)) &&
				    (!only_batches ||
				     listed(only_batches, batch_names[b])))
					one(paths[i], sizes[s], b);
}

static void print_cell(const struct path *path, size_t bytes, enum batch batch)
{
	unsigned int i;

	for (i = 0; i < n_results; i++) {
		if (results[i].path != path || results[i].bytes != bytes ||
		    results[i].batch != batch)
			continue;
		printf("%12.0f", results[i].instructions);
		return;
	}
	printf("%12s", "-");
}

static bool measured(const struct path *path, enum batch batch)
{
	unsigned int i;

	for (i = 0; i < n_results; i++)
		if (results[i].path == path && results[i].batch == batch)
			return true;
	return false;
}

static void print_table(void)
{
	size_t i, s;
	int b;

	printf("\nInstructions a record, sent and received; AES-128-GCM; Linux %s\n\n%-16s",
	       uts.release, "path, batch");
	for (s = 0; s < n_sizes; s++)
		printf("%10zu B", sizes[s]);
	printf("\n");
	for (i = 0; i < PATHS; i++) {
		for (b = 0; b < BATCHES; b++) {
			if (!measured(paths[i], b))
				continue;
			printf("%-8s %-7s", paths[i]->name, batch_names[b]);
			for (s = 0; s < n_sizes; s++)
				print_cell(paths[i], sizes[s], b);
			printf("\n");
		}
	}
}

static void write_json(const char *name)
{
	FILE *f = fopen(name, "w");
	unsigned int i;

	need(f, name);
	fprintf(f, "[\n");
	for (i = 0; i < n_results; i++) {
		const struct result *r = &results[i];
		const char *q = r->path->cipher ? "\"" : "";

		fprintf(f, "{\"path\": \"%s\", \"bytes\": %zu, \"batch\": \"%s\", \"cipher\": %s%s%s, \"kernel\": \"%s\", \"instructions\": %.0f}%s\n",
			r->path->name, r->bytes, batch_names[r->batch], q,
			r->path->cipher ? r->path->cipher : "null", q,
			uts.release, r->instructions,
			i + 1 < n_results ? "," : "");
	}
	fprintf(f, "]\n");
	need(!fclose(f), name);
}

static void usage(FILE *f)
{
	fprintf(f,
"Usage: bench [OPTION...], in a guest of tests/vm/run --icount\n"
"  --path P,..     udp, kdtls, openssl, gnutls   (all)\n"
"  --bytes N,..    sizes of a record's content   (64,256,1400)\n"
"  --batch B,..    1, mmsg, gso                  (all)\n"
"  --quick         fewer and shorter repetitions\n"
"  --json FILE     write the figures there, too\n"
"  --loop SECONDS  measure nothing, only repeat (for a profile)\n");
}

static void parse_sizes(char *list)
{
	char *word;

	n_sizes = 0;
	for (word = strtok(list, ","); word; word = strtok(NULL, ",")) {
		size_t bytes = strtoul(word, NULL, 10);

		if (!bytes || bytes > MAX_BYTES || n_sizes == MAX_SIZES) {
			fprintf(stderr, "bench: %s: not a size\n", word);
			exit(2);
		}
		sizes[n_sizes++] = bytes;
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "path", 1, NULL, 'p' }, { "bytes", 1, NULL, 'n' },
		{ "batch", 1, NULL, 'b' }, { "quick", 0, NULL, 'q' },
		{ "json", 1, NULL, 'j' }, { "loop", 1, NULL, 'l' },
		{ "help", 0, NULL, 'h' }, { }
	};
	const char *json = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'p': only_paths = optarg; break;
		case 'n': parse_sizes(optarg); break;
		case 'b': only_batches = optarg; break;
		case 'q': reps = 3; rep_ns = 6e6; break;
		case 'j': json = optarg; break;
		case 'l': loop_seconds = atof(optarg); break;
		case 'h': usage(stdout); return 0;
		default: usage(stderr); return 2;
		}
	}
	uname(&uts);
	results = mmap(NULL, MAX_RESULTS * sizeof(*results),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	need(results != MAP_FAILED, "mmap");
	if (!loop_seconds)
		check_calibration("calibrated before");
	all();
	if (!n_results && !n_failed) {
		fprintf(stderr, "bench: no such path, or it has no such batch\n");
		return 2;
	}
	if (loop_seconds)
		return n_failed > 0;
	check_calibration("calibrated after");
	print_table();
	if (json)
		write_json(json);
	return n_failed > 0;
}
