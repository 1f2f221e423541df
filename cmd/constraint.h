/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constraints: which points of a study are worth running.
 *
 *	nic.tx_ring >= 2 * tx.copy_threshold
 *	tx = "ndis6-sg" or hal.sg_build < 2us and not nic.lso = "yes"
 *	(nic.rx_ring + nic.tx_ring) % 64 = 0
 *
 * Names are parameters, and tx, rx, machine, seed.  A quantity has the value of
 * its base unit and keeps its kind: times compare with times, rates with
 * rates; counts, bytes and cycles are amounts and compare with each other.
 * Choices, switches ("yes", "no") and texts compare with "TEXT" by = and != .
 * Literals are written as everywhere (10us, 64KiB, 30%, 2.5x); a bare number
 * is an amount, a factor before * and after /, and 0 of any kind.
 *
 * From loose to tight: or; and; not; = != < <= > >= ; + - ; * / %; - ( ).
 * Integers, exact; a division by zero or an overflow is an error, not a value.
 *
 * Limits: CONSTRAINT_DEPTH nested parentheses; 127-bit intermediates.
 */
#ifndef CMD_CONSTRAINT_H
#define CMD_CONSTRAINT_H

#include <stdbool.h>

#include "core/err.h"
#include "core/param.h"

#define CONSTRAINT_DEPTH 64

/* What is no parameter: "tx" and the like; NULL: unknown. */
struct constraint_names {
	const char *(*text)(void *ctx, const char *name);
	void *ctx;
};

/*
 * 1: holds, 0: does not, -1 with ERR_USAGE that names the column.  Both sides
 * of every "and" and "or" are looked at, so that an expression is right or
 * wrong whatever the values.
 */
int constraint_holds(const char *expression, const struct config *cfg,
		     const struct constraint_names *names, struct err *err);

#endif
