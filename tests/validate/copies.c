/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copy prices: each half of the sizes is predicted by the prices that the
 * other half gives.
 */
#include <math.h>

#include "cmd/copy_fit.h"
#include "tests/validate/validate.h"

#define LONGEST 4096 /* a frame, and more */

/* Of the copies in @half by prices of the other: mean and count beyond. */
static int judge_half(const struct copy_samples *samples, enum copy_half half,
		      double *sum, unsigned *count, unsigned *beyond,
		      struct err *err)
{
	enum copy_half other = half == COPY_EVEN ? COPY_ODD : COPY_EVEN;
	struct copy_fit fit;
	size_t i;

	if (copy_fit_make(&fit, samples, other, err) < 0)
		return -1;
	for (i = 0; i < samples->count; i++) {
		const struct copy_sample *sample = &samples->list[i];
		double error;

		if (copy_half_of(samples, sample->bytes) != half ||
		    sample->bytes > LONGEST || sample->pair->from == COPY_L1)
			continue;
		error = 100 * fabs(copy_fit_ns(&fit, sample) / sample->ns - 1);
		*sum += error;
		*count += 1;
		*beyond += error > 12;
	}
	return 0;
}

static int judge(struct validation *v, const struct copy_samples *samples,
		 struct err *err)
{
	double sum = 0;
	unsigned count = 0, beyond = 0;

	if (judge_half(samples, COPY_EVEN, &sum, &count, &beyond, err) < 0 ||
	    judge_half(samples, COPY_ODD, &sum, &count, &beyond, err) < 0)
		return -1;
	figure(&v->figures, 12, "%", "copies.sizes_left_out")->value =
		sum / count;
	figure(&v->figures, 0, "%", "copies.share_beyond_12%%")->value =
		100.0 * beyond / count;
	return 0;
}

int validate_copies(struct validation *v, struct err *err)
{
	char path[VALIDATION_PATH_MAX];
	struct copy_samples samples = { .count = 0 };
	struct csv_in *csv = csv_in_open(
		validation_path(v, "memcpy_measured", path, sizeof(path)), err);
	int result;

	if (!csv)
		return -1;
	result = copy_samples_read(&samples, csv, err);
	csv_in_close(csv);
	if (result == 0)
		result = judge(v, &samples, err);
	copy_samples_clear(&samples);
	return result;
}
