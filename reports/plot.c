/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/plot.h"

#include "reports/plot_kinds.h"
#include "reports/report_set.h"

const struct plot_row plot_rows[] = {
	{ plot_cycles, "A bar is what the processors spend on a frame, by the "
		       "routine that spends it; shorter is cheaper." },
	{ plot_latency,
	  "A point says which share of frames took at most that long; further "
	  "left is faster. What interrupt moderation adds is left out, for it "
	  "is a setting and not the strategy's doing." },
	{ plot_tail,
	  "The same times with room for the slowest: read at 99 what "
	  "all but one frame in a hundred stay below; lower is "
	  "faster." },
	{ plot_stages, "A bar is the mean time of a frame, by what it waited "
		       "for or went through; its parts add up to the whole." },
	{ plot_registers, "Map registers are the memory the operating system "
			  "lends for transfers; a flat top is a pool that ran "
			  "dry." },
	{ plot_rings, "How full the queue to the card is over time; a flat top "
		      "at the ring's size is a ring that ran full." },
	{ plot_capacity, "The rate at which the first resource gives out, its "
			 "name, and how many times the load offered that is; "
			 "longer is better." },
	{ .draw = NULL },
};

const char *plot_side(const struct report_block *block, const char *what,
		      char *buf, size_t size)
{
	static const char *const sides[] = { "tx", "rx", "pairs" };

	snprintf(buf, size, "%s_%s", what, sides[block->kind]);
	return buf;
}

int plot_draw(const struct document *doc, const char *dir, size_t *cut,
	      struct err *err)
{
	const struct report_set set = { .doc = doc };

	return report_set_draw(&set, dir, cut, err);
}

int plot_ascii(const struct document *doc, FILE *out, size_t *cut,
	       struct err *err)
{
	const struct report_set set = { .doc = doc };

	return report_set_ascii(&set, out, cut, err);
}
