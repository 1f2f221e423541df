/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim breakeven: the best threshold of the hybrid strategy on the capture.
 *
 * Thresholds that copy the same frames are one.  Each is run on the whole
 * sample in every replicate; the interval over replicates is that of the
 * paired excess over the best.  What the excess owes to this stretch of traffic
 * is told by a block bootstrap: the sample is cut into windows, each window is
 * run by itself with each threshold, and windows are drawn with replacement.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/breakeven.h"
#include "core/hist.h"
#include "core/rng.h"

#define BLOCKS_MAX	 16
#define BLOCK_FRAMES_MIN 250
#define RESAMPLES	 400
#define PLATEAU		 0.01

const struct breakeven_measure breakeven_measures[BREAKEVEN_MEASURES] = {
	{ "driver_cycles", "driver cycles per frame",
	  "tx.driver_cycles_per_frame", "cycles", 1 },
	{ "latency_mean", "mean latency",
	  "tx.latency_complete_less_moderation_ps", "ps", 1 },
	{ "latency_p99", "p99 latency",
	  "tx.latency_complete_less_moderation_ps", "ps", 1 },
};

static const uint64_t candidates[] = { 0,    64,   96,	 128,	192,   256,
				       384,  512,  768,	 1024,	1280,  1514,
				       2048, 4096, 8192, 16384, 32768, 65536 };

/* What a run of a threshold adds to a sum over windows. */
struct reading {
	double cycles, frames;
	struct hist latency;
};

struct thresholds {
	const struct breakeven *study;
	struct threshold_answer *answer;
	struct config *cfgs[BREAKEVEN_THRESHOLDS_MAX]; /* owned */
	struct reading *whole; /* [threshold][replicate] */
	struct reading *parts; /* [threshold][block] */
};

static uint64_t copied_frames(const struct sample *sample, uint64_t threshold)
{
	uint64_t copied = 0;
	size_t i;

	for (i = 0; i < sample->count; i++)
		copied += sample->frames[i].direction == FRAME_TX &&
			  sample->frames[i].bytes <= threshold;
	return copied;
}

static void choose(const struct sample *sample, struct threshold_answer *answer)
{
	uint64_t before = UINT64_MAX, copied;
	size_t i;

	answer->count = 0;
	for (i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		copied = copied_frames(sample, candidates[i]);
		if (copied != before)
			answer->points[answer->count++].bytes = candidates[i];
		answer->points[answer->count - 1].until = candidates[i];
		before = copied;
	}
}

static void read_run(void *ctx, const struct run_result *run)
{
	struct reading *reading = ctx;
	const struct ratio *ratio =
		trial_metric(run, breakeven_measures[0].metric, METRIC_RATIO);
	const struct hist *hist =
		trial_metric(run, breakeven_measures[1].metric, METRIC_HIST);

	reading->cycles = (double)ratio->num;
	reading->frames = (double)ratio->den;
	hist_init(&reading->latency, hist->bits);
	hist_merge(&reading->latency, hist);
}

static int run_part(const struct thresholds *t, size_t threshold,
		    unsigned replicate, size_t first, size_t count,
		    struct reading *reading, struct err *err)
{
	const struct breakeven *study = t->study;
	struct trial trial = question_trial(&study->ask, t->cfgs[threshold],
					    study->hybrid, study->rx);
	struct trial_result result;

	trial.replicate = replicate;
	trial.frames += first;
	trial.count = count;
	trial.read = read_run;
	trial.ctx = reading;
	return trial_run(&trial, TRIAL_SPEED_ONE, &result, err);
}

/* First the whole sample, replicate by replicate, then its windows. */
static int run_piece(void *ctx, size_t index, struct err *err)
{
	struct thresholds *t = ctx;
	const struct question *ask = &t->study->ask;
	size_t count = ask->load.sample.count, blocks = t->answer->blocks;
	size_t wholes = t->answer->count * ask->replicates, block, first;

	if (index < wholes)
		return run_part(t, index / ask->replicates,
				(unsigned)(index % ask->replicates), 0, count,
				&t->whole[index], err);
	index -= wholes;
	block = index % blocks;
	first = count * block / blocks;
	return run_part(t, index / blocks, 0, first,
			count * (block + 1) / blocks - first, &t->parts[index],
			err);
}

static void figures_of(const struct reading *sum,
		       double values[BREAKEVEN_MEASURES])
{
	values[0] = sum->frames > 0 ? sum->cycles / sum->frames : 0;
	values[1] = hist_mean(&sum->latency);
	values[2] = (double)hist_quantile(&sum->latency, 990000);
}

/* Figures of @points when window i counts @times[i] times. */
static void figures_of_blocks(const struct thresholds *t, size_t threshold,
			      const unsigned *times,
			      double values[BREAKEVEN_MEASURES])
{
	const struct reading *parts = &t->parts[threshold * t->answer->blocks];
	struct reading sum = { 0 };
	size_t block;
	unsigned k;

	hist_init(&sum.latency, parts[0].latency.bits);
	for (block = 0; block < t->answer->blocks; block++) {
		sum.cycles += times[block] * parts[block].cycles;
		sum.frames += times[block] * parts[block].frames;
		for (k = 0; k < times[block]; k++)
			hist_merge(&sum.latency, &parts[block].latency);
	}
	figures_of(&sum, values);
	hist_clear(&sum.latency);
}

/* Mean over the replicates, the best, and the paired excess over it. */
static void over_replicates(const struct thresholds *t, size_t measure)
{
	struct threshold_answer *answer = t->answer;
	struct threshold_plateau *plateau = &answer->by[measure];
	unsigned replicates = t->study->ask.replicates, r;
	double(*values)[BREAKEVEN_MEASURES];
	double excess[1024];
	size_t i;

	values = calloc(answer->count * replicates, sizeof(*values));
	if (!values)
		out_of_memory("%zu thresholds", answer->count);
	plateau->best = 0;
	for (i = 0; i < answer->count; i++) {
		struct threshold_excess *to = &answer->points[i].by[measure];

		to->value = 0;
		for (r = 0; r < replicates; r++) {
			figures_of(&t->whole[i * replicates + r],
				   values[i * replicates + r]);
			to->value += values[i * replicates + r][measure] /
				     replicates;
		}
		if (to->value < answer->points[plateau->best].by[measure].value)
			plateau->best = i;
	}
	for (i = 0; i < answer->count; i++) {
		double(*best)[BREAKEVEN_MEASURES] =
			&values[plateau->best * replicates];
		struct estimate estimate;

		for (r = 0; r < replicates; r++)
			excess[r] =
				best[r][measure] > 0
					? values[i * replicates + r][measure] /
							  best[r][measure] -
						  1
					: 0;
		estimate = estimate_of(excess, replicates);
		answer->points[i].by[measure].excess = estimate.mean;
		answer->points[i].by[measure].replicates = estimate.half;
	}
	free(values);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* How often each window is drawn in resample @k. */
static void draw(const struct thresholds *t, unsigned k, unsigned *times)
{
	struct rng_stream stream;
	size_t blocks = t->answer->blocks, i;

	memset(times, 0, BLOCKS_MAX * sizeof(*times));
	rng_stream_init(&stream, t->study->ask.options.seed, 0xb007, k);
	for (i = 0; i < blocks; i++)
		times[rng_below(rng_draw(&stream, i), blocks)]++;
}

/* Half of the middle 95 % of the excess, for one threshold and its best. */
static void over_traffic(struct thresholds *t, size_t threshold)
{
	struct threshold_answer *answer = t->answer;
	double drawn[BREAKEVEN_MEASURES][RESAMPLES];
	unsigned times[BLOCKS_MAX], k;
	size_t m;

	for (k = 0; k < RESAMPLES; k++) {
		double own[BREAKEVEN_MEASURES],
			best[BREAKEVEN_MEASURES] = { 0 };

		draw(t, k, times);
		figures_of_blocks(t, threshold, times, own);
		for (m = 0; m < BREAKEVEN_MEASURES; m++) {
			if (!m || answer->by[m].best != answer->by[m - 1].best)
				figures_of_blocks(t, answer->by[m].best, times,
						  best);
			drawn[m][k] = best[m] > 0 ? own[m] / best[m] - 1 : 0;
		}
	}
	for (m = 0; m < BREAKEVEN_MEASURES; m++) {
		qsort(drawn[m], RESAMPLES, sizeof(double), by_value);
		answer->points[threshold].by[m].traffic =
			(drawn[m][RESAMPLES * 39 / 40] -
			 drawn[m][RESAMPLES / 40]) /
			2;
	}
}

static int traffic_piece(void *ctx, size_t index, struct err *err)
{
	(void)err;
	over_traffic(ctx, index);
	return 0;
}

static double half_of(const struct threshold_excess *excess)
{
	double a = isnan(excess->replicates) ? 0 : excess->replicates;
	double b = isnan(excess->traffic) ? 0 : excess->traffic;

	return sqrt(a * a + b * b);
}

/* Neighbours of the best whose excess, moved by @halves, is within 1 %. */
static void spread(const struct threshold_answer *answer, size_t measure,
		   double halves, size_t *low, size_t *high)
{
	size_t best = answer->by[measure].best, i;

	*low = *high = best;
	for (i = best; i-- > 0; *low = i) {
		const struct threshold_excess *e =
			&answer->points[i].by[measure];

		if (e->excess + halves * half_of(e) > PLATEAU)
			break;
	}
	for (i = best + 1; i < answer->count; *high = i++) {
		const struct threshold_excess *e =
			&answer->points[i].by[measure];

		if (e->excess + halves * half_of(e) > PLATEAU)
			break;
	}
}

static void conclude(struct threshold_answer *answer)
{
	size_t m;

	for (m = 0; m < BREAKEVEN_MEASURES; m++) {
		struct threshold_plateau *p = &answer->by[m];

		spread(answer, m, 0, &p->low, &p->high);
		spread(answer, m, 1, &p->sure_low, &p->sure_high);
		spread(answer, m, -1, &p->maybe_low, &p->maybe_high);
	}
}

static int make_configs(struct thresholds *t, const struct config *cfg,
			struct err *err)
{
	char text[UNITS_TEXT_MAX];
	size_t i;

	for (i = 0; i < t->answer->count; i++) {
		t->cfgs[i] = config_copy(cfg, err);
		if (!t->cfgs[i])
			return -1;
		units_format(QTY_BYTES, t->answer->points[i].bytes, text,
			     sizeof(text));
		if (config_set(t->cfgs[i], "tx.copy_threshold", text,
			       "breakeven", err) < 0)
			return -1;
	}
	return 0;
}

static void clear_readings(struct reading *readings, size_t count)
{
	size_t i;

	for (i = 0; readings && i < count; i++)
		hist_clear(&readings[i].latency);
	free(readings);
}

static int run_all(struct thresholds *t, struct err *err)
{
	const struct question *ask = &t->study->ask;
	size_t count = t->answer->count, m;

	if (question_share(ask, "thresholds",
			   count * (ask->replicates + t->answer->blocks),
			   run_piece, t, err) < 0)
		return -1;
	for (m = 0; m < BREAKEVEN_MEASURES; m++)
		over_replicates(t, m);
	if (t->answer->blocks > 1 &&
	    question_share(ask, "resampling", count, traffic_piece, t, err) < 0)
		return -1;
	conclude(t->answer);
	return 0;
}

int breakeven_threshold(const struct breakeven *study, const struct config *cfg,
			struct threshold_answer *answer, struct err *err)
{
	struct thresholds t = { .study = study, .answer = answer };
	size_t wholes, parts, i, m;
	int rc = -1;

	choose(&study->ask.load.sample, answer);
	answer->blocks = study->ask.load.sample.count / BLOCK_FRAMES_MIN;
	if (answer->blocks > BLOCKS_MAX)
		answer->blocks = BLOCKS_MAX;
	if (!answer->blocks)
		answer->blocks = 1;
	for (i = 0; i < answer->count; i++)
		for (m = 0; m < BREAKEVEN_MEASURES; m++)
			answer->points[i].by[m].traffic = NAN;
	wholes = answer->count * study->ask.replicates;
	parts = answer->count * answer->blocks;
	t.whole = calloc(wholes, sizeof(*t.whole));
	t.parts = calloc(parts, sizeof(*t.parts));
	if (!t.whole || !t.parts)
		err_nomem(err, "thresholds");
	else if (!make_configs(&t, cfg, err))
		rc = run_all(&t, err);
	clear_readings(t.whole, wholes);
	clear_readings(t.parts, parts);
	for (i = 0; i < answer->count; i++)
		config_free(t.cfgs[i]);
	return rc;
}
