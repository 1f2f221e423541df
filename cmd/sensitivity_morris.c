/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim sensitivity: elementary effects (Morris 1991; mu* by Campolongo,
 * Cariboni and Saltelli 2007).
 *
 * Each band has LEVELS equally spaced values.  A trajectory begins at a random
 * one of every factor and moves one factor after the other, in random order, by
 * half the levels; what the figure changes by, per band, is an effect.  mu* is
 * the mean of their sizes; sigma, their spread, says that an effect depends on
 * the other factors.  Draws are keyed by seed and trajectory; trajectory t is
 * replicate t, so that all of its points are in one memory.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/sensitivity.h"
#include "core/rng.h"

#define LEVELS	  4
#define STEP	  (LEVELS / 2)
#define COMPONENT 0x307215u

struct walk {
	const struct sensitivity *study;
	const struct sensitivity_machine *machine;
	size_t *moved; /* factors that are moved, in order */
	unsigned *level;
	size_t count;
};

struct screening {
	struct sensitivity *study;
	double **effects; /* a machine's: [trajectory][factor]; NAN: none */
};

static bool screened(const struct sensitivity_factor *factor)
{
	return factor->row->type == PARAM_QUANTITY && !factor->inert;
}

static int set_level(struct config *cfg,
		     const struct sensitivity_factor *factor, unsigned level,
		     struct err *err)
{
	char text[UNITS_TEXT_MAX];
	uint64_t width = factor->band.high - factor->band.low;

	units_format(factor->row->qty,
		     factor->band.low + mul_div_u64(width, level, LEVELS - 1),
		     text, sizeof(text));
	return config_set(cfg, factor->row->key, text, "sensitivity", err);
}

/* Order and first levels of trajectory @t. */
static void begin(struct walk *walk, unsigned t)
{
	const struct sensitivity_machine *machine = walk->machine;
	struct rng_stream stream;
	size_t i;

	rng_stream_init(&stream, walk->study->ask.options.seed, COMPONENT, t);
	for (i = 0; i < machine->count; i++)
		if (screened(&machine->factors[i]))
			walk->moved[walk->count++] = i;
	for (i = 0; i < walk->count; i++) {
		size_t other = i + (size_t)rng_below(rng_draw(&stream, 2 * i),
						     walk->count - i);
		size_t swap = walk->moved[i];

		walk->moved[i] = walk->moved[other];
		walk->moved[other] = swap;
		walk->level[i] = (unsigned)rng_below(
			rng_draw(&stream, 2 * i + 1), LEVELS);
	}
}

static int go(struct walk *walk, struct config *cfg, unsigned t,
	      double *effects, struct err *err)
{
	struct sensitivity_point *last = calloc(2, sizeof(*last));
	struct sensitivity_point *here = last + 1;
	size_t i;
	int rc = last ? 0 : err_nomem(err, "points");

	for (i = 0; i < walk->count && !rc; i++)
		rc = set_level(cfg, &walk->machine->factors[walk->moved[i]],
			       walk->level[i], err);
	if (!rc)
		rc = sensitivity_try(walk->study, walk->machine, cfg, t, 1,
				     last, err);
	for (i = 0; i < walk->count && !rc && !cmd_interrupted; i++) {
		bool up = walk->level[i] < STEP;
		unsigned to =
			up ? walk->level[i] + STEP : walk->level[i] - STEP;
		double share = (double)STEP / (LEVELS - 1);

		rc = set_level(cfg, &walk->machine->factors[walk->moved[i]], to,
			       err);
		if (!rc)
			rc = sensitivity_try(walk->study, walk->machine, cfg, t,
					     1, here, err);
		if (!rc && here->ran && last->ran)
			effects[walk->moved[i]] =
				(here->figure[0] - last->figure[0]) /
				(up ? share : -share);
		if (!rc)
			*last = *here;
	}
	free(last);
	return rc;
}

static int trajectory_piece(void *ctx, size_t index, struct err *err)
{
	const struct screening *screening = ctx;
	const struct sensitivity *study = screening->study;
	size_t m = index / study->trajectories;
	unsigned t = (unsigned)(index % study->trajectories);
	const struct sensitivity_machine *machine = &study->answers[m];
	struct walk walk = { .study = study, .machine = machine };
	struct config *cfg;
	int rc = -1;

	if (!machine->count)
		return 0;
	cfg = config_copy(machine->of->cfg, err);
	walk.moved = calloc(machine->count, sizeof(*walk.moved));
	walk.level = calloc(machine->count, sizeof(*walk.level));
	if (cfg && walk.moved && walk.level) {
		begin(&walk, t);
		rc = go(&walk, cfg, t,
			&screening->effects[m][t * machine->count], err);
	} else if (cfg) {
		err_nomem(err, "trajectory");
	}
	free(walk.moved);
	free(walk.level);
	config_free(cfg);
	return rc;
}

static void summarise(const struct sensitivity *study,
		      struct sensitivity_machine *machine,
		      const double *effects)
{
	size_t f;

	for (f = 0; f < machine->count; f++) {
		struct sensitivity_factor *factor = &machine->factors[f];
		double squares = 0, sum = 0, sizes = 0;
		uint64_t t;

		factor->effects = 0;
		for (t = 0; t < study->trajectories; t++) {
			double effect = effects[t * machine->count + f];

			if (isnan(effect))
				continue;
			factor->effects++;
			sum += effect;
			sizes += fabs(effect);
			squares += effect * effect;
		}
		if (!factor->effects)
			continue;
		factor->mu = sum / (double)factor->effects;
		factor->mu_star = sizes / (double)factor->effects;
		squares -= sum * factor->mu;
		factor->sigma =
			factor->effects > 1 && squares > 0
				? sqrt(squares / (double)(factor->effects - 1))
				: 0;
	}
}

static int make_effects(struct screening *screening, struct err *err)
{
	const struct sensitivity *study = screening->study;
	size_t m, i;

	screening->effects =
		calloc(study->ask.machines.count, sizeof(*screening->effects));
	if (!screening->effects)
		return err_nomem(err, "effects");
	for (m = 0; m < study->ask.machines.count; m++) {
		size_t count = study->answers[m].count * study->trajectories;

		screening->effects[m] =
			malloc((count ? count : 1) * sizeof(double));
		if (!screening->effects[m])
			return err_nomem(err, "effects");
		for (i = 0; i < count; i++)
			screening->effects[m][i] = NAN;
	}
	return 0;
}

int sensitivity_morris(struct sensitivity *study, struct err *err)
{
	struct screening screening = { .study = study };
	size_t machines = study->ask.machines.count, m;
	int rc = make_effects(&screening, err);

	if (!rc)
		rc = question_share(&study->ask, "trajectories",
				    machines * study->trajectories,
				    trajectory_piece, &screening, err);
	for (m = 0; screening.effects && m < machines; m++) {
		if (!rc)
			summarise(study, &study->answers[m],
				  screening.effects[m]);
		free(screening.effects[m]);
	}
	free(screening.effects);
	return rc;
}
