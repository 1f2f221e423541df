/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/validate/figure.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct figure *figure(struct figures *figures, double limit, const char *unit,
		      const char *fmt, ...)
{
	struct figure *new = &figures->list[figures->count++];
	va_list args;

	BUG_ON(figures->count > FIGURES_MAX);
	*new = (struct figure){ .unit = unit,
				.limit = limit,
				.committed = NAN };
	va_start(args, fmt);
	vsnprintf(new->name, sizeof(new->name), fmt, args);
	va_end(args);
	return new;
}

/* In hundredths, as printed. */
static long hundredths(double value)
{
	return lround(value * 100);
}

int figures_save(const struct figures *figures, const char *path,
		 struct err *err)
{
	FILE *file = fopen(path, "w");
	unsigned i;

	if (!file)
		return err_set(err, ERR_IO, "cannot write '%s': %s", path,
			       strerror(errno));
	fputs("figure\tunit\tvalue\tlimit\n", file);
	for (i = 0; i < figures->count; i++) {
		const struct figure *f = &figures->list[i];

		fprintf(file, "%s\t%s\t%.2f\t", f->name, f->unit, f->value);
		if (isnan(f->limit))
			fputs("-\n", file);
		else
			fprintf(file, "%.2f\n", f->limit);
	}
	if (fclose(file))
		return err_set(err, ERR_IO, "cannot write '%s': %s", path,
			       strerror(errno));
	return 0;
}

static struct figure *find(struct figures *figures, const char *name)
{
	unsigned i;

	for (i = 0; i < figures->count; i++)
		if (strcmp(figures->list[i].name, name) == 0)
			return &figures->list[i];
	return NULL;
}

int figures_load(struct figures *figures, const char *path, struct err *err)
{
	FILE *file = fopen(path, "r");
	char line[256];

	if (!file)
		return err_set(err, ERR_IO, "cannot read '%s': %s", path,
			       strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		char *rest = line, *name = strsep(&rest, "\t");
		struct figure *f = find(figures, name);

		strsep(&rest, "\t");
		if (f && rest)
			f->committed = strtod(rest, NULL);
	}
	fclose(file);
	return 0;
}

static const char *verdict(const struct figure *f)
{
	if (isnan(f->committed))
		return "not committed";
	if (hundredths(f->value) > hundredths(f->committed))
		return "WORSE";
	if (hundredths(f->value) < hundredths(f->committed))
		return "better";
	return "";
}

static void print_number(double value, const char *fmt, int width, FILE *out)
{
	if (isnan(value))
		fprintf(out, "%*s", width, "-");
	else
		fprintf(out, fmt, width, value);
}

unsigned figures_compare(const struct figures *figures, FILE *out)
{
	unsigned i, bad = 0;

	fprintf(out, "%-34s %9s %9s %7s  %s\n", "figure", "expected",
		"achieved", "limit", "unit");
	for (i = 0; i < figures->count; i++) {
		const struct figure *f = &figures->list[i];
		const char *says = verdict(f);

		fprintf(out, "%-34s ", f->name);
		print_number(f->committed, "%*.2f", 9, out);
		fprintf(out, " %9.2f ", f->value);
		print_number(f->limit, "%*.2f", 7, out);
		fprintf(out, "  %-7s%s%s\n", f->unit,
			f->value > f->limit ? "over the limit " : "", says);
		bad += isnan(f->committed) ||
		       hundredths(f->value) > hundredths(f->committed);
	}
	return bad;
}

void figures_markdown(const struct figures *figures, FILE *out)
{
	unsigned i;

	fputs("| figure | error | limit | |\n|---|--:|--:|---|\n", out);
	for (i = 0; i < figures->count; i++) {
		const struct figure *f = &figures->list[i];

		fprintf(out, "| %s | %.2f %s | ", f->name, f->value, f->unit);
		print_number(f->limit, "%*g", 0, out);
		fprintf(out, " | %s |\n",
			f->value > f->limit ? "**not kept**" : "");
	}
}
