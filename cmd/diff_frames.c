/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The latency of frames, simulated (A) and measured (B), joined by number and
 * part.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/answer.h"
#include "cmd/csv_in.h"
#include "cmd/diff.h"
#include "core/units.h"
#include "reports/table.h"
#include "reports/text_value.h"

#define WORST 10

struct sample_frame {
	uint64_t number;
	uint32_t part;
	double ps;
};

struct frame_table {
	struct sample_frame *items;
	size_t count, room;
	uint64_t without; /* rows that have no latency */
};

/* One frame that both have. */
struct joined {
	uint64_t number;
	uint32_t part;
	double a, b, error; /* b - a, ps */
};

static const double quantiles[] = { 0, 0.01, 0.1, 0.5, 0.9, 0.99, 1 };
#define QUANTILES (sizeof(quantiles) / sizeof(quantiles[0]))

struct frame_diff {
	const struct diff *diff;
	struct frame_table tables[2];
	struct joined *joined;
	size_t count;
	uint64_t only[2];
	double bias, deviation, correlation; /* ps, ps; NaN: none */
	double mean[2], relative;	     /* median |error| of median A */
	double quantile[QUANTILES];
	struct joined worst[WORST];
	size_t worst_count;
};

/* --- reading --- */

static const struct {
	const char *suffix;
	double ps;
} suffixes[] = {
	{ "_ps", 1 },	{ "_ns", 1e3 }, { "_us", 1e6 },
	{ "_ms", 1e9 }, { "_s", 1e12 },
};

/* Of a column's name; 0: its fields carry units. */
static double unit_of(const char *name)
{
	size_t length = strlen(name), i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t end = strlen(suffixes[i].suffix);

		if (length > end &&
		    !strcmp(name + length - end, suffixes[i].suffix))
			return suffixes[i].ps;
	}
	return 0;
}

static int find_column(const struct csv_in *csv, const char *wanted,
		       const char **name, struct err *err)
{
	static const char *const names[] = { "latency_ps", "latency_ns",
					     "latency_us", "latency_ms",
					     "latency_s",  "latency" };
	size_t i;
	int column;

	for (i = 0; !wanted && i < sizeof(names) / sizeof(names[0]); i++)
		if ((column = csv_in_column(csv, *name = names[i])) >= 0)
			return column;
	if (wanted && (column = csv_in_column(csv, *name = wanted)) >= 0)
		return column;
	return csv_in_error(csv, err,
			    "no column '%s'; name the latency with --column",
			    wanted ? wanted : "latency_ns");
}

static int read_latency(const struct csv_in *csv, int column, double unit,
			double *ps, struct err *err)
{
	uint64_t value;

	if (unit > 0) {
		if (csv_in_number(csv, column, ps, err) < 0)
			return -1;
		*ps = round(*ps * unit);
		if (*ps <= (double)SIM_TIME_MAX)
			return 0;
		return csv_in_error(csv, err,
				    "'%s' is longer than any run takes; is it "
				    "in the unit that the column's name says?",
				    csv_in_text(csv, column));
	}
	if (units_parse(QTY_TIME, csv_in_text(csv, column), &value, err) < 0) {
		char why[512];

		snprintf(why, sizeof(why), "%.500s", err->text);
		return csv_in_error(csv, err, "%s", why);
	}
	*ps = (double)value;
	return 0;
}

static int read_identity(const struct csv_in *csv, const int columns[2],
			 struct sample_frame *frame, struct err *err)
{
	double number, part = 0;

	if (csv_in_number(csv, columns[0], &number, err) < 0)
		return -1;
	if (columns[1] >= 0 && *csv_in_text(csv, columns[1]) &&
	    csv_in_number(csv, columns[1], &part, err) < 0)
		return -1;
	if (number < 1 || number > 0x1p53 || number != floor(number) ||
	    part > UINT32_MAX || part != floor(part))
		return csv_in_error(csv, err,
				    "number and part are not of a frame");
	frame->number = (uint64_t)number;
	frame->part = (uint32_t)part;
	return 0;
}

static struct sample_frame *grow(struct frame_table *table, struct err *err)
{
	if (table->count == table->room) {
		size_t room = table->room ? 2 * table->room : 4096;
		struct sample_frame *items =
			reallocarray(table->items, room, sizeof(*items));

		if (!items) {
			err_nomem(err, "frames");
			return NULL;
		}
		table->items = items;
		table->room = room;
	}
	return &table->items[table->count];
}

static int read_rows(struct csv_in *csv, const char *wanted,
		     struct frame_table *table, struct err *err)
{
	const int identity[2] = { csv_in_column(csv, "number"),
				  csv_in_column(csv, "part") };
	const char *name;
	int column = find_column(csv, wanted, &name, err), more;

	if (column < 0)
		return -1;
	if (identity[0] < 0)
		return csv_in_error(csv, err,
				    "no column 'number': that of the "
				    "capture's record");
	while ((more = csv_in_next(csv, err)) > 0) {
		struct sample_frame *frame = grow(table, err);

		if (!frame)
			return -1;
		if (!*csv_in_text(csv, column)) {
			table->without++;
			continue;
		}
		if (read_identity(csv, identity, frame, err) < 0 ||
		    read_latency(csv, column, unit_of(name), &frame->ps, err) <
			    0)
			return -1;
		table->count++;
	}
	return more;
}

static int by_frame(const void *left, const void *right)
{
	const struct sample_frame *a = left, *b = right;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return a->part < b->part ? -1 : a->part > b->part;
}

static int read_table(const char *path, const char *column,
		      struct frame_table *table, struct err *err)
{
	struct csv_in *csv = csv_in_open(path, err);
	size_t i;
	int rc;

	if (!csv)
		return -1;
	rc = read_rows(csv, column, table, err);
	csv_in_close(csv);
	if (rc < 0)
		return -1;
	if (table->count)
		qsort(table->items, table->count, sizeof(*table->items),
		      by_frame);
	for (i = 1; i < table->count; i++)
		if (!by_frame(&table->items[i - 1], &table->items[i]))
			return err_set(err, ERR_INPUT,
				       "'%s': frame %" PRIu64 ", part %u, "
				       "stands there twice",
				       path, table->items[i].number,
				       table->items[i].part);
	return 0;
}

/* --- joining --- */

static int join(struct frame_diff *f, struct err *err)
{
	const struct frame_table *a = &f->tables[0], *b = &f->tables[1];
	size_t i = 0, j = 0;

	f->joined = calloc(a->count + 1, sizeof(*f->joined));
	if (!f->joined)
		return err_nomem(err, "frames");
	while (i < a->count && j < b->count) {
		const struct sample_frame *x = &a->items[i], *y = &b->items[j];
		int order = by_frame(x, y);

		if (!order)
			f->joined[f->count++] =
				(struct joined){ x->number, x->part, x->ps,
						 y->ps, y->ps - x->ps };
		i += order <= 0;
		j += order >= 0;
	}
	f->only[0] = a->count - f->count;
	f->only[1] = b->count - f->count;
	if (f->count)
		return 0;
	return err_set(err, ERR_INPUT,
		       "'%s' and '%s' have no frame in common: both number "
		       "them as the records of one capture",
		       f->diff->options.args.items[0],
		       f->diff->options.args.items[1]);
}

static int by_error(const void *left, const void *right)
{
	const struct joined *a = left, *b = right;

	if (a->error != b->error)
		return a->error < b->error ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static int by_size(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* Nearest rank. */
static size_t rank_of(double share, size_t count)
{
	size_t rank = (size_t)ceil(share * (double)count);

	return rank ? rank - 1 : 0;
}

static void take_moments(struct frame_diff *f)
{
	double n = (double)f->count, xx = 0, yy = 0, xy = 0, ee = 0;
	size_t i;

	for (i = 0; i < f->count; i++) {
		f->mean[0] += f->joined[i].a / n;
		f->mean[1] += f->joined[i].b / n;
		f->bias += f->joined[i].error;
	}
	f->bias /= n;
	for (i = 0; i < f->count; i++) {
		double x = f->joined[i].a - f->mean[0];
		double y = f->joined[i].b - f->mean[1];
		double error = f->joined[i].error - f->bias;

		xx += x * x;
		yy += y * y;
		xy += x * y;
		ee += error * error;
	}
	f->deviation = f->count > 1 ? sqrt(ee / (n - 1)) : NAN;
	f->correlation = xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

static double middle(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_size);
	return values[rank_of(0.5, count)];
}

static int take_medians(struct frame_diff *f, struct err *err)
{
	double *values = calloc(f->count, sizeof(*values)), error;
	size_t i;

	if (!values)
		return err_nomem(err, "errors of frames");
	for (i = 0; i < f->count; i++)
		values[i] = fabs(f->joined[i].error);
	error = middle(values, f->count);
	for (i = 0; i < f->count; i++)
		values[i] = f->joined[i].a;
	f->relative = error / middle(values, f->count);
	if (error == 0)
		f->relative = 0;
	free(values);
	return 0;
}

/* From both ends of the errors in order. */
static void take_worst(struct frame_diff *f)
{
	size_t low = 0, high = f->count;

	while (f->worst_count < WORST && low < high) {
		const struct joined *first = &f->joined[low];
		const struct joined *last = &f->joined[high - 1];
		bool take_last = fabs(last->error) >= fabs(first->error);

		if ((take_last ? last : first)->error == 0)
			return;
		f->worst[f->worst_count++] = take_last ? *last : *first;
		if (take_last)
			high--;
		else
			low++;
	}
}

static int compute(struct frame_diff *f, struct err *err)
{
	size_t i;

	take_moments(f);
	if (take_medians(f, err) < 0)
		return -1;
	qsort(f->joined, f->count, sizeof(*f->joined), by_error);
	for (i = 0; i < QUANTILES; i++)
		f->quantile[i] =
			f->joined[rank_of(quantiles[i], f->count)].error;
	take_worst(f);
	return 0;
}

/* --- writing --- */

static const char *signed_time(double ps, char *buf, size_t size)
{
	char text[TEXT_VALUE_MAX];

	snprintf(buf, size, "%s%s", ps < 0 ? "-" : "+",
		 text_number("ps", fabs(ps), text, sizeof(text)));
	return buf;
}

static const char *quantile_name(double share, char buf[16])
{
	if (share <= 0 || share >= 1)
		snprintf(buf, 16, "%s", share > 0 ? "max" : "min");
	else
		snprintf(buf, 16, "p%g", 100 * share);
	return buf;
}

static int worst_text(const struct frame_diff *f, FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	char text[TEXT_VALUE_MAX];
	size_t i;
	int rc;

	if (!table)
		return -1;
	table_column(table, TABLE_RIGHT, "frame");
	table_column(table, TABLE_RIGHT, "part");
	table_column(table, TABLE_RIGHT, "A");
	table_column(table, TABLE_RIGHT, "B");
	table_column(table, TABLE_RIGHT, "B - A");
	for (i = 0; i < f->worst_count; i++) {
		const struct joined *worst = &f->worst[i];

		table_cellf(table, "%" PRIu64, worst->number);
		table_cellf(table, "%u", worst->part);
		table_cell(table,
			   text_number("ps", worst->a, text, sizeof(text)));
		table_cell(table,
			   text_number("ps", worst->b, text, sizeof(text)));
		table_cell(table,
			   signed_time(worst->error, text, sizeof(text)));
	}
	fputs("\nworst frames\n", out);
	rc = table_print(table, out, err);
	table_free(table);
	return rc;
}

static int write_text(const void *what, FILE *out, struct err *err)
{
	const struct frame_diff *f = what;
	char one[TEXT_VALUE_MAX + 1], two[TEXT_VALUE_MAX + 1], name[16];
	size_t i;

	fprintf(out, "%zu frames in both: B - A has a median of %s; ", f->count,
		signed_time(f->quantile[3], one, sizeof(one)));
	if (isfinite(f->relative))
		fprintf(out,
			"the median of |B - A| is\n%.3g %% of A's median\n\n",
			100 * f->relative);
	else
		fputs("A's median is 0\n\n", out);
	fprintf(out, "mean         A %s, B %s\n",
		text_number("ps", f->mean[0], one, sizeof(one)),
		text_number("ps", f->mean[1], two, sizeof(two)));
	fprintf(out, "bias         %s (mean of B - A)\n",
		signed_time(f->bias, one, sizeof(one)));
	if (isfinite(f->deviation))
		fprintf(out, "spread       %s (standard deviation of B - A)\n",
			text_number("ps", f->deviation, one, sizeof(one)));
	if (isfinite(f->correlation))
		fprintf(out, "correlation  %.3f\n", f->correlation);
	fputs("B - A       ", out);
	for (i = 0; i < QUANTILES; i++)
		fprintf(out, " %s %s%s", quantile_name(quantiles[i], name),
			signed_time(f->quantile[i], one, sizeof(one)),
			i + 1 < QUANTILES ? "," : "\n");
	fprintf(out, "only in A    %" PRIu64 ", without latency %" PRIu64 "\n",
		f->only[0], f->tables[0].without);
	fprintf(out, "only in B    %" PRIu64 ", without latency %" PRIu64 "\n",
		f->only[1], f->tables[1].without);
	return f->worst_count ? worst_text(f, out, err) : 0;
}

struct frame_figure {
	char name[24];
	const char *unit;
	double value; /* not finite: none */
};

#define FIGURES (QUANTILES + 11)

/* In order, for JSON and CSV. */
static size_t list_figures(const struct frame_diff *f,
			   struct frame_figure *figures)
{
	const struct frame_figure head[] = {
		{ "joined", "frames", (double)f->count },
		{ "only_a", "frames", (double)f->only[0] },
		{ "only_b", "frames", (double)f->only[1] },
		{ "without_a", "frames", (double)f->tables[0].without },
		{ "without_b", "frames", (double)f->tables[1].without },
		{ "mean_a", "ps", f->mean[0] },
		{ "mean_b", "ps", f->mean[1] },
		{ "bias", "ps", f->bias },
		{ "deviation", "ps", f->deviation },
		{ "correlation", "", f->correlation },
		{ "median_error", "share", f->relative },
	};
	size_t count = sizeof(head) / sizeof(head[0]), i;
	char name[16];

	memcpy(figures, head, sizeof(head));
	for (i = 0; i < QUANTILES; i++) {
		struct frame_figure *figure = &figures[count++];

		snprintf(figure->name, sizeof(figure->name), "error_%s",
			 quantile_name(quantiles[i], name));
		figure->unit = "ps";
		figure->value = f->quantile[i];
	}
	return count;
}

static int write_json(const void *what, FILE *out, struct err *err)
{
	const struct frame_diff *f = what;
	struct tree_builder b = { 0 };
	struct frame_figure figures[FIGURES];
	json_t *root = tree_object(&b), *worst = tree_array(&b);
	size_t count = list_figures(f, figures), i;

	tree_put(&b, root, "frame_diff_schema", tree_u64(&b, 1));
	for (i = 0; i < count; i++) {
		char key[48];

		snprintf(key, sizeof(key), "%.23s%s%s", figures[i].name,
			 *figures[i].unit ? "_" : "", figures[i].unit);
		tree_put(&b, root, key, tree_real(&b, figures[i].value));
	}
	for (i = 0; i < f->worst_count; i++) {
		json_t *frame = tree_object(&b);

		tree_put(&b, frame, "number", tree_u64(&b, f->worst[i].number));
		tree_put(&b, frame, "part", tree_u64(&b, f->worst[i].part));
		tree_put(&b, frame, "a_ps", tree_real(&b, f->worst[i].a));
		tree_put(&b, frame, "b_ps", tree_real(&b, f->worst[i].b));
		tree_append(&b, worst, frame);
	}
	tree_put(&b, root, "worst", worst);
	return answer_dump(root, &b, out, err);
}

static int write_csv(const void *what, FILE *out, struct err *err)
{
	const struct frame_diff *f = what;
	struct frame_figure figures[FIGURES];
	size_t count = list_figures(f, figures), i;

	(void)err;
	fputs("figure,value,unit\n", out);
	for (i = 0; i < count; i++) {
		fprintf(out, "%s,", figures[i].name);
		if (isfinite(figures[i].value))
			fprintf(out, "%.9g", figures[i].value);
		fprintf(out, ",%s\n", figures[i].unit);
	}
	return 0;
}

/* Without a threshold: any frame. */
static bool differs(const struct frame_diff *f)
{
	if (f->diff->fail_over > 0)
		return f->relative > f->diff->fail_over;
	return f->worst_count > 0;
}

int diff_frames(struct diff *diff, struct err *err)
{
	static options_writer *const writers[] = {
		[FORMAT_TEXT] = write_text,
		[FORMAT_JSON] = write_json,
		[FORMAT_CSV] = write_csv,
	};
	struct frame_diff f = { .diff = diff };
	char **paths = diff->options.args.items;
	int rc = 0;
	unsigned i;

	for (i = 0; i < 2 && !rc; i++)
		rc = read_table(paths[i], diff->columns[i], &f.tables[i], err);
	if (!rc)
		rc = join(&f, err);
	if (!rc)
		rc = compute(&f, err);
	if (!rc)
		rc = options_write(&diff->options, writers, &f, err);
	if (!rc && differs(&f))
		rc = ERR_CHECK;
	for (i = 0; i < 2; i++)
		free(f.tables[i].items);
	free(f.joined);
	return rc;
}
