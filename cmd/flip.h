/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the answer hangs on: the assumed price that would change the order of
 * two transmit strategies.
 *
 * A price is a parameter, a time or cycles, whose source in force says
 * "assumed" and that the cost of mapping or copying depends on: SG lists,
 * registers, pool memory, descriptors, copies, system mappings, the IOMMU.
 * For each, the two strategies are run on a sample with other values of it;
 * where the order of cpu.driver_cycles_per_frame differs at an end of its
 * range, the value of the change is found by bisection to within 1 %.  The
 * nearest, as a ratio to the present value, is reported:
 *
 *	cost.sg_build at 212 (0.247 of 860, assumed) would make ndis6-sg
 *	cheaper than ndis6-copy
 *
 * When no single one does, all prices of SG lists are scaled together by one
 * factor from 0 to FLIP_FACTOR.  The range searched is from the parameter's
 * least value to FLIP_FACTOR times the present one, or its greatest value if
 * that is less.
 *
 * Limits: else one price is changed at a time; the sample stands for the
 * capture; replicate 0.  Integer comparison of exact ratios decides the order.
 */
#ifndef CMD_FLIP_H
#define CMD_FLIP_H

#include "cmd/trial.h"

#define FLIP_FRAMES 5000
#define FLIP_FACTOR 100

/*
 * @trial gives configuration, receive strategy, seed and frames; @best and
 * @next the two strategies, @best the cheaper one.  The sentence goes to @text
 * of @size bytes.  Errors as trial_run().
 */
int flip_find(const struct trial *trial, const struct tx_ops *best,
	      const struct tx_ops *next, char *text, size_t size,
	      struct err *err);

/*
 * Between the present value of @row, where @best is the cheaper one, and @end:
 * the value, to within 1 %, from which on @next is.  Driver cycles over the
 * first @replicates replicates of @trial.  @flips: false when the order at
 * @end is that of today.  Errors as trial_run().
 */
int flip_towards(const struct trial *trial, const struct tx_ops *best,
		 const struct tx_ops *next, unsigned replicates,
		 const struct param *row, uint64_t end, bool *flips,
		 uint64_t *at, struct err *err);

/* -1, 0, 1 as @a is less than, equal to or greater than @b; n/0 is 0. */
int ratio_compare(const struct ratio *a, const struct ratio *b);

#endif
