/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prices that somebody measured, for parameters of the tables.
 *
 *	parameter,value,interval	# CSV; this line may be missing
 *	cost.sg_build,912,45
 *	iommu.invalidate,700ns,80ns
 *
 *	[cost]				; INI
 *	sg_put = 388, 30
 *
 * A price is in cycles of host.clock or a time; each is turned into what the
 * parameter has at the machine's clock.  The interval, which may be missing, is
 * half a 95 % interval in the same units.  '#' and ';' begin a comment.
 */
#ifndef CMD_PRICE_FILE_H
#define CMD_PRICE_FILE_H

#include <stddef.h>

#include "core/err.h"
#include "core/param.h"

#define PRICE_FILE_MAX 64

struct measured_price {
	char key[64], value[UNITS_TEXT_MAX], interval[UNITS_TEXT_MAX];
	unsigned line;
};

struct price_file {
	const char *path;
	struct measured_price list[PRICE_FILE_MAX];
	size_t count;
};

/* ERR_INPUT when it cannot be read, ERR_USAGE for what is wrong in it. */
int price_file_read(struct price_file *file, const char *path, struct err *err);

/*
 * Set all prices in @cfg, the @shifted one plus @sign half intervals; none is
 * shifted with @sign 0.  A price is not less than the parameter's least value.
 */
int price_file_apply(const struct price_file *file, struct config *cfg,
		     size_t shifted, int sign, struct err *err);

#endif
