/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TAP for C tests.
 *	ok(cond, "fmt", ...);		returns cond
 *	is_int(got, wanted, "fmt", ...);
 *	is_mem(got, wanted, len, "fmt", ...);
 *	skip("why", "fmt", ...);  diag("fmt", ...);
 *	need(cond, "what");		a condition without which the test ends
 *	return done_testing();
 *	on_debug_kernel()		ten times slower, and objects are larger
 */
#ifndef KDTLS_TESTS_TAP_H
#define KDTLS_TESTS_TAP_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* one count for all files of a program */
__attribute__((weak)) int tap_n, tap_failed;

__attribute__((format(printf, 1, 2), unused))
static void diag(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("# ");
	vprintf(fmt, ap);
	printf("\n");
	fflush(stdout);
	va_end(ap);
}

__attribute__((unused))
static bool tap_result(bool good, const char *file, int line, const char *fmt,
		       va_list ap)
{
	printf("%sok %d - ", good ? "" : "not ", ++tap_n);
	vprintf(fmt, ap);
	printf("\n");
	if (!good) {
		tap_failed++;
		printf("#   at %s:%d\n", file, line);
	}
	/* a crash of the machine must not lose the lines before it */
	fflush(stdout);
	return good;
}

__attribute__((format(printf, 4, 5), unused))
static bool tap_ok(bool good, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_result(good, file, line, fmt, ap);
	va_end(ap);
	return good;
}

__attribute__((format(printf, 5, 6), unused))
static bool tap_is_int(long long got, long long wanted, const char *file,
		       int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_result(got == wanted, file, line, fmt, ap);
	va_end(ap);
	if (got != wanted)
		diag("  got %lld, wanted %lld (errno %s)", got, wanted,
		     strerror(errno));
	return got == wanted;
}

__attribute__((format(printf, 6, 7), unused))
static bool tap_is_mem(const void *got, const void *wanted, size_t len,
		       const char *file, int line, const char *fmt, ...)
{
	const unsigned char *g = got, *w = wanted;
	bool good = !memcmp(got, wanted, len);
	va_list ap;
	size_t i;

	va_start(ap, fmt);
	tap_result(good, file, line, fmt, ap);
	va_end(ap);
	if (!good) {
		for (i = 0; i < len && g[i] == w[i]; i++)
			;
		diag("  differs at byte %zu of %zu: got %02x, wanted %02x",
		     i, len, g[i], w[i]);
	}
	return good;
}

__attribute__((format(printf, 2, 3), unused))
static void skip(const char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("ok %d - ", ++tap_n);
	vprintf(fmt, ap);
	printf(" # SKIP %s\n", why);
	fflush(stdout);
	va_end(ap);
}

__attribute__((unused))
static int done_testing(void)
{
	printf("1..%d\n", tap_n);
	fflush(stdout);
	return tap_failed ? 1 : 0;
}

#define ok(cond, ...) tap_ok(!!(cond), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, wanted, ...) \
	tap_is_int(got, wanted, __FILE__, __LINE__, __VA_ARGS__)
#define is_mem(got, wanted, len, ...) \
	tap_is_mem(got, wanted, len, __FILE__, __LINE__, __VA_ARGS__)
#define need(cond, what) do {						\
	if (!(cond)) {							\
		printf("Bail out! %s:%d: %s: %s\n", __FILE__, __LINE__,	\
		       what, strerror(errno));				\
		fflush(stdout);						\
		exit(1);						\
	}								\
} while (0)

__attribute__((unused))
static bool on_debug_kernel(void)
{
	const char *kernel = getenv("KDTLS_KERNEL");

	return kernel && !strcmp(kernel, "debug");
}

#endif /* KDTLS_TESTS_TAP_H */
