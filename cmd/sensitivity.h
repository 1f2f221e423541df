/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim sensitivity, between its files: sensitivity.c has the command line,
 * sensitivity_run.c one factor at a time, sensitivity_morris.c elementary
 * effects, sensitivity_out.c text, JSON, CSV and the tornado.
 *
 * A *factor* is a parameter with a band (cmd/band.h), or a choice.  The
 * *figure* is what is looked at, a mean over replicates; all runs meet the same
 * frames in the same memory.
 */
#ifndef CMD_SENSITIVITY_H
#define CMD_SENSITIVITY_H

#include "cmd/band.h"
#include "cmd/estimate.h"
#include "cmd/question.h"

#define SENSITIVITY_TX_MAX	   16
#define SENSITIVITY_ENDS_MAX	   8
#define SENSITIVITY_GIVEN_MAX	   64
#define SENSITIVITY_REPLICATES_MAX 100

enum sensitivity_figure { OF_DIFFERENCE, OF_CYCLES, OF_LATENCY, OF_CAPACITY };

extern const struct sensitivity_of {
	const char *name, *title, *unit;
} sensitivity_figures[];

/* What the strategies did at one point, replicate by replicate. */
struct sensitivity_point {
	bool ran, refused; /* refused: the strategies cannot run there */
	bool saturated;	   /* one of them does not keep up */
	double figure[SENSITIVITY_REPLICATES_MAX];
	double cost[SENSITIVITY_TX_MAX]; /* mean driver cycles per frame */
	size_t best;			 /* the cheapest */
	uint64_t fingerprint;		 /* of all runs */
};

/* A factor with another value. */
struct sensitivity_end {
	char text[UNITS_TEXT_MAX];
	bool done, refused, inert; /* inert: nothing changed at all */
	struct estimate figure, change;
	size_t best;
};

struct sensitivity_factor {
	const struct param *row;
	struct band band; /* of a quantity */
	char now[UNITS_TEXT_MAX];
	struct sensitivity_end ends[SENSITIVITY_ENDS_MAX]; /* low, high */
	size_t end_count;
	double swing; /* of the figure, between the furthest */
	bool inert;
	/* Within the band another strategy is the cheapest from here on. */
	bool flips;
	size_t flip_to;
	char flip_at[UNITS_TEXT_MAX];
	double flip_ratio; /* to the present value; 0: a choice */
	/* Elementary effects: over the whole band. */
	size_t effects;
	double mu, mu_star, sigma;
};

struct sensitivity_machine {
	const struct options_machine *of;
	char why[512]; /* fewer than two strategies can run: nothing else */
	size_t tx[SENSITIVITY_TX_MAX]; /* those that can, of the study's */
	size_t tx_count;
	struct sensitivity_point base;
	struct estimate figure;
	size_t best, next;		    /* of tx */
	struct sensitivity_factor *factors; /* owned; the largest first */
	size_t count, unbanded; /* unbanded: assumed to be 0, no band */
	bool done;
};

struct sensitivity {
	struct question ask;
	enum sensitivity_figure of;
	uint64_t frames, trajectories;
	const char *given[SENSITIVITY_GIVEN_MAX]; /* KEY or KEY=LOW..HIGH */
	size_t given_count;
	struct sensitivity_machine *answers; /* one a machine */
};

/* The strategies on @cfg; @replicate0 and on, @replicates of them. */
int sensitivity_try(const struct sensitivity *study,
		    const struct sensitivity_machine *machine,
		    const struct config *cfg, unsigned replicate0,
		    unsigned replicates, struct sensitivity_point *point,
		    struct err *err);
int sensitivity_run(struct sensitivity *study, struct err *err);
int sensitivity_morris(struct sensitivity *study, struct err *err);
int sensitivity_write(const struct sensitivity *study, struct err *err);
int sensitivity_draw(const struct sensitivity *study, struct err *err);
/* Name of strategy @index of @machine. */
const char *sensitivity_tx(const struct sensitivity *study,
			   const struct sensitivity_machine *machine,
			   size_t index);

#endif
