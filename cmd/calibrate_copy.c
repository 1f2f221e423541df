/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim calibrate, copies: measured or read, fitted, reported, written.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/calibrate.h"
#include "core/outfile.h"
#include "reports/table.h"
#include "reports/tree.h"

/* A table says nothing of the clock it was measured at. */
#define CLOCK_OF_TABLES UINT64_C(3300000000)

/* The fits of one report: of all sizes, and of each half of them. */
struct study {
	const struct calibrate *calibrate;
	struct copy_measure machine; /* what was found */
	struct copy_samples samples;
	struct copy_fit all, half[2]; /* [COPY_EVEN], [COPY_ODD] less one */
	bool halves; /* each half of the sizes determines every price */
};

/* --- prices as parameters --- */

enum price_unit { PRICE_CYCLES, PRICE_PER_KIB, PRICE_LINES, PRICE_SHARE };

static const struct price {
	const char *key;
	enum price_unit unit;
	int column; /* of the fit; unused for lines and shares */
} prices[] = {
	{ "copy_call", PRICE_CYCLES, FIT_CALL },
	{ "copy_fills", PRICE_LINES, 0 },
	{ "copy_write", PRICE_SHARE, 0 },
	{ "touch_l2", PRICE_CYCLES, FIT_LEVELS },
	{ "touch_llc", PRICE_CYCLES, FIT_LEVELS + 3 },
	{ "touch_dram", PRICE_CYCLES, FIT_LEVELS + 6 },
	{ "copy_l2", PRICE_PER_KIB, FIT_LEVELS + 1 },
	{ "copy_llc", PRICE_PER_KIB, FIT_LEVELS + 4 },
	{ "copy_dram", PRICE_PER_KIB, FIT_LEVELS + 7 },
	{ "stream_l2", PRICE_PER_KIB, FIT_LEVELS + 2 },
	{ "stream_llc", PRICE_PER_KIB, FIT_LEVELS + 5 },
	{ "stream_dram", PRICE_PER_KIB, FIT_LEVELS + 8 },
};

#define PRICES	     (sizeof(prices) / sizeof(prices[0]))
#define CYCLES_MAX   10000 /* of the parameters: models/params.c */
#define LINES_OF_KIB 16

/* ns; a KiB's for a price per KiB; lines; a share of one. */
static double price_of(const struct price *price, const struct copy_fit *fit)
{
	switch (price->unit) {
	case PRICE_LINES:
		return fit->fills;
	case PRICE_SHARE:
		return fit->write;
	case PRICE_PER_KIB:
		return fit->ns[price->column] * LINES_OF_KIB;
	default:
		return fit->ns[price->column];
	}
}

/* As a configuration file has it. */
static void price_text(const struct price *price, const struct study *study,
		       char *buf, size_t size)
{
	double value = price_of(price, &study->all);

	if (price->unit == PRICE_SHARE) {
		units_format(QTY_SHARE, (uint64_t)(value * 1000 + .5) * 1000,
			     buf, size);
		return;
	}
	if (price->unit != PRICE_LINES)
		value *= (double)study->machine.clock_hz * 1e-9;
	snprintf(buf, size, "%.0f", fmin(value, CYCLES_MAX));
}

static const char *price_unit(const struct price *price)
{
	static const char *const names[] = { "ns", "ns/KiB", "lines",
					     "of a source" };

	return names[price->unit];
}

/* Where the price lies between the fits of half of the sizes and of all. */
static void price_range(const struct price *price, const struct study *study,
			double *low, double *high)
{
	int i;

	*low = *high = price_of(price, &study->all);
	for (i = 0; study->halves && i < 2; i++) {
		double value = price_of(price, &study->half[i]);

		*low = fmin(*low, value);
		*high = fmax(*high, value);
	}
}

/* --- the copies --- */

static double error_of(const struct copy_fit *fit,
		       const struct copy_sample *sample)
{
	return copy_fit_ns(fit, sample) / sample->ns - 1;
}

/* By the fit that has not seen the size. */
static double held_out_error(const struct study *study,
			     const struct copy_sample *sample)
{
	enum copy_half half = copy_half_of(&study->samples, sample->bytes);

	return error_of(&study->half[half == COPY_EVEN], sample);
}

static const char *order_name(const struct copy_sample *sample)
{
	return sample->alone ? "alone" : "in a row";
}

static void percent_cell(double error, struct table *table)
{
	/* Rounding has no sign. */
	table_cellf(table, "%+.1f%%", fabs(error) < .0005 ? 0 : 100 * error);
}

static void sample_row(const struct study *study,
		       const struct copy_sample *sample, struct table *table)
{
	table_cell(table, sample->pair->name);
	table_cell(table, order_name(sample));
	table_cellf(table, "%" PRIu64, sample->bytes);
	table_cellf(table, "%.2f", sample->ns);
	table_cellf(table, "%.2f to %.2f", sample->low, sample->high);
	table_cellf(table, "%.2f", copy_fit_ns(&study->all, sample));
	percent_cell(error_of(&study->all, sample), table);
	if (study->halves)
		percent_cell(held_out_error(study, sample), table);
	else
		table_cell(table, "-");
}

static int print_samples(const struct study *study, FILE *out, struct err *err)
{
	static const char *const heads[] = { "\nbytes",	   "measured\nns",
					     "\ninterval", "fitted\nns",
					     "\nerror",	   "held\nout" };
	struct table *table = table_new(err);
	size_t i;
	int result;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "\nresidency");
	table_column(table, TABLE_LEFT, "\ncopies");
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		table_column(table, TABLE_RIGHT, heads[i]);
	for (i = 0; i < study->samples.count; i++)
		sample_row(study, &study->samples.list[i], table);
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

static int print_prices(const struct study *study, FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	char text[UNITS_TEXT_MAX];
	double low, high;
	size_t i;
	int result;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "parameter");
	table_column(table, TABLE_RIGHT, "value");
	table_column(table, TABLE_RIGHT, "fitted");
	table_column(table, TABLE_LEFT, "unit");
	table_column(table, TABLE_RIGHT, "by half of the sizes");
	for (i = 0; i < PRICES; i++) {
		price_text(&prices[i], study, text, sizeof(text));
		price_range(&prices[i], study, &low, &high);
		table_cellf(table, "host.%s", prices[i].key);
		table_cell(table, text);
		table_cellf(table, "%.3g", price_of(&prices[i], &study->all));
		table_cell(table, price_unit(&prices[i]));
		table_cellf(table, "%.3g to %.3g", low, high);
	}
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

static int print_text(const struct study *study, FILE *out, struct err *err)
{
	char clock[UNITS_TEXT_MAX];

	if (print_samples(study, out, err) < 0)
		return -1;
	fputc('\n', out);
	if (print_prices(study, out, err) < 0)
		return -1;
	fprintf(out,
		"\nin cycles at %s; of copies alone, %.1f ns are the fence's\n",
		units_format(QTY_FREQ, study->machine.clock_hz, clock,
			     sizeof(clock)),
		study->all.ns[FIT_FENCE]);
	return 0;
}

static int print_csv(const struct study *study, FILE *out)
{
	size_t i;

	fputs("residency,serialised,bytes,ns_median,ns_low,ns_high,ns_fitted,"
	      "error,error_held_out\n",
	      out);
	for (i = 0; i < study->samples.count; i++) {
		const struct copy_sample *sample = &study->samples.list[i];

		fprintf(out, "%s,%d,%" PRIu64 ",%.9g,%.9g,%.9g,%.6g,%.4f,",
			sample->pair->name, sample->alone, sample->bytes,
			sample->ns, sample->low, sample->high,
			copy_fit_ns(&study->all, sample),
			error_of(&study->all, sample));
		if (study->halves)
			fprintf(out, "%.4f", held_out_error(study, sample));
		fputc('\n', out);
	}
	return 0;
}

/* --- JSON --- */

static json_t *sample_json(const struct study *study,
			   const struct copy_sample *sample,
			   struct tree_builder *b)
{
	json_t *object = tree_object(b);

	tree_put(b, object, "residency", tree_text(b, sample->pair->name));
	tree_put(b, object, "serialised", json_boolean(sample->alone));
	tree_put(b, object, "bytes", tree_u64(b, sample->bytes));
	tree_put(b, object, "ns_median", tree_real(b, sample->ns));
	tree_put(b, object, "ns_low", tree_real(b, sample->low));
	tree_put(b, object, "ns_high", tree_real(b, sample->high));
	tree_put(b, object, "ns_fitted",
		 tree_real(b, copy_fit_ns(&study->all, sample)));
	tree_put(b, object, "error",
		 tree_real(b, error_of(&study->all, sample)));
	tree_put(b, object, "error_held_out",
		 study->halves ? tree_real(b, held_out_error(study, sample))
			       : json_null());
	return object;
}

static json_t *price_json(const struct study *study, const struct price *price,
			  struct tree_builder *b)
{
	json_t *object = tree_object(b);
	char text[UNITS_TEXT_MAX], key[32];
	double low, high;

	price_text(price, study, text, sizeof(text));
	price_range(price, study, &low, &high);
	snprintf(key, sizeof(key), "host.%s", price->key);
	tree_put(b, object, "key", tree_text(b, key));
	tree_put(b, object, "value", tree_text(b, text));
	tree_put(b, object, "fitted",
		 tree_real(b, price_of(price, &study->all)));
	tree_put(b, object, "unit", tree_text(b, price_unit(price)));
	tree_put(b, object, "low", tree_real(b, low));
	tree_put(b, object, "high", tree_real(b, high));
	return object;
}

static int print_json(const struct study *study, FILE *out, struct err *err)
{
	struct tree_builder b = { 0 };
	json_t *root = tree_object(&b), *copies = tree_array(&b);
	json_t *list = tree_array(&b);
	int result = 0;
	size_t i;

	for (i = 0; i < study->samples.count; i++)
		tree_append(&b, copies,
			    sample_json(study, &study->samples.list[i], &b));
	for (i = 0; i < PRICES; i++)
		tree_append(&b, list, price_json(study, &prices[i], &b));
	tree_put(&b, root, "clock_hz", tree_u64(&b, study->machine.clock_hz));
	tree_put(&b, root, "fence_ns", tree_real(&b, study->all.ns[FIT_FENCE]));
	tree_put(&b, root, "copies", copies);
	tree_put(&b, root, "parameters", list);
	if (b.failed)
		result = err_nomem(err, "report of copies");
	else
		result = tree_dump(root, out, "report of copies", err);
	json_decref(root);
	return result;
}

/* --- the configuration file --- */

static void put_caches(const struct study *study, FILE *out)
{
	char text[UNITS_TEXT_MAX];

	if (study->calibrate->from)
		return;
	fprintf(out, "l2 = %s\n",
		units_format(QTY_BYTES, study->machine.l2_bytes, text,
			     sizeof(text)));
	fprintf(out, "llc = %s\n",
		units_format(QTY_BYTES, study->machine.llc_bytes, text,
			     sizeof(text)));
}

static void put_preset(const struct study *study, FILE *out)
{
	const char *from = study->calibrate->from;
	char text[UNITS_TEXT_MAX];
	double low, high;
	size_t i;

	fputs("; What copies cost on a host, by dmasim calibrate.\n", out);
	if (from)
		fprintf(out, "; Source: fitted to %.150s\n", from);
	else
		fprintf(out, "; Source: measured on processor %d\n",
			study->machine.processor);
	fputs("; In brackets: by fits that saw every second size.\n\n[host]\n",
	      out);
	fprintf(out, "clock = %s\n",
		units_format(QTY_FREQ, study->machine.clock_hz, text,
			     sizeof(text)));
	put_caches(study, out);
	for (i = 0; i < PRICES; i++) {
		price_text(&prices[i], study, text, sizeof(text));
		price_range(&prices[i], study, &low, &high);
		fprintf(out, "%s = %s ; %.3g %s (%.3g to %.3g)\n",
			prices[i].key, text, price_of(&prices[i], &study->all),
			price_unit(&prices[i]), low, high);
	}
}

static int write_preset(const struct study *study, struct err *err)
{
	struct outfile out;

	if (!study->calibrate->preset)
		return 0;
	if (outfile_open(&out, study->calibrate->preset,
			 study->calibrate->force, err) < 0)
		return -1;
	put_preset(study, out.fp);
	return outfile_commit(&out, err);
}

/* --- all of it --- */

static int print_study(const struct study *study, struct err *err)
{
	switch (study->calibrate->options.format) {
	case FORMAT_JSON:
		return print_json(study, stdout, err);
	case FORMAT_CSV:
		return print_csv(study, stdout);
	default:
		return print_text(study, stdout, err);
	}
}

/* Half of the sizes may be too few for a fit. */
static int fit_half(struct study *study, enum copy_half half, struct err *err)
{
	struct err why = ERR_INIT;

	if (copy_fit_make(&study->half[half == COPY_ODD], &study->samples, half,
			  &why) == 0)
		return 0;
	study->halves = false;
	if (why.kind == ERR_INPUT)
		return 0;
	*err = why;
	return -1;
}

static int fit_study(struct study *study, struct err *err)
{
	study->halves = true;
	if (copy_fit_make(&study->all, &study->samples, COPY_ALL, err) < 0 ||
	    fit_half(study, COPY_EVEN, err) < 0)
		return -1;
	return fit_half(study, COPY_ODD, err);
}

static int get_samples(struct study *study, struct csv_in *csv, struct err *err)
{
	if (csv) {
		if (!study->machine.clock_hz)
			study->machine.clock_hz = CLOCK_OF_TABLES;
		return copy_samples_read(&study->samples, csv, err);
	}
	if (copy_measure_find(&study->machine, err) < 0)
		return -1;
	return copy_measure_run(&study->machine, &study->samples, err);
}

int calibrate_copies(const struct calibrate *calibrate, struct csv_in *csv,
		     struct err *err)
{
	struct study study = { .calibrate = calibrate,
			       .machine = calibrate->measure };
	int result = get_samples(&study, csv, err);

	if (result == 0 && fit_study(&study, err) < 0)
		result = calibrate->from
				 ? err_wrap(err, "'%s'", calibrate->from)
				 : -1;
	if (result == 0)
		result = print_study(&study, err);
	if (result == 0)
		result = write_preset(&study, err);
	copy_samples_clear(&study.samples);
	return result;
}
