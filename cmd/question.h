/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What commands are asked about: a capture, machines, and strategies to send
 * and to receive with.  compare and explain read the capture in their own way;
 * breakeven, ndr, size and sensitivity answer from trials on its first frames.
 *
 *	struct size { struct question ask; ... } study = { ... };
 *	struct question *ask = &study.ask;
 *
 *	rc = question_parse(ask, &size_spec, &study, argc, argv, err);
 *	...
 *	if (question_resolve(ask, &defaults, err) < 0 ||
 *	    question_begin(ask, err) < 0 ||
 *	    question_read(ask, 20000, err) < 0 ||
 *	    question_share(ask, "machines", count, work, &study, err) < 0)
 *		...
 *	ask->partial = cmd_interrupted;
 *	...
 *	rc = question_status(ask, err);
 *	question_clear(ask);
 *
 * A *row* is a machine with one strategy of each side: [machine][tx][rx].
 */
#ifndef CMD_QUESTION_H
#define CMD_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/options.h"
#include "cmd/progress.h"
#include "cmd/trial.h"
#include "cmd/workload.h"

/* What is taken where the command line says nothing; lists end with NULL. */
struct question_defaults {
	const char *const *machines, *const *tx, *const *rx;
	unsigned replicates;
};

#define QUESTION_FRAMES_MAX 10000000

/* The machines that a question without any is asked about. */
extern const char *const question_machines[];

struct question {
	struct options options;
	const char *report; /* directory; NULL: no plots */

	struct options_machines machines;
	const struct tx_ops **tx; /* NULL-terminated, as is */
	const struct rx_ops **rx;
	size_t tx_count, rx_count, row_count;
	unsigned replicates;

	struct workload load;
	struct progress progress;
	bool partial; /* interrupted */
};

struct question_row {
	const struct options_machine *machine;
	const struct tx_ops *tx;
	const struct rx_ops *rx;
	char pair[80]; /* "ndis6-sg + common-copy" */
	char why[512]; /* it cannot run; else "" */
};

/* options_parse() with @own as the input of the command's own parser. */
int question_parse(struct question *ask, const struct options_spec *spec,
		   void *own, int argc, char **argv, struct err *err);
/*
 * For the command's own parser: "return question_parse_count(...)".  The value
 * of @option, from @low to @high.
 */
int question_parse_count(const struct argp_state *state, const char *option,
			 const char *arg, uint64_t low, uint64_t high,
			 uint64_t *value);
/* Machines, strategies, replicates and rows.  Errors as options_machines(). */
int question_resolve(struct question *ask,
		     const struct question_defaults *defaults, struct err *err);
/*
 * Before the capture is read: whether results can be written where they are
 * wanted, then the sandbox.
 */
int question_begin(struct question *ask, struct err *err);
/*
 * The frames of workload_read() into @ask->load, with warnings of what the
 * capture is like.  ERR_INTERRUPTED when too few were read by then.
 */
int question_read(struct question *ask, size_t limit, struct err *err);
void question_clear(struct question *ask);

/*
 * Of the capture, L2 bits per second without FCS; it may be 0.  ERR_INPUT when
 * it has no duration.
 */
int question_rate(const struct question *ask, uint64_t *rate_bps,
		  struct err *err);
/* ERR_INPUT, with what follows from it, @so, when no frame is sent. */
int question_check_sends(const struct question *ask, const char *so,
			 struct err *err);

/* Row @index, which may turn out to be one that cannot run. */
struct question_row question_row(const struct question *ask, size_t index);
/* Fill in @row->why.  Errors as trial_check_pair(). */
int question_check_row(struct question_row *row, struct err *err);

/* All frames of @ask->load, once, at replicate 0. */
struct trial question_trial(const struct question *ask,
			    const struct config *cfg, const struct tx_ops *tx,
			    const struct rx_ops *rx);
/* pieces_run() with the threads and the progress of @ask. */
int question_share(const struct question *ask, const char *phase, size_t count,
		   int (*work)(void *ctx, size_t index, struct err *err),
		   void *ctx, struct err *err);

/* 0, or -1 with ERR_INTERRUPTED when it is partial. */
int question_status(const struct question *ask, struct err *err);

#endif
