/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/steady_text.h"

#include <inttypes.h>
#include <string.h>

#include "reports/table.h"
#include "reports/text_value.h"
#include "reports/tree.h"

static const struct {
	const char *verdict, *text;
} meanings[] = {
	{ "too_few", "too few frames to say" },
	{ "unsettled", "not settled by half of the run" },
	{ "dependent", "batches depend on each other: a longer run" },
	{ "settled", "settled" },
};

static const char *meaning(const json_t *entry)
{
	const char *verdict = tree_string(entry, "verdict", "");
	size_t i;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (!strcmp(verdict, meanings[i].verdict))
			return meanings[i].text;
	return verdict;
}

static void time_cell(struct table *table, const json_t *entry,
		      const char *name)
{
	char buf[TEXT_VALUE_MAX];

	table_cell(table, text_value("ps", json_object_get(entry, name), buf,
				     sizeof(buf)));
}

static void write_entry(struct table *table, const char *name,
			const json_t *entry)
{
	bool known = tree_count(entry, "pieces") > 0;

	table_cell(table, name);
	table_cellf(table, "%" PRIu64, tree_count(entry, "warm_up_values"));
	time_cell(table, entry, "warm_up_end_ps");
	time_cell(table, entry, "mean_all_ps");
	time_cell(table, entry, "mean_ps");
	if (known)
		time_cell(table, entry, "half_width_ps");
	else
		table_cell(table, "-");
	table_cellf(table, "%" PRIu64, tree_count(entry, "pieces"));
	table_cell(table, meaning(entry));
}

int steady_text(const json_t *run, FILE *out, struct err *err)
{
	static const char *const columns[] = { "warm-up frames", "until",
					       "mean of all",	 "without",
					       "+-95 %",	 "batches" };
	json_t *steady = json_object_get(run, "steady"), *entry;
	struct table *table;
	const char *name;
	size_t i;
	int rc;

	if (!steady)
		return 0;
	table = table_new(err);
	if (!table)
		return -1;
	fputs("\nsteady state, from this one run\n", out);
	table_column(table, TABLE_LEFT, "latency");
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		table_column(table, TABLE_RIGHT, columns[i]);
	table_column(table, TABLE_LEFT, "");
	json_object_foreach(steady, name, entry)
		if (tree_count(entry, "values"))
			write_entry(table, name, entry);
	rc = table_print(table, out, err);
	table_free(table);
	return rc;
}
