/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a parameter may be from what it is thought to be.
 *
 * A constant that is assumed states its band in its help, in one form:
 * "band 75 to 750", "band 5 to 100 ns", "band 2,000 to 100,000"; times of a
 * parameter in cycles are at the clock of the configuration.  One that states
 * none may be half or twice what it is.  A band is within the parameter's range
 * and holds the present value.
 */
#ifndef CMD_BAND_H
#define CMD_BAND_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/param.h"

struct band {
	uint64_t low, high; /* base units */
	bool stated;
};

/* The source of the value in force begins with "assumed". */
bool band_assumed(const struct config *cfg, const struct param *row);
/*
 * Of a quantity.  False: there is none, since the value is 0 and no band is
 * stated; BUG() when a stated one cannot be read.
 */
bool band_of(const struct config *cfg, const struct param *row,
	     struct band *band);
/* "LOW..HIGH" as a user gives it; ERR_USAGE. */
int band_parse(const struct param *row, const char *text, struct band *band,
	       struct err *err);

#endif
