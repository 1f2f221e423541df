/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "core/units.h"
#include "reports/table.h"
#include "reports/way_out.h"

#define STAGES_MAX (2 * OBSERVED_STAGES)

static const char *show(sim_time ps, char text[UNITS_TEXT_MAX])
{
	return units_human(QTY_TIME, (double)ps, 4, text, UNITS_TEXT_MAX);
}

/* Aligned: microseconds with three digits. */
static void time_cell(struct table *table, sim_time ps)
{
	sim_time ns = (ps + PS_PER_NS / 2) / PS_PER_NS;

	table_cellf(table, "%" PRId64 ".%03" PRId64, (int64_t)(ns / 1000),
		    (int64_t)(ns % 1000));
}

static int finish(struct table *table, FILE *out, struct err *err)
{
	int rc = table_print(table, out, err);

	table_free(table);
	return rc;
}

static bool is_tx(const struct way_part *part)
{
	return part->end.direction == FRAME_TX;
}

/* --- headlines --- */

static void print_name(const struct way_row *row, FILE *out)
{
	fprintf(out, "%s, %s and %s", row->machine, row->tx, row->rx);
}

static void print_verdict(const struct way_part *part, FILE *out)
{
	const struct observed *end = &part->end;
	char text[UNITS_TEXT_MAX];

	if (!part->ended) {
		fputs("still under way", out);
		return;
	}
	fputs(observed_verdicts[end->verdict], out);
	if (*end->why)
		fprintf(out, ": %s", end->why);
	if (end->delivered >= 0)
		fprintf(out, ", %s %s", show(end->delivered - end->at, text),
			is_tx(part) ? "to the last bit on the wire"
				    : "to the indication");
	if (end->verdict != VERDICT_DROPPED)
		fprintf(out, ", %s %s", show(end->end - end->at, text),
			is_tx(part) ? "to completion"
				    : "to the buffer's return");
}

static void print_title(const struct way_rows *rows, FILE *out)
{
	const struct way_part *part = NULL;
	char text[UNITS_TEXT_MAX];
	size_t i;

	for (i = 0; i < rows->count && !part; i++)
		part = rows->list[i].way.head;
	fprintf(out, "frame %" PRIu64, rows->number);
	if (part)
		fprintf(out, ": %s, %" PRIu32 " bytes, %s %s after the first",
			is_tx(part) ? "sent" : "received", part->end.bytes,
			is_tx(part) ? "offered" : "in",
			show(part->end.at, text));
	fputc('\n', out);
}

/* --- side by side --- */

/* The first part of each is compared: the others are in the details. */
static sim_time spent(const struct way_part *part, const char *stage)
{
	const struct way_step *step;
	sim_time ps = 0;

	for (step = part->steps; step; step = step->next)
		if (!strcmp(step->stage, stage))
			ps += step->to - step->from;
	return ps;
}

static size_t list_stages(const struct way_rows *rows, const char **stages)
{
	size_t i, j, count = 0;

	for (i = 0; i < rows->count; i++) {
		const struct way_part *part = rows->list[i].way.head;
		const struct way_step *step = part ? part->steps : NULL;

		for (; step; step = step->next) {
			for (j = 0; j < count; j++)
				if (!strcmp(stages[j], step->stage))
					break;
			if (j == count && count < STAGES_MAX)
				stages[count++] = step->stage;
		}
	}
	return count;
}

static void compare_row(const struct way_rows *rows, struct table *table,
			const char *stage)
{
	size_t i;

	table_cell(table, stage ? stage : "sum");
	for (i = 0; i < rows->count; i++) {
		const struct way_part *part = rows->list[i].way.head;

		if (!part || !part->ended)
			table_cell(table, "-");
		else
			time_cell(table, stage ? spent(part, stage)
					       : part->end.end - part->end.at);
	}
}

static int print_comparison(const struct way_rows *rows, FILE *out,
			    struct err *err)
{
	const char *stages[STAGES_MAX];
	size_t count = list_stages(rows, stages), i;
	struct table *table = table_new(err);
	char name[24];

	if (!table)
		return -1;
	fputc('\n', out);
	for (i = 0; i < rows->count; i++) {
		fprintf(out, "  (%zu) ", i + 1);
		print_name(&rows->list[i], out);
		fputs(": ", out);
		if (rows->list[i].why)
			fputs(rows->list[i].why, out);
		else if (rows->list[i].way.head)
			print_verdict(rows->list[i].way.head, out);
		fputc('\n', out);
	}
	fputc('\n', out);
	table_column(table, TABLE_LEFT, "us");
	for (i = 0; i < rows->count; i++) {
		snprintf(name, sizeof(name), "(%zu)", i + 1);
		table_column(table, TABLE_RIGHT, name);
	}
	for (i = 0; i < count; i++)
		compare_row(rows, table, stages[i]);
	compare_row(rows, table, NULL);
	return finish(table, out, err);
}

/* --- in full --- */

static int print_steps(const struct way_part *part, FILE *out, struct err *err)
{
	struct table *table = table_new(err);
	const struct way_step *step;

	if (!table)
		return -1;
	table_column(table, TABLE_RIGHT, "from us");
	table_column(table, TABLE_RIGHT, "took us");
	table_column(table, TABLE_LEFT, "stage");
	table_column(table, TABLE_LEFT, "core");
	table_column(table, TABLE_LEFT, "meanwhile");
	for (step = part->steps; step; step = step->next) {
		time_cell(table, step->from - part->end.at);
		time_cell(table, step->to - step->from);
		table_cell(table, step->stage);
		if (step->core < 0)
			table_cell(table, "");
		else
			table_cellf(table, "%d", step->core);
		table_cell(table, step->detail);
	}
	table_cell(table, "");
	time_cell(table, part->end.end - part->end.at);
	table_cell(table, "sum");
	table_cell(table, "");
	table_cell(table, "");
	return finish(table, out, err);
}

static void print_memory(const struct observed_memory *memory, FILE *out)
{
	fprintf(out,
		"memory: %s; %" PRIu32 " pages, %" PRIu32
		" of them above 4 GiB, %" PRIu32 " bounced (%" PRIu32
		" bytes); %" PRIu32 " map registers, %" PRIu32
		" elements, %" PRIu32 " descriptors",
		memory->how, memory->pages, memory->pages_high,
		memory->bounced_pages, memory->bounced_bytes, memory->registers,
		memory->elements, memory->descriptors);
	if (*memory->residency)
		fprintf(out, "; read from %s", memory->residency);
	fputs("\nPCIe, data only: ", out);
	if (memory->writes)
		fprintf(out, "%" PRIu64 " writes, ", memory->writes);
	else
		fprintf(out,
			"%" PRIu64 " read requests, %" PRIu64 " completions, ",
			memory->requests, memory->completions);
	fprintf(out, "%" PRIu64 " bytes up, %" PRIu64 " down\n",
		memory->up_bytes, memory->down_bytes);
}

static int print_calls(const struct way_part *part, FILE *out, struct err *err)
{
	const struct way_call *call = part->calls;
	struct table *table;
	uint64_t cycles = 0;

	if (!call)
		return 0;
	table = table_new(err);
	if (!table)
		return -1;
	table_column(table, TABLE_RIGHT, "called us");
	table_column(table, TABLE_LEFT, "routine");
	table_column(table, TABLE_RIGHT, "cycles");
	table_column(table, TABLE_RIGHT, "core");
	table_column(table, TABLE_LEFT, "IRQL");
	table_column(table, TABLE_LEFT, "stage");
	for (; call; call = call->next) {
		time_cell(table, call->at - part->end.at);
		table_cell(table, call->routine);
		table_cellf(table, "%" PRIu64, call->cycles);
		table_cellf(table, "%u", call->core);
		table_cell(table, call->irql);
		table_cell(table, call->stage);
		cycles += call->cycles;
	}
	table_cell(table, "");
	table_cell(table, "sum");
	table_cellf(table, "%" PRIu64, cycles);
	table_cell(table, "");
	table_cell(table, "");
	table_cell(table, "");
	fputc('\n', out);
	return finish(table, out, err);
}

static int print_part(const struct way_row *row, const struct way_part *part,
		      FILE *out, struct err *err)
{
	fputc('\n', out);
	print_name(row, out);
	if (part->next || part->end.part)
		fprintf(out, ", piece %" PRIu32 " of %" PRIu32 " bytes",
			part->end.part, part->end.bytes);
	fputs(": ", out);
	print_verdict(part, out);
	fputs("\n\n", out);
	if (part->steps && print_steps(part, out, err) < 0)
		return -1;
	if (part->has_memory) {
		fputc('\n', out);
		print_memory(&part->memory, out);
	}
	return print_calls(part, out, err);
}

int way_text_write(const void *what, FILE *out, struct err *err)
{
	const struct way_rows *rows = what;
	const struct way_part *part;
	size_t i;

	print_title(rows, out);
	if (rows->count > 1 && print_comparison(rows, out, err) < 0)
		return -1;
	for (i = 0; i < rows->count; i++)
		for (part = rows->list[i].way.head; part; part = part->next)
			if (print_part(&rows->list[i], part, out, err) < 0)
				return -1;
	return 0;
}
