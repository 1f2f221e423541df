/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim breakeven: from which size on one more mapped frame is cheaper than
 * one more copied frame.
 *
 * Frames of one size, as many sent as in the capture and at its bit rate, by
 * exponential gaps; a replicate has arrivals, layout, holds and phases of its
 * own.  First over a coarse list of sizes; then, where the difference changes
 * sign or its band holds zero, over finer ones; then by bisection to the byte,
 * since costs have steps.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/breakeven.h"
#include "cmd/tables.h"
#include "traces/trace.h"

#define FINEST_BYTES   16 /* a cache line has four: copies go by lines */
#define FINER_PARTS    8
#define HALVINGS_MAX   10
#define BISECTIONS_MAX 10
#define LATE_PARTS     20 /* of the offered time: 5 % */

static const uint64_t coarse_sizes[] = { 64,  96,  128,	 192,  256, 384,
					 512, 768, 1024, 1280, 1514 };
/* Beyond the MTU: sends of a card that cuts them itself. */
static const uint64_t large_sizes[] = { 2048, 4096, 8192, 16384, 32768, 65000 };

/* Traffic as the machine would see it, without the capture's transforms. */
static struct config *traffic_config(const struct config *cfg, struct err *err)
{
	static const char *const keys[] = { "traffic.mtu",
					    "traffic.superframes", NULL };
	struct config *own = tables_config(err);
	char text[CONFIG_TEXT_MAX];
	const char *const *key;

	for (key = keys; own && *key; key++) {
		config_text(cfg, *key, text, sizeof(text));
		if (config_set(own, *key, text, "capture", err) < 0) {
			config_free(own);
			return NULL;
		}
	}
	return own;
}

static int generate(const struct breakeven *study, const struct config *cfg,
		    uint64_t bytes, unsigned replicate, struct workload *load,
		    struct err *err)
{
	struct config *own = traffic_config(cfg, err);
	const char *path;
	char text[256];
	int rc;

	if (!own)
		return -1;
	snprintf(text, sizeof(text),
		 "gen:poisson,proto=tcp,rate=%" PRIu64 "bps,size=%" PRIu64
		 ",frames=%" PRIu64 ",tx=%" PRIu64 ".%04" PRIu64
		 "%%,seed=%" PRIu64,
		 study->rate_bps, bytes, study->frames, study->tx_ppm / 10000,
		 study->tx_ppm % 10000,
		 (study->ask.options.seed << 10 | replicate) + 1);
	path = text;
	rc = workload_read(load, &path, 1, own, study->frames, err);
	config_free(own);
	return rc;
}

static void read_cost(void *ctx, const struct run_result *run)
{
	double *cost = ctx;
	const struct ratio *ratio =
		trial_metric(run, "tx.driver_cycles_per_frame", METRIC_RATIO);

	*cost = ratio->den ? (double)ratio->num / (double)ratio->den : NAN;
}

static bool keeps_up(const struct trial_result *run)
{
	return !run->dropped && !run->deadlock &&
	       run->end_ps <= run->duration_ps + run->duration_ps / LATE_PARTS +
				      PS_PER_MS;
}

/* Both at @speed; *@both: neither falls behind. */
static int run_both(const struct breakeven *study, struct trial *trial,
		    uint64_t speed, struct size_pair *pair, bool *both,
		    struct err *err)
{
	struct trial_result mapped, copied;

	trial->tx = study->mapped;
	trial->ctx = &pair->mapped;
	if (trial_run(trial, speed, &mapped, err) < 0)
		return -1;
	trial->tx = study->copied;
	trial->ctx = &pair->copied;
	if (trial_run(trial, speed, &copied, err) < 0)
		return -1;
	pair->speed = speed;
	*both = keeps_up(&mapped) && keeps_up(&copied);
	return 0;
}

int breakeven_pair(const struct breakeven *study, const struct config *cfg,
		   uint64_t bytes, unsigned replicate, struct size_pair *pair,
		   struct err *err)
{
	struct workload load;
	struct trial trial = { .cfg = cfg,
			       .rx = study->rx,
			       .seed = study->ask.options.seed,
			       .replicate = replicate,
			       .laps = 1,
			       .read = read_cost };
	bool both = false;
	unsigned i;
	int rc = 0;

	if (generate(study, cfg, bytes, replicate, &load, err) < 0)
		return -1;
	trial.frames = load.sample.frames;
	trial.count = load.sample.count;
	/* At an interrupt there are none. */
	for (i = 0; i <= HALVINGS_MAX && !rc && !both && trial.count; i++)
		rc = run_both(study, &trial, TRIAL_SPEED_ONE >> i, pair, &both,
			      err);
	workload_clear(&load);
	return rc;
}

/* --- many sizes --- */

struct scan {
	const struct breakeven *study;
	const struct config *cfg;
	const uint64_t *sizes;
	unsigned replicates;
	struct size_pair *pairs; /* [size][replicate] */
};

static int scan_piece(void *ctx, size_t index, struct err *err)
{
	struct scan *scan = ctx;

	return breakeven_pair(
		scan->study, scan->cfg, scan->sizes[index / scan->replicates],
		(unsigned)(index % scan->replicates), &scan->pairs[index], err);
}

static void estimate_point(const struct size_pair *pairs, unsigned replicates,
			   struct size_point *point)
{
	double mapped[1024], copied[1024];
	unsigned r;

	BUG_ON(replicates > 1024);
	point->speed = TRIAL_SPEED_ONE;
	for (r = 0; r < replicates; r++) {
		mapped[r] = pairs[r].mapped;
		copied[r] = pairs[r].copied;
		if (pairs[r].speed < point->speed)
			point->speed = pairs[r].speed;
	}
	point->mapped = estimate_of(mapped, replicates);
	point->copied = estimate_of(copied, replicates);
	point->difference = estimate_difference(mapped, copied, replicates);
}

static int scan_sizes(const struct breakeven *study, const struct config *cfg,
		      const uint64_t *sizes, size_t count, unsigned replicates,
		      struct size_point *points, struct err *err)
{
	struct scan scan = { study, cfg, sizes, replicates, NULL };
	size_t i;
	int rc;

	scan.pairs = calloc(count * replicates, sizeof(*scan.pairs));
	if (!scan.pairs)
		return err_nomem(err, "sizes");
	rc = question_share(&study->ask, "sizes", count * replicates,
			    scan_piece, &scan, err);
	for (i = 0; !rc && i < count; i++) {
		points[i].bytes = sizes[i];
		estimate_point(&scan.pairs[i * replicates], replicates,
			       &points[i]);
	}
	free(scan.pairs);
	return rc;
}

/* Whether the sign between two neighbours is not settled. */
static bool is_open(const struct size_point *a, const struct size_point *b)
{
	const struct estimate *from = &a->difference, *to = &b->difference;

	return (from->mean > 0) != (to->mean > 0) ||
	       fabs(from->mean) <= from->half || fabs(to->mean) <= to->half;
}

/* Sizes between the neighbours that are open, as far as there is room. */
static size_t finer_sizes(const struct size_answer *answer, uint64_t *out)
{
	size_t room = BREAKEVEN_SIZES_MAX - answer->count, count = 0, i;

	for (i = 0; i + 1 < answer->count; i++) {
		uint64_t low = answer->points[i].bytes;
		uint64_t high = answer->points[i + 1].bytes, step, size;

		if (!is_open(&answer->points[i], &answer->points[i + 1]))
			continue;
		step = (high - low) / FINER_PARTS;
		if (step < FINEST_BYTES)
			step = FINEST_BYTES;
		for (size = low + step; size < high && count < room;
		     size += step)
			out[count++] = size;
	}
	return count;
}

/* The middle between neighbours of which one is cheaper mapped, one copied. */
static size_t middle_sizes(const struct size_answer *answer, uint64_t *out)
{
	size_t room = BREAKEVEN_SIZES_MAX - answer->count, count = 0, i;

	for (i = 0; i + 1 < answer->count && count < room; i++) {
		const struct size_point *a = &answer->points[i], *b = a + 1;

		if ((a->difference.mean > 0) != (b->difference.mean > 0) &&
		    b->bytes - a->bytes > 1)
			out[count++] = (a->bytes + b->bytes) / 2;
	}
	return count;
}

static int by_size(const void *a, const void *b)
{
	const struct size_point *x = a, *y = b;

	return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

static void find_crossings(struct size_answer *answer)
{
	struct curve_point curve[BREAKEVEN_SIZES_MAX];
	size_t i;

	for (i = 0; i < answer->count; i++) {
		curve[i].x = (double)answer->points[i].bytes;
		curve[i].y = answer->points[i].difference;
	}
	answer->crossing_count =
		curve_crossings(curve, answer->count, answer->crossings,
				BREAKEVEN_CROSSINGS_MAX);
}

static size_t first_sizes(const struct breakeven *study,
			  const struct config *cfg, uint64_t *out)
{
	size_t coarse = sizeof(coarse_sizes) / sizeof(coarse_sizes[0]);
	size_t large = sizeof(large_sizes) / sizeof(large_sizes[0]), i;

	if (study->size_count) {
		memcpy(out, study->sizes, study->size_count * sizeof(*out));
		return study->size_count;
	}
	memcpy(out, coarse_sizes, sizeof(coarse_sizes));
	if (!config_bool(cfg, "nic.lso"))
		return coarse;
	for (i = 0; i < large; i++)
		if (large_sizes[i] <= config_u64(cfg, "hal.max_mapping"))
			out[coarse++] = large_sizes[i];
	return coarse;
}

/* The first crossing of the curve at one price of --price; false: none. */
static int crossing_at(const struct breakeven *study, const struct config *cfg,
		       size_t price, int sign, const struct size_answer *base,
		       double *at, struct err *err)
{
	struct size_answer *shifted = calloc(1, sizeof(*shifted));
	struct config *own = config_copy(cfg, err);
	uint64_t sizes[BREAKEVEN_SIZES_MAX];
	size_t i;
	int rc = -1;

	*at = NAN;
	if (shifted && own &&
	    !price_file_apply(&study->prices, own, price, sign, err)) {
		for (i = 0; i < base->count; i++)
			sizes[i] = base->points[i].bytes;
		shifted->count = base->count;
		rc = scan_sizes(study, own, sizes, base->count, 1,
				shifted->points, err);
	} else if (!shifted) {
		err_nomem(err, "sizes");
	}
	if (!rc)
		find_crossings(shifted);
	if (!rc && shifted->crossing_count)
		*at = shifted->crossings[0].at;
	free(shifted);
	config_free(own);
	return rc;
}

/* The interval of each measured price moves the crossing; as root of squares.
 */
static int price_interval(const struct breakeven *study,
			  const struct config *cfg, struct size_answer *answer,
			  struct err *err)
{
	double squares = 0, low, high;
	size_t i;

	answer->price_half = NAN;
	if (!answer->crossing_count)
		return 0;
	for (i = 0; i < study->prices.count; i++) {
		if (!study->prices.list[i].interval[0])
			continue;
		if (crossing_at(study, cfg, i, -1, answer, &low, err) < 0 ||
		    crossing_at(study, cfg, i, 1, answer, &high, err) < 0)
			return -1;
		squares += (high - low) * (high - low) / 4;
		answer->price_half = sqrt(squares);
	}
	return 0;
}

/* Add @sizes, of which there may be none. */
static int add_sizes(const struct breakeven *study, const struct config *cfg,
		     const uint64_t *sizes, size_t count,
		     struct size_answer *answer, struct err *err)
{
	if (count && scan_sizes(study, cfg, sizes, count, study->ask.replicates,
				answer->points + answer->count, err) < 0)
		return -1;
	answer->count += count;
	qsort(answer->points, answer->count, sizeof(*answer->points), by_size);
	return 0;
}

int breakeven_size(const struct breakeven *study, const struct config *cfg,
		   struct size_answer *answer, struct err *err)
{
	uint64_t sizes[BREAKEVEN_SIZES_MAX];
	size_t count = first_sizes(study, cfg, sizes);
	unsigned round;

	answer->count = 0;
	if (add_sizes(study, cfg, sizes, count, answer, err) < 0)
		return -1;
	count = finer_sizes(answer, sizes);
	for (round = 0; count && round <= BISECTIONS_MAX; round++) {
		if (add_sizes(study, cfg, sizes, count, answer, err) < 0)
			return -1;
		count = middle_sizes(answer, sizes);
	}
	find_crossings(answer);
	return price_interval(study, cfg, answer, err);
}
