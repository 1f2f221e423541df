/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cmd/answer.h"
#include "cmd/diff.h"
#include "core/version.h"
#include "reports/table.h"
#include "reports/text_value.h"
#include "reports/tree.h"

static const char *const verdict_names[] = {
	[DIFF_EQUAL] = "equal",
	[DIFF_NOISE] = "not significant",
	[DIFF_BELOW] = "below the threshold",
	[DIFF_CHANGED] = "differs",
};

#define PLACE_MAX 256

/* "xge-64bit, ndis6-sg + sg, trace 0, nic.tx_ring=64". */
static const char *place_text(const struct report_cell *cell,
			      const struct report_row *row, char *buf)
{
	size_t used = (size_t)snprintf(buf, PLACE_MAX, "%s, %s + %s",
				       cell->machine, row->tx, row->rx);
	const char *key;
	json_t *value;

	if (cell->trace && used < PLACE_MAX)
		used += (size_t)snprintf(buf + used, PLACE_MAX - used,
					 ", trace %zu", cell->trace);
	json_object_foreach((json_t *)(uintptr_t)cell->axes, key,
			    value) if (used < PLACE_MAX &&
				       !report_axis_is_column(key)) used +=
		(size_t)snprintf(buf + used, PLACE_MAX - used, ", %s=%s", key,
				 json_string_value(value));
	return buf;
}

/* --- text --- */

static void value_cell(struct table *table, const char *unit, double value)
{
	char text[TEXT_VALUE_MAX];

	table_cell(table, text_number(unit, value, text, sizeof(text)));
}

static void share_cell(struct table *table, double share)
{
	if (isfinite(share))
		table_cellf(table, "%+.3g%%", 100 * share);
	else
		table_cell(table, "from 0");
}

static void figure_line(struct table *table, const struct diff_figure *f)
{
	char name[DIFF_NAME_MAX], text[TEXT_VALUE_MAX];
	double size = fabs(f->difference.mean);

	table_cell(table, diff_name(f, name));
	value_cell(table, f->unit, f->a);
	value_cell(table, f->unit, f->b);
	table_cellf(table, "%s%s", f->difference.mean < 0 ? "-" : "+",
		    text_number(f->unit, size, text, sizeof(text)));
	share_cell(table, f->relative);
	if (f->difference.interval)
		table_cellf(table, "±%s",
			    text_number(f->unit, f->difference.ci95, text,
					sizeof(text)));
	else
		table_cell(table, "-");
	table_cellf(table, "%s%s", verdict_names[f->verdict],
		    f->difference.n > 1 ? "" : ", one replicate");
}

static int pair_text(const struct diff *diff, const struct diff_pair *pair,
		     FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	char place[PLACE_MAX];
	size_t i;
	int rc;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "figure");
	table_column(table, TABLE_RIGHT, "A");
	table_column(table, TABLE_RIGHT, "B");
	table_column(table, TABLE_RIGHT, "B - A");
	table_column(table, TABLE_RIGHT, "of A");
	table_column(table, TABLE_RIGHT, "95 %");
	table_column(table, TABLE_LEFT, "");
	for (i = 0; i < pair->count; i++)
		if (diff->all || pair->figures[i].verdict == DIFF_CHANGED)
			figure_line(table, &pair->figures[i]);
	fprintf(out, "\n%s: %zu of %zu figures differ\n",
		place_text(pair->cell, pair->a, place), pair->changed,
		pair->count);
	if (pair->status_changed)
		fprintf(out, "status: %s, then %s\n", pair->a->status,
			pair->b->status);
	rc = pair->changed || diff->all ? table_print(table, out, err) : 0;
	table_free(table);
	return rc;
}

static void lone_text(const struct diff *diff, FILE *out)
{
	char place[PLACE_MAX];
	size_t i;

	for (i = 0; i < diff->lone_count; i++)
		fprintf(out, "\nonly in %s: %s\n",
			diff->options.args.items[diff->lone[i].in_b],
			place_text(diff->lone[i].cell, diff->lone[i].row,
				   place));
}

static int write_text(const void *what, FILE *out, struct err *err)
{
	const struct diff *diff = what;
	size_t i;

	fprintf(out,
		"%zu of %zu figures differ, in %zu pair%s of runs; A is "
		"%s, B is %s\n",
		diff->changed, diff->compared, diff->pair_count,
		diff->pair_count == 1 ? "" : "s", diff->options.args.items[0],
		diff->options.args.items[1]);
	if (diff->fail_over > 0)
		fprintf(out, "differences up to %g %% of A do not count\n",
			100 * diff->fail_over);
	if (diff->traces_differ)
		fputs("the traces are not the same: differences are theirs "
		      "too\n",
		      out);
	for (i = 0; i < diff->pair_count; i++)
		if ((diff->all || diff->pairs[i].changed ||
		     diff->pairs[i].status_changed) &&
		    pair_text(diff, &diff->pairs[i], out, err) < 0)
			return -1;
	lone_text(diff, out);
	return 0;
}

/* --- JSON --- */

static json_t *place_tree(struct tree_builder *b,
			  const struct report_cell *cell,
			  const struct report_row *row)
{
	json_t *tree = tree_object(b);

	tree_put(b, tree, "machine", tree_text(b, cell->machine));
	tree_put(b, tree, "trace", tree_u64(b, cell->trace));
	if (cell->axes)
		tree_put(b, tree, "axes", json_deep_copy(cell->axes));
	tree_put(b, tree, "tx", tree_text(b, row->tx));
	tree_put(b, tree, "rx", tree_text(b, row->rx));
	return tree;
}

static json_t *figure_tree(struct tree_builder *b, const struct diff_figure *f)
{
	json_t *tree = tree_object(b);
	char name[DIFF_NAME_MAX];

	tree_put(b, tree, "figure", tree_text(b, diff_name(f, name)));
	tree_put(b, tree, "unit", tree_text(b, f->unit));
	tree_put(b, tree, "a", tree_real(b, f->a));
	tree_put(b, tree, "b", tree_real(b, f->b));
	tree_put(b, tree, "difference", tree_real(b, f->difference.mean));
	tree_put(b, tree, "relative", tree_real(b, f->relative));
	tree_put(b, tree, "ci95",
		 f->difference.interval ? tree_real(b, f->difference.ci95)
					: json_null());
	tree_put(b, tree, "n", tree_u64(b, f->difference.n));
	tree_put(b, tree, "verdict", tree_text(b, verdict_names[f->verdict]));
	return tree;
}

static json_t *pair_tree(struct tree_builder *b, const struct diff_pair *pair)
{
	json_t *tree = place_tree(b, pair->cell, pair->a);
	json_t *status = tree_array(b), *figures = tree_array(b);
	size_t i;

	tree_append(b, status, tree_text(b, pair->a->status));
	tree_append(b, status, tree_text(b, pair->b->status));
	for (i = 0; i < pair->count; i++)
		tree_append(b, figures, figure_tree(b, &pair->figures[i]));
	tree_put(b, tree, "status", status);
	tree_put(b, tree, "changed", tree_u64(b, pair->changed));
	tree_put(b, tree, "figures", figures);
	return tree;
}

static int write_json(const void *what, FILE *out, struct err *err)
{
	const struct diff *diff = what;
	struct tree_builder b = { 0 };
	json_t *root = tree_object(&b), *pairs = tree_array(&b);
	json_t *lone[2] = { tree_array(&b), tree_array(&b) };
	size_t i;

	for (i = 0; i < diff->pair_count; i++)
		tree_append(&b, pairs, pair_tree(&b, &diff->pairs[i]));
	for (i = 0; i < diff->lone_count; i++)
		tree_append(
			&b, lone[diff->lone[i].in_b],
			place_tree(&b, diff->lone[i].cell, diff->lone[i].row));
	tree_put(&b, root, "diff_schema", tree_u64(&b, 1));
	tree_put(&b, root, "a", tree_text(&b, diff->options.args.items[0]));
	tree_put(&b, root, "b", tree_text(&b, diff->options.args.items[1]));
	tree_put(&b, root, "fail_over", tree_real(&b, diff->fail_over));
	tree_put(&b, root, "same_traces", json_boolean(!diff->traces_differ));
	tree_put(&b, root, "compared", tree_u64(&b, diff->compared));
	tree_put(&b, root, "changed", tree_u64(&b, diff->changed));
	tree_put(&b, root, "pairs", pairs);
	tree_put(&b, root, "only_a", lone[0]);
	tree_put(&b, root, "only_b", lone[1]);
	return answer_dump(root, &b, out, err);
}

/* --- CSV --- */

static void csv_real(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, "%.9g", value);
	fputc(',', out);
}

static void csv_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		fputs(*text == '"' ? "\"\"" : (char[]){ *text, 0 }, out);
	fputs("\",", out);
}

static void csv_figure(FILE *out, const char *place,
		       const struct diff_figure *f)
{
	char name[DIFF_NAME_MAX];

	csv_quoted(out, place);
	fprintf(out, "%s,%s,", diff_name(f, name), f->unit);
	csv_real(out, f->a);
	csv_real(out, f->b);
	csv_real(out, f->difference.mean);
	csv_real(out, f->relative);
	csv_real(out, f->difference.interval ? f->difference.ci95 : HUGE_VAL);
	fprintf(out, "%u,%s\n", f->difference.n, verdict_names[f->verdict]);
}

static int write_csv(const void *what, FILE *out, struct err *err)
{
	const struct diff *diff = what;
	char place[PLACE_MAX];
	size_t i, j;

	(void)err;
	fputs("runs,figure,unit,a,b,difference,relative,ci95,n,verdict\n", out);
	for (i = 0; i < diff->pair_count; i++) {
		const struct diff_pair *pair = &diff->pairs[i];

		place_text(pair->cell, pair->a, place);
		for (j = 0; j < pair->count; j++)
			csv_figure(out, place, &pair->figures[j]);
	}
	return 0;
}

int diff_results_write(const struct diff *diff, struct err *err)
{
	static options_writer *const writers[] = {
		[FORMAT_TEXT] = write_text,
		[FORMAT_JSON] = write_json,
		[FORMAT_CSV] = write_csv,
	};

	return options_write(&diff->options, writers, diff, err);
}
