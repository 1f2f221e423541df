/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim compare: capacity and the price that changes the order. */
#include <stdlib.h>

#include "cmd/capacity.h"
#include "cmd/cmd.h"
#include "cmd/compare.h"
#include "cmd/flip.h"

/* Costs nearer than this are the same strategy by another name. */
#define SAME_COST 0.001

/* What the pieces of a round fill: one entry for each row or machine. */
struct round {
	struct compare *compare;
	struct capacity *found;
	char (*notes)[512];
};

static int round_run(struct round *round, const char *phase, size_t count,
		     int (*work)(void *ctx, size_t index, struct err *err),
		     struct err *err)
{
	struct compare *compare = round->compare;
	int rc;

	round->found = calloc(count, sizeof(*round->found));
	round->notes = calloc(count, sizeof(*round->notes));
	if (!round->found || !round->notes)
		return err_nomem(err, phase);
	rc = question_share(&compare->ask, phase, count, work, round, err);
	if (cmd_interrupted)
		compare->job.interrupted = true;
	return rc;
}

static void round_clear(struct round *round)
{
	free(round->found);
	free(round->notes);
}

static struct trial trial_of(const struct compare *compare, size_t point)
{
	const struct study_point *of = &compare->points[point];

	return question_trial(&compare->ask, of->cfg, of->tx, of->rx);
}

static int find_capacity(void *ctx, size_t row, struct err *err)
{
	struct round *round = ctx;
	struct compare *compare = round->compare;
	size_t first = compare_first(compare, row);
	const struct trial trial = trial_of(compare, first);

	if (!compare->rows[first].ran)
		return 0;
	return capacity_find(&trial, compare->ask.replicates,
			     &round->found[row], err);
}

/* All replicates of a row show the row's capacity. */
static int set_capacity(struct compare *compare, size_t row,
			const struct capacity *found, struct err *err)
{
	struct run_capacity capacity = { .rate_bps = found->rate_bps,
					 .rate_pps = found->rate_pps,
					 .limiter = found->limiter,
					 .confirmed = found->confirmed };
	size_t first = compare_first(compare, row), i;

	for (i = first; i < first + compare->ask.replicates; i++) {
		struct job_row *done = &compare->rows[i];
		double bits = 8.0 * (double)done->offered_bytes;

		if (bits > 0)
			capacity.headroom = (double)found->rate_bps *
					    (double)done->duration_ps /
					    (bits * (double)PS_PER_SEC);
		capacity.speed = capacity.headroom;
		if (document_set_capacity(compare->job.doc, done->run,
					  &capacity, err) < 0)
			return -1;
	}
	return 0;
}

int compare_capacities(struct compare *compare, struct err *err)
{
	struct round round = { .compare = compare };
	size_t row, rows = compare->count / compare->ask.replicates;
	int rc = round_run(&round, "capacity", rows, find_capacity, err);

	for (row = 0; !rc && row < rows; row++)
		if (round.found[row].found)
			rc = set_capacity(compare, row, &round.found[row], err);
	round_clear(&round);
	return rc;
}

/* --- the price that changes the order --- */

/* Mean over the replicates; false when the row is not ranked. */
static bool row_cost(const struct compare *compare, size_t row, double *cost)
{
	size_t first = compare_first(compare, row), i;

	if (compare_is_floor(compare->points[first].tx,
			     compare->points[first].rx))
		return false;
	*cost = 0;
	for (i = first; i < first + compare->ask.replicates; i++) {
		if (!compare->rows[i].complete ||
		    compare->rows[i].driver_cycles < 0)
			return false;
		*cost += compare->rows[i].driver_cycles /
			 compare->ask.replicates;
	}
	return true;
}

/*
 * The cheapest of machine @m's rows with the first receive strategy that is
 * dearer than @above; its row, or SIZE_MAX.
 */
static size_t cheapest(const struct compare *compare, size_t m, double above,
		       double *cost)
{
	size_t best = SIZE_MAX, p;

	for (p = 0; p < compare->pair_count; p++) {
		size_t row = m * compare->pair_count + p;
		double mean;

		if (compare->pairs[p].rx != compare->ask.rx[0] ||
		    !row_cost(compare, row, &mean) || mean <= above)
			continue;
		if (best == SIZE_MAX || mean < *cost) {
			best = row;
			*cost = mean;
		}
	}
	return best;
}

static int find_flip(void *ctx, size_t m, struct err *err)
{
	struct round *round = ctx;
	struct compare *compare = round->compare;
	double best_cost = 0, next_cost = 0;
	size_t best = cheapest(compare, m, -1, &best_cost), next;
	struct trial trial;

	if (best == SIZE_MAX || !compare->ask.load.sample.count)
		return 0;
	next = cheapest(compare, m, best_cost * (1 + SAME_COST), &next_cost);
	if (next == SIZE_MAX)
		return 0;
	best = compare_first(compare, best);
	next = compare_first(compare, next);
	trial = trial_of(compare, best);
	return flip_find(&trial, compare->points[best].tx,
			 compare->points[next].tx, round->notes[m],
			 sizeof(round->notes[m]), err);
}

int compare_flips(struct compare *compare, struct err *err)
{
	struct round round = { .compare = compare };
	size_t m, machines = compare->ask.machines.count;
	int rc = round_run(&round, "prices", machines, find_flip, err);

	for (m = 0; !rc && m < machines; m++)
		if (round.notes[m][0])
			rc = document_add_note(
				compare->job.doc,
				compare->ask.machines.list[m].name,
				round.notes[m], err);
	round_clear(&round);
	return rc;
}
