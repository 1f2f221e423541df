/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/memfile.h"

static void nothing_is_an_empty_text(void **state)
{
	char *text = NULL;
	size_t size = 7;
	FILE *out = memfile_open(&text, &size);

	(void)state;
	assert_non_null(out);
	assert_true(memfile_close(out, &text));
	assert_int_equal(size, 0);
	assert_string_equal(text, "");
	free(text);
}

static void text_grows(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = memfile_open(&text, &size);

	(void)state;
	for (int i = 0; i < 100000; i++)
		fprintf(out, "%06d,", i);
	assert_true(memfile_close(out, &text));
	assert_int_equal(size, 700000);
	assert_int_equal(strlen(text), size);
	assert_memory_equal(text + 7 * 54321, "054321,", 7);
	free(text);
}

static void never_opened(void **state)
{
	char *text = NULL;

	(void)state;
	assert_false(memfile_close(NULL, &text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_an_empty_text),
		cmocka_unit_test(text_grows),
		cmocka_unit_test(never_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
