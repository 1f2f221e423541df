/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/answer.h"
#include "cmd/size.h"
#include "reports/plot_curves.h"
#include "reports/table.h"

#define SIZE_SCHEMA 1

static const char *const base_names[] = { "preset", "ample",
					  "ample, no moderation" };
static const char *const state_names[] = { "not done", "unused", "found",
					   "lowest", "none" };

static bool has_value(const struct size_answer *answer)
{
	return answer->state == SIZE_FOUND || answer->state == SIZE_LOWEST;
}

static enum quantity quantity_of(const struct size_row *row, size_t r)
{
	return config_find(row->cfg, size_resources[r].key)->qty;
}

static char *value_text(const struct size_row *row, size_t r, uint64_t value,
			char *buf, size_t size)
{
	return units_format(quantity_of(row, r), value, buf, size);
}

/* --- text --- */

static void target_text(const struct size *study, char *buf, size_t size)
{
	char loss[UNITS_TEXT_MAX];

	units_format(QTY_SHARE, study->loss_ppm, loss, sizeof(loss));
	snprintf(buf, size, "%s%s%s%s",
		 study->loss_ppm ? "at most " : "no frame lost",
		 study->loss_ppm ? loss : "",
		 study->loss_ppm ? " of the frames lost" : "",
		 study->slo.bound_ps ? ", latency " : "");
	if (study->slo.bound_ps)
		snprintf(buf + strlen(buf), size - strlen(buf), "%s",
			 study->slo.text);
}

/* "40 tx ring, 24 rx ring, moderation 38us" */
static void print_headline(const struct size_row *row, FILE *out)
{
	char text[UNITS_TEXT_MAX];
	bool first = true;
	size_t r;

	if (!row->joint_met) {
		fputs("no choice of all was found that meets the target\n",
		      out);
		return;
	}
	for (r = 0; r < SIZE_RESOURCES; r++) {
		if (!has_value(&row->answers[r]))
			continue;
		value_text(row, r, row->answers[r].joint, text, sizeof(text));
		fprintf(out, "%s%s %s", first ? "" : ", ",
			size_resources[r].short_name, text);
		first = false;
	}
	fprintf(out, "%s\n", first ? "nothing to size" : " will do together");
}

static void print_trial(const struct size *study, const struct size_trial *at,
			FILE *out)
{
	char tx[UNITS_TEXT_MAX], rx[UNITS_TEXT_MAX];

	fprintf(out, "%" PRIu64 " of %" PRIu64 " frames lost", at->lost,
		at->offered);
	if (study->slo.tx)
		fprintf(out, ", tx %.*s %s", (int)strcspn(study->slo.text, "="),
			study->slo.text,
			units_human(QTY_TIME, (double)at->tx_ps, 3, tx,
				    sizeof(tx)));
	if (study->slo.rx)
		fprintf(out, ", rx %s",
			units_human(QTY_TIME, (double)at->rx_ps, 3, rx,
				    sizeof(rx)));
	fputc('\n', out);
}

/* A ring that loses nothing may still keep frames waiting: say for how long. */
static void print_base(const struct size *study, const struct size_row *row,
		       FILE *out)
{
	if (row->at_joint.ran) {
		fputs("  then: ", out);
		print_trial(study, &row->at_joint, out);
	}
	if (row->base != SIZE_PRESET)
		fprintf(out,
			"  the preset does not meet the target: others %s%s\n",
			"at ample values",
			row->base == SIZE_AMPLE ? "" : ", without moderation");
	fputs("  with the others at their values: ", out);
	print_trial(study, &row->at_base, out);
}

static void cell_value(struct table *table, const struct size_row *row,
		       size_t r, uint64_t value)
{
	char text[UNITS_TEXT_MAX];

	table_cell(table, value_text(row, r, value, text, sizeof(text)));
}

/* What the machine has now; 0 is "as another parameter has it". */
static void cell_preset(struct table *table, const struct size_row *row,
			size_t r)
{
	uint64_t value =
		config_u64(row->of.machine->cfg, size_resources[r].key);

	if (!value && !size_resources[r].longest)
		table_cell(table, "auto");
	else
		cell_value(table, row, r, value);
}

static void cell_below(struct table *table, const struct size_row *row,
		       size_t r, const struct size_answer *answer)
{
	char text[UNITS_TEXT_MAX];

	if (answer->state == SIZE_LOWEST)
		table_cell(table, "is the tightest there is");
	else if (answer->state == SIZE_NONE)
		table_cell(table, answer->at.why);
	else
		table_cellf(table, "%s: %s",
			    value_text(row, r, answer->below_value, text,
				       sizeof(text)),
			    answer->below.why);
}

static void add_answer(struct table *table, const struct size_row *row,
		       size_t r)
{
	const struct size_answer *answer = &row->answers[r];
	uint64_t peak = row->at_base.peak[r];

	table_cell(table, size_resources[r].name);
	table_cell(table, size_resources[r].key);
	cell_preset(table, row, r);
	if (size_resources[r].longest)
		table_cell(table, "-");
	else
		table_cellf(table, "%" PRIu64, peak);
	if (has_value(answer))
		cell_value(table, row, r, answer->value);
	else
		table_cell(table, "none");
	if (has_value(answer) && peak && !size_resources[r].longest)
		table_cellf(table, "%+.0f%%",
			    100 * ((double)answer->value / (double)peak - 1));
	else
		table_cell(table, "-");
	if (has_value(answer) && row->joint_met)
		cell_value(table, row, r, answer->joint);
	else
		table_cell(table, "-");
	cell_below(table, row, r, answer);
}

static int print_answers(const struct size_row *row, FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	size_t r;
	int rc;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "resource");
	table_column(table, TABLE_LEFT, "parameter");
	table_column(table, TABLE_RIGHT, "preset");
	table_column(table, TABLE_RIGHT, "peak");
	table_column(table, TABLE_RIGHT, "alone");
	table_column(table, TABLE_RIGHT, "over\npeak");
	table_column(table, TABLE_RIGHT, "to-\ngether");
	table_column(table, TABLE_LEFT, "alone, a step tighter");
	for (r = 0; r < SIZE_RESOURCES; r++)
		if (row->answers[r].state > SIZE_UNUSED)
			add_answer(table, row, r);
	rc = table_print(table, out, err);
	table_free(table);
	return rc;
}

static void print_joint(const struct size *study, const struct size_row *row,
			FILE *out)
{
	size_t r, unused = 0;

	for (r = 0; r < SIZE_RESOURCES; r++) {
		if (row->answers[r].state == SIZE_UNUSED)
			fprintf(out, "%s%s",
				unused++ ? ", " : "  not used here: ",
				size_resources[r].name);
	}
	if (unused)
		fputc('\n', out);
	if (!row->joint_done)
		return;
	if (!row->joint_alone)
		fprintf(out,
			"  the values found alone do not meet it together; "
			"%s\n",
			row->joint_met ? "\"together\" does, and none of "
					 "them a step tighter"
				       : "nor did any looser choice tried");
	else
		fprintf(out, "  confirmed together, in %u replicate%s\n",
			study->ask.replicates,
			study->ask.replicates == 1 ? "" : "s");
}

static int print_row(const struct size *study, const struct size_row *row,
		     FILE *out, struct err *err)
{
	fprintf(out, "%s, %s: ", row->of.machine->name, row->of.pair);
	if (row->of.why[0]) {
		fprintf(out, "cannot run: %s\n", row->of.why);
		return 0;
	}
	if (!row->done) {
		fputs("interrupted\n", out);
		return 0;
	}
	if (!row->met) {
		fprintf(out, "does not meet the target, however large: %s\n",
			row->at_base.why);
		return 0;
	}
	print_headline(row, out);
	print_base(study, row, out);
	if (print_answers(row, out, err) < 0)
		return -1;
	print_joint(study, row, out);
	return 0;
}

static int write_text(const void *what, FILE *out, struct err *err)
{
	const struct size *study = what;
	char target[160];
	size_t i;

	target_text(study, target, sizeof(target));
	fprintf(out, "fewest that meet the target, %s: %zu frames of %s\n",
		target, study->ask.load.sample.count,
		study->ask.load.info.path);
	if (study->ask.partial)
		fputs("PARTIAL: interrupted before the end\n", out);
	for (i = 0; i < study->ask.row_count; i++) {
		fputc('\n', out);
		if (print_row(study, &study->rows[i], out, err) < 0)
			return -1;
	}
	fprintf(out,
		"\nover peak: above the most in use when there was enough; "
		"below it work waited and\nwas not lost. The %d values below "
		"each answer fail too, as far as there are any.\n",
		SIZE_NEIGHBOURS);
	return 0;
}

/* --- JSON --- */

static json_t *trial_tree(struct tree_builder *b,
			  const struct size_trial *trial)
{
	json_t *tree;

	if (!trial->ran && !trial->why[0])
		return json_null();
	tree = tree_object(b);
	tree_put(b, tree, "meets", json_boolean(trial->ok));
	tree_put(b, tree, "reason",
		 tree_text(b, trial->ok ? NULL : trial->why));
	tree_put(b, tree, "offered_frames", tree_u64(b, trial->offered));
	tree_put(b, tree, "lost_frames", tree_u64(b, trial->lost));
	tree_put(b, tree, "tx_latency_wire_ps", tree_u64(b, trial->tx_ps));
	tree_put(b, tree, "rx_latency_ps", tree_u64(b, trial->rx_ps));
	return tree;
}

static json_t *tried_tree(struct tree_builder *b,
			  const struct size_answer *answer)
{
	json_t *list = tree_array(b);
	size_t i;

	for (i = 0; i < answer->tried_count; i++) {
		json_t *entry = trial_tree(b, &answer->tried[i].trial);

		tree_put(b, entry, "value",
			 tree_u64(b, answer->tried[i].value));
		tree_append(b, list, entry);
	}
	return list;
}

static json_t *answer_tree(struct tree_builder *b, const struct size_row *row,
			   size_t r)
{
	const struct size_answer *answer = &row->answers[r];
	const struct size_resource *res = &size_resources[r];
	json_t *tree = tree_object(b);
	bool value = has_value(answer);

	tree_put(b, tree, "resource", tree_text(b, res->name));
	tree_put(b, tree, "parameter", tree_text(b, res->key));
	tree_put(b, tree, "unit",
		 tree_text(b, units_base_name(quantity_of(row, r))));
	tree_put(b, tree, "state", tree_text(b, state_names[answer->state]));
	tree_put(b, tree, "preset",
		 tree_u64(b, config_u64(row->of.machine->cfg, res->key)));
	tree_put(b, tree, "peak",
		 res->longest ? json_null()
			      : tree_u64(b, row->at_base.peak[r]));
	tree_put(b, tree, "alone",
		 value ? tree_u64(b, answer->value) : json_null());
	tree_put(b, tree, "together",
		 value && row->joint_met ? tree_u64(b, answer->joint)
					 : json_null());
	tree_put(b, tree, "tighter",
		 answer->state == SIZE_FOUND ? tree_u64(b, answer->below_value)
					     : json_null());
	tree_put(b, tree, "tighter_trial", trial_tree(b, &answer->below));
	tree_put(b, tree, "tighter_together",
		 trial_tree(b, &answer->joint_below));
	tree_put(b, tree, "tighter_that_failed",
		 tree_u64(b, answer->neighbours));
	tree_put(b, tree, "tried", tried_tree(b, answer));
	return tree;
}

static json_t *row_tree(struct tree_builder *b, const struct size_row *row)
{
	json_t *tree = answer_row(b, &row->of), *list;
	size_t r;

	tree_put(b, tree, "reason",
		 tree_text(b, row->of.why[0] ? row->of.why : NULL));
	if (row->of.why[0])
		return tree;
	tree_put(b, tree, "complete",
		 json_boolean(row->joint_done || !row->met));
	tree_put(b, tree, "meets", json_boolean(row->met));
	tree_put(b, tree, "others", tree_text(b, base_names[row->base]));
	tree_put(b, tree, "base", trial_tree(b, &row->at_base));
	if (!row->met)
		return tree;
	list = tree_array(b);
	for (r = 0; r < SIZE_RESOURCES; r++)
		tree_append(b, list, answer_tree(b, row, r));
	tree_put(b, tree, "resources", list);
	tree_put(b, tree, "together_as_alone", json_boolean(row->joint_alone));
	tree_put(b, tree, "together", trial_tree(b, &row->at_joint));
	return tree;
}

static json_t *study_tree(const struct size *study, struct tree_builder *b)
{
	json_t *root = answer_head(b, "size_schema", SIZE_SCHEMA, &study->ask);
	json_t *rows = tree_array(b);
	size_t i;

	tree_put(b, root, "loss", tree_real(b, study->loss_ppm / 1e6));
	tree_put(b, root, "slo",
		 tree_text(b, study->slo.bound_ps ? study->slo.text : NULL));
	answer_settings(b, root, &study->ask);
	tree_put(b, root, "machines", answer_machines(b, &study->ask));
	for (i = 0; i < study->ask.row_count; i++)
		tree_append(b, rows, row_tree(b, &study->rows[i]));
	tree_put(b, root, "rows", rows);
	return root;
}

static int write_json(const void *what, FILE *out, struct err *err)
{
	const struct size *study = what;
	struct tree_builder builder = { 0 };

	return answer_dump(study_tree(study, &builder), &builder, out, err);
}

/* --- CSV: machine,tx,rx,parameter,figure,value,unit,reason --- */

static void csv_line(FILE *out, const struct size_row *row, size_t r,
		     const char *figure, uint64_t value, const char *reason)
{
	fprintf(out, "%s,%s,%s,%s,%s,%" PRIu64 ",%s,\"%s\"\n",
		row->of.machine->name, tx_ops_name(row->of.tx),
		rx_ops_name(row->of.rx), size_resources[r].key, figure, value,
		units_base_name(quantity_of(row, r)), reason);
}

static void csv_answer(FILE *out, const struct size_row *row, size_t r)
{
	const struct size_answer *answer = &row->answers[r];

	if (!has_value(answer))
		return;
	csv_line(out, row, r, "preset",
		 config_u64(row->of.machine->cfg, size_resources[r].key), "");
	if (!size_resources[r].longest)
		csv_line(out, row, r, "peak", row->at_base.peak[r], "");
	csv_line(out, row, r, "alone", answer->value, "");
	if (answer->state == SIZE_FOUND)
		csv_line(out, row, r, "tighter", answer->below_value,
			 answer->below.why);
	if (row->joint_met)
		csv_line(out, row, r, "together", answer->joint, "");
}

static int write_csv(const void *what, FILE *out, struct err *err)
{
	const struct size *study = what;
	size_t i, r;

	(void)err;
	fputs("machine,tx,rx,parameter,figure,value,unit,reason\n", out);
	for (i = 0; i < study->ask.row_count; i++)
		for (r = 0; r < SIZE_RESOURCES && study->rows[i].met; r++)
			csv_answer(out, &study->rows[i], r);
	return 0;
}

int size_write(const struct size *study, struct err *err)
{
	static options_writer *const writers[] = {
		[FORMAT_TEXT] = write_text,
		[FORMAT_JSON] = write_json,
		[FORMAT_CSV] = write_csv,
	};

	return options_write(&study->ask.options, writers, study, err);
}

/* --- plots --- */

static double worst_us(const struct size_trial *trial)
{
	return (double)(trial->tx_ps > trial->rx_ps ? trial->tx_ps
						    : trial->rx_ps) /
	       1e6;
}

/* Latency over the size of each resource, of the trials that ran. */
static int draw_row(const struct size *study, const struct size_row *row,
		    struct curve_plots *plots, struct err *err)
{
	char title[256], subject[128], ylabel[80];
	struct curve_plot *plot;
	size_t r, i;

	snprintf(title, sizeof(title), "%s: %s, latency by size",
		 row->of.machine->name, row->of.pair);
	snprintf(subject, sizeof(subject), "%s_%s_%s", row->of.machine->name,
		 tx_ops_name(row->of.tx), rx_ops_name(row->of.rx));
	snprintf(ylabel, sizeof(ylabel), "latency %.*s, worse way (us)",
		 (int)strcspn(study->slo.text, "="), study->slo.text);
	plot = curve_plots_add(plots, "size", subject, title,
			       "entries of the resource", ylabel, err);
	if (!plot)
		return -1;
	for (r = 0; r < SIZE_RESOURCES; r++) {
		const struct size_answer *answer = &row->answers[r];

		if (!has_value(answer) || size_resources[r].longest)
			continue;
		for (i = 0; i < answer->tried_count; i++) {
			double y = worst_us(&answer->tried[i].trial);

			if (answer->tried[i].trial.ran)
				curve_plot_point(plot, size_resources[r].name,
						 (double)answer->tried[i].value,
						 y, y, y);
		}
	}
	return 0;
}

int size_draw(const struct size *study, struct err *err)
{
	struct curve_plots plots = { 0 };
	int rc = answer_save(&study->ask, write_json, study, err);
	size_t i;

	for (i = 0; i < study->ask.row_count && !rc; i++)
		if (study->rows[i].met)
			rc = draw_row(study, &study->rows[i], &plots, err);
	if (!rc)
		rc = curve_plots_draw(&plots, study->ask.report, err);
	curve_plots_clear(&plots);
	return rc;
}
