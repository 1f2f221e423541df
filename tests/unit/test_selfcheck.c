/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --check compares: the same results are the same, others are not, and it
 * is said in what.
 */
#include "cmd/selfcheck.h"
#include "tests/unit/machine_fixture.h"

#include "models/machine.h"
#include "traces/params.h"

#define FRAMES 200

static struct machine *run(const char *settings, const struct frame *frames)
{
	struct config *cfg = fix_config("gbe-32bit", settings);
	struct machine *m =
		fix_run(cfg, "ndis6-hybrid", "copybreak", frames, FRAMES);

	config_free(cfg);
	return m;
}

static void differences_are_found(void **state)
{
	struct frame *frames =
		fix_traffic(&(struct fix_traffic){ .count = FRAMES,
						   .seed = 3,
						   .tx_ppm = 500000,
						   .gap = 9 * PS_PER_US,
						   .min = 60,
						   .max = 1514 });
	struct machine *a = run("", frames), *b = run("", frames);
	struct machine *other = run("cost.sg_build=5000", frames);
	struct run_result changed = *machine_result(b);

	(void)state;
	assert_null(selfcheck_difference(machine_result(a), &changed));
	assert_non_null(
		selfcheck_difference(machine_result(a), machine_result(other)));
	changed.fingerprint++;
	assert_string_equal(selfcheck_difference(machine_result(a), &changed),
			    "fingerprint");
	changed.status = "saturated";
	assert_string_equal(selfcheck_difference(machine_result(a), &changed),
			    "status");
	b->stats.pcie.read_ps.buckets[7]++; /* a histogram's last detail */
	assert_string_equal(selfcheck_difference(machine_result(a), &changed),
			    "pcie.read_ps");
	b->stats.tx.descriptors++;
	assert_string_equal(selfcheck_difference(machine_result(a), &changed),
			    "tx.descriptors");
	machine_free(a);
	machine_free(b);
	machine_free(other);
	free(frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
