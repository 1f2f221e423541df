/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/answer.h"
#include "cmd/compare.h"
#include "cmd/ndr.h"
#include "reports/table.h"

#define NDR_SCHEMA 1

static double headroom(const struct ndr *study, const struct capacity *found)
{
	return (double)found->rate_bps / (double)study->rate_bps;
}

/* What the load left of a resource: how many times more it could do. */
static double spare(const struct ndr_load *load)
{
	return load->utilisation > 0 ? 1 / load->utilisation : INFINITY;
}

/* --- text --- */

static void cell_rate(struct table *table, const struct capacity *found)
{
	char text[UNITS_TEXT_MAX];

	table_cell(table,
		   found->found ? units_human(QTY_RATE, (double)found->rate_bps,
					      4, text, sizeof(text))
				: "-");
}

static void cell_time(struct table *table, uint64_t ps)
{
	char text[UNITS_TEXT_MAX];

	/* No frame went that way: none is there at once. */
	table_cell(table,
		   ps ? units_human(QTY_TIME, (double)ps, 3, text, sizeof(text))
		      : "-");
}

static void add_row(const struct ndr *study, struct table *table,
		    const struct ndr_row *row)
{
	const struct capacity *found = &row->loss_free;
	char text[UNITS_TEXT_MAX];

	table_cell(table, tx_ops_name(row->of.tx));
	table_cell(table, rx_ops_name(row->of.rx));
	cell_rate(table, found);
	table_cell(table,
		   found->found ? units_human(QTY_PPS, (double)found->rate_pps,
					      4, text, sizeof(text))
				: "-");
	table_cellf(table, found->found ? "%.3gx" : "-",
		    headroom(study, found));
	table_cell(table, found->found ? found->limiter : "-");
	if (study->slo.bound_ps)
		cell_rate(table, &row->within_slo);
	if (found->found) {
		const struct ndr_load *most = &row->loads[row->bottleneck];

		table_cellf(table, "%s %.1f%%", most->name,
			    most->utilisation * 100);
		cell_time(table, row->tx_p50_ps);
		cell_time(table, row->tx_p99_ps);
		cell_time(table, row->rx_p99_ps);
	} else {
		table_cell(table, "-");
		table_cell(table, "-");
		table_cell(table, "-");
		table_cell(table, "-");
	}
}

/* "core 1 12.4x, wire tx 31x": times more the others could do. */
static void print_spare(const struct ndr_row *row, FILE *out)
{
	size_t i, shown = 0;

	for (i = 0; i < row->load_count; i++) {
		if (i == row->bottleneck || row->loads[i].utilisation <= 0)
			continue;
		if (!shown++)
			fprintf(out, "  %s leaves room for, times the load:",
				row->of.pair);
		fprintf(out, "%s %s %.3g", shown > 1 ? "," : "",
			row->loads[i].name, spare(&row->loads[i]));
	}
	if (shown)
		fputc('\n', out);
}

static void print_outcome(const struct ndr_row *row, FILE *out)
{
	if (row->of.why[0])
		fprintf(out, "  %s cannot run: %s\n", row->of.pair,
			row->of.why);
	else if (!row->done)
		fprintf(out, "  %s: interrupted\n", row->of.pair);
	else if (row->loss_free.found)
		print_spare(row, out);
}

static void print_lower(const struct ndr_row *row, FILE *out)
{
	char text[UNITS_TEXT_MAX];

	if (row->lower_failing_bps)
		fprintf(out,
			"  %s does not hold at every lower rate: not at "
			"%s; bursts meet other phases\n",
			row->of.pair,
			units_human(QTY_RATE, (double)row->lower_failing_bps, 4,
				    text, sizeof(text)));
}

/*
 * A cheaper price cannot cost throughput; where it seems to, a burst met
 * another phase.  The largest such loss says how far gains can be trusted.
 */
static double noise_of(const struct ndr_row *row)
{
	double noise = 0.001;
	size_t i;

	for (i = 0; i < row->whatif_count; i++) {
		const struct ndr_whatif *w = &row->whatifs[i];

		if (strncmp(w->key, "cost.", 5) != 0 &&
		    strncmp(w->key, "host.", 5) != 0)
			continue;
		if (-w->gain > noise)
			noise = -w->gain;
	}
	return noise;
}

static void print_whatifs(const struct ndr_row *row, FILE *out)
{
	double noise = noise_of(row);
	size_t i, none = 0;

	fprintf(out, "\n  %s, 10 %% better: worth of throughput\n",
		row->of.pair);
	for (i = 0; i < row->whatif_count; i++) {
		const struct ndr_whatif *w = &row->whatifs[i];

		if (w->gain >= -noise && w->gain <= noise)
			none++;
		else
			fprintf(out, "  %+6.2f%%  %s %s instead of %s (%s)\n",
				w->gain * 100, w->key, w->to, w->from,
				w->subject);
	}
	fprintf(out,
		"  within %.2g %%, the noise of these trials: %zu others\n",
		noise * 100, none);
}

static int print_machine(const struct ndr *study, size_t first, size_t end,
			 FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	size_t i;
	int rc;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "transmit");
	table_column(table, TABLE_LEFT, "receive");
	table_column(table, TABLE_RIGHT, "throughput");
	table_column(table, TABLE_RIGHT, "frames");
	table_column(table, TABLE_RIGHT, "of the\ncapture");
	table_column(table, TABLE_LEFT, "limiter");
	if (study->slo.bound_ps)
		table_column(table, TABLE_RIGHT, study->slo.text);
	table_column(table, TABLE_LEFT, "busiest");
	table_column(table, TABLE_RIGHT, "tx p50");
	table_column(table, TABLE_RIGHT, "tx p99");
	table_column(table, TABLE_RIGHT, "rx p99");
	for (i = first; i < end; i++)
		if (study->rows[i].done)
			add_row(study, table, &study->rows[i]);
	rc = table_print(table, out, err);
	table_free(table);
	for (i = first; i < end && !rc; i++)
		print_outcome(&study->rows[i], out);
	for (i = first; i < end && !rc; i++)
		print_lower(&study->rows[i], out);
	for (i = first; i < end && !rc; i++)
		if (study->rows[i].whatif_count)
			print_whatifs(&study->rows[i], out);
	return rc;
}

static int write_text(const void *what, FILE *out, struct err *err)
{
	const struct ndr *study = what;
	size_t per = study->ask.row_count / study->ask.machines.count, m;

	fprintf(out,
		"highest rate without loss, L2 bits per second of both "
		"directions, to %.3g %%: %zu frames of %s\n",
		study->resolution_ppm / 1e4, study->ask.load.sample.count,
		study->ask.load.info.path);
	if (study->ask.partial)
		fputs("PARTIAL: interrupted before the end\n", out);
	for (m = 0; m < study->ask.machines.count; m++) {
		fprintf(out, "\n%s\n", study->ask.machines.list[m].name);
		if (print_machine(study, m * per, (m + 1) * per, out, err) < 0)
			return -1;
	}
	return 0;
}

/* --- JSON --- */

static json_t *found_tree(const struct ndr *study, struct tree_builder *b,
			  const struct capacity *found)
{
	json_t *tree;

	if (!found->found)
		return json_null();
	tree = tree_object(b);
	tree_put(b, tree, "rate_bps", tree_u64(b, found->rate_bps));
	tree_put(b, tree, "rate_pps", tree_u64(b, found->rate_pps));
	tree_put(b, tree, "failing_bps", tree_u64(b, found->failing_bps));
	tree_put(b, tree, "headroom", tree_real(b, headroom(study, found)));
	tree_put(b, tree, "limiter", tree_text(b, found->limiter));
	tree_put(b, tree, "trials", tree_u64(b, found->trials));
	return tree;
}

static json_t *loads_tree(struct tree_builder *b, const struct ndr_row *row)
{
	json_t *list = tree_array(b);
	size_t i;

	for (i = 0; i < row->load_count; i++) {
		const struct ndr_load *load = &row->loads[i];
		json_t *entry = tree_object(b);

		tree_put(b, entry, "resource", tree_text(b, load->name));
		tree_put(b, entry, "utilisation",
			 tree_real(b, load->utilisation));
		tree_put(b, entry, "headroom", tree_real(b, spare(load)));
		tree_put(b, entry, "wait_ps", tree_u64(b, load->wait_ps));
		tree_append(b, list, entry);
	}
	return list;
}

static json_t *whatifs_tree(struct tree_builder *b, const struct ndr_row *row)
{
	json_t *list = tree_array(b);
	size_t i;

	for (i = 0; i < row->whatif_count; i++) {
		const struct ndr_whatif *w = &row->whatifs[i];
		json_t *entry = tree_object(b);

		tree_put(b, entry, "subject", tree_text(b, w->subject));
		tree_put(b, entry, "parameter", tree_text(b, w->key));
		tree_put(b, entry, "from", tree_text(b, w->from));
		tree_put(b, entry, "to", tree_text(b, w->to));
		tree_put(b, entry, "gain", tree_real(b, w->gain));
		tree_put(b, entry, "matters", json_boolean(w->matters));
		tree_append(b, list, entry);
	}
	return list;
}

static json_t *row_tree(const struct ndr *study, struct tree_builder *b,
			const struct ndr_row *row)
{
	json_t *tree = answer_row(b, &row->of);

	if (compare_is_floor(row->of.tx, row->of.rx))
		tree_put(b, tree, "role", tree_text(b, "floor"));
	tree_put(b, tree, "reason",
		 tree_text(b, row->of.why[0] ? row->of.why : NULL));
	tree_put(b, tree, "complete", json_boolean(row->done));
	if (!row->done)
		return tree;
	tree_put(b, tree, "throughput", found_tree(study, b, &row->loss_free));
	if (study->slo.bound_ps)
		tree_put(b, tree, "within_slo",
			 found_tree(study, b, &row->within_slo));
	if (!row->loss_free.found)
		return tree;
	if (row->lower_failing_bps)
		tree_put(b, tree, "lower_failing_bps",
			 tree_u64(b, row->lower_failing_bps));
	tree_put(b, tree, "bottleneck",
		 tree_text(b, row->loads[row->bottleneck].name));
	tree_put(b, tree, "tx_latency_wire_p50_ps",
		 tree_u64(b, row->tx_p50_ps));
	tree_put(b, tree, "tx_latency_wire_p99_ps",
		 tree_u64(b, row->tx_p99_ps));
	tree_put(b, tree, "rx_latency_p50_ps", tree_u64(b, row->rx_p50_ps));
	tree_put(b, tree, "rx_latency_p99_ps", tree_u64(b, row->rx_p99_ps));
	tree_put(b, tree, "resources", loads_tree(b, row));
	if (row->whatifs)
		tree_put(b, tree, "whatif", whatifs_tree(b, row));
	if (row->whatifs)
		tree_put(b, tree, "whatif_noise", tree_real(b, noise_of(row)));
	return tree;
}

static json_t *study_tree(const struct ndr *study, struct tree_builder *b)
{
	json_t *root = answer_head(b, "ndr_schema", NDR_SCHEMA, &study->ask);
	json_t *rows = tree_array(b);
	size_t i;

	tree_put(b, root, "rate_bps", tree_u64(b, study->rate_bps));
	tree_put(b, root, "resolution",
		 tree_real(b, study->resolution_ppm / 1e6));
	tree_put(b, root, "slo",
		 tree_text(b, study->slo.bound_ps ? study->slo.text : NULL));
	answer_settings(b, root, &study->ask);
	tree_put(b, root, "machines", answer_machines(b, &study->ask));
	for (i = 0; i < study->ask.row_count; i++)
		tree_append(b, rows, row_tree(study, b, &study->rows[i]));
	tree_put(b, root, "rows", rows);
	return root;
}

static int write_json(const void *what, FILE *out, struct err *err)
{
	const struct ndr *study = what;
	struct tree_builder builder = { 0 };

	return answer_dump(study_tree(study, &builder), &builder, out, err);
}

/* --- CSV: machine,tx,rx,figure,subject,value,unit --- */

static void csv_line(FILE *out, const struct ndr_row *row, const char *figure,
		     const char *subject, double value, const char *unit)
{
	fprintf(out, "%s,%s,%s,%s,%s,", row->of.machine->name,
		tx_ops_name(row->of.tx), rx_ops_name(row->of.rx), figure,
		subject);
	if (isfinite(value))
		fprintf(out, "%.9g", value);
	fprintf(out, ",%s\n", unit);
}

static void csv_found(FILE *out, const struct ndr_row *row, const char *figure,
		      const struct capacity *found)
{
	if (!found->found)
		return;
	csv_line(out, row, figure, found->limiter, (double)found->rate_bps,
		 "bps");
	csv_line(out, row, figure, found->limiter, (double)found->rate_pps,
		 "pps");
}

static int write_csv(const void *what, FILE *out, struct err *err)
{
	const struct ndr *study = what;
	size_t i, j;

	(void)err;
	fputs("machine,tx,rx,figure,subject,value,unit\n", out);
	for (i = 0; i < study->ask.row_count; i++) {
		const struct ndr_row *row = &study->rows[i];

		csv_found(out, row, "throughput", &row->loss_free);
		csv_found(out, row, "within_slo", &row->within_slo);
		if (row->lower_failing_bps)
			csv_line(out, row, "lower_failing", "",
				 (double)row->lower_failing_bps, "bps");
		for (j = 0; j < row->load_count; j++)
			csv_line(out, row, "utilisation", row->loads[j].name,
				 row->loads[j].utilisation, "share");
		for (j = 0; j < row->whatif_count; j++)
			csv_line(out, row, "whatif", row->whatifs[j].key,
				 row->whatifs[j].gain, "share");
	}
	return 0;
}

int ndr_write(const struct ndr *study, struct err *err)
{
	static options_writer *const writers[] = {
		[FORMAT_TEXT] = write_text,
		[FORMAT_JSON] = write_json,
		[FORMAT_CSV] = write_csv,
	};

	return options_write(&study->ask.options, writers, study, err);
}
