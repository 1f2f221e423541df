/* SPDX-License-Identifier: Apache-2.0 */
/* Which parameter the answer hangs on: a tornado and a table a machine. */
#include <stdio.h>
#include <string.h>

#include "reports/plot_tornado.h"
#include "reports/text_value.h"
#include "reports/tree.h"
#include "reports/walk.h"

#define BARS_MAX 20

static const json_t *end_of(const json_t *parameter, size_t end)
{
	return json_array_get(json_object_get(parameter, "ends"), end);
}

static bool figure_of(const json_t *holder, double *value)
{
	return tree_number(json_object_get(holder, "figure"), "mean", value);
}

/* Parameters come with the largest swing first. */
static int add_plot(struct walk *walk, const json_t *root,
		    const json_t *machine, struct err *err)
{
	const char *name = tree_string(machine, "machine", "-");
	struct tornado_bar bars[BARS_MAX];
	struct tornado tornado = { .subject = name, .bars = bars };
	size_t i, from = walk->plotter.count;
	char title[256], xlabel[128];
	const json_t *parameter;

	if (!figure_of(machine, &tornado.base))
		return 0;
	json_array_foreach(json_object_get(machine, "parameters"), i,
			   parameter) {
		struct tornado_bar *bar = &bars[tornado.count];

		if (tornado.count == BARS_MAX)
			break;
		if (json_is_true(json_object_get(parameter, "inert")) ||
		    !figure_of(end_of(parameter, 0), &bar->low))
			continue;
		if (!figure_of(end_of(parameter, 1), &bar->high))
			bar->high = tornado.base;
		bar->label = tree_string(parameter, "parameter", "-");
		tornado.count++;
	}
	snprintf(title, sizeof(title), "%.60s: what moves %.120s", name,
		 tree_string(root, "title", "the answer"));
	snprintf(xlabel, sizeof(xlabel), "%.90s (%.30s)",
		 tree_string(root, "title", "answer"),
		 tree_string(root, "unit", "-"));
	tornado.title = title;
	tornado.xlabel = xlabel;
	if (tornado_page(&tornado, &walk->plotter, err) < 0)
		return -1;
	walk_figures(walk, from,
		     "A bar is how far the answer moves when one assumption "
		     "goes from the low to the high end of its band; the "
		     "dashed line is the answer as it stands.");
	return 0;
}

static void cell_number(struct walk *walk, const json_t *holder,
			const char *key)
{
	char text[TEXT_VALUE_MAX];
	double value;

	if (!tree_number(holder, key, &value)) {
		outline_cell(&walk->outline, "-");
		return;
	}
	snprintf(text, sizeof(text), "%.4g", value);
	outline_value(&walk->outline, value, text, CELL_PLAIN);
}

static void add_parameter(struct walk *walk, const json_t *parameter)
{
	const json_t *flip = json_object_get(parameter, "flip");
	struct outline *o = &walk->outline;

	outline_cell(o, tree_string(parameter, "parameter", "-"));
	outline_cell(o, tree_string(parameter, "value", "-"));
	for (size_t i = 0; i < 2; i++) {
		const json_t *end = end_of(parameter, i);

		outline_cell(o, tree_string(end, "value", "-"));
		cell_number(walk, json_object_get(end, "figure"), "mean");
	}
	cell_number(walk, parameter, "swing");
	if (json_is_object(flip))
		outline_cellf(o, "%s: %s", tree_string(flip, "value", "-"),
			      tree_string(flip, "cheapest", "-"));
	else
		outline_cell(o, "-");
	cell_number(walk, parameter, "mu_star");
	cell_number(walk, parameter, "sigma");
}

static bool moves(const json_t *parameter)
{
	double swing = 0, effect = 0;

	tree_number(parameter, "swing", &swing);
	tree_number(parameter, "mu_star", &effect);
	return swing > 0 || effect > 0 ||
	       json_is_object(json_object_get(parameter, "flip"));
}

static void add_table(struct walk *walk, const json_t *machine)
{
	struct outline *o = &walk->outline;
	const json_t *parameter;
	size_t i, still = 0;

	outline_table(o, "Assumptions of %s, one at a time",
		      tree_string(machine, "machine", "-"));
	outline_column(o, TABLE_LEFT, "parameter", "");
	outline_column(o, TABLE_LEFT, "value", "as it stands");
	outline_column(o, TABLE_LEFT, "low", "end of the band");
	outline_column(o, TABLE_RIGHT, "answer", "there");
	outline_column(o, TABLE_LEFT, "high", "end of the band");
	outline_column(o, TABLE_RIGHT, "answer", "there");
	outline_column(o, TABLE_RIGHT, "swing", "of the answer");
	outline_column(o, TABLE_LEFT, "turns at", "and to what");
	outline_column(o, TABLE_RIGHT, "mean effect", "Morris, absolute");
	outline_column(o, TABLE_RIGHT, "spread", "of effects");
	json_array_foreach(json_object_get(machine, "parameters"), i,
			   parameter) {
		if (moves(parameter))
			add_parameter(walk, parameter);
		else
			still++;
	}
	if (still)
		outline_prose(o,
			      "%zu further assumptions move nothing from one "
			      "end of their bands to the other.",
			      still);
}

static void add_headline(struct walk *walk, const json_t *root,
			 const json_t *machine)
{
	const json_t *parameter, *first = NULL;
	const char *name = tree_string(machine, "machine", "-");
	size_t i, flips = 0;

	json_array_foreach(json_object_get(machine, "parameters"), i,
			   parameter) {
		flips += json_is_object(json_object_get(parameter, "flip"));
		if (!first)
			first = parameter;
	}
	if (!first)
		return;
	outline_headline(
		&walk->outline,
		"%s: %s hangs most on %s; %zu of %zu assumptions could change "
		"which strategy is cheapest (now %s).",
		name, tree_string(root, "title", "the answer"),
		tree_string(first, "parameter", "-"), flips,
		json_array_size(json_object_get(machine, "parameters")),
		tree_string(machine, "cheapest", "-"));
}

int walk_sensitivity(struct walk *walk, const json_t *root, struct err *err)
{
	const json_t *machines = json_object_get(root, "machines"), *machine;
	struct outline *o = &walk->outline;
	size_t i;

	outline_section(o, 2, "What the answer hangs on, %s",
			walk_file_name(tree_string(root, "trace", "-")));
	json_array_foreach(machines, i, machine) {
		const char *reason = tree_string(machine, "reason", NULL);

		if (reason) {
			outline_prose(o, "%s cannot run: %s.",
				      tree_string(machine, "machine", "-"),
				      reason);
			continue;
		}
		add_headline(walk, root, machine);
		if (add_plot(walk, root, machine, err) < 0)
			return -1;
		add_table(walk, machine);
	}
	walk_study_origin(walk, root);
	walk_study_configs(walk, machines);
	return 0;
}
