/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cmd/answer.h"
#include "cmd/sensitivity.h"
#include "reports/document_tree.h"
#include "reports/plot_tornado.h"
#include "reports/table.h"
#include "reports/text_value.h"

#define SENSITIVITY_SCHEMA 1
#define SHOWN		   15 /* rows of a table, bars of a tornado */

static const struct sensitivity_of *figure(const struct sensitivity *study)
{
	return &sensitivity_figures[study->of];
}

/* --- text --- */

static char *number(const struct sensitivity *study, double value, char *buf,
		    size_t size)
{
	return text_number(figure(study)->unit, value, buf, size);
}

static void print_order(const struct sensitivity *study,
			const struct sensitivity_machine *machine, FILE *out)
{
	double lead = machine->base.cost[machine->next] -
		      machine->base.cost[machine->best];
	size_t flips = 0, f;

	for (f = 0; f < machine->count; f++)
		flips += machine->factors[f].flips;
	fprintf(out,
		"%s: %s is cheapest, by %.0f driver cycles per frame before "
		"%s;\n",
		machine->of->name,
		sensitivity_tx(study, machine, machine->best), lead,
		sensitivity_tx(study, machine, machine->next));
	fprintf(out, "  of %zu %s, within their bands, ", machine->count,
		study->given_count ? "parameters" : "assumed parameters");
	if (flips)
		fprintf(out, "%zu change%s that by %s\n", flips,
			flips == 1 ? "s" : "",
			flips == 1 ? "itself" : "themselves");
	else
		fputs("none changes that by itself\n", out);
	if (machine->base.saturated)
		fputs("  the machine does not keep up with this capture: "
		      "costs depend on what was lost\n",
		      out);
}

static void cell_end(struct table *table, const struct sensitivity *study,
		     const struct sensitivity_factor *factor, size_t index)
{
	const struct sensitivity_end *end = &factor->ends[index];
	char text[TEXT_VALUE_MAX];

	if (index >= factor->end_count)
		table_cell(table, "");
	else if (!end->done || end->refused)
		table_cellf(table, "%s: %s", end->text,
			    end->done ? "cannot run" : "not done");
	else
		table_cellf(
			table, "%s: %s", end->text,
			number(study, end->figure.mean, text, sizeof(text)));
}

static void add_factor(struct table *table, const struct sensitivity *study,
		       const struct sensitivity_machine *machine,
		       const struct sensitivity_factor *factor)
{
	char text[TEXT_VALUE_MAX];

	table_cell(table, factor->row->key);
	table_cell(table, factor->now);
	cell_end(table, study, factor, 0);
	cell_end(table, study, factor, 1);
	table_cell(table, number(study, factor->swing, text, sizeof(text)));
	if (study->trajectories) {
		table_cell(table, factor->effects
					  ? number(study, factor->mu_star, text,
						   sizeof(text))
					  : "-");
		table_cell(table, factor->effects ? number(study, factor->sigma,
							   text, sizeof(text))
						  : "-");
	}
	if (factor->flips && factor->flip_ratio > 0)
		table_cellf(table, "%s (x%.3g): %s", factor->flip_at,
			    factor->flip_ratio,
			    sensitivity_tx(study, machine, factor->flip_to));
	else if (factor->flips)
		table_cellf(table, "%s: %s", factor->flip_at,
			    sensitivity_tx(study, machine, factor->flip_to));
	else
		table_cell(table, "");
}

static int print_table(const struct sensitivity *study,
		       const struct sensitivity_machine *machine, FILE *out,
		       struct err *err)
{
	struct table *table = table_new(err);
	size_t f, shown = 0, inert = 0;
	int rc;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "parameter");
	table_column(table, TABLE_RIGHT, "value");
	table_column(table, TABLE_RIGHT, "low end");
	table_column(table, TABLE_RIGHT, "high end");
	table_column(table, TABLE_RIGHT, "swing");
	if (study->trajectories) {
		table_column(table, TABLE_RIGHT, "mu*");
		table_column(table, TABLE_RIGHT, "sigma");
	}
	table_column(table, TABLE_LEFT, "cheapest from there on");
	for (f = 0; f < machine->count; f++) {
		const struct sensitivity_factor *factor = &machine->factors[f];

		inert += factor->inert;
		if (factor->inert || (shown >= SHOWN && !factor->flips))
			continue;
		shown++;
		add_factor(table, study, machine, factor);
	}
	rc = table_print(table, out, err);
	table_free(table);
	fprintf(out,
		"  %zu more move it less; %zu change nothing here; %zu are "
		"assumed to be 0 and have no band\n",
		machine->count - shown - inert, inert, machine->unbanded);
	return rc;
}

static int print_machine(const struct sensitivity *study,
			 const struct sensitivity_machine *machine, FILE *out,
			 struct err *err)
{
	char text[TEXT_VALUE_MAX], half[TEXT_VALUE_MAX];

	if (machine->why[0] || !machine->done) {
		fprintf(out, "%s: %s%s\n", machine->of->name,
			machine->why[0] ? "cannot run: " : "interrupted",
			machine->why);
		return 0;
	}
	print_order(study, machine, out);
	fprintf(out, "  %s: %s", figure(study)->title,
		number(study, machine->figure.mean, text, sizeof(text)));
	if (!isnan(machine->figure.half))
		fprintf(out, " ±%s",
			number(study, machine->figure.half, half,
			       sizeof(half)));
	fputc('\n', out);
	return print_table(study, machine, out, err);
}

static int write_text(const void *what, FILE *out, struct err *err)
{
	const struct sensitivity *study = what;
	size_t m;

	fprintf(out, "what the answer hangs on: %zu frames of %s, receive %s\n",
		study->ask.load.sample.count, study->ask.load.info.path,
		rx_ops_name(study->ask.rx[0]));
	if (study->ask.partial)
		fputs("PARTIAL: interrupted before the end\n", out);
	for (m = 0; m < study->ask.machines.count; m++) {
		fputc('\n', out);
		if (print_machine(study, &study->answers[m], out, err) < 0)
			return -1;
	}
	if (study->trajectories)
		fprintf(out,
			"\nmu*: mean size of the effect over a whole band, the "
			"others anywhere in theirs, of %" PRIu64
			" trajectories;\nsigma: its spread, large where it "
			"depends on the others\n",
			study->trajectories);
	return 0;
}

/* --- JSON --- */

static json_t *ends_tree(const struct sensitivity *study,
			 const struct sensitivity_machine *machine,
			 struct tree_builder *b,
			 const struct sensitivity_factor *factor)
{
	json_t *list = tree_array(b);
	size_t i;

	for (i = 0; i < factor->end_count; i++) {
		const struct sensitivity_end *end = &factor->ends[i];
		bool ran = end->done && !end->refused;
		json_t *tree = tree_object(b);

		tree_put(b, tree, "value", tree_text(b, end->text));
		tree_put(b, tree, "figure",
			 ran ? answer_estimate(b, &end->figure) : json_null());
		tree_put(b, tree, "change",
			 ran ? answer_estimate(b, &end->change) : json_null());
		tree_put(b, tree, "cheapest",
			 tree_text(b, ran ? sensitivity_tx(study, machine,
							   end->best)
					  : NULL));
		tree_append(b, list, tree);
	}
	return list;
}

static json_t *factor_tree(const struct sensitivity *study,
			   const struct sensitivity_machine *machine,
			   struct tree_builder *b,
			   const struct sensitivity_factor *factor)
{
	json_t *tree = tree_object(b), *flip = json_null();

	tree_put(b, tree, "parameter", tree_text(b, factor->row->key));
	tree_put(b, tree, "value", tree_text(b, factor->now));
	tree_put(b, tree, "band_stated", json_boolean(factor->band.stated));
	tree_put(b, tree, "ends", ends_tree(study, machine, b, factor));
	tree_put(b, tree, "swing", tree_real(b, factor->swing));
	tree_put(b, tree, "inert", json_boolean(factor->inert));
	if (factor->flips) {
		flip = tree_object(b);
		tree_put(b, flip, "value", tree_text(b, factor->flip_at));
		tree_put(b, flip, "ratio",
			 factor->flip_ratio > 0
				 ? tree_real(b, factor->flip_ratio)
				 : json_null());
		tree_put(b, flip, "cheapest",
			 tree_text(b, sensitivity_tx(study, machine,
						     factor->flip_to)));
	}
	tree_put(b, tree, "flip", flip);
	tree_put(b, tree, "effects", tree_u64(b, factor->effects));
	tree_put(b, tree, "mu", tree_real(b, factor->mu));
	tree_put(b, tree, "mu_star", tree_real(b, factor->mu_star));
	tree_put(b, tree, "sigma", tree_real(b, factor->sigma));
	return tree;
}

static json_t *machine_tree(const struct sensitivity *study,
			    const struct sensitivity_machine *machine,
			    struct tree_builder *b)
{
	json_t *tree = tree_object(b), *costs, *list;
	size_t i;

	tree_put(b, tree, "machine", tree_text(b, machine->of->name));
	tree_put(b, tree, "config", config_tree(b, machine->of->cfg));
	tree_put(b, tree, "reason",
		 tree_text(b, machine->why[0] ? machine->why : NULL));
	if (machine->why[0] || !machine->done)
		return tree;
	costs = tree_object(b);
	list = tree_array(b);
	for (i = 0; i < machine->tx_count; i++)
		tree_put(b, costs, sensitivity_tx(study, machine, i),
			 tree_real(b, machine->base.cost[i]));
	tree_put(b, tree, "driver_cycles_per_frame", costs);
	tree_put(b, tree, "cheapest",
		 tree_text(b, sensitivity_tx(study, machine, machine->best)));
	tree_put(b, tree, "next",
		 tree_text(b, sensitivity_tx(study, machine, machine->next)));
	tree_put(b, tree, "saturated", json_boolean(machine->base.saturated));
	tree_put(b, tree, "figure", answer_estimate(b, &machine->figure));
	for (i = 0; i < machine->count; i++)
		tree_append(
			b, list,
			factor_tree(study, machine, b, &machine->factors[i]));
	tree_put(b, tree, "parameters", list);
	tree_put(b, tree, "without_band", tree_u64(b, machine->unbanded));
	return tree;
}

static json_t *study_tree(const struct sensitivity *study,
			  struct tree_builder *b)
{
	json_t *root = answer_head(b, "sensitivity_schema", SENSITIVITY_SCHEMA,
				   &study->ask);
	json_t *machines = tree_array(b);
	size_t m;

	tree_put(b, root, "of", tree_text(b, figure(study)->name));
	tree_put(b, root, "title", tree_text(b, figure(study)->title));
	tree_put(b, root, "unit", tree_text(b, figure(study)->unit));
	tree_put(b, root, "rx", tree_text(b, rx_ops_name(study->ask.rx[0])));
	answer_settings(b, root, &study->ask);
	tree_put(b, root, "trajectories", tree_u64(b, study->trajectories));
	for (m = 0; m < study->ask.machines.count; m++)
		tree_append(b, machines,
			    machine_tree(study, &study->answers[m], b));
	tree_put(b, root, "machines", machines);
	return root;
}

static int write_json(const void *what, FILE *out, struct err *err)
{
	const struct sensitivity *study = what;
	struct tree_builder builder = { 0 };

	return answer_dump(study_tree(study, &builder), &builder, out, err);
}

/* --- CSV: machine,parameter,figure,at,value,ci95,unit --- */

static void csv_line(FILE *out, const struct sensitivity *study,
		     const struct sensitivity_machine *machine,
		     const struct sensitivity_factor *factor, const char *name,
		     const char *at, double value, double half)
{
	fprintf(out, "%s,%s,%s,%s,%.9g,", machine->of->name, factor->row->key,
		name, at, value);
	if (!isnan(half))
		fprintf(out, "%.9g", half);
	fprintf(out, ",%s\n", figure(study)->unit);
}

static void csv_factor(FILE *out, const struct sensitivity *study,
		       const struct sensitivity_machine *machine,
		       const struct sensitivity_factor *factor)
{
	size_t i;

	csv_line(out, study, machine, factor, "base", factor->now,
		 machine->figure.mean, machine->figure.half);
	for (i = 0; i < factor->end_count; i++)
		if (factor->ends[i].done && !factor->ends[i].refused)
			csv_line(out, study, machine, factor, "end",
				 factor->ends[i].text,
				 factor->ends[i].figure.mean,
				 factor->ends[i].figure.half);
	if (factor->effects) {
		csv_line(out, study, machine, factor, "mu", "", factor->mu,
			 NAN);
		csv_line(out, study, machine, factor, "mu_star", "",
			 factor->mu_star, NAN);
		csv_line(out, study, machine, factor, "sigma", "",
			 factor->sigma, NAN);
	}
	if (factor->flips)
		csv_line(out, study, machine, factor, "flip", factor->flip_at,
			 0, NAN);
}

static int write_csv(const void *what, FILE *out, struct err *err)
{
	const struct sensitivity *study = what;
	size_t m, f;

	(void)err;
	fputs("machine,parameter,figure,at,value,ci95,unit\n", out);
	for (m = 0; m < study->ask.machines.count; m++)
		for (f = 0; f < study->answers[m].count; f++)
			csv_factor(out, study, &study->answers[m],
				   &study->answers[m].factors[f]);
	return 0;
}

int sensitivity_write(const struct sensitivity *study, struct err *err)
{
	static options_writer *const writers[] = {
		[FORMAT_TEXT] = write_text,
		[FORMAT_JSON] = write_json,
		[FORMAT_CSV] = write_csv,
	};

	return options_write(&study->ask.options, writers, study, err);
}

/* --- the tornado --- */

static int draw_machine(const struct sensitivity *study,
			const struct sensitivity_machine *machine,
			struct err *err)
{
	struct tornado_bar bars[SHOWN];
	char title[256], xlabel[160], labels[SHOWN][160];
	struct tornado tornado = { .subject = machine->of->name,
				   .title = title,
				   .xlabel = xlabel,
				   .base = machine->figure.mean,
				   .bars = bars };
	size_t f;

	for (f = 0; f < machine->count && tornado.count < SHOWN; f++) {
		const struct sensitivity_factor *factor = &machine->factors[f];
		struct tornado_bar *bar = &bars[tornado.count];
		const struct sensitivity_end *ends = factor->ends;

		if (factor->inert)
			continue;
		snprintf(labels[tornado.count], sizeof(labels[0]),
			 "%.60s %.39s..%.39s", factor->row->key,
			 factor->end_count > 1 ? ends[0].text : factor->now,
			 ends[factor->end_count > 1].text);
		bar->label = labels[tornado.count++];
		bar->low = bar->high = tornado.base;
		if (ends[0].done && !ends[0].refused)
			bar->low = ends[0].figure.mean;
		if (factor->end_count > 1 && ends[1].done && !ends[1].refused)
			bar->high = ends[1].figure.mean;
	}
	snprintf(title, sizeof(title), "%s: what the answer hangs on",
		 machine->of->name);
	snprintf(xlabel, sizeof(xlabel), "%.120s (%s)", figure(study)->title,
		 figure(study)->unit);
	return tornado_draw(&tornado, study->ask.report, err);
}

int sensitivity_draw(const struct sensitivity *study, struct err *err)
{
	int rc = answer_save(&study->ask, write_json, study, err);
	size_t m;

	for (m = 0; m < study->ask.machines.count && !rc; m++)
		if (!study->answers[m].why[0] && study->answers[m].done)
			rc = draw_machine(study, &study->answers[m], err);
	return rc;
}
