/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The axes of a study, a line each, as --axis has them.
 */
#include <string.h>

#include "cmd/axes.h"
#include "tests/fuzz/fuzz.h"

/* Every value is one that its parameter takes, and no two are the same. */
static void check_axis(const struct axis *axis, const struct config *cfg)
{
	struct config *copy;
	struct err err = ERR_INIT;
	size_t i;

	FUZZ_CHECK(axis->count > 0 && axis->count <= AXIS_VALUES_MAX, "%zu",
		   axis->count);
	if (axis_is_special(axis->key))
		return;
	copy = config_copy(cfg, &err);
	FUZZ_CHECK(copy, "%s", err.text);
	for (i = 0; i < axis->count; i++) {
		FUZZ_CHECK(config_set(copy, axis->key, axis->values[i], "axis",
				      &err) == 0,
			   "%s", err.text);
		FUZZ_CHECK(!i || strcmp(axis->values[i], axis->values[i - 1]),
			   "%s twice", axis->values[i]);
	}
	config_free(copy);
}

static void check_axes(const struct axes *axes, const struct config *cfg)
{
	struct err err = ERR_INIT;
	size_t i, points;

	for (i = 0; i < axes->count; i++)
		check_axis(&axes->list[i], cfg);
	if (axes_points(axes, &points, &err) < 0) {
		fuzz_refused(&err);
		return;
	}
	FUZZ_CHECK(points > 0, "no point");
	for (i = 0; i < axes->count; i++) {
		const struct axis *axis = &axes->list[i];

		FUZZ_CHECK(axes_value(axes, i, 0) == axis->values[0], "first");
		FUZZ_CHECK(axes_value(axes, i, points - 1) ==
				   axis->values[axis->count - 1],
			   "last");
	}
}

static void run(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *line;
	struct axes axes = { .count = 0 };
	struct err err = ERR_INIT;

	while ((line = strsep(&rest, "\n")))
		if (axes_add(&axes, fuzz_defaults(), line, &err) < 0)
			fuzz_refused(&err);
	check_axes(&axes, fuzz_defaults());
	axes_clear(&axes);
	free(text);
}

const struct fuzz_target fuzz_axes = { .name = "axes", .run = run };
