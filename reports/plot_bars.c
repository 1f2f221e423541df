/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/plot_bars.h"

#include <stdlib.h>
#include <string.h>

static double length_of(const struct bars *bars, const struct bar *bar)
{
	double sum = 0;

	for (size_t i = 0; i < bars->parts; i++)
		sum += bar->part[i];
	return sum;
}

/*
 * Where the axis ends: every bar and the label behind it fit.  A letter takes
 * about 10 of the 940 points the picture has beside the names.
 */
static double axis_end(const struct bars *bars)
{
	double end = 0, letter = 10.0 / 940;

	for (size_t i = 0; i < bars->count; i++) {
		const struct bar *bar = &bars->bar[i];
		double room = letter * (double)(strlen(bar->label) + 2);
		double own =
			length_of(bars, bar) / (1 - (room < 0.7 ? room : 0.7));

		if (own > end)
			end = own;
	}
	return end;
}

/* A line a bar: its place from the top, then low and high of every part. */
static void write_data(struct page *page, const struct bars *bars)
{
	fputs("# bar, then from and to of every part:\n", page->dat);
	for (size_t i = 0; i < bars->parts; i++)
		page_comment(page->dat, bars->part_name[i]);
	for (size_t i = 0; i < bars->count; i++) {
		double low = 0;

		page_comment(page->dat, bars->bar[i].name);
		fprintf(page->dat, "%zu", bars->count - i);
		for (size_t j = 0; j < bars->parts; j++) {
			double high = low + bars->bar[i].part[j];

			fprintf(page->dat, " %.9g %.9g", low, high);
			low = high;
		}
		fputc('\n', page->dat);
	}
}

static void write_labels(struct page *page, const struct bars *bars)
{
	FILE *gp = page->gp;

	fputs("set ytics (", gp);
	for (size_t i = 0; i < bars->count; i++) {
		if (i)
			fputs(", ", gp);
		page_tic(gp, bars->bar[i].name, (double)(bars->count - i));
	}
	fputs(")\n", gp);
	for (size_t i = 0; i < bars->count; i++) {
		const struct bar *bar = &bars->bar[i];

		if (!bar->label[0])
			continue;
		page_text(gp, "set label ", bar->label);
		fprintf(gp, " at %.9g, %zu left offset (ascii ? 2 : 0.7), 0\n",
			length_of(bars, bar), bars->count - i);
	}
}

static void write_boxes(FILE *gp, size_t part)
{
	size_t low = 2 + 2 * part;

	fprintf(gp,
		"%sdata using (($%zu + $%zu) / 2):1:%zu:%zu:"
		"($1 - 0.36):($1 + 0.36) with boxxyerror ",
		part ? ", \\\n  " : "plot ", low, low + 1, low, low + 1);
}

static void write_plot(FILE *gp, const struct bars *bars)
{
	for (size_t i = 0; i < bars->parts; i++) {
		write_boxes(gp, i);
		page_fill_style(gp, i);
		if (bars->parts > 1)
			page_text(gp, " title ", bars->part_name[i]);
		else
			fputs(" notitle", gp);
	}
	fputc('\n', gp);
}

static bool holds_letter(const struct bars *bars, size_t part, double least)
{
	for (size_t i = 0; i < bars->count; i++)
		if (bars->bar[i].part[part] > least)
			return true;
	return false;
}

/*
 * Characters have few fills, so parts are told by letters: 'a' in the bar
 * where it is wide enough to hold one, 'a name' in the key.  gnuplot 5.4
 * crashes on labels of which none is drawn, so a part that is narrow everywhere
 * has none.
 */
static void write_ascii(FILE *gp, const struct bars *bars, double end)
{
	char title[80];

	for (size_t i = 0; i < bars->parts; i++) {
		write_boxes(gp, i);
		snprintf(title, sizeof(title), "%c %s", (int)('a' + i),
			 bars->part_name[i]);
		if (bars->parts > 1)
			page_text(gp, "title ", title);
		else
			fputs("notitle", gp);
	}
	for (size_t i = 0; i < bars->parts && bars->parts > 1; i++) {
		if (!holds_letter(bars, i, end * 0.02))
			continue;
		fprintf(gp,
			", \\\n  data using ($%zu - $%zu > %.9g ? "
			"($%zu + $%zu) / 2 : NaN):1:('%c') with labels notitle",
			3 + 2 * i, 2 + 2 * i, end * 0.02, 2 + 2 * i, 3 + 2 * i,
			(int)('a' + i));
	}
	fputc('\n', gp);
}

int bars_draw(struct plotter *plotter, const char *kind,
	      const struct report_cell *cell, const struct bars *bars,
	      struct err *err)
{
	struct page page;
	double end = axis_end(bars);

	if (end <= 0)
		return 0;
	if (page_open(&page, plotter, kind, cell, err) < 0)
		return -1;
	page_head(&page, bars->title, bars->xlabel, "");
	write_data(&page, bars);
	write_labels(&page, bars);
	if (bars->parts > 1)
		page_key_below(&page, bars->xlabel, 4);
	fprintf(page.gp,
		"set xrange [0:%.9g]\nset yrange [0.4:%zu.6]\n"
		"unset grid\nset grid xtics lt 1 lc rgb '#cccccc' lw 0.8\n",
		end * 1.01, bars->count);
	page_passes(&page);
	fputs("if (ascii) {\n", page.gp);
	write_ascii(page.gp, bars, end);
	fputs("} else {\n", page.gp);
	write_plot(page.gp, bars);
	fputs("}\n", page.gp);
	return page_close(&page, err);
}

void stack_init(struct stack *stack, size_t rows)
{
	*stack = (struct stack){ .rows = rows };
}

static bool stack_grow(struct stack *stack)
{
	size_t room = stack->room ? 2 * stack->room : 32;
	void *names = realloc(stack->names, room * sizeof(*stack->names));
	double *values;

	if (names)
		stack->names = names;
	values = realloc(stack->values,
			 room * stack->rows * sizeof(*stack->values));
	if (values)
		stack->values = values;
	if (!names || !values)
		stack->failed = true;
	else
		stack->room = room;
	return !stack->failed;
}

void stack_add(struct stack *stack, size_t row, const char *name, double value)
{
	size_t i = 0;

	while (i < stack->count && strcmp(stack->names[i], name) != 0)
		i++;
	if (i == stack->count) {
		if (i == stack->room && !stack_grow(stack))
			return;
		snprintf(stack->names[i], sizeof(stack->names[i]), "%.63s",
			 name);
		for (size_t r = 0; r < stack->rows; r++)
			stack->values[i * stack->rows + r] = 0;
		stack->count++;
	}
	stack->values[i * stack->rows + row] += value;
}

static double stack_most(const struct stack *stack, size_t name)
{
	double most = 0;

	for (size_t r = 0; r < stack->rows; r++)
		if (stack->values[name * stack->rows + r] > most)
			most = stack->values[name * stack->rows + r];
	return most;
}

/* How many names have more than @name; the earlier of two equal ones. */
static size_t stack_rank(const struct stack *stack, size_t name)
{
	size_t rank = 0;

	for (size_t i = 0; i < stack->count; i++) {
		double other = stack_most(stack, i);
		double own = stack_most(stack, name);

		rank += other > own || (other == own && i < name);
	}
	return rank;
}

static void add_part(const struct stack *stack, size_t name, struct bars *bars,
		     size_t part)
{
	for (size_t r = 0; r < stack->rows; r++)
		bars->bar[r].part[part] +=
			stack->values[name * stack->rows + r];
}

void stack_bars(const struct stack *stack, size_t limit, struct bars *bars)
{
	size_t shown = 0, named;

	for (size_t i = 0; i < stack->count; i++)
		shown += stack_most(stack, i) > 0;
	BUG_ON(bars->parts + limit > BAR_PARTS);
	named = shown > limit ? limit - 1 : shown;
	for (size_t i = 0; i < stack->count; i++) {
		if (stack_rank(stack, i) >= named)
			continue;
		snprintf(bars->part_name[bars->parts],
			 sizeof(bars->part_name[0]), "%s", stack->names[i]);
		add_part(stack, i, bars, bars->parts++);
	}
	if (named == shown)
		return;
	snprintf(bars->part_name[bars->parts], sizeof(bars->part_name[0]),
		 "other");
	for (size_t i = 0; i < stack->count; i++)
		if (stack_rank(stack, i) >= named)
			add_part(stack, i, bars, bars->parts);
	bars->parts++;
}

void stack_clear(struct stack *stack)
{
	free(stack->names);
	free(stack->values);
	*stack = (struct stack){ 0 };
}
