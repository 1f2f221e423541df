/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim breakeven, between its files: breakeven.c has the command line;
 * breakeven_size.c, breakeven_threshold.c and breakeven_price.c an answer each;
 * breakeven_out.c text, JSON, CSV and plots.
 *
 * All figures are of two transmit strategies, one that maps and one that
 * copies, on identical frames in identical memory: replicate r of both has the
 * same draws.  Differences are mapped less copied, in driver cycles per frame
 * sent: below zero, mapping is cheaper.
 */
#ifndef CMD_BREAKEVEN_H
#define CMD_BREAKEVEN_H

#include "cmd/estimate.h"
#include "cmd/price_file.h"
#include "cmd/question.h"

#define BREAKEVEN_SIZES_MAX	 128
#define BREAKEVEN_CROSSINGS_MAX	 8
#define BREAKEVEN_THRESHOLDS_MAX 32
#define BREAKEVEN_MEASURES	 3
#define BREAKEVEN_VARIANTS_MAX	 24

/* Answer 1: one more frame of a size. */
struct size_point {
	uint64_t bytes;
	uint64_t speed; /* of the capture's rate, millionths: less than one
			   where a strategy does not keep up with it */
	struct estimate mapped, copied, difference;
};

struct size_answer {
	struct size_point points[BREAKEVEN_SIZES_MAX];
	size_t count;
	struct crossing crossings[BREAKEVEN_CROSSINGS_MAX];
	size_t crossing_count;
	/* What the intervals of --price add to that of the first crossing, half
	   its width, bytes; NAN: nothing was said. */
	double price_half;
};

/* Answer 2: thresholds of the hybrid strategy on the capture. */
struct threshold_excess {
	double value;		    /* of the measure, mean over replicates */
	double excess;		    /* over the best, a share */
	double replicates, traffic; /* half widths of the excess; NAN: none */
};

struct threshold_point {
	uint64_t bytes, until; /* the same frames are copied up to there */
	struct threshold_excess by[BREAKEVEN_MEASURES];
};

struct threshold_answer {
	struct threshold_point points[BREAKEVEN_THRESHOLDS_MAX];
	size_t count, blocks;
	/* Indices: the best, and the plateau of points next to each other
	   within 1 % of it; those surely in it, and those surely out of it. */
	struct threshold_plateau {
		size_t best, low, high;
		size_t sure_low, sure_high, maybe_low, maybe_high;
	} by[BREAKEVEN_MEASURES];
};

extern const struct breakeven_measure {
	const char *name, *title, *metric, *unit;
	double scale; /* of the metric's unit in the unit's */
} breakeven_measures[BREAKEVEN_MEASURES];

/* Answer 3: the price of mapping at which both cost the same. */
struct price_point {
	uint64_t bytes;
	struct estimate difference; /* at today's price */
	struct estimate price;	    /* of mapping, cycles per frame */
	/* Today's price times this; without an estimate when it is not paid at
	   all.  Below zero copying wins even where mapping is free. */
	struct estimate factor;
	bool priced;
};

struct price_variant {
	const char *axis, *value; /* "layout.tx_source", "file" */
	const char *sets[3];	  /* KEY=VALUE; NULL ends */
	bool as_is;		  /* what the machine has anyway */
	char why[256];		  /* it cannot run so: no points */
	struct price_point points[BREAKEVEN_SIZES_MAX];
	size_t count;
};

struct price_answer {
	struct price_variant variants[BREAKEVEN_VARIANTS_MAX];
	size_t count;
};

struct breakeven_machine {
	const struct options_machine *of;
	char why[512]; /* the pair cannot run on it: no answers */
	bool has_sizes, has_thresholds, has_prices; /* else interrupted */
	struct size_answer sizes;
	struct threshold_answer thresholds;
	char no_thresholds[512]; /* why there are none */
	struct price_answer prices;
};

struct breakeven {
	struct question ask;
	const char *price_path; /* NULL: none */
	uint64_t frames;	/* of a trial at one size */
	uint64_t capture_frames;
	uint64_t sizes[BREAKEVEN_SIZES_MAX]; /* --sizes; count 0: default */
	size_t size_count;

	struct price_file prices;
	const struct tx_ops *mapped, *copied, *hybrid;
	const struct rx_ops *rx;
	uint64_t rate_bps, tx_ppm;	   /* of the capture */
	struct breakeven_machine *answers; /* one a machine */
};

int breakeven_size(const struct breakeven *study, const struct config *cfg,
		   struct size_answer *answer, struct err *err);
int breakeven_threshold(const struct breakeven *study, const struct config *cfg,
			struct threshold_answer *answer, struct err *err);
int breakeven_price(const struct breakeven *study, const struct config *cfg,
		    struct price_answer *answer, struct err *err);
int breakeven_write(const struct breakeven *study, struct err *err);
int breakeven_draw(const struct breakeven *study, struct err *err);

/*
 * Both strategies on generated frames of @bytes in replicate @replicate: driver
 * cycles of a frame sent.  The rate is halved until both keep up.
 */
struct size_pair {
	double mapped, copied;
	uint64_t speed;
};
int breakeven_pair(const struct breakeven *study, const struct config *cfg,
		   uint64_t bytes, unsigned replicate, struct size_pair *pair,
		   struct err *err);

#endif
