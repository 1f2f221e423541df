/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim sensitivity: one factor at a time, to the ends of its band; where the
 * cheapest strategy there is another than today's, the value from which on it
 * is, by bisection (cmd/flip.h).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/capacity.h"
#include "cmd/cmd.h"
#include "cmd/flip.h"
#include "cmd/sensitivity.h"
#include "core/hist.h"

const struct sensitivity_of sensitivity_figures[] = {
	[OF_DIFFERENCE] = { "difference",
			    "driver cycles per frame that the next cheapest "
			    "strategy costs more",
			    "cycles" },
	[OF_CYCLES] = { "cycles", "driver cycles per frame of the cheapest",
			"cycles" },
	[OF_LATENCY] = { "latency",
			 "p99 of the transmit latency to completion of the "
			 "cheapest, less moderation",
			 "ps" },
	[OF_CAPACITY] = { "capacity", "capacity of the cheapest", "bps" },
};

const char *sensitivity_tx(const struct sensitivity *study,
			   const struct sensitivity_machine *machine,
			   size_t index)
{
	return tx_ops_name(study->ask.tx[machine->tx[index]]);
}

/* --- a point --- */

struct reading {
	uint64_t fingerprint;
	double p99;
	bool saturated;
};

static void read_run(void *ctx, const struct run_result *run)
{
	struct reading *reading = ctx;
	const struct hist *hist = trial_metric(
		run, "tx.latency_complete_less_moderation_ps", METRIC_HIST);

	reading->fingerprint = run->fingerprint;
	reading->saturated = strcmp(run->status, "complete") != 0;
	reading->p99 = hist->count ? (double)hist_quantile(hist, 990000) : 0;
}

static struct trial trial_of(const struct sensitivity *study,
			     const struct sensitivity_machine *machine,
			     const struct config *cfg, size_t tx)
{
	return question_trial(&study->ask, cfg, study->ask.tx[machine->tx[tx]],
			      study->ask.rx[0]);
}

/* Driver cycles and p99 of every strategy in one replicate. */
static int try_all(const struct sensitivity *study,
		   const struct sensitivity_machine *machine,
		   const struct config *cfg, unsigned replicate,
		   struct reading *readings, double *cost, struct err *err)
{
	size_t i;

	for (i = 0; i < machine->tx_count; i++) {
		struct trial trial = trial_of(study, machine, cfg, i);
		struct trial_result result;

		trial.replicate = replicate;
		trial.read = read_run;
		trial.ctx = &readings[i];
		if (trial_run(&trial, TRIAL_SPEED_ONE, &result, err) < 0)
			return -1;
		cost[i] = result.driver_cycles.den
				  ? (double)result.driver_cycles.num /
					    (double)result.driver_cycles.den
				  : 0;
	}
	return 0;
}

/* What the cheapest other strategy costs more than @best. */
static double lead(const double *cost, size_t count, size_t best)
{
	double least = INFINITY;
	size_t i;

	for (i = 0; i < count; i++)
		if (i != best && cost[i] < least)
			least = cost[i];
	return least - cost[best];
}

static int figure_of(const struct sensitivity *study,
		     const struct sensitivity_machine *machine,
		     const struct config *cfg, unsigned replicate,
		     const struct reading *readings, const double *cost,
		     double *figure, struct err *err)
{
	size_t best = machine->best;
	struct capacity found;
	struct trial trial;

	switch (study->of) {
	case OF_DIFFERENCE:
		*figure = lead(cost, machine->tx_count, best);
		return 0;
	case OF_CYCLES:
		*figure = cost[best];
		return 0;
	case OF_LATENCY:
		*figure = readings[best].p99;
		return 0;
	case OF_CAPACITY:
		break;
	}
	/* The search chooses its replicates, so the layout comes by the seed.
	 */
	trial = trial_of(study, machine, cfg, best);
	trial.seed += replicate;
	if (capacity_find(&trial, 1, &found, err) < 0)
		return -1;
	*figure = (double)found.rate_bps;
	return 0;
}

int sensitivity_try(const struct sensitivity *study,
		    const struct sensitivity_machine *machine,
		    const struct config *cfg, unsigned replicate0,
		    unsigned replicates, struct sensitivity_point *point,
		    struct err *err)
{
	struct reading readings[SENSITIVITY_TX_MAX] = { { 0, 0, false } };
	struct err why = ERR_INIT;
	unsigned r;
	size_t i;

	memset(point, 0, sizeof(*point));
	for (r = 0; r < replicates; r++) {
		double cost[SENSITIVITY_TX_MAX] = { 0 };

		if (try_all(study, machine, cfg, replicate0 + r, readings, cost,
			    &why) < 0 ||
		    figure_of(study, machine, cfg, replicate0 + r, readings,
			      cost, &point->figure[r], &why) < 0) {
			point->refused = why.kind == ERR_USAGE;
			if (!point->refused)
				*err = why;
			return point->refused ? 0 : -1;
		}
		for (i = 0; i < machine->tx_count; i++) {
			point->cost[i] += cost[i] / replicates;
			point->saturated |= readings[i].saturated;
			point->fingerprint = point->fingerprint * 31 +
					     readings[i].fingerprint;
		}
	}
	for (i = 1; i < machine->tx_count; i++)
		if (point->cost[i] < point->cost[point->best])
			point->best = i;
	point->ran = true;
	return 0;
}

/* --- factors --- */

static int add_factor(struct sensitivity_machine *machine,
		      const struct sensitivity_factor *factor, struct err *err)
{
	struct sensitivity_factor *list =
		realloc(machine->factors, (machine->count + 1) * sizeof(*list));

	if (!list)
		return err_nomem(err, "factors");
	machine->factors = list;
	list[machine->count++] = *factor;
	return 0;
}

static void add_end(struct sensitivity_factor *factor, const char *text)
{
	if (factor->end_count < SENSITIVITY_ENDS_MAX)
		snprintf(factor->ends[factor->end_count++].text,
			 sizeof(factor->ends[0].text), "%.39s", text);
}

static void band_ends(struct sensitivity_factor *factor)
{
	char text[UNITS_TEXT_MAX];

	units_format(factor->row->qty, factor->band.low, text, sizeof(text));
	add_end(factor, text);
	units_format(factor->row->qty, factor->band.high, text, sizeof(text));
	add_end(factor, text);
}

static void choice_ends(const struct config *cfg,
			struct sensitivity_factor *factor)
{
	const struct param *row = factor->row;
	size_t i;

	if (row->type == PARAM_BOOL) {
		add_end(factor, config_bool(cfg, row->key) ? "no" : "yes");
		return;
	}
	for (i = 0; row->choices[i].name; i++)
		if (i != config_choice(cfg, row->key))
			add_end(factor, row->choices[i].name);
}

/* @range: "LOW..HIGH", or NULL for the band. */
static int make_factor(struct sensitivity_machine *machine,
		       const struct param *row, const char *range,
		       struct err *err)
{
	const struct config *cfg = machine->of->cfg;
	struct sensitivity_factor factor = { .row = row };
	char text[CONFIG_TEXT_MAX];

	if (row->type == PARAM_STRING || row->fixed)
		return 0;
	snprintf(factor.now, sizeof(factor.now), "%.39s",
		 config_text(cfg, row->key, text, sizeof(text)));
	if (row->type == PARAM_QUANTITY) {
		if (range) {
			if (band_parse(row, range, &factor.band, err) < 0)
				return -1;
		} else if (!band_of(cfg, row, &factor.band)) {
			machine->unbanded++;
			return 0;
		}
		band_ends(&factor);
	} else {
		choice_ends(cfg, &factor);
	}
	return add_factor(machine, &factor, err);
}

/* The sample is read once: what changes how is no factor. */
static bool is_of_reading(const struct param *row)
{
	const struct param *own;

	if (strncmp(row->key, "traffic.", 8) != 0)
		return false;
	for (own = machine_params; own->key; own++)
		if (own == row)
			return false;
	return true;
}

static int given_factors(const struct sensitivity *study,
			 struct sensitivity_machine *machine, struct err *err)
{
	size_t i;

	for (i = 0; i < study->given_count; i++) {
		const char *text = study->given[i];
		size_t length = strcspn(text, "=");
		const struct param *row;
		char key[80];

		snprintf(key, sizeof(key), "%.*s",
			 (int)(length < 79 ? length : 79), text);
		row = config_find(machine->of->cfg, key);
		if (!row)
			/* For the suggestion of the nearest name. */
			return config_set(machine->of->cfg, key, "", "--param",
					  err);
		if (is_of_reading(row))
			return err_set(err, ERR_USAGE,
				       "--param: '%s' changes how the capture "
				       "is read; use dmasim sweep",
				       key);
		if (make_factor(machine, row,
				text[length] ? text + length + 1 : NULL,
				err) < 0)
			return -1;
	}
	return 0;
}

static int list_factors(const struct sensitivity *study,
			struct sensitivity_machine *machine, struct err *err)
{
	const struct config *cfg = machine->of->cfg;
	const struct param *row;
	size_t i;

	if (study->given_count)
		return given_factors(study, machine, err);
	for (i = 0; (row = config_row(cfg, i)); i++)
		if (!is_of_reading(row) && band_assumed(cfg, row) &&
		    make_factor(machine, row, NULL, err) < 0)
			return -1;
	return 0;
}

/* --- the base --- */

static int find_strategies(const struct sensitivity *study,
			   struct sensitivity_machine *machine, struct err *err)
{
	size_t i;

	for (i = 0; study->ask.tx[i] && machine->tx_count < SENSITIVITY_TX_MAX;
	     i++) {
		char why[sizeof(machine->why)];

		if (trial_check_pair(machine->of->cfg, study->ask.tx[i],
				     study->ask.rx[0], why, sizeof(why),
				     err) < 0)
			return -1;
		if (why[0])
			snprintf(machine->why, sizeof(machine->why), "%s", why);
		else
			machine->tx[machine->tx_count++] = i;
	}
	if (machine->tx_count >= 2)
		machine->why[0] = '\0';
	else if (!machine->why[0])
		snprintf(machine->why, sizeof(machine->why),
			 "two strategies are needed; give --tx");
	return 0;
}

static int base_piece(void *ctx, size_t index, struct err *err)
{
	struct sensitivity *study = ctx;
	struct sensitivity_machine *machine = &study->answers[index];
	const struct config *cfg = machine->of->cfg;
	size_t i;

	if (find_strategies(study, machine, err) < 0)
		return -1;
	if (machine->why[0])
		return 0;
	/* The figure is one of the cheapest strategy: first see which it is. */
	for (i = 0; i < 2; i++) {
		if (sensitivity_try(study, machine, cfg, 0,
				    study->ask.replicates, &machine->base,
				    err) < 0)
			return -1;
		machine->best = machine->base.best;
	}
	machine->next = machine->best ? 0 : 1;
	for (i = 0; i < machine->tx_count; i++)
		if (i != machine->best &&
		    machine->base.cost[i] < machine->base.cost[machine->next])
			machine->next = i;
	machine->figure =
		estimate_of(machine->base.figure, study->ask.replicates);
	machine->done = machine->base.ran;
	return list_factors(study, machine, err);
}

/* --- one at a time --- */

/* All ends of all factors in one list. */
struct list {
	struct sensitivity *study;
	struct {
		size_t machine, factor;
	} * at;
	size_t count;
};

static int find_flip(const struct sensitivity *study,
		     const struct sensitivity_machine *machine,
		     struct sensitivity_factor *factor, size_t end,
		     struct err *err)
{
	const struct config *cfg = machine->of->cfg;
	struct trial trial = trial_of(study, machine, cfg, machine->best);
	const size_t to = factor->ends[end].best;
	uint64_t now, at;
	bool flips;

	if (factor->row->type != PARAM_QUANTITY) {
		factor->flips = true;
		factor->flip_to = to;
		snprintf(factor->flip_at, sizeof(factor->flip_at), "%s",
			 factor->ends[end].text);
		return 0;
	}
	now = config_u64(cfg, factor->row->key);
	if (flip_towards(&trial, study->ask.tx[machine->tx[machine->best]],
			 study->ask.tx[machine->tx[to]], study->ask.replicates,
			 factor->row,
			 end ? factor->band.high : factor->band.low, &flips,
			 &at, err) < 0)
		return -1;
	if (!flips)
		return 0;
	factor->flips = true;
	factor->flip_to = to;
	factor->flip_ratio = now ? (double)at / (double)now : 0;
	units_format(factor->row->qty, at, factor->flip_at,
		     sizeof(factor->flip_at));
	return 0;
}

/* The runs are, and so are those faster ones that a capacity is found by. */
static bool is_same(const struct sensitivity_point *base,
		    const struct sensitivity_point *point, unsigned replicates)
{
	return point->ran && point->fingerprint == base->fingerprint &&
	       !memcmp(point->figure, base->figure,
		       replicates * sizeof(*point->figure));
}

static int try_end(const struct sensitivity *study,
		   const struct sensitivity_machine *machine,
		   struct sensitivity_factor *factor, size_t index,
		   struct err *err)
{
	struct sensitivity_end *end = &factor->ends[index];
	struct config *cfg = config_copy(machine->of->cfg, err);
	struct sensitivity_point *point = calloc(1, sizeof(*point));
	struct err why = ERR_INIT;
	int rc = -1;

	if (cfg && point) {
		end->refused = config_set(cfg, factor->row->key, end->text,
					  "sensitivity", &why) < 0;
		rc = end->refused ? 0
				  : sensitivity_try(study, machine, cfg, 0,
						    study->ask.replicates,
						    point, err);
	} else if (cfg) {
		err_nomem(err, "point");
	}
	if (!rc) {
		end->done = true;
		end->refused = end->refused || point->refused;
		end->inert =
			is_same(&machine->base, point, study->ask.replicates);
		end->best = point->best;
		end->figure = estimate_of(point->figure, study->ask.replicates);
		end->change =
			estimate_difference(point->figure, machine->base.figure,
					    study->ask.replicates);
	}
	if (!rc && point->ran && !end->refused && end->best != machine->best &&
	    !factor->flips)
		rc = find_flip(study, machine, factor, index, err);
	free(point);
	config_free(cfg);
	return rc;
}

static void conclude(const struct sensitivity_machine *machine,
		     struct sensitivity_factor *factor)
{
	double low = machine->figure.mean, high = low;
	size_t i;

	factor->inert = true;
	for (i = 0; i < factor->end_count; i++) {
		const struct sensitivity_end *end = &factor->ends[i];

		if (!end->done || end->refused)
			continue;
		factor->inert = factor->inert && end->inert;
		low = fmin(low, end->figure.mean);
		high = fmax(high, end->figure.mean);
	}
	factor->swing = high - low;
}

static int factor_piece(void *ctx, size_t index, struct err *err)
{
	const struct list *list = ctx;
	struct sensitivity *study = list->study;
	struct sensitivity_machine *machine =
		&study->answers[list->at[index].machine];
	struct sensitivity_factor *factor =
		&machine->factors[list->at[index].factor];
	size_t i;

	for (i = 0; i < factor->end_count && !cmd_interrupted; i++)
		if (try_end(study, machine, factor, i, err) < 0)
			return err_wrap(err, "%s", factor->row->key);
	conclude(machine, factor);
	return 0;
}

static int gather(struct list *list, struct err *err)
{
	const struct sensitivity *study = list->study;
	size_t total = 0, m, f;

	for (m = 0; m < study->ask.machines.count; m++)
		total += study->answers[m].count;
	list->at = calloc(total ? total : 1, sizeof(*list->at));
	if (!list->at)
		return err_nomem(err, "factors");
	for (m = 0; m < study->ask.machines.count; m++)
		for (f = 0; f < study->answers[m].count; f++) {
			list->at[list->count].machine = m;
			list->at[list->count++].factor = f;
		}
	return 0;
}

/* The largest swing first; of equal ones by name. */
static int by_swing(const void *a, const void *b)
{
	const struct sensitivity_factor *x = a, *y = b;

	if (x->swing != y->swing)
		return x->swing > y->swing ? -1 : 1;
	return strcmp(x->row->key, y->row->key);
}

int sensitivity_run(struct sensitivity *study, struct err *err)
{
	struct list list = { .study = study };
	struct question *ask = &study->ask;
	size_t m;
	int rc;

	if (question_share(ask, "machines", ask->machines.count, base_piece,
			   study, err) < 0 ||
	    gather(&list, err) < 0)
		return -1;
	rc = question_share(ask, "parameters", list.count, factor_piece, &list,
			    err);
	free(list.at);
	for (m = 0; m < ask->machines.count && !rc; m++)
		if (study->answers[m].count)
			qsort(study->answers[m].factors,
			      study->answers[m].count,
			      sizeof(*study->answers[m].factors), by_swing);
	if (!rc && study->trajectories && !cmd_interrupted)
		rc = sensitivity_morris(study, err);
	ask->partial = cmd_interrupted;
	return rc;
}
