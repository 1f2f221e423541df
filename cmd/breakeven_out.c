/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cmd/answer.h"
#include "cmd/breakeven.h"
#include "reports/document_tree.h"
#include "reports/plot_curves.h"
#include "reports/table.h"

#define BREAKEVEN_SCHEMA 1

/* --- text --- */

/* "512B to 960B", "below 64B to 120B". */
static void interval_text(const struct crossing *crossing, char *buf,
			  size_t size)
{
	snprintf(buf, size, "%s%.0fB to %s%.0fB",
		 crossing->low_open ? "below " : "", crossing->low,
		 crossing->high_open ? "above " : "", crossing->high);
}

static void print_verdict(const struct breakeven *study,
			  const struct size_answer *answer, FILE *out)
{
	const char *mapped = tx_ops_name(study->mapped);
	const char *copied = tx_ops_name(study->copied);
	char range[80];
	size_t i;

	if (!answer->crossing_count) {
		bool maps = answer->points[0].difference.mean < 0;

		fprintf(out,
			"no break-even from %" PRIu64 "B to %" PRIu64
			"B: %s is cheaper at every size\n",
			answer->points[0].bytes,
			answer->points[answer->count - 1].bytes,
			maps ? mapped : copied);
		return;
	}
	for (i = 0; i < answer->crossing_count; i++) {
		const struct crossing *crossing = &answer->crossings[i];

		interval_text(crossing, range, sizeof(range));
		/* The zero is between two sizes: the upper one is cheaper. */
		fprintf(out, "%s is cheaper from %.0fB on (95 %%: %s)\n",
			crossing->falling ? mapped : copied, ceil(crossing->at),
			range);
	}
	if (!isnan(answer->price_half))
		fprintf(out,
			"the intervals of the prices given add ±%.0fB to the "
			"first\n",
			answer->price_half);
}

static void cell_estimate(struct table *table, const struct estimate *value)
{
	table_cellf(table, "%.1f", value->mean);
	table_cellf(table, "±%.1f", value->half);
}

static int print_sizes(const struct breakeven *study,
		       const struct size_answer *answer, FILE *out,
		       struct err *err)
{
	struct table *table = table_new(err);
	char text[UNITS_TEXT_MAX];
	size_t i;
	int rc;

	if (!table)
		return -1;
	table_column(table, TABLE_RIGHT, "frame");
	table_column(table, TABLE_RIGHT, "mapped");
	table_column(table, TABLE_RIGHT, "95 %");
	table_column(table, TABLE_RIGHT, "copied");
	table_column(table, TABLE_RIGHT, "95 %");
	table_column(table, TABLE_RIGHT, "mapped\nless copied");
	table_column(table, TABLE_RIGHT, "95 %");
	table_column(table, TABLE_RIGHT, "rate");
	for (i = 0; i < answer->count; i++) {
		const struct size_point *point = &answer->points[i];

		table_cellf(table, "%" PRIu64 "B", point->bytes);
		cell_estimate(table, &point->mapped);
		cell_estimate(table, &point->copied);
		cell_estimate(table, &point->difference);
		table_cell(table,
			   units_human(QTY_RATE,
				       (double)study->rate_bps *
					       (double)point->speed / 1e6,
				       3, text, sizeof(text)));
	}
	rc = table_print(table, out, err);
	table_free(table);
	return rc;
}

static void cell_range(struct table *table,
		       const struct threshold_answer *answer, size_t low,
		       size_t high)
{
	table_cellf(table, "%" PRIu64 "B-%" PRIu64 "B",
		    answer->points[low].bytes, answer->points[high].until);
}

static int print_thresholds(const struct threshold_answer *answer, FILE *out,
			    struct err *err)
{
	struct table *table = table_new(err);
	char text[UNITS_TEXT_MAX];
	size_t m;
	int rc;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "measure");
	table_column(table, TABLE_RIGHT, "best");
	table_column(table, TABLE_RIGHT, "there");
	table_column(table, TABLE_RIGHT, "within 1 %");
	table_column(table, TABLE_RIGHT, "surely");
	table_column(table, TABLE_RIGHT, "possibly");
	for (m = 0; m < BREAKEVEN_MEASURES; m++) {
		const struct threshold_plateau *p = &answer->by[m];
		double value = answer->points[p->best].by[m].value;

		table_cell(table, breakeven_measures[m].title);
		table_cellf(table, "%" PRIu64 "B",
			    answer->points[p->best].bytes);
		if (m)
			table_cell(table, units_human(QTY_TIME, value, 3, text,
						      sizeof(text)));
		else
			table_cellf(table, "%.1f", value);
		cell_range(table, answer, p->low, p->high);
		cell_range(table, answer, p->sure_low, p->sure_high);
		cell_range(table, answer, p->maybe_low, p->maybe_high);
	}
	rc = table_print(table, out, err);
	table_free(table);
	return rc;
}

static void add_variant(struct table *table,
			const struct price_variant *variant, size_t sizes)
{
	size_t i;

	table_cellf(table, "%s %s%s", variant->axis, variant->value,
		    variant->as_is ? " *" : "");
	for (i = 0; i < sizes; i++) {
		const struct price_point *point = &variant->points[i];

		if (!variant->count)
			table_cell(table, "-");
		else if (!point->priced)
			table_cellf(table, "%+.0f", -point->difference.mean);
		else
			table_cellf(table, "%+.0f±%.0f x%.2f",
				    -point->difference.mean,
				    point->difference.half, point->factor.mean);
	}
}

static int print_prices(const struct price_answer *answer, FILE *out,
			struct err *err)
{
	struct table *table = table_new(err);
	const struct price_variant *shown = answer->variants;
	size_t v, i;
	int rc;

	if (!table)
		return -1;
	for (v = 0; v < answer->count && !shown->count; v++)
		shown = &answer->variants[v];
	table_column(table, TABLE_LEFT, "machine with");
	for (i = 0; i < shown->count; i++) {
		char head[UNITS_TEXT_MAX];

		snprintf(head, sizeof(head), "%" PRIu64 "B",
			 shown->points[i].bytes);
		table_column(table, TABLE_RIGHT, head);
	}
	for (v = 0; v < answer->count; v++)
		add_variant(table, &answer->variants[v], shown->count);
	rc = table_print(table, out, err);
	table_free(table);
	for (v = 0; v < answer->count && !rc; v++)
		if (answer->variants[v].why[0])
			fprintf(out, "%s %s cannot run: %s\n",
				answer->variants[v].axis,
				answer->variants[v].value,
				answer->variants[v].why);
	return rc;
}

static int print_machine(const struct breakeven *study,
			 const struct breakeven_machine *machine, FILE *out,
			 struct err *err)
{
	char rate[UNITS_TEXT_MAX];

	fprintf(out, "%s: %s or %s, receive %s\n", machine->of->name,
		tx_ops_name(study->mapped), tx_ops_name(study->copied),
		rx_ops_name(study->rx));
	if (machine->why[0]) {
		fprintf(out, "cannot run: %s\n", machine->why);
		return 0;
	}
	if (!machine->has_sizes) {
		fputs("interrupted\n", out);
		return 0;
	}
	units_human(QTY_RATE, (double)study->rate_bps, 3, rate, sizeof(rate));
	fprintf(out,
		"\n1. one more frame of a size, at %s, %.1f%% sent: "
		"driver cycles per frame sent\n",
		rate, (double)study->tx_ppm / 1e4);
	print_verdict(study, &machine->sizes, out);
	if (print_sizes(study, &machine->sizes, out, err) < 0)
		return -1;
	fprintf(out, "\n2. tx.copy_threshold of %s on %s\n",
		tx_ops_name(study->hybrid), study->ask.load.info.path);
	if (machine->no_thresholds[0])
		fprintf(out, "cannot run: %s\n", machine->no_thresholds);
	else if (!machine->has_thresholds)
		fputs("interrupted\n", out);
	else if (print_thresholds(&machine->thresholds, out, err) < 0)
		return -1;
	fprintf(out,
		"\n3. by how many cycles per frame, and to which multiple, "
		"the price of mapping\n"
		"(cost.sg_*, iommu.*) would have to change for both to "
		"cost the same; above it %s\nwins; * is this machine\n",
		tx_ops_name(study->copied));
	if (machine->has_prices)
		return print_prices(&machine->prices, out, err);
	fputs("interrupted\n", out);
	return 0;
}

static int write_text(const void *what, FILE *out, struct err *err)
{
	const struct breakeven *study = what;
	size_t i;

	if (study->ask.partial)
		fputs("PARTIAL: interrupted before the end\n\n", out);
	for (i = 0; i < study->ask.machines.count; i++) {
		if (i)
			fputs("\n\n", out);
		if (print_machine(study, &study->answers[i], out, err) < 0)
			return -1;
	}
	return 0;
}

/* --- JSON --- */

static json_t *crossing_tree(struct tree_builder *b,
			     const struct crossing *crossing)
{
	json_t *tree = tree_object(b);

	tree_put(b, tree, "at_bytes", tree_real(b, crossing->at));
	tree_put(b, tree, "low_bytes", tree_real(b, crossing->low));
	tree_put(b, tree, "high_bytes", tree_real(b, crossing->high));
	tree_put(b, tree, "low_open", json_boolean(crossing->low_open));
	tree_put(b, tree, "high_open", json_boolean(crossing->high_open));
	tree_put(b, tree, "cheaper_above",
		 tree_text(b, crossing->falling ? "mapped" : "copied"));
	return tree;
}

static json_t *sizes_tree(struct tree_builder *b,
			  const struct size_answer *answer)
{
	json_t *tree = tree_object(b), *points = tree_array(b);
	json_t *crossings = tree_array(b);
	size_t i;

	for (i = 0; i < answer->crossing_count; i++)
		tree_append(b, crossings,
			    crossing_tree(b, &answer->crossings[i]));
	for (i = 0; i < answer->count; i++) {
		const struct size_point *point = &answer->points[i];
		json_t *entry = tree_object(b);

		tree_put(b, entry, "bytes", tree_u64(b, point->bytes));
		tree_put(b, entry, "speed",
			 tree_real(b, (double)point->speed / 1e6));
		tree_put(b, entry, "mapped",
			 answer_estimate(b, &point->mapped));
		tree_put(b, entry, "copied",
			 answer_estimate(b, &point->copied));
		tree_put(b, entry, "difference",
			 answer_estimate(b, &point->difference));
		tree_append(b, points, entry);
	}
	tree_put(b, tree, "crossings", crossings);
	if (!answer->crossing_count)
		tree_put(b, tree, "cheaper",
			 tree_text(b, answer->points[0].difference.mean < 0
					      ? "mapped"
					      : "copied"));
	tree_put(b, tree, "price_ci95_bytes", tree_real(b, answer->price_half));
	tree_put(b, tree, "points", points);
	return tree;
}

static json_t *plateau_tree(struct tree_builder *b,
			    const struct threshold_answer *answer, size_t m)
{
	const struct threshold_plateau *p = &answer->by[m];
	const struct {
		const char *name;
		size_t low, high;
	} ranges[] = { { "plateau", p->low, p->high },
		       { "surely", p->sure_low, p->sure_high },
		       { "possibly", p->maybe_low, p->maybe_high } };
	json_t *tree = tree_object(b);
	size_t i;

	tree_put(b, tree, "best_bytes",
		 tree_u64(b, answer->points[p->best].bytes));
	for (i = 0; i < 3; i++) {
		json_t *range = tree_array(b);

		tree_append(b, range,
			    tree_u64(b, answer->points[ranges[i].low].bytes));
		tree_append(b, range,
			    tree_u64(b, answer->points[ranges[i].high].until));
		tree_put(b, tree, ranges[i].name, range);
	}
	return tree;
}

static json_t *threshold_tree(struct tree_builder *b,
			      const struct threshold_point *point)
{
	json_t *entry = tree_object(b);
	size_t m;

	tree_put(b, entry, "bytes", tree_u64(b, point->bytes));
	tree_put(b, entry, "until_bytes", tree_u64(b, point->until));
	for (m = 0; m < BREAKEVEN_MEASURES; m++) {
		const struct threshold_excess *e = &point->by[m];
		json_t *excess = tree_object(b);

		tree_put(b, excess, "value", tree_real(b, e->value));
		tree_put(b, excess, "excess", tree_real(b, e->excess));
		tree_put(b, excess, "ci95_replicates",
			 tree_real(b, e->replicates));
		tree_put(b, excess, "ci95_traffic", tree_real(b, e->traffic));
		tree_put(b, entry, breakeven_measures[m].name, excess);
	}
	return entry;
}

static json_t *thresholds_tree(struct tree_builder *b,
			       const struct threshold_answer *answer)
{
	json_t *tree = tree_object(b), *points = tree_array(b);
	size_t i, m;

	tree_put(b, tree, "blocks", tree_u64(b, answer->blocks));
	for (m = 0; m < BREAKEVEN_MEASURES; m++)
		tree_put(b, tree, breakeven_measures[m].name,
			 plateau_tree(b, answer, m));
	for (i = 0; i < answer->count; i++)
		tree_append(b, points, threshold_tree(b, &answer->points[i]));
	tree_put(b, tree, "points", points);
	return tree;
}

static json_t *variant_tree(struct tree_builder *b,
			    const struct price_variant *variant)
{
	json_t *tree = tree_object(b), *points = tree_array(b);
	size_t i;

	tree_put(b, tree, "axis", tree_text(b, variant->axis));
	tree_put(b, tree, "value", tree_text(b, variant->value));
	tree_put(b, tree, "this_machine", json_boolean(variant->as_is));
	tree_put(b, tree, "reason",
		 tree_text(b, variant->why[0] ? variant->why : NULL));
	for (i = 0; i < variant->count; i++) {
		const struct price_point *point = &variant->points[i];
		json_t *entry = tree_object(b);
		const struct estimate change = { -point->difference.mean,
						 point->difference.half };

		tree_put(b, entry, "bytes", tree_u64(b, point->bytes));
		tree_put(b, entry, "price", answer_estimate(b, &point->price));
		tree_put(b, entry, "change", answer_estimate(b, &change));
		tree_put(b, entry, "factor",
			 point->priced ? answer_estimate(b, &point->factor)
				       : json_null());
		tree_append(b, points, entry);
	}
	tree_put(b, tree, "points", points);
	return tree;
}

static json_t *machine_tree(struct tree_builder *b,
			    const struct breakeven_machine *machine)
{
	json_t *tree = tree_object(b), *prices = tree_array(b);
	size_t i;

	tree_put(b, tree, "machine", tree_text(b, machine->of->name));
	tree_put(b, tree, "config", config_tree(b, machine->of->cfg));
	tree_put(b, tree, "reason",
		 tree_text(b, machine->why[0] ? machine->why : NULL));
	tree_put(b, tree, "complete", json_boolean(machine->has_prices));
	if (machine->has_sizes)
		tree_put(b, tree, "sizes", sizes_tree(b, &machine->sizes));
	if (machine->no_thresholds[0])
		tree_put(b, tree, "thresholds",
			 tree_text(b, machine->no_thresholds));
	else if (machine->has_thresholds)
		tree_put(b, tree, "thresholds",
			 thresholds_tree(b, &machine->thresholds));
	if (!machine->has_prices) {
		json_decref(prices);
		return tree;
	}
	for (i = 0; i < machine->prices.count; i++)
		tree_append(b, prices,
			    variant_tree(b, &machine->prices.variants[i]));
	tree_put(b, tree, "prices", prices);
	return tree;
}

static json_t *study_tree(const struct breakeven *study, struct tree_builder *b)
{
	json_t *root = answer_head(b, "breakeven_schema", BREAKEVEN_SCHEMA,
				   &study->ask);
	json_t *machines = tree_array(b);
	size_t i;

	tree_put(b, root, "rate_bps", tree_u64(b, study->rate_bps));
	tree_put(b, root, "tx_share",
		 tree_real(b, (double)study->tx_ppm / 1e6));
	tree_put(b, root, "mapped", tree_text(b, tx_ops_name(study->mapped)));
	tree_put(b, root, "copied", tree_text(b, tx_ops_name(study->copied)));
	tree_put(b, root, "rx", tree_text(b, rx_ops_name(study->rx)));
	answer_settings(b, root, &study->ask);
	for (i = 0; i < study->ask.machines.count; i++)
		tree_append(b, machines, machine_tree(b, &study->answers[i]));
	tree_put(b, root, "machines", machines);
	return root;
}

static int write_json(const void *what, FILE *out, struct err *err)
{
	const struct breakeven *study = what;
	struct tree_builder builder = { 0 };

	return answer_dump(study_tree(study, &builder), &builder, out, err);
}

/* --- CSV: machine,answer,subject,at,figure,value,ci95,unit --- */

static void csv_line(FILE *out, const char *machine, const char *answer,
		     const char *subject, uint64_t at, const char *figure,
		     double value, double half, const char *unit)
{
	fprintf(out, "%s,%s,%s,%" PRIu64 ",%s,%.9g,", machine, answer, subject,
		at, figure, value);
	if (!isnan(half))
		fprintf(out, "%.9g", half);
	fprintf(out, ",%s\n", unit);
}

static void csv_sizes(const char *name, const struct size_answer *answer,
		      FILE *out)
{
	size_t i;

	for (i = 0; i < answer->crossing_count; i++) {
		const struct crossing *c = &answer->crossings[i];
		const char *subject = c->falling ? "mapped" : "copied";

		csv_line(out, name, "breakeven", subject, i, "at", c->at, NAN,
			 "bytes");
		csv_line(out, name, "breakeven", subject, i, "low", c->low, NAN,
			 "bytes");
		csv_line(out, name, "breakeven", subject, i, "high", c->high,
			 NAN, "bytes");
	}
	for (i = 0; i < answer->count; i++) {
		const struct size_point *p = &answer->points[i];

		csv_line(out, name, "size", "mapped", p->bytes, "cost",
			 p->mapped.mean, p->mapped.half, "cycles");
		csv_line(out, name, "size", "copied", p->bytes, "cost",
			 p->copied.mean, p->copied.half, "cycles");
		csv_line(out, name, "size", "difference", p->bytes, "cost",
			 p->difference.mean, p->difference.half, "cycles");
	}
}

static void csv_thresholds(const char *name,
			   const struct threshold_answer *answer, FILE *out)
{
	size_t i, m;

	for (i = 0; i < answer->count; i++)
		for (m = 0; m < BREAKEVEN_MEASURES; m++) {
			const struct threshold_point *p = &answer->points[i];
			const struct threshold_excess *e = &p->by[m];
			const char *subject = breakeven_measures[m].name;

			csv_line(out, name, "threshold", subject, p->bytes,
				 "value", e->value, NAN,
				 breakeven_measures[m].unit);
			csv_line(out, name, "threshold", subject, p->bytes,
				 "excess_replicates", e->excess, e->replicates,
				 "share");
			csv_line(out, name, "threshold", subject, p->bytes,
				 "excess_traffic", e->excess, e->traffic,
				 "share");
		}
}

static void csv_prices(const char *name, const struct price_answer *answer,
		       FILE *out)
{
	size_t v, i;

	for (v = 0; v < answer->count; v++) {
		const struct price_variant *variant = &answer->variants[v];
		char subject[80];

		snprintf(subject, sizeof(subject), "%s %s", variant->axis,
			 variant->value);
		for (i = 0; i < variant->count; i++) {
			const struct price_point *p = &variant->points[i];

			csv_line(out, name, "price", subject, p->bytes, "price",
				 p->price.mean, p->price.half, "cycles");
			csv_line(out, name, "price", subject, p->bytes,
				 "change", -p->difference.mean,
				 p->difference.half, "cycles");
			if (p->priced)
				csv_line(out, name, "price", subject, p->bytes,
					 "factor", p->factor.mean,
					 p->factor.half, "factor");
		}
	}
}

static int write_csv(const void *what, FILE *out, struct err *err)
{
	const struct breakeven *study = what;
	size_t i;

	(void)err;
	fputs("machine,answer,subject,at,figure,value,ci95,unit\n", out);
	for (i = 0; i < study->ask.machines.count; i++) {
		const struct breakeven_machine *machine = &study->answers[i];

		if (machine->has_sizes)
			csv_sizes(machine->of->name, &machine->sizes, out);
		if (machine->has_thresholds)
			csv_thresholds(machine->of->name, &machine->thresholds,
				       out);
		if (machine->has_prices)
			csv_prices(machine->of->name, &machine->prices, out);
	}
	return 0;
}

int breakeven_write(const struct breakeven *study, struct err *err)
{
	static options_writer *const writers[] = {
		[FORMAT_TEXT] = write_text,
		[FORMAT_JSON] = write_json,
		[FORMAT_CSV] = write_csv,
	};

	return options_write(&study->ask.options, writers, study, err);
}

/* --- plots --- */

static void draw_estimate(struct curve_plot *plot, const char *line, double x,
			  const struct estimate *y)
{
	double half = isnan(y->half) ? 0 : y->half;

	curve_plot_point(plot, line, x, y->mean, y->mean - half,
			 y->mean + half);
}

static int draw_costs(const struct breakeven *study,
		      const struct breakeven_machine *machine,
		      struct curve_plots *plots, struct err *err)
{
	char title[256];
	struct curve_plot *plot;
	size_t i;

	snprintf(title, sizeof(title), "%s: cost of one more frame by its size",
		 machine->of->name);
	plot = curve_plots_add(plots, "breakeven_cost", machine->of->name,
			       title, "frame (bytes)",
			       "driver cycles per frame sent", err);
	if (!plot)
		return -1;
	for (i = 0; i < machine->sizes.count; i++) {
		const struct size_point *p = &machine->sizes.points[i];

		draw_estimate(plot, tx_ops_name(study->mapped),
			      (double)p->bytes, &p->mapped);
	}
	for (i = 0; i < machine->sizes.count; i++) {
		const struct size_point *p = &machine->sizes.points[i];

		draw_estimate(plot, tx_ops_name(study->copied),
			      (double)p->bytes, &p->copied);
	}
	return 0;
}

/* The price today, and the critical price of every kind of machine. */
static int draw_prices(const struct breakeven_machine *machine,
		       struct curve_plots *plots, struct err *err)
{
	const struct price_answer *answer = &machine->prices;
	char title[256], line[96];
	struct curve_plot *plot;
	size_t v, i;

	snprintf(title, sizeof(title),
		 "%s: price of mapping above which copying wins",
		 machine->of->name);
	plot = curve_plots_add(plots, "breakeven_price", machine->of->name,
			       title, "frame (bytes)",
			       "critical price, cycles per frame", err);
	if (!plot)
		return -1;
	for (v = 0; v < answer->count; v++) {
		const struct price_variant *variant = &answer->variants[v];

		snprintf(line, sizeof(line), "%s %s", variant->axis,
			 variant->value);
		for (i = 0; i < variant->count; i++) {
			const struct price_point *p = &variant->points[i];
			const struct estimate critical = {
				p->price.mean - p->difference.mean,
				p->difference.half
			};

			draw_estimate(plot, line, (double)p->bytes, &critical);
		}
	}
	for (v = 0; v < answer->count && !answer->variants[v].as_is; v++)
		;
	for (i = 0; v < answer->count && i < answer->variants[v].count; i++) {
		const struct price_point *p = &answer->variants[v].points[i];

		draw_estimate(plot, "price of this machine", (double)p->bytes,
			      &p->price);
	}
	return 0;
}

int breakeven_draw(const struct breakeven *study, struct err *err)
{
	struct curve_plots plots = { 0 };
	size_t i;
	int rc = answer_save(&study->ask, write_json, study, err);

	for (i = 0; i < study->ask.machines.count && !rc; i++) {
		const struct breakeven_machine *machine = &study->answers[i];

		if (machine->has_sizes)
			rc = draw_costs(study, machine, &plots, err);
		if (!rc && machine->has_prices)
			rc = draw_prices(machine, &plots, err);
	}
	if (!rc)
		rc = curve_plots_draw(&plots, study->ask.report, err);
	curve_plots_clear(&plots);
	return rc;
}
