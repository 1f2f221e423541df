/* SPDX-License-Identifier: Apache-2.0 */
/* What held frames up, and what went wrong: bottlenecks, hazards, checks. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "reports/text_value.h"
#include "reports/tree.h"
#include "reports/walk.h"

static void pair_heads(struct outline *o)
{
	outline_column(o, TABLE_LEFT, "machine", "");
	outline_column(o, TABLE_LEFT, "transmit", "strategy");
	outline_column(o, TABLE_LEFT, "receive", "strategy");
}

static void pair_cells(struct outline *o, const struct report_cell *cell,
		       const struct report_row *row)
{
	outline_cell(o, cell->machine);
	outline_cell(o, row->tx);
	outline_cell(o, row->rx);
}

/* The resource of @bottleneck that is busy most. */
static const json_t *busiest(const json_t *bottleneck)
{
	const json_t *resource, *found = NULL;
	double most = -1, busy;
	size_t i;

	json_array_foreach(json_object_get(bottleneck, "resources"), i,
			   resource)
		if (tree_number(resource, "utilisation", &busy) &&
		    busy > most) {
			most = busy;
			found = resource;
		}
	return found;
}

static void bottleneck_row(struct walk *walk, const struct report_cell *cell,
			   const struct report_row *row)
{
	const json_t *worst = json_object_get(row->runs[0], "bottleneck");
	const json_t *most = busiest(worst);
	struct outline *o = &walk->outline;

	if (!json_is_object(worst))
		return;
	pair_cells(o, cell, row);
	outline_cell(o, tree_string(worst, "resource", "-"));
	walk_number(walk, worst, "wait_ps", "ps");
	walk_number(walk, worst, "utilisation", "share");
	outline_cell(o, tree_string(most, "resource", "-"));
	walk_number(walk, most, "utilisation", "share");
}

static void bottlenecks(struct walk *walk, const struct report_cells *cells)
{
	struct outline *o = &walk->outline;

	outline_table(o, "Where frames waited longest, in sum, and what was "
			 "busiest (first replicate)");
	pair_heads(o);
	outline_column(o, TABLE_LEFT, "waited for", "resource");
	outline_column(o, TABLE_RIGHT, "sum of waits", "over all frames");
	outline_column(o, TABLE_RIGHT, "busy", "share of the time");
	outline_column(o, TABLE_LEFT, "busiest", "resource");
	outline_column(o, TABLE_RIGHT, "busy", "share of the time");
	for (size_t i = 0; i < cells->count; i++)
		for (size_t j = 0; j < cells->cells[i].row_count; j++)
			bottleneck_row(walk, &cells->cells[i],
				       &cells->cells[i].rows[j]);
	if (cells->count > 12)
		outline_fold(o);
}

struct trouble {
	struct outline *outline;
	size_t hazards, failed, deadlocks, checks;
	bool listing; /* else counting */
};

static void line(struct trouble *trouble, const struct report_cell *cell,
		 const struct report_row *row, const char *what,
		 const char *detail)
{
	struct outline *o = trouble->outline;

	if (!trouble->listing)
		return;
	pair_cells(o, cell, row);
	outline_cell(o, what);
	outline_value(o, 0, detail, CELL_BAD);
}

static void look_at_run(struct trouble *trouble, const struct report_cell *cell,
			const struct report_row *row, const json_t *run)
{
	const char *deadlock = tree_string(run, "deadlock", NULL), *name;
	char detail[600];
	json_t *value;
	size_t i;

	if (deadlock) {
		trouble->deadlocks++;
		line(trouble, cell, row, "deadlock", deadlock);
	}
	json_array_foreach(json_object_get(run, "checks"), i, value) {
		trouble->checks++;
		if (json_is_true(json_object_get(value, "ok")))
			continue;
		trouble->failed++;
		snprintf(detail, sizeof(detail), "%s: %s",
			 tree_string(value, "name", "-"),
			 tree_string(value, "detail", "-"));
		line(trouble, cell, row, "check failed", detail);
	}
	json_object_foreach(json_object_get(run, "hazards"), name, value) {
		uint64_t count =
			tree_count(json_object_get(run, "hazards"), name);

		if (!count)
			continue;
		trouble->hazards++;
		snprintf(detail, sizeof(detail),
			 "%s %" PRIu64 " times, replicate %" PRIu64, name,
			 count, tree_count(run, "replicate"));
		line(trouble, cell, row, "hazard", detail);
	}
}

static void look(struct trouble *trouble, const struct report_cells *cells)
{
	for (size_t i = 0; i < cells->count; i++)
		for (size_t j = 0; j < cells->cells[i].row_count; j++) {
			const struct report_row *row = &cells->cells[i].rows[j];

			for (size_t k = 0; k < row->run_count; k++)
				look_at_run(trouble, &cells->cells[i], row,
					    row->runs[k]);
		}
}

void walk_trouble(struct walk *walk, const struct report_cells *cells)
{
	struct outline *o = &walk->outline;
	struct trouble trouble = { .outline = o };

	outline_section(o, 2, "Bottlenecks, hazards, checks");
	bottlenecks(walk, cells);
	look(&trouble, cells);
	if (!trouble.hazards && !trouble.failed && !trouble.deadlocks) {
		outline_prose(o,
			      "All %zu checks of the books hold: frames, "
			      "bytes, registers, buffers, Little's law. No "
			      "hazard was met, no deadlock.",
			      trouble.checks);
		return;
	}
	outline_headline(o,
			 "Careful: %zu of %zu checks failed, %zu hazards, %zu "
			 "deadlocks; see below.",
			 trouble.failed, trouble.checks, trouble.hazards,
			 trouble.deadlocks);
	outline_table(o, "What went wrong");
	pair_heads(o);
	outline_column(o, TABLE_LEFT, "what", "");
	outline_column(o, TABLE_LEFT, "detail", "");
	trouble.listing = true;
	look(&trouble, cells);
}
