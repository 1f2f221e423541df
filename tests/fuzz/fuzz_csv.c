/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables in: as any table, as measured transfers, as measured copies with a
 * fit to them.
 */
#include <math.h>
#include <string.h>

#include "cmd/copy_fit.h"
#include "cmd/csv_in.h"
#include "cmd/dma_samples.h"
#include "tests/fuzz/fuzz.h"

/* A fit takes the square of the samples in places. */
#define FIT_SAMPLES_MAX 500

static void read_any(struct csv_in *csv)
{
	struct err err = ERR_INIT;
	double value;
	int more;

	while ((more = csv_in_next(csv, &err)) > 0) {
		FUZZ_CHECK(strlen(csv_in_text(csv, 0)) <= CSV_IN_LINE_MAX,
			   "field");
		if (csv_in_number(csv, 0, &value, &err) < 0)
			fuzz_refused(&err);
		else
			FUZZ_CHECK(isfinite(value) && value >= 0, "number");
	}
	if (more < 0)
		fuzz_refused(&err);
}

/* Each sample is one that a probe can repeat: or says why not. */
static void read_transfers(struct csv_in *csv)
{
	struct dma_samples samples = { .list = NULL };
	struct config *own;
	struct err err = ERR_INIT;
	size_t i;

	if (dma_samples_read(&samples, csv, NULL, &err) < 0)
		fuzz_refused(&err);
	for (i = 0; i < samples.count && i < 8; i++) {
		const struct dma_sample *sample = &samples.list[i];
		struct probe_spec spec = dma_sample_spec(sample, 16);
		struct probe_result result;

		own = dma_sample_config(sample, fuzz_defaults(), &err);
		if (!own) {
			fuzz_refused(&err);
			continue;
		}
		if (spec.window > (16 << 20))
			spec.window = 16 << 20;
		if (probe_run(own, &spec, &result, &err) < 0)
			fuzz_refused(&err);
		else
			probe_result_clear(&result);
		config_free(own);
	}
	dma_samples_clear(&samples);
}

static void read_copies(struct csv_in *csv)
{
	struct copy_samples samples = { .list = NULL };
	struct err err = ERR_INIT;
	struct copy_fit fit;
	int i;

	if (copy_samples_read(&samples, csv, &err) < 0)
		fuzz_refused(&err);
	else if (samples.count > FIT_SAMPLES_MAX)
		;
	else if (copy_fit_make(&fit, &samples, COPY_ALL, &err) < 0)
		fuzz_refused(&err);
	else
		for (i = 0; i < FIT_COLUMNS; i++)
			FUZZ_CHECK(isfinite(fit.ns[i]), "price %d", i);
	copy_samples_clear(&samples);
}

static void read_as(const char *path, bool (*is)(const struct csv_in *),
		    void (*read)(struct csv_in *))
{
	struct err err = ERR_INIT;
	struct csv_in *csv = csv_in_open(path, &err);

	if (!csv)
		fuzz_refused(&err);
	else if (!is || is(csv))
		read(csv);
	csv_in_close(csv);
}

static void run(const uint8_t *data, size_t size)
{
	struct fuzz_file file = fuzz_file_new(data, size);

	read_as(file.path, NULL, read_any);
	read_as(file.path, dma_samples_known, read_transfers);
	read_as(file.path, copy_samples_known, read_copies);
	fuzz_file_free(&file);
}

const struct fuzz_target fuzz_csv = { .name = "csv", .run = run };
