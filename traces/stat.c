/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/stat.h"

#include <stdlib.h>

#include "core/rng.h"

#define FLOWS_MAX  (1u << 20)
#define FLOW_SLOTS (2 * FLOWS_MAX)
#define FCS_BYTES  4u

static const struct {
	const char *name;
	uint32_t max; /* bytes with FCS */
} classes[STAT_SIZE_CLASSES] = {
	{ "64", 64 },
	{ "65-127", 127 },
	{ "128-255", 255 },
	{ "256-511", 511 },
	{ "512-1023", 1023 },
	{ "1024-1518", 1518 },
	{ "1519-", UINT32_MAX },
};

const char *trace_stat_class(unsigned i)
{
	return classes[i].name;
}

int trace_stat_init(struct trace_stat *stat, sim_time burst_gap_ps,
		    struct err *err)
{
	*stat = (struct trace_stat){ .burst_gap_ps = burst_gap_ps };
	for (int d = 0; d < 2; d++) {
		hist_init(&stat->sides[d].size_bytes, HIST_BITS_FINE);
		hist_init(&stat->sides[d].gap_ps, HIST_BITS_COARSE);
		hist_init(&stat->sides[d].burst_frames, HIST_BITS_COARSE);
		hist_init(&stat->sides[d].burst_bytes, HIST_BITS_COARSE);
	}
	stat->flow_set = calloc(FLOW_SLOTS, sizeof(*stat->flow_set));
	return stat->flow_set ? 0 : err_nomem(err, "the set of flows");
}

void trace_stat_clear(struct trace_stat *stat)
{
	for (int d = 0; d < 2; d++) {
		hist_clear(&stat->sides[d].size_bytes);
		hist_clear(&stat->sides[d].gap_ps);
		hist_clear(&stat->sides[d].burst_frames);
		hist_clear(&stat->sides[d].burst_bytes);
	}
	free(stat->flow_set);
	stat->flow_set = NULL;
}

/* 0 marks a free slot, so flow 0 is taken for flow 1. */
static void note_flow(struct trace_stat *stat, uint32_t flow)
{
	uint32_t value = flow ? flow : 1;
	uint32_t at = (uint32_t)mix64(value) & (FLOW_SLOTS - 1);

	while (stat->flow_set[at] && stat->flow_set[at] != value)
		at = (at + 1) & (FLOW_SLOTS - 1);
	if (stat->flow_set[at])
		return;
	if (stat->flows == FLOWS_MAX) {
		stat->flows_more = true;
		return;
	}
	stat->flow_set[at] = value;
	stat->flows++;
}

static void close_burst(struct stat_side *side)
{
	if (!side->run_frames)
		return;
	hist_record(&side->burst_frames, side->run_frames);
	hist_record(&side->burst_bytes, side->run_bytes);
	side->run_frames = side->run_bytes = 0;
}

static void close_window(struct stat_side *side)
{
	if (side->window_frames > side->peak_frames)
		side->peak_frames = side->window_frames;
	if (side->window_bytes > side->peak_bytes)
		side->peak_bytes = side->window_bytes;
	side->window_frames = side->window_bytes = 0;
}

static void add_side(struct trace_stat *stat, struct stat_side *side,
		     const struct frame *f)
{
	unsigned c = 0;

	while (f->bytes + FCS_BYTES > classes[c].max)
		c++;
	side->size_classes[c]++;
	hist_record(&side->size_bytes, f->bytes);
	if (side->frames) {
		sim_time gap = f->at - side->last_at;

		hist_record(&side->gap_ps, (uint64_t)gap);
		if (gap > stat->burst_gap_ps)
			close_burst(side);
	}
	side->last_at = f->at;
	side->frames++;
	side->bytes += f->bytes;
	side->run_frames++;
	side->run_bytes += f->bytes;
	side->window_frames++;
	side->window_bytes += f->bytes;
}

void trace_stat_add(struct trace_stat *stat, const struct frame *frames,
		    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct frame *f = &frames[i];

		if (f->at / STAT_WINDOW_PS != stat->window) {
			stat->window = f->at / STAT_WINDOW_PS;
			close_window(&stat->sides[FRAME_TX]);
			close_window(&stat->sides[FRAME_RX]);
		}
		add_side(stat, &stat->sides[f->direction], f);
		stat->supers += (f->flags & FRAME_SUPER) != 0;
		stat->tcp += (f->flags & FRAME_TCP) != 0;
		stat->ack_only += (f->flags & FRAME_ACK_ONLY) != 0;
		stat->multicast += (f->flags & FRAME_MULTICAST) != 0;
		stat->duration_ps = f->at;
		note_flow(stat, f->flow);
	}
}

void trace_stat_finish(struct trace_stat *stat)
{
	for (int d = 0; d < 2; d++) {
		close_burst(&stat->sides[d]);
		close_window(&stat->sides[d]);
	}
}
