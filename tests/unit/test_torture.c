/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The n-th allocation fails, for every n: what sets a run up must report it
 * and give back everything it took.
 *
 * The allocator is replaced by one that counts, over glibc's own; sanitizers
 * replace it themselves, so under them there is nothing to test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/options.h"
#include "cmd/tables.h"
#include "core/ini.h"
#include "core/outfile.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Allocations until one fails (0: none), and those not given back. */
static long countdown, live;

#if !SANITIZED
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

static int fails(void)
{
	if (countdown > 0 && --countdown == 0) {
		errno = ENOMEM;
		return 1;
	}
	return 0;
}

static void *counted(void *memory)
{
	live += memory != NULL;
	return memory;
}

void *malloc(size_t size)
{
	return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size)
{
	if (fails())
		return NULL;
	return memory ? __libc_realloc(memory, size)
		      : counted(__libc_malloc(size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : counted(__libc_memalign(alignment, size));
}

void free(void *memory)
{
	live -= memory != NULL;
	__libc_free(memory);
}
#endif

/* What is tried: 0, or -1 with an error; takes and gives all its memory. */
typedef int attempt_fn(struct err *err);

static int enter(void **state)
{
	static char dir[] = "/tmp/test_torture.XXXXXX";
	FILE *fp;

	*state = mkdtemp(dir);
	if (!*state || chdir(dir) < 0 || !(fp = fopen("a.ini", "w")))
		return -1;
	fputs("include = b.ini\n[machine]\npreset = gbe-32bit\n"
	      "[nic]\ntx_ring = 64\n[traffic]\nfilter = tcp\n",
	      fp);
	if (fclose(fp) != 0 || !(fp = fopen("b.ini", "w")))
		return -1;
	fputs("[traffic]\nlocal = 10.0.0.1\n", fp);
	return fclose(fp);
}

static int leave(void **state)
{
	unlink("a.ini");
	unlink("b.ini");
	unlink("out");
	return chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
}

/*
 * Fail the first, second, ... allocation until the attempt makes it without
 * meeting the failure.  Returns how many there were.
 */
static long torture(attempt_fn *attempt)
{
	struct err err = ERR_INIT;
	long n, before;

	/* What libc takes once, it takes now. */
	if (attempt(&err) < 0)
		fail_msg("without failures: %s", err.text);
	for (n = 1; n < 100000; n++) {
		int result;

		before = live;
		err = (struct err)ERR_INIT;
		countdown = n;
		result = attempt(&err);
		if (countdown > 0) {
			countdown = 0;
			assert_int_equal(result, 0);
			assert_int_equal(live, before);
			return n - 1;
		}
		if (live != before)
			fail_msg("allocation %ld failed, %ld lost", n,
				 live - before);
		/* Success is allowed: libc can do without a buffer. */
		if (result < 0 && !err.text[0])
			fail_msg("allocation %ld failed, no message", n);
	}
	fail_msg("no end");
	return 0;
}

static int try_config(struct err *err)
{
	struct config *cfg = tables_config(err);
	struct config *copy;
	int result;

	if (!cfg)
		return -1;
	result = config_set(cfg, "traffic.filter", "udp", "--set", err);
	copy = result == 0 ? config_copy(cfg, err) : NULL;
	config_free(copy);
	config_free(cfg);
	return copy ? 0 : -1;
}

static int try_ini(struct err *err)
{
	struct ini_config *ini = ini_config_read("a.ini", err);

	ini_config_free(ini);
	return ini ? 0 : -1;
}

static int try_options(struct err *err)
{
	static const char *const none[] = { NULL };
	static const struct options_spec spec = { .name = "run",
						  .args = "CAPTURE",
						  .doc = "Test.",
						  .example = "dmasim run x",
						  .groups = OPTIONS_ALL,
						  .args_max = 1 };
	char words[][16] = { "run",	  "-c", "a.ini",
			     "--limit=5", "-s", "nic.rx_ring=64",
			     "--tx=all",  "x" };
	char *argv[sizeof(words) / sizeof(words[0]) + 1] = { NULL };
	struct options_machines machines = { NULL, 0 };
	const struct tx_ops **tx = NULL;
	struct options options;
	size_t i;
	int result;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		argv[i] = words[i];
	result = options_parse(&options, &spec, (int)i, argv, err);
	if (result < 0)
		return -1;
	result = options_machines(&options, none, &machines, err);
	if (result == 0)
		tx = options_tx(&options, none, err);
	free(tx);
	options_machines_clear(&machines);
	options_clear(&options);
	return tx ? 0 : -1;
}

static int try_outfile(struct err *err)
{
	struct outfile out;

	if (outfile_open(&out, "out", true, err) < 0)
		return -1;
	fputs("x", out.fp);
	return outfile_commit(&out, err);
}

static void test_config(void **state)
{
	(void)state;
	if (SANITIZED)
		skip();
	assert_true(torture(try_config) > 10);
}

static void test_ini(void **state)
{
	(void)state;
	if (SANITIZED)
		skip();
	assert_true(torture(try_ini) > 5);
}

static void test_options(void **state)
{
	(void)state;
	if (SANITIZED)
		skip();
	assert_true(torture(try_options) > 50);
}

/* No half-written file, no temporary left. */
static void test_outfile(void **state)
{
	(void)state;
	if (SANITIZED)
		skip();
	assert_true(torture(try_outfile) >= 4);
	assert_int_equal(access("out", F_OK), 0);
	unlink("out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_ini),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_outfile),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
