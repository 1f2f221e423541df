/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim routines: the NDIS, HAL and driver routines that the models call.
 */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/listing.h"
#include "cmd/tables.h"
#include "reports/table.h"

static void irql_text(const struct routine_info *row, char *buf, size_t size)
{
	if (strcmp(row->irql_lowest, row->irql_highest) == 0)
		snprintf(buf, size, "%s", row->irql_lowest);
	else
		snprintf(buf, size, "%s to %s", row->irql_lowest,
			 row->irql_highest);
}

static int list_text(FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	struct routine_info row;
	char irql[64];
	size_t i;
	int result;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "routine");
	table_column(table, TABLE_LEFT, "generation");
	table_column(table, TABLE_LEFT, "IRQL");
	table_column(table, TABLE_LEFT, "completion");
	table_column(table, TABLE_LEFT, "what it does");
	for (i = 0; routine_row(i, &row); i++) {
		irql_text(&row, irql, sizeof(irql));
		table_cell(table, row.name);
		table_cell(table, row.generation);
		table_cell(table, irql);
		table_cell(table, row.completion);
		table_cell(table, row.help);
	}
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

static int routines_text(const struct options *options, const char *name,
			 FILE *out, struct err *err)
{
	struct routine_info row;
	char irql[64];

	(void)options;
	if (!name)
		return list_text(out, err);
	if (tables_find_routine(name, &row, err) < 0)
		return -1;
	irql_text(&row, irql, sizeof(irql));
	fprintf(out, "%s\n", row.name);
	listing_field(out, "does", row.help);
	listing_field(out, "generation", row.generation);
	listing_field(out, "IRQL", irql);
	listing_field(out, "completion", row.completion);
	listing_field(out, "price", row.base_price);
	listing_field(out, "per unit", row.unit_price);
	listing_field(out, "calls", row.calls);
	listing_field(out, "locks", row.locks);
	listing_field(out, "allocations", row.allocations);
	listing_field(out, "copies", row.copies);
	listing_field(out, "caches", row.cache);
	listing_field(out, "waits", row.wait);
	listing_field(out, "TLB", row.tlb);
	listing_field(out, "source", row.source);
	return 0;
}

static json_t *cost_json(const struct routine_info *row, struct tree_builder *b)
{
	json_t *object = tree_object(b);

	tree_put(b, object, "locks", tree_text(b, row->locks));
	tree_put(b, object, "allocations", tree_text(b, row->allocations));
	tree_put(b, object, "copies", tree_text(b, row->copies));
	tree_put(b, object, "caches", tree_text(b, row->cache));
	tree_put(b, object, "waits", tree_text(b, row->wait));
	tree_put(b, object, "tlb", tree_text(b, row->tlb));
	return object;
}

static json_t *routine_json(const struct routine_info *row,
			    struct tree_builder *b)
{
	json_t *object = tree_object(b);

	tree_put(b, object, "name", tree_text(b, row->name));
	tree_put(b, object, "generation", tree_text(b, row->generation));
	tree_put(b, object, "irql_lowest", tree_text(b, row->irql_lowest));
	tree_put(b, object, "irql_highest", tree_text(b, row->irql_highest));
	tree_put(b, object, "completion", tree_text(b, row->completion));
	tree_put(b, object, "base_price", tree_text(b, row->base_price));
	tree_put(b, object, "unit_price", tree_text(b, row->unit_price));
	tree_put(b, object, "calls", tree_text(b, row->calls));
	tree_put(b, object, "cost", cost_json(row, b));
	tree_put(b, object, "source", tree_text(b, row->source));
	tree_put(b, object, "help", tree_text(b, row->help));
	return object;
}

static json_t *routines_json(const struct options *options, const char *name,
			     struct tree_builder *b, struct err *err)
{
	struct routine_info row;
	json_t *list;
	size_t i;

	(void)options;
	if (name && tables_find_routine(name, &row, err) < 0)
		return NULL;
	list = tree_array(b);
	for (i = 0; routine_row(i, &row); i++)
		if (!name || strcmp(row.name, name) == 0)
			tree_append(b, list, routine_json(&row, b));
	return list;
}

int cmd_routines(int argc, char **argv, struct err *err)
{
	static const struct listing routines = {
		.spec = { .name = "routines",
			  .args = "[NAME]",
			  .doc = "List the NDIS, HAL and driver routines that "
				 "the models call and charge for; one with "
				 "the parameters that price it.",
			  .example = "dmasim routines\n"
				     "dmasim routines "
				     "NdisMAllocateNetBufferSGList",
			  .groups = OPTIONS_OUTPUT | OPTIONS_FORMAT,
			  .args_max = 1,
			  .no_csv = true },
		.text = routines_text,
		.json = routines_json,
	};

	return listing_run(&routines, argc, argv, err);
}
