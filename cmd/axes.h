/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Axes of a sweep: which parameters vary, over which values.
 *
 *	nic.tx_ring=64,128,512		a list
 *	nic.tx_ring=64..512/64		from 64 to 512 in steps of 64
 *	nic.tx_ring=64..512 step 64	the same; likewise x, n and log
 *	nic.tx_ring=64..512/x2		in factors of 2
 *	hal.sg_build=100ns..2us/n5	5 values, equally spaced
 *	hal.sg_build=100ns..2us/log5	5 values, equal ratios
 *	tx=ndis6-sg,ndis6-copy		likewise rx, machine, seed
 *
 * Elements of a list may be ranges.  Values are kept as text, in the shortest
 * form, and set through config_set(); values of log ranges are rounded to 4
 * significant digits, the ends are exact, equal values are kept once.  The
 * points of a sweep are the product, the last axis varying fastest; axes that
 * are zipped advance together and count as one, in the place of the first.
 *
 * Limits: AXES_MAX axes, AXIS_VALUES_MAX values on one, 2^32 points.
 */
#ifndef CMD_AXES_H
#define CMD_AXES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/param.h"

struct options;

#define AXES_MAX	16
#define AXIS_VALUES_MAX 4096

struct axis {
	char *key;
	char **values;
	size_t count;
	unsigned zip; /* equal ones advance together; 0: by itself */
};

struct axes {
	struct axis list[AXES_MAX];
	size_t count;
	unsigned zips;
};

void axes_clear(struct axes *axes);

/*
 * Add the axis "KEY=VALUES"; @cfg knows the parameters and their ranges.
 * Errors (ERR_USAGE) quote the element that is wrong.
 */
int axes_add(struct axes *axes, const struct config *cfg, const char *text,
	     struct err *err);
int axes_add_pair(struct axes *axes, const struct config *cfg, const char *key,
		  const char *values, struct err *err);
/*
 * Make the axis @key have exactly @values, adding it when there is none: for
 * names that stand for several, such as tx=all.
 */
int axes_set(struct axes *axes, const char *key, const char *const *values,
	     size_t count, struct err *err);
/*
 * Let the axes "KEY,KEY,..." advance together: the first value of one with the
 * first of the others, and so on.  ERR_USAGE unless they have equally many.
 */
int axes_zip(struct axes *axes, const char *keys, struct err *err);
/* An error when an axis has its parameter set by an option too. */
int axes_check_sets(const struct axes *axes, const struct options *options,
		    struct err *err);

/* Points in the product; 1 without axes. ERR_USAGE when there are too many. */
int axes_points(const struct axes *axes, size_t *points, struct err *err);
/* The value of axis @axis at point @point. */
const char *axes_value(const struct axes *axes, size_t axis, size_t point);
/* The axis of @key, NULL: none. */
const struct axis *axes_find(const struct axes *axes, const char *key);
/* Whether @key is one of tx, rx, machine, seed: not a parameter. */
bool axis_is_special(const char *key);

#endif
