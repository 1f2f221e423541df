/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/trouble_text.h"

#include <inttypes.h>

#include "reports/tree.h"

static void write_checks(const struct report_row *row, const json_t *run,
			 FILE *out)
{
	const json_t *check;
	size_t i;

	json_array_foreach(json_object_get(run, "checks"), i, check)
		if (!json_is_true(json_object_get(check, "ok")))
			fprintf(out,
				"check failed: %s + %s, replicate %" PRIu64
				": %s: %s\n",
				row->tx, row->rx, tree_count(run, "replicate"),
				tree_string(check, "name", "-"),
				tree_string(check, "detail", "-"));
}

/* Hazards follow from the strategy, not from the replicate: the sum. */
static void write_hazards(const struct report_row *row, FILE *out)
{
	const json_t *first;
	const char *name;
	json_t *value;

	if (!row->run_count)
		return;
	first = json_object_get(row->runs[0], "hazards");
	json_object_foreach((json_t *)(uintptr_t)first, name, value) {
		uint64_t sum = 0;

		for (size_t i = 0; i < row->run_count; i++)
			sum += tree_count(
				json_object_get(row->runs[i], "hazards"), name);
		if (sum)
			fprintf(out, "hazard: %s + %s: %s %" PRIu64 " times\n",
				row->tx, row->rx, name, sum);
	}
}

void trouble_text_write(const struct report_cell *cell, FILE *out)
{
	for (size_t i = 0; i < cell->row_count; i++) {
		const struct report_row *row = &cell->rows[i];

		for (size_t j = 0; j < row->run_count; j++) {
			const json_t *run = row->runs[j];
			const char *deadlock =
				tree_string(run, "deadlock", NULL);

			if (deadlock)
				fprintf(out, "deadlock: %s + %s: %s\n", row->tx,
					row->rx, deadlock);
			write_checks(row, run, out);
		}
		write_hazards(row, out);
	}
}
