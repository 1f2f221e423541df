/* SPDX-License-Identifier: Apache-2.0 */
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/diff.h"
#include "reports/load.h"
#include "reports/tree.h"

const char *diff_name(const struct diff_figure *figure, char buf[DIFF_NAME_MAX])
{
	snprintf(buf, DIFF_NAME_MAX, "%s%s%s", figure->metric,
		 figure->stat ? "." : "", figure->stat ? figure->stat : "");
	return buf;
}

/* --- what belongs together --- */

static bool same_axes(const json_t *a, const json_t *b)
{
	return (!a && !b) || json_equal(a, b);
}

static bool same_cell(const struct report_cell *a, const struct report_cell *b)
{
	return a->trace == b->trace && !strcmp(a->machine, b->machine) &&
	       same_axes(a->axes, b->axes);
}

static const struct report_row *find_row(const struct report_cells *cells,
					 const struct report_cell *cell,
					 const struct report_row *row)
{
	size_t i, j;

	for (i = 0; i < cells->count; i++) {
		const struct report_cell *other = &cells->cells[i];

		for (j = 0; same_cell(cell, other) && j < other->row_count; j++)
			if (!strcmp(other->rows[j].tx, row->tx) &&
			    !strcmp(other->rows[j].rx, row->rx))
				return &other->rows[j];
	}
	return NULL;
}

static bool are_paired(const struct report_row *a, const struct report_row *b)
{
	size_t i, j;

	for (i = 0; i < a->run_count; i++)
		for (j = 0; j < b->run_count; j++)
			if (tree_count(a->runs[i], "seed") ==
				    tree_count(b->runs[j], "seed") &&
			    tree_count(a->runs[i], "replicate") ==
				    tree_count(b->runs[j], "replicate"))
				return true;
	return false;
}

/* --- figures --- */

static bool is_wanted(const struct diff *diff, const struct diff_figure *figure)
{
	char name[DIFF_NAME_MAX];
	size_t i;

	diff_name(figure, name);
	for (i = 0; i < diff->globs.count; i++)
		if (!fnmatch(diff->globs.items[i], name, 0) ||
		    !fnmatch(diff->globs.items[i], figure->metric, 0))
			return true;
	return !diff->globs.count;
}

static enum diff_verdict judge(const struct diff *diff,
			       const struct diff_figure *figure)
{
	const struct aggregate *d = &figure->difference;

	if (d->min == 0 && d->max == 0)
		return DIFF_EQUAL;
	if (d->interval && !aggregate_significant(d))
		return DIFF_NOISE;
	return fabs(figure->relative) > diff->fail_over ? DIFF_CHANGED
							: DIFF_BELOW;
}

static double share_of(double difference, double a)
{
	if (difference == 0)
		return 0;
	return a == 0 ? copysign(HUGE_VAL, difference) : difference / fabs(a);
}

/* Means over the runs that are paired, where one side has more. */
static void take_means(const struct diff_pair *pair, struct diff_figure *f)
{
	struct aggregate a = aggregate_of(pair->a, f->metric, f->stat);
	struct aggregate b = aggregate_of(pair->b, f->metric, f->stat);

	f->a = a.mean;
	f->b = b.mean;
	if (a.n > f->difference.n && b.n == f->difference.n)
		f->a = b.mean - f->difference.mean;
	else if (b.n > f->difference.n && a.n == f->difference.n)
		f->b = a.mean + f->difference.mean;
}

static int add_figure(struct diff *diff, struct diff_pair *pair,
		      struct diff_figure figure, struct err *err)
{
	figure.difference =
		aggregate_paired(pair->b, pair->a, figure.metric, figure.stat);
	if (!figure.difference.n || !is_wanted(diff, &figure))
		return 0;
	take_means(pair, &figure);
	figure.relative = share_of(figure.difference.mean, figure.a);
	figure.verdict = judge(diff, &figure);
	if (pair->count == pair->room) {
		size_t room = pair->room ? 2 * pair->room : 256;
		struct diff_figure *figures =
			reallocarray(pair->figures, room, sizeof(*figures));

		if (!figures)
			return err_nomem(err, "figures");
		pair->figures = figures;
		pair->room = room;
	}
	pair->figures[pair->count++] = figure;
	pair->changed += figure.verdict == DIFF_CHANGED;
	return 0;
}

static int compare_metric(struct diff *diff, struct diff_pair *pair,
			  const char *metric, const json_t *value,
			  const char *unit, struct err *err)
{
	struct diff_figure figure = { .metric = metric, .unit = unit };
	const json_t *item;
	const char *stat;

	if (!json_is_object(value))
		return add_figure(diff, pair, figure, err);
	json_object_foreach((json_t *)(uintptr_t)value, stat, item)
	{
		figure.stat = stat;
		figure.unit = strcmp(stat, "count") ? unit : "count";
		if (!json_is_string(item) && !json_is_array(item) &&
		    add_figure(diff, pair, figure, err) < 0)
			return -1;
	}
	return 0;
}

static int compare_rows(struct diff *diff, struct diff_pair *pair,
			struct err *err)
{
	const json_t *units =
		json_object_get(document_tree(diff->docs[0]), "units");
	const json_t *metrics = json_object_get(pair->a->runs[0], "metrics");
	const char *metric;
	const json_t *value;

	pair->status_changed = strcmp(pair->a->status, pair->b->status) != 0;
	json_object_foreach(
		(json_t *)(uintptr_t)metrics, metric,
		value) if (compare_metric(diff, pair, metric, value,
					  tree_string(units, metric, ""),
					  err) < 0) return -1;
	diff->compared += pair->count;
	diff->changed += pair->changed + pair->status_changed;
	return 0;
}

/* --- results --- */

static size_t count_rows(const struct report_cells *cells)
{
	size_t rows = 0, i;

	for (i = 0; i < cells->count; i++)
		rows += cells->cells[i].row_count;
	return rows;
}

/* Rows of one side: paired with those of the other, or lone. */
static int pair_side(struct diff *diff, unsigned side, struct err *err)
{
	const struct report_cells *cells = &diff->cells[side];
	size_t i, j;

	for (i = 0; i < cells->count; i++)
		for (j = 0; j < cells->cells[i].row_count; j++) {
			const struct report_cell *cell = &cells->cells[i];
			const struct report_row *row = &cell->rows[j];
			const struct report_row *other =
				find_row(&diff->cells[!side], cell, row);

			if (!other || !are_paired(row, other)) {
				diff->lone[diff->lone_count++] =
					(struct diff_lone){ cell, row, side };
				continue;
			}
			if (side)
				continue;
			diff->pairs[diff->pair_count] = (struct diff_pair){
				.cell = cell, .a = row, .b = other
			};
			if (compare_rows(diff, &diff->pairs[diff->pair_count++],
					 err) < 0)
				return -1;
		}
	return 0;
}

/* Whether the frames were not the same. */
static bool traces_differ(const struct diff *diff)
{
	const json_t *a =
		json_object_get(document_tree(diff->docs[0]), "traces");
	const json_t *b =
		json_object_get(document_tree(diff->docs[1]), "traces");
	size_t i;

	for (i = 0; i < json_array_size(a) || i < json_array_size(b); i++)
		if (strcmp(tree_string(json_array_get(a, i), "digest", ""),
			   tree_string(json_array_get(b, i), "digest", "")) !=
		    0)
			return true;
	return false;
}

static int compare(struct diff *diff, struct err *err)
{
	char **paths = diff->options.args.items;
	size_t rows;
	unsigned i;

	for (i = 0; i < 2; i++) {
		diff->docs[i] = document_load(paths[i], err);
		if (!diff->docs[i])
			return -1;
		if (report_cells_init(&diff->cells[i],
				      document_tree(diff->docs[i]), err) < 0)
			return -1;
	}
	rows = count_rows(&diff->cells[0]) + count_rows(&diff->cells[1]);
	diff->pairs = calloc(rows + 1, sizeof(*diff->pairs));
	diff->lone = calloc(rows + 1, sizeof(*diff->lone));
	if (!diff->pairs || !diff->lone)
		return err_nomem(err, "pairs of results");
	diff->traces_differ = traces_differ(diff);
	if (pair_side(diff, 0, err) < 0 || pair_side(diff, 1, err) < 0)
		return -1;
	if (!diff->pair_count)
		return err_set(err, ERR_INPUT,
			       "'%s' and '%s' have no run in common: same "
			       "machine, trace, axes, strategies, seed and "
			       "replicate",
			       paths[0], paths[1]);
	if (!diff->compared)
		return err_set(err, ERR_INPUT,
			       "no figure of that name is in both results; see "
			       "dmasim metrics");
	return 0;
}

static void clear(struct diff *diff)
{
	size_t i;

	for (i = 0; i < diff->pair_count; i++)
		free(diff->pairs[i].figures);
	free(diff->pairs);
	free(diff->lone);
	for (i = 0; i < 2; i++) {
		report_cells_clear(&diff->cells[i]);
		document_free(diff->docs[i]);
	}
}

int diff_results(struct diff *diff, struct err *err)
{
	int rc = compare(diff, err);

	if (rc == 0)
		rc = diff_results_write(diff, err);
	if (rc == 0 && (diff->changed || diff->lone_count))
		rc = ERR_CHECK;
	clear(diff);
	return rc;
}
