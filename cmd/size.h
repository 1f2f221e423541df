/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim size, between its files: size.c has the command line, size_search.c
 * the searches, size_out.c text, JSON, CSV and plots.
 *
 * A *target* is a share of frames that may be lost and a bound on latency; a
 * *trial*, the capture at its own rate in every replicate, meets it or not.
 * A *resource* is a parameter of which less is cheaper: a ring, a pool, or, the
 * other way round, the time between interrupts.  Its values are counted in
 * *steps* from the tightest, 0, to the loosest.
 */
#ifndef CMD_SIZE_H
#define CMD_SIZE_H

#include "cmd/question.h"
#include "cmd/slo.h"

#define SIZE_RESOURCES 6
/* Values below an answer that have to fail too: it may be no monotone thing. */
#define SIZE_NEIGHBOURS 8
#define SIZE_TRIED_MAX	128

struct size_resource {
	const char *name;	/* "transmit descriptors" */
	const char *short_name; /* of a plot's line, a sentence */
	const char *key;
	const char *also; /* a second parameter of the same value; NULL */
	uint64_t step;	  /* base units */
	bool longest;	  /* more is tighter */
};
extern const struct size_resource size_resources[SIZE_RESOURCES];

/* What a trial did. */
struct size_trial {
	bool ran, ok;
	uint64_t offered, lost; /* frames, of the worst replicate */
	uint64_t tx_ps, rx_ps;	/* the quantile of the target, likewise */
	uint64_t peak[SIZE_RESOURCES]; /* most in use; moderation: 0 */
	uint64_t fingerprint;
	char why[200]; /* it does not meet the target */
};

struct size_tried {
	uint64_t value;
	struct size_trial trial;
};

enum size_state {
	SIZE_NOT_DONE, /* interrupted */
	SIZE_UNUSED,   /* no value changes anything */
	SIZE_FOUND,
	SIZE_LOWEST, /* the tightest there is will do */
	SIZE_NONE    /* no value meets the target */
};

struct size_answer {
	enum size_state state;
	uint64_t value;
	struct size_trial at, below; /* below: a step tighter */
	uint64_t below_value;
	unsigned neighbours;	  /* tighter values that failed as well */
	struct size_tried *tried; /* owned; by value */
	size_t tried_count;

	/* Together with the others. */
	enum size_state joint_state;
	uint64_t joint;
	struct size_trial joint_below;
};

/* From where resources are looked for. */
enum size_base { SIZE_PRESET, SIZE_AMPLE, SIZE_AMPLE_NO_MODERATION };

struct size_row {
	struct question_row of; /* if it cannot run: nothing else is set */
	enum size_base base;
	struct config *cfg; /* of the base; owned */
	struct size_trial at_base;
	bool done, met; /* there is a base that meets the target */
	struct size_answer answers[SIZE_RESOURCES];
	bool joint_done, joint_met;
	bool joint_alone; /* the values found alone will do together */
	struct size_trial at_joint;
};

struct size {
	struct question ask;
	struct slo slo;
	uint32_t loss_ppm;
	uint64_t frames;
	struct size_row *rows; /* as in the question */
};

/* Everything of every row; at an interrupt less, and it is partial. */
int size_search(struct size *study, struct err *err);
void size_row_clear(struct size_row *row);
int size_write(const struct size *study, struct err *err);
int size_draw(const struct size *study, struct err *err);

#endif
