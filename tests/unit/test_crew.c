/* SPDX-License-Identifier: Apache-2.0 */
/* A crew does every piece of every round once, whatever its size. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "cmd/crew.h"

#define PIECES 100

struct round {
	unsigned done[PIECES];
	unsigned salt;
};

static void piece(void *ctx, size_t index)
{
	struct round *round = ctx;

	round->done[index] += round->salt;
}

static void test_rounds(void **state)
{
	static const unsigned jobs[] = { 0, 1, 2, 7 };
	struct err err = ERR_INIT;
	size_t j, i;
	unsigned r;

	(void)state;
	for (j = 0; j < sizeof(jobs) / sizeof(jobs[0]); j++) {
		struct crew *crew = crew_new(jobs[j], &err);
		struct round round = { .salt = 0 };
		unsigned expected = 0;

		assert_non_null(crew);
		for (r = 1; r <= 50; r++) {
			round.salt = r;
			expected += r;
			crew_begin(crew, PIECES, piece, &round);
			crew_end(crew);
			for (i = 0; i < PIECES; i++)
				assert_int_equal(round.done[i], expected);
		}
		crew_begin(crew, 0, piece, &round);
		crew_end(crew);
		crew_free(crew);
	}
}

static void test_unused(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	crew_free(crew_new(3, &err));
	crew_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_unused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
