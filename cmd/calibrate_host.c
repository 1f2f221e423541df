/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim calibrate, hosts: tables of transfers read, a host fitted, reported,
 * written.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/calibrate.h"
#include "cmd/host_fit.h"
#include "core/outfile.h"
#include "reports/table.h"

#define TRANSFERS 20000

static const char *const start_hosts[] = { "hsw-2620v3", NULL };
static const char *const op_names[] = { [PROBE_RD] = "rd",
					[PROBE_WR] = "wr",
					[PROBE_RDWR] = "rdwr",
					[PROBE_WRRD] = "wrrd" };
static const char *const cache_names[] = { [PROBE_WARM] = "warm",
					   [PROBE_COLD] = "cold",
					   [PROBE_DEVWARM] = "devwarm" };
static const char *const iommu_names[] = { [DMA_IOMMU_OFF] = "off",
					   [DMA_IOMMU_4K] = "4KiB",
					   [DMA_IOMMU_SUPER] = "2MiB" };

/* Table @index: the one of --from, then the arguments. */
static const char *table_name(const struct calibrate *calibrate, unsigned index)
{
	return index ? calibrate->options.args.items[index - 1]
		     : calibrate->from;
}

/* --- reading --- */

static int read_more(const struct calibrate *calibrate,
		     struct dma_samples *samples, const char *path,
		     struct err *err)
{
	struct csv_in *csv = csv_in_open(path, err);
	int result;

	if (!csv)
		return -1;
	if (dma_samples_known(csv))
		result = dma_samples_read(samples, csv, calibrate->host, err);
	else
		result = csv_in_error(csv, err,
				      "no table of transfers: its columns have "
				      "to be op, size_B, gbps or mean_ns");
	csv_in_close(csv);
	return result;
}

static int read_tables(const struct calibrate *calibrate, struct csv_in *first,
		       struct dma_samples *samples, struct err *err)
{
	size_t i;

	if (dma_samples_read(samples, first, calibrate->host, err) < 0)
		return -1;
	for (i = 0; i < calibrate->options.args.count; i++)
		if (read_more(calibrate, samples,
			      calibrate->options.args.items[i], err) < 0)
			return -1;
	if (!samples->count)
		return err_set(err, ERR_INPUT,
			       "'%s': no row that a probe can repeat%s%s",
			       calibrate->from,
			       calibrate->host ? " of host " : "",
			       calibrate->host ? calibrate->host : "");
	return 0;
}

/* --- the report --- */

static int print_numbers(const struct host_fit *fit, FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	char text[CONFIG_TEXT_MAX];
	unsigned i;
	int result;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "parameter");
	table_column(table, TABLE_RIGHT, "value");
	table_column(table, TABLE_RIGHT, "before");
	table_column(table, TABLE_RIGHT, "samples");
	table_column(table, TABLE_LEFT, "from");
	for (i = 0; i < HOST_NUMBERS; i++) {
		const char *key = host_numbers[i].key;

		table_cell(table, key);
		table_cell(table,
			   config_text(fit->cfg, key, text, sizeof(text)));
		table_cell(table, fit->start[i]);
		table_cellf(table, "%zu", fit->used[i]);
		table_cell(table, fit->used[i] ? host_numbers[i].from
					       : "kept: no sample tells it");
	}
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

/* Samples that are summed up together. */
static bool alike(const struct dma_sample *a, const struct dma_sample *b)
{
	return a->table == b->table && a->op == b->op && a->cache == b->cache &&
	       a->iommu == b->iommu && a->remote == b->remote &&
	       a->rate == b->rate && !a->command && !b->command;
}

static bool is_first(const struct dma_samples *samples, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++)
		if (alike(&samples->list[i], &samples->list[index]))
			return false;
	return !samples->list[index].command;
}

static void residual_row(const struct dma_samples *samples, size_t first,
			 const char *name, struct table *table)
{
	const struct dma_sample *of = &samples->list[first], *worst = of;
	double sum = 0, most = -1;
	size_t i, count = 0;

	for (i = first; i < samples->count; i++) {
		const struct dma_sample *s = &samples->list[i];
		double error = 100 * (s->model / s->value - 1);

		if (!alike(of, s))
			continue;
		count++;
		sum += fabs(error);
		if (fabs(error) > most) {
			most = fabs(error);
			worst = s;
		}
	}
	table_cell(table, name);
	table_cell(table, of->rate ? "rate" : "latency");
	table_cell(table, op_names[of->op]);
	table_cell(table, cache_names[of->cache]);
	table_cell(table, iommu_names[of->iommu]);
	table_cell(table, of->remote ? "remote" : "local");
	table_cellf(table, "%zu", count);
	table_cellf(table, "%.1f%%", sum / (double)count);
	if (most < .05) {
		table_cell(table, "-");
		table_cell(table, "");
		return;
	}
	table_cellf(table, "%+.1f%%", 100 * (worst->model / worst->value - 1));
	table_cellf(table, "%u B in %llu KiB", worst->size,
		    (unsigned long long)(worst->window >> 10));
}

static int print_residuals(const struct calibrate *calibrate,
			   const struct dma_samples *samples, FILE *out,
			   struct err *err)
{
	static const char *const left[] = { "table", "of",    "op",
					    "cache", "pages", "memory" };
	struct table *table = table_new(err);
	size_t i;
	int result;

	if (!table)
		return -1;
	for (i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		table_column(table, TABLE_LEFT, left[i]);
	table_column(table, TABLE_RIGHT, "samples");
	table_column(table, TABLE_RIGHT, "mean error");
	table_column(table, TABLE_RIGHT, "worst");
	table_column(table, TABLE_LEFT, "at");
	for (i = 0; i < samples->count; i++) {
		const char *path =
			table_name(calibrate, samples->list[i].table);
		const char *slash = strrchr(path, '/');

		if (is_first(samples, i))
			residual_row(samples, i, slash ? slash + 1 : path,
				     table);
	}
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

static int report(const struct calibrate *calibrate, const struct host_fit *fit,
		  struct err *err)
{
	if (print_numbers(fit, stdout, err) < 0)
		return -1;
	fputc('\n', stdout);
	if (print_residuals(calibrate, fit->samples, stdout, err) < 0)
		return -1;
	if (fit->samples->left_out)
		printf("\n%zu rows left out: another host's, or not to be "
		       "repeated by a probe\n",
		       fit->samples->left_out);
	return 0;
}

/* --- the configuration file --- */

/* What is not a default, by groups in the order of the table. */
static void put_values(const struct config *cfg, FILE *out)
{
	const struct param *row;
	const char *group = "";
	size_t length = 0, i;

	for (i = 0; (row = config_row(cfg, i)); i++) {
		char text[CONFIG_TEXT_MAX];
		const char *dot = strchr(row->key, '.');

		if (strcmp(config_origin(cfg, row->key), "default") == 0)
			continue;
		if ((size_t)(dot - row->key) != length ||
		    strncmp(group, row->key, length) != 0) {
			group = row->key;
			length = (size_t)(dot - row->key);
			fprintf(out, "\n[%.*s]\n", (int)length, group);
		}
		fprintf(out, "%s = %s\n", dot + 1,
			config_text(cfg, row->key, text, sizeof(text)));
	}
}

static int write_host(const struct calibrate *calibrate,
		      const struct config *cfg, struct err *err)
{
	struct outfile out;
	size_t i;

	if (!calibrate->preset)
		return 0;
	if (outfile_open(&out, calibrate->preset, calibrate->force, err) < 0)
		return -1;
	fputs("; A host for dmasim probe -m, by dmasim calibrate.\n", out.fp);
	for (i = 0; i <= calibrate->options.args.count; i++)
		fprintf(out.fp, "; Source: fitted to %.150s\n",
			table_name(calibrate, (unsigned)i));
	put_values(cfg, out.fp);
	return outfile_commit(&out, err);
}

/* --- all of it --- */

static int fit_host(const struct calibrate *calibrate,
		    struct dma_samples *samples, struct config *cfg,
		    struct err *err)
{
	struct host_fit fit = { .cfg = cfg,
				.samples = samples,
				.count = TRANSFERS,
				.jobs = calibrate->options.jobs };

	if (host_fit_make(&fit, err) < 0 || report(calibrate, &fit, err) < 0)
		return -1;
	return write_host(calibrate, cfg, err);
}

int calibrate_host(const struct calibrate *calibrate, struct csv_in *csv,
		   struct err *err)
{
	struct dma_samples samples = { .count = 0 };
	struct options_machines machines = { .count = 0 };
	int result;

	if (calibrate->options.format != FORMAT_TEXT)
		return err_set(err, ERR_USAGE,
			       "a host's fit is reported as text only; -o FILE "
			       "writes its numbers");
	result = options_machines(&calibrate->options, start_hosts, &machines,
				  err);
	if (result == 0 && machines.count != 1)
		result = err_set(err, ERR_USAGE,
				 "one host is fitted at a time: give -m once");
	if (result == 0)
		result = read_tables(calibrate, csv, &samples, err);
	if (result == 0)
		result = fit_host(calibrate, &samples, machines.list[0].cfg,
				  err);
	dma_samples_clear(&samples);
	options_machines_clear(&machines);
	return result;
}
