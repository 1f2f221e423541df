/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From which size on mapping beats copying: costs over sizes, thresholds of a
 * hybrid, the price of mapping at which it would turn.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/plot_curves.h"
#include "reports/text_value.h"
#include "reports/tree.h"
#include "reports/walk.h"

struct estimate_at {
	double x, mean, half;
	bool known;
};

/* "KEY": {"mean", "ci95"} of a point at "bytes". */
static struct estimate_at estimate_at(const json_t *point, const char *key)
{
	const json_t *value = json_object_get(point, key);
	struct estimate_at at = { 0 };

	at.known = tree_number(value, "mean", &at.mean) &&
		   tree_number(point, "bytes", &at.x) && at.x > 0;
	tree_number(value, "ci95", &at.half);
	return at;
}

static void cell_estimate(struct walk *walk, const json_t *point,
			  const char *key, int decimals)
{
	struct estimate_at at = estimate_at(point, key);
	char text[TEXT_VALUE_MAX];

	if (!at.known) {
		outline_cell(&walk->outline, "-");
		return;
	}
	snprintf(text, sizeof(text), "%.*f ±%.*f", decimals, at.mean, decimals,
		 at.half);
	outline_value(&walk->outline, at.mean, text, CELL_PLAIN);
}

static const char *of_side(const json_t *root, const char *side)
{
	return tree_string(root, !strcmp(side, "mapped") ? "mapped" : "copied",
			   side);
}

static void add_verdict(struct walk *walk, const json_t *root,
			const json_t *machine)
{
	const json_t *sizes = json_object_get(machine, "sizes"), *crossing;
	const json_t *crossings = json_object_get(sizes, "crossings");
	const char *name = tree_string(machine, "machine", "-");
	struct outline *o = &walk->outline;
	double at = 0, low = 0, high = 0;
	size_t i;

	if (!json_array_size(crossings))
		outline_headline(
			o,
			"%s: no break-even: %s is cheaper at every "
			"frame size that was tried.",
			name,
			of_side(root, tree_string(sizes, "cheaper", "-")));
	json_array_foreach(crossings, i, crossing) {
		tree_number(crossing, "at_bytes", &at);
		tree_number(crossing, "low_bytes", &low);
		tree_number(crossing, "high_bytes", &high);
		outline_headline(
			o,
			"%s: %s is cheaper from %.0f bytes on (95 %%: %s%.0f "
			"to %s%.0f bytes).",
			name,
			of_side(root,
				tree_string(crossing, "cheaper_above", "-")),
			ceil(at),
			json_is_true(json_object_get(crossing, "low_open"))
				? "below "
				: "",
			low,
			json_is_true(json_object_get(crossing, "high_open"))
				? "above "
				: "",
			high);
	}
}

static void add_sizes(struct walk *walk, const json_t *root,
		      const json_t *machine)
{
	const json_t *points =
		json_object_get(json_object_get(machine, "sizes"), "points");
	struct outline *o = &walk->outline;
	const json_t *point;
	char text[40];
	size_t i;

	outline_table(o, "Driver cycles that one more frame of a size costs, "
			 "with 95 %% intervals");
	outline_column(o, TABLE_RIGHT, "frame", "bytes");
	outline_column(o, TABLE_RIGHT, of_side(root, "mapped"), "mapped");
	outline_column(o, TABLE_RIGHT, of_side(root, "copied"), "copied");
	outline_column(o, TABLE_RIGHT, "difference", "mapped less copied");
	json_array_foreach(points, i, point) {
		uint64_t bytes = tree_count(point, "bytes");

		snprintf(text, sizeof(text), "%" PRIu64, bytes);
		outline_value(o, (double)bytes, text, CELL_PLAIN);
		cell_estimate(walk, point, "mapped", 0);
		cell_estimate(walk, point, "copied", 0);
		cell_estimate(walk, point, "difference", 0);
	}
}

static void put_points(struct curve_plot *plot, const json_t *points,
		       const char *key, const char *line)
{
	const json_t *point;
	size_t i;

	json_array_foreach(points, i, point) {
		struct estimate_at at = estimate_at(point, key);

		if (at.known)
			curve_plot_point(plot, line, at.x, at.mean,
					 at.mean - at.half, at.mean + at.half);
	}
}

static int plot_costs(struct curve_plots *plots, const json_t *root,
		      const json_t *machine, struct err *err)
{
	const char *name = tree_string(machine, "machine", "-");
	const json_t *points =
		json_object_get(json_object_get(machine, "sizes"), "points");
	struct curve_plot *plot;
	char title[256];

	snprintf(title, sizeof(title), "%.100s: cost of one more frame by size",
		 name);
	plot = curve_plots_add(plots, "breakeven_cost", name, title,
			       "frame (bytes)", "driver cycles per frame sent",
			       err);
	if (!plot)
		return -1;
	put_points(plot, points, "mapped", of_side(root, "mapped"));
	put_points(plot, points, "copied", of_side(root, "copied"));
	return 0;
}

/* The price at which both cost the same: today's and the change to it. */
static void put_critical(struct curve_plot *plot, const json_t *variant)
{
	const json_t *point;
	char line[96];
	size_t i;

	snprintf(line, sizeof(line), "%.80s",
		 tree_string(variant, "value", "-"));
	json_array_foreach(json_object_get(variant, "points"), i, point) {
		struct estimate_at price = estimate_at(point, "price");
		struct estimate_at change = estimate_at(point, "change");
		double y = price.mean + change.mean;

		if (price.known && change.known)
			curve_plot_point(plot, line, price.x, y,
					 y - change.half, y + change.half);
	}
}

/* A plot per axis: its variants, and the price of this machine. */
static int plot_axis(struct curve_plots *plots, const json_t *machine,
		     const char *axis, struct err *err)
{
	const char *name = tree_string(machine, "machine", "-");
	char kind[40], title[256];
	struct curve_plot *plot;
	const json_t *variant;
	size_t i, lines = 0;

	snprintf(kind, sizeof(kind), "breakeven_price_%.20s", axis);
	snprintf(title, sizeof(title),
		 "%.80s: price of mapping above which copying wins, by %.80s",
		 name, axis);
	plot = curve_plots_add(plots, kind, name, title, "frame (bytes)",
			       "cycles per frame", err);
	if (!plot)
		return -1;
	json_array_foreach(json_object_get(machine, "prices"), i, variant)
		if (!strcmp(tree_string(variant, "axis", "-"), axis) &&
		    lines++ < CURVE_LINES_MAX - 2)
			put_critical(plot, variant);
	json_array_foreach(json_object_get(machine, "prices"), i, variant)
		if (!strcmp(tree_string(variant, "axis", "-"), axis) &&
		    json_is_true(json_object_get(variant, "this_machine"))) {
			put_points(plot, json_object_get(variant, "points"),
				   "price", "price of this machine");
			break;
		}
	return 0;
}

/* Axes in the order in which they come. */
static int plot_prices(struct curve_plots *plots, const json_t *machine,
		       struct err *err)
{
	const json_t *prices = json_object_get(machine, "prices"), *variant;
	const char *last = NULL;
	size_t i;

	json_array_foreach(prices, i, variant) {
		const char *axis = tree_string(variant, "axis", "-");

		if (last && !strcmp(axis, last))
			continue;
		last = axis;
		if (plot_axis(plots, machine, axis, err) < 0)
			return -1;
	}
	return 0;
}

static int add_figures(struct walk *walk, struct curve_plots *plots,
		       const char *reading, struct err *err)
{
	size_t from = walk->plotter.count;
	int failed = curve_plots_write(plots, &walk->plotter, err);

	walk_figures(walk, from, reading);
	curve_plots_clear(plots);
	return failed;
}

static void range_cell(struct outline *o, const json_t *plateau,
		       const char *key)
{
	const json_t *range = json_object_get(plateau, key);

	outline_cellf(o, "%lld to %lld",
		      (long long)json_integer_value(json_array_get(range, 0)),
		      (long long)json_integer_value(json_array_get(range, 1)));
}

static void add_thresholds(struct walk *walk, const json_t *machine)
{
	static const struct {
		const char *key, *title;
	} measures[] = { { "driver_cycles", "driver cycles" },
			 { "latency_mean", "mean latency" },
			 { "latency_p99", "p99 latency" } };
	const json_t *thresholds = json_object_get(machine, "thresholds");
	struct outline *o = &walk->outline;

	if (json_is_string(thresholds))
		outline_prose(o, "No threshold: %s.",
			      json_string_value(thresholds));
	if (!json_is_object(thresholds))
		return;
	outline_table(o, "The hybrid's tx.copy_threshold, in bytes, that suits "
			 "the capture");
	outline_column(o, TABLE_LEFT, "measure", "");
	outline_column(o, TABLE_RIGHT, "best", "bytes");
	outline_column(o, TABLE_RIGHT, "within 1 %", "of the best");
	outline_column(o, TABLE_RIGHT, "surely", "within 1 %");
	outline_column(o, TABLE_RIGHT, "possibly", "within 1 %");
	for (size_t i = 0; i < 3; i++) {
		const json_t *plateau =
			json_object_get(thresholds, measures[i].key);

		outline_cell(o, measures[i].title);
		walk_number(walk, plateau, "best_bytes", "");
		range_cell(o, plateau, "plateau");
		range_cell(o, plateau, "surely");
		range_cell(o, plateau, "possibly");
	}
}

static void add_prices(struct walk *walk, const json_t *machine)
{
	const json_t *prices = json_object_get(machine, "prices");
	struct outline *o = &walk->outline;
	const json_t *variant, *point;
	size_t i, j;

	outline_table(o,
		      "By how much the price of mapping would have to change "
		      "for both to cost the same");
	outline_column(o, TABLE_LEFT, "axis", "what of the machine varies");
	outline_column(o, TABLE_LEFT, "value", "");
	outline_column(o, TABLE_LEFT, "here", "whether it is this machine's");
	outline_column(o, TABLE_RIGHT, "frame", "bytes");
	outline_column(o, TABLE_RIGHT, "price", "cycles per frame");
	outline_column(o, TABLE_RIGHT, "change", "cycles per frame");
	outline_column(o, TABLE_RIGHT, "multiple", "of today's price");
	json_array_foreach(prices, i, variant)
		json_array_foreach(json_object_get(variant, "points"), j,
				   point) {
			bool here = json_is_true(
				json_object_get(variant, "this_machine"));

			outline_cell(o, tree_string(variant, "axis", "-"));
			outline_cell(o, tree_string(variant, "value", "-"));
			outline_cell(o, here ? "yes" : "");
			walk_number(walk, point, "bytes", "");
			cell_estimate(walk, point, "price", 0);
			cell_estimate(walk, point, "change", 0);
			cell_estimate(walk, point, "factor", 2);
		}
	outline_fold(o);
}

static int walk_machine(struct walk *walk, const json_t *root,
			const json_t *machine, struct err *err)
{
	const char *reason = tree_string(machine, "reason", NULL);
	struct curve_plots plots = { 0 };

	outline_section(&walk->outline, 3, "%s: %s or %s",
			tree_string(machine, "machine", "-"),
			of_side(root, "mapped"), of_side(root, "copied"));
	if (reason) {
		outline_prose(&walk->outline, "Cannot run: %s.", reason);
		return 0;
	}
	add_verdict(walk, root, machine);
	if (plot_costs(&plots, root, machine, err) < 0 ||
	    add_figures(walk, &plots,
			"Where the lines cross, mapping and copying cost the "
			"same; bars are 95 % intervals.",
			err) < 0) {
		curve_plots_clear(&plots);
		return -1;
	}
	add_sizes(walk, root, machine);
	add_thresholds(walk, machine);
	if (plot_prices(&plots, machine, err) < 0 ||
	    add_figures(walk, &plots,
			"Where this machine's price lies above a line, copying "
			"is cheaper on a machine of that kind.",
			err) < 0) {
		curve_plots_clear(&plots);
		return -1;
	}
	add_prices(walk, machine);
	return 0;
}

int walk_breakeven(struct walk *walk, const json_t *root, struct err *err)
{
	const json_t *machines = json_object_get(root, "machines"), *machine;
	size_t i;

	outline_section(&walk->outline, 2, "Break-even, %s",
			walk_file_name(tree_string(root, "trace", "-")));
	json_array_foreach(machines, i, machine)
		if (walk_machine(walk, root, machine, err) < 0)
			return -1;
	walk_study_origin(walk, root);
	walk_study_configs(walk, machines);
	return 0;
}
