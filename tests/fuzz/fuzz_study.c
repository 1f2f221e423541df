/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A study file, as `dmasim sweep --study` reads it.
 */
#include <string.h>

#include "cmd/sweep.h"
#include "tests/fuzz/fuzz.h"

static void run(const uint8_t *data, size_t size)
{
	struct fuzz_file file = fuzz_file_new(data, size);
	struct sweep sweep = { .study = file.path };
	struct err err = ERR_INIT;
	size_t points;

	if (study_file_read(&sweep, fuzz_defaults(), &err) < 0 ||
	    axes_points(&sweep.axes, &points, &err) < 0)
		fuzz_refused(&err);
	axes_clear(&sweep.axes);
	options_list_clear(&sweep.zips);
	options_list_clear(&sweep.constraints);
	options_list_clear(&sweep.axis_texts);
	options_clear(&sweep.options);
	fuzz_file_free(&file);
}

const struct fuzz_target fuzz_study = { .name = "study", .run = run };
