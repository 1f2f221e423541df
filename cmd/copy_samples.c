/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/copy_fit.h"

const struct copy_pair copy_pairs[] = {
	{ "l1", COPY_L1, COPY_L1 },
	{ "l2", COPY_L2, COPY_L2 },
	{ "l3", COPY_LLC, COPY_LLC },
	{ "src_dram_dst_l2", COPY_DRAM, COPY_L2 },
	{ "dram", COPY_DRAM, COPY_DRAM },
	{ NULL, COPY_L1, COPY_L1 },
};

#define SAMPLES_MAX 100000
#define BYTES_MAX   1e9

int copy_samples_add(struct copy_samples *samples,
		     const struct copy_sample *sample, struct err *err)
{
	if (samples->count == samples->room) {
		size_t room = samples->room ? 2 * samples->room : 64;
		struct copy_sample *list =
			realloc(samples->list, room * sizeof(*list));

		if (!list)
			return err_nomem(err, "table of copies");
		samples->list = list;
		samples->room = room;
	}
	samples->list[samples->count++] = *sample;
	return 0;
}

void copy_samples_clear(struct copy_samples *samples)
{
	free(samples->list);
	*samples = (struct copy_samples){ .list = NULL };
}

bool copy_samples_known(const struct csv_in *csv)
{
	return csv_in_column(csv, "residency") >= 0 &&
	       csv_in_column(csv, "serialised") >= 0;
}

struct columns {
	int residency, serialised, bytes, ns, low, high;
};

static int find_columns(const struct csv_in *csv, struct columns *columns,
			struct err *err)
{
	*columns = (struct columns){
		.residency = csv_in_column(csv, "residency"),
		.serialised = csv_in_column(csv, "serialised"),
		.bytes = csv_in_column(csv, "bytes"),
		.ns = csv_in_column(csv, "ns_median"),
		.low = csv_in_column(csv, "ns_low"),
		.high = csv_in_column(csv, "ns_high"),
	};
	if (columns->low < 0)
		columns->low = csv_in_column(csv, "ns_p10");
	if (columns->high < 0)
		columns->high = csv_in_column(csv, "ns_p90");
	if (columns->bytes < 0 || columns->ns < 0)
		return csv_in_error(csv, err,
				    "no column '%s' beside 'residency'",
				    columns->bytes < 0 ? "bytes" : "ns_median");
	return 0;
}

static int parse_pair(const struct csv_in *csv, int column,
		      struct copy_sample *sample, struct err *err)
{
	const char *text = csv_in_text(csv, column);
	const struct copy_pair *pair = copy_pairs;

	while (pair->name && strcmp(pair->name, text) != 0)
		pair++;
	sample->pair = pair;
	if (pair->name)
		return 0;
	return csv_in_error(csv, err,
			    "residency '%s' is none of l1, l2, l3, "
			    "src_dram_dst_l2, dram",
			    text);
}

static int parse_row(const struct csv_in *csv, const struct columns *columns,
		     struct copy_sample *sample, struct err *err)
{
	double serialised, bytes;

	if (parse_pair(csv, columns->residency, sample, err) < 0 ||
	    csv_in_number(csv, columns->serialised, &serialised, err) < 0 ||
	    csv_in_number(csv, columns->bytes, &bytes, err) < 0 ||
	    csv_in_number(csv, columns->ns, &sample->ns, err) < 0)
		return -1;
	if (serialised > 0 && serialised < 1)
		return csv_in_error(csv, err, "serialised is 0 or 1");
	if (bytes < 1 || bytes > BYTES_MAX)
		return csv_in_error(csv, err,
				    "a copy has 1 to 1000000000 bytes");
	if (sample->ns <= 0)
		return csv_in_error(csv, err, "a copy takes more than 0 ns");
	sample->alone = serialised >= 1;
	sample->bytes = (uint64_t)bytes;
	sample->low = sample->high = sample->ns;
	if (columns->low >= 0 &&
	    csv_in_number(csv, columns->low, &sample->low, err) < 0)
		return -1;
	if (columns->high >= 0 &&
	    csv_in_number(csv, columns->high, &sample->high, err) < 0)
		return -1;
	return 0;
}

int copy_samples_read(struct copy_samples *samples, struct csv_in *csv,
		      struct err *err)
{
	struct copy_sample sample;
	struct columns columns;
	int more;

	if (find_columns(csv, &columns, err) < 0)
		return -1;
	while ((more = csv_in_next(csv, err)) > 0) {
		if (parse_row(csv, &columns, &sample, err) < 0)
			return -1;
		if (samples->count == SAMPLES_MAX)
			return csv_in_error(csv, err, "more than %d copies",
					    SAMPLES_MAX);
		if (copy_samples_add(samples, &sample, err) < 0)
			return -1;
	}
	return more;
}
