/* SPDX-License-Identifier: Apache-2.0 */
/* A relay works on what it is given, in order, and never on a slot in use. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "cmd/relay.h"

#define SLOTS 3
#define GIVEN 20000u

struct belt {
	unsigned slot[SLOTS];
	unsigned worked, wrong;
};

static void work(void *ctx, size_t slot)
{
	struct belt *belt = ctx;

	if (belt->slot[slot] != ++belt->worked)
		belt->wrong++;
	belt->slot[slot] = 0;
}

static void test_in_turn(void **state)
{
	struct belt belt = { .worked = 0 };
	struct relay *relay = relay_new(SLOTS, work, &belt);
	unsigned i;

	(void)state;
	assert_non_null(relay);
	for (i = 1; i <= GIVEN; i++) {
		size_t slot = relay_slot(relay);

		assert_in_range(slot, 0, SLOTS - 1);
		assert_int_equal(relay_slot(relay), slot); /* not given yet */
		assert_int_equal(belt.slot[slot], 0);
		belt.slot[slot] = i;
		relay_give(relay);
	}
	relay_free(relay);
	assert_int_equal(belt.worked, GIVEN);
	assert_int_equal(belt.wrong, 0);
}

static void test_unused(void **state)
{
	struct belt belt = { .worked = 0 };

	(void)state;
	relay_free(relay_new(SLOTS, work, &belt));
	relay_free(NULL);
	assert_int_equal(belt.worked, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_turn),
		cmocka_unit_test(test_unused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
