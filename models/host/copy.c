/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/copy.h"

#include "core/sim_time.h"

#define LINES_PER_KIB (1024 / COPY_LINE_BYTES)

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Straight-line code takes 1, 2, 4 or 8 lines; the first is apart. */
static const uint8_t near_lines[COPY_NEAR_LINES + 1] = { 0, 0, 1, 3, 3,
							 7, 7, 7, 7 };

static struct copy_lines part_lines(uint64_t lines, uint64_t stream_from,
				    uint64_t ramp)
{
	uint64_t beyond = larger(lines, stream_from) - stream_from;
	uint64_t late = beyond ? beyond * ramp / (beyond + ramp) : 0;

	return (struct copy_lines){
		.near = near_lines[smaller(lines, COPY_NEAR_LINES)],
		.far = larger(smaller(lines, stream_from), COPY_NEAR_LINES) -
		       COPY_NEAR_LINES + late,
		.streamed = beyond - late,
	};
}

struct copy_lines copy_lines(uint64_t bytes, uint64_t stream_from,
			     uint64_t ramp)
{
	return part_lines(copy_lines_of(bytes), stream_from, ramp);
}

static struct copy_level level_of(const struct config *cfg, uint64_t fills,
				  const char *touch, const char *line,
				  const char *stream)
{
	struct copy_level level = {
		.touch = config_u64(cfg, touch),
		.line_per_kib = config_u64(cfg, line),
		.stream_per_kib = config_u64(cfg, stream),
	};

	level.fetch_per_kib =
		larger(level.line_per_kib, level.touch * LINES_PER_KIB / fills);
	if (level.line_per_kib)
		level.ramp = COPY_RAMP_TOUCHES * level.touch * LINES_PER_KIB /
			     level.line_per_kib;
	return level;
}

uint64_t copy_read_lines(const struct copy_level *level, uint64_t lines)
{
	struct copy_lines parts =
		part_lines(lines, COPY_STREAM_LINES, level->ramp);

	return level->touch +
	       (parts.near * level->fetch_per_kib +
		parts.far * level->line_per_kib +
		parts.streamed * level->stream_per_kib + LINES_PER_KIB / 2) /
		       LINES_PER_KIB;
}

uint64_t copy_own_lines(const struct copy *copy, enum residency to,
			uint64_t lines)
{
	return mul_div_u64(copy_read_lines(&copy->level[to], lines),
			   copy->write_ppm, 1000000);
}

void copy_list_prices(struct copy *copy)
{
	unsigned place, lines;

	for (place = 0; place < RESIDENCIES; place++)
		for (lines = 1; lines <= COPY_STREAM_LINES; lines++) {
			struct copy_level *level = &copy->level[place];

			level->read[lines] = copy_read_lines(level, lines);
			level->own[lines] = copy_own_lines(copy, place, lines);
		}
}

void copy_init(struct copy *copy, const struct config *cfg)
{
	uint64_t fills = config_u64(cfg, "host.copy_fills");

	*copy = (struct copy){
		.call_cycles = config_u64(cfg, "host.copy_call"),
		.write_ppm = config_u64(cfg, "host.copy_write"),
		.level = {
			[IN_L2] = level_of(cfg, fills, "host.touch_l2",
					   "host.copy_l2", "host.stream_l2"),
			[IN_LLC] = level_of(cfg, fills, "host.touch_llc",
					    "host.copy_llc", "host.stream_llc"),
			[IN_DRAM] = level_of(cfg, fills, "host.touch_dram",
					     "host.copy_dram",
					     "host.stream_dram"),
		},
	};
	copy_list_prices(copy);
}
