/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The models against what was measured and published.
 *
 * Each part reads its tables in tests/calibration, adds its figures, prints
 * its points as Markdown and draws them.
 */
#ifndef TESTS_VALIDATE_VALIDATE_H
#define TESTS_VALIDATE_VALIDATE_H

#include <stdio.h>

#include "tests/validate/figure.h"

struct validation {
	const char *tables; /* directory */
	const char *plots;  /* directory for data and scripts; NULL: none */
	const char *const *sets; /* KEY=VALUE for every host; NULL ends */
	unsigned jobs;
	FILE *points; /* Markdown */
	struct figures figures;
};

/* "TABLES/NAME.csv" into @path. Returns @path. */
char *validation_path(const struct validation *v, const char *name, char *path,
		      size_t size);
#define VALIDATION_PATH_MAX 512

int validate_transfers(struct validation *v, struct err *err);
int validate_closed_forms(struct validation *v, struct err *err);
int validate_copies(struct validation *v, struct err *err);
int validate_mappings(struct validation *v, struct err *err);

#endif
