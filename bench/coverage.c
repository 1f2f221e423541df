/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often the intervals of dmasim breakeven hold what they are intervals of.
 *
 *	coverage [SEEDS]
 *
 * Break-even: the truth is the first size at which the sign of the difference,
 * a mean over TRUTH runs of other seeds, changes, of all sizes GRID bytes
 * apart.  Threshold: the truth is the excess of every threshold over the best
 * in a stretch of the same traffic forty times as long.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/breakeven.h"
#include "cmd/cmd.h"
#include "cmd/tables.h"

#define GRID	     8
#define TRUTH	     100
#define FIRST_OTHER  100000 /* seeds of the truth */
#define FRAMES_SHORT 4000
#define FRAMES_LONG  160000

/* The program's own is in cmd/main.c. */
atomic_int cmd_interrupted;

/* Prices of mapping that are near those of a copy. */
static const char *const sets[] = { "cost.sg_build=0", "cost.sg_put=0",
				    "cost.sg_page=0", "cost.process_sg=0",
				    NULL };

static void check(int rc, const struct err *err)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "coverage: %s\n", err->text);
	exit(3);
}

static struct config *make_config(void)
{
	struct err err = ERR_INIT;
	struct config *cfg = tables_config(&err);
	size_t i;

	check(cfg ? 0 : -1, &err);
	check(config_apply(cfg, tables_find_machine("xge-64bit", &err), &err),
	      &err);
	for (i = 0; sets[i]; i++)
		check(config_set_pair(cfg, sets[i], "bench", &err), &err);
	return cfg;
}

static void study_init(struct breakeven *study, uint64_t seed)
{
	struct err err = ERR_INIT;

	*study = (struct breakeven){ .frames = 400,
				     .ask.replicates = 5,
				     .rate_bps = 60000000,
				     .tx_ppm = 500000 };
	study->ask.options.seed = seed;
	study->ask.options.jobs = 1;
	study->mapped = tables_find_tx("ndis6-sg", &err);
	study->copied = tables_find_tx("ndis6-copy", &err);
	study->hybrid = tables_find_tx("ndis6-hybrid", &err);
	study->rx = tables_find_rx("common-copy", &err);
}

/* --- the break-even --- */

static double true_difference(const struct config *cfg, uint64_t bytes)
{
	struct err err = ERR_INIT;
	struct breakeven study;
	struct size_pair pair;
	double sum = 0;
	unsigned r;

	study_init(&study, FIRST_OTHER);
	for (r = 0; r < TRUTH; r++) {
		check(breakeven_pair(&study, cfg, bytes, r, &pair, &err), &err);
		sum += pair.mapped - pair.copied;
	}
	return sum / TRUTH;
}

static uint64_t true_crossing(const struct config *cfg)
{
	double last = true_difference(cfg, 64), here;
	uint64_t size;

	for (size = 64 + GRID; size <= 1514; size += GRID, last = here) {
		here = true_difference(cfg, size);
		if ((here > 0) != (last > 0))
			return size;
	}
	return 0;
}

/* Whether a crossing's interval holds the truth, to the grid. */
static bool covers(const struct config *cfg, uint64_t seed, uint64_t truth,
		   double *width)
{
	struct size_answer *answer = calloc(1, sizeof(*answer));
	struct err err = ERR_INIT;
	struct breakeven study;
	bool held;

	check(answer ? 0 : err_nomem(&err, "answer"), &err);
	study_init(&study, seed);
	check(breakeven_size(&study, cfg, answer, &err), &err);
	held = answer->crossing_count &&
	       (answer->crossings[0].low_open ||
		answer->crossings[0].low <= (double)truth) &&
	       (answer->crossings[0].high_open ||
		answer->crossings[0].high >= (double)(truth - GRID));
	if (answer->crossing_count)
		*width += answer->crossings[0].high - answer->crossings[0].low;
	free(answer);
	return held;
}

static void break_even(const struct config *cfg, uint64_t seeds)
{
	uint64_t truth = true_crossing(cfg), held = 0, seed;
	double width = 0;

	for (seed = 1; seed <= seeds; seed++)
		held += covers(cfg, seed, truth, &width);
	printf("break-even: %llu to %llu bytes; held by %llu of %llu "
	       "intervals, mean width %.0f bytes\n",
	       (unsigned long long)(truth - GRID), (unsigned long long)truth,
	       (unsigned long long)held, (unsigned long long)seeds,
	       width / (double)seeds);
}

/* --- the threshold --- */

static void thresholds_of(const struct config *cfg, uint64_t seed,
			  unsigned frames, struct threshold_answer *answer)
{
	struct err err = ERR_INIT;
	struct breakeven study;
	char path[160];
	const char *paths[] = { path };

	snprintf(path, sizeof(path),
		 "gen:onoff,rate=500Mbps,on=2ms,off=1ms,"
		 "size=64:4/300:3/900:2/1514:3,tx=60%%,seed=%llu,frames=%u",
		 (unsigned long long)seed, frames);
	study_init(&study, seed);
	check(workload_read(&study.ask.load, paths, 1, cfg, frames, &err),
	      &err);
	check(breakeven_threshold(&study, cfg, answer, &err), &err);
	workload_clear(&study.ask.load);
}

static double half_of(const struct threshold_excess *e)
{
	double a = isnan(e->replicates) ? 0 : e->replicates;
	double b = isnan(e->traffic) ? 0 : e->traffic;

	return sqrt(a * a + b * b);
}

static void thresholds(const struct config *cfg, uint64_t seeds)
{
	struct threshold_answer *truth = calloc(2, sizeof(*truth));
	struct threshold_answer *answer = truth + 1;
	uint64_t held[BREAKEVEN_MEASURES] = { 0 }, seed;
	uint64_t of[BREAKEVEN_MEASURES] = { 0 };
	size_t m, i;

	if (!truth)
		exit(3);
	thresholds_of(cfg, FIRST_OTHER, FRAMES_LONG, truth);
	for (seed = 1; seed <= seeds; seed++) {
		memset(answer, 0, sizeof(*answer));
		thresholds_of(cfg, seed, FRAMES_SHORT, answer);
		for (m = 0; m < BREAKEVEN_MEASURES; m++)
			for (i = 0; i < answer->count; i++) {
				const struct threshold_excess *e =
					&answer->points[i].by[m];
				size_t best = answer->by[m].best;
				double really = truth->points[i].by[m].value /
							truth->points[best]
								.by[m]
								.value -
						1;

				if (i == best)
					continue;
				of[m]++;
				held[m] +=
					fabs(e->excess - really) <= half_of(e);
			}
	}
	for (m = 0; m < BREAKEVEN_MEASURES; m++)
		printf("threshold, %s: excess held by %llu of %llu "
		       "intervals\n",
		       breakeven_measures[m].title, (unsigned long long)held[m],
		       (unsigned long long)of[m]);
	free(truth);
}

int main(int argc, char **argv)
{
	uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 100;
	struct config *cfg = make_config();

	break_even(cfg, seeds);
	fflush(stdout);
	thresholds(cfg, seeds);
	config_free(cfg);
	return 0;
}
