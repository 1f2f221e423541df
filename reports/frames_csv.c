/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/frames_csv.h"

#include <inttypes.h>
#include <string.h>

/* --- columns --- */

/* The column of stage @name, a new one if there is none yet. */
static unsigned column_of(struct frames_csv *csv, const char *name)
{
	unsigned i;

	for (i = 0; i < csv->columns; i++)
		if (!strcmp(csv->name[i], name))
			return i;
	BUG_ON(i == FRAMES_CSV_COLUMNS);
	csv->columns++;
	csv->name[i] = name;
	csv->stage[FRAME_TX][i] = csv->stage[FRAME_RX][i] = -1;
	return i;
}

static void begin(struct frames_csv *csv)
{
	int direction, stage;
	unsigned i;

	for (direction = FRAME_TX; direction <= FRAME_RX; direction++) {
		const char *const *names = csv->base.names->stages[direction];

		for (stage = 0; names[stage]; stage++)
			csv->stage[direction][column_of(csv, names[stage])] =
				stage;
	}
	fputs("number,part,direction,bytes,verdict,why,at_ps,delivered_ps,"
	      "latency_ps",
	      csv->out);
	for (i = 0; i < csv->columns; i++)
		fprintf(csv->out, ",%s_ps", csv->name[i]);
	for (i = 0; i < csv->columns; i++)
		fprintf(csv->out, ",%s_at_ps", csv->name[i]);
	fputc('\n', csv->out);
}

/* --- lines --- */

static void put_time(FILE *out, sim_time ps)
{
	fprintf(out, ",%" PRId64, (int64_t)ps);
}

static void put_stages(const struct frames_csv *csv,
		       const struct observed *frame)
{
	const int *stage = csv->stage[frame->direction];
	unsigned i;

	for (i = 0; i < csv->columns; i++)
		if (stage[i] < 0)
			fputc(',', csv->out);
		else
			put_time(csv->out, frame->stage_ps[stage[i]]);
	for (i = 0; i < csv->columns; i++)
		if (stage[i] < 0 || frame->stage_end[stage[i]] < 0)
			fputc(',', csv->out);
		else
			put_time(csv->out,
				 frame->stage_end[stage[i]] - frame->at);
}

static void put_frame(const struct frames_csv *csv,
		      const struct observed *frame)
{
	FILE *out = csv->out;

	fprintf(out, "%" PRIu64 ",%" PRIu32 ",%s,%" PRIu32 ",%s,%s",
		frame->number, frame->part,
		frame->direction == FRAME_TX ? "tx" : "rx", frame->bytes,
		observed_verdicts[frame->verdict], frame->why);
	put_time(out, frame->at);
	if (frame->delivered < 0)
		fputc(',', out);
	else
		put_time(out, frame->delivered - frame->at);
	put_time(out, frame->end - frame->at);
	put_stages(csv, frame);
	fputc('\n', out);
}

static void see(struct observer *base, const struct observation *seen)
{
	struct frames_csv *csv = (struct frames_csv *)base;

	if (seen->kind == SEEN_START)
		begin(csv);
	else if (seen->kind == SEEN_END)
		put_frame(csv, seen->frame);
}

void frames_csv_init(struct frames_csv *csv, FILE *out)
{
	*csv = (struct frames_csv){
		.base = { .last = UINT64_MAX, .see = see },
		.out = out,
	};
}
