/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bandwidth and latency over size, the steps between sizes, rates that tags
 * bound, and what the other host's preset says.
 */
#include <math.h>
#include <stdlib.h>

#include "tests/validate/hosts.h"

/* What is fitted and what is judged: sizes of no odd boundary. */
static const uint32_t rate_sizes[] = { 64, 128, 256, 512, 1536, 2048, 0 };
static const uint32_t latency_sizes[] = { 64,	128,  256,  512,  768,
					  1024, 1280, 1520, 2048, 0 };

static bool listed(const uint32_t *sizes, uint32_t size)
{
	while (*sizes && *sizes != size)
		sizes++;
	return *sizes;
}

/* --- over size --- */

/* Errors of @pick's samples: those of @sizes, and of all. */
static void collect(const struct dma_samples *samples, const struct pick *pick,
		    const uint32_t *sizes, struct errors *judged,
		    struct errors *all)
{
	const struct dma_sample *s = pick_one(samples, pick);

	*judged = *all = (struct errors){ .count = 0 };
	for (; s; s = pick_next(samples, pick, s + 1)) {
		errors_add(all, error_of(s));
		if (listed(sizes, s->size))
			errors_add(judged, error_of(s));
	}
}

static void rate_figures(struct validation *v, const struct host *host)
{
	static const struct {
		enum probe_op op;
		double limit;
	} rows[] = { { PROBE_RD, 5 }, { PROBE_WR, 5 }, { PROBE_RDWR, NAN } };
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pick pick = { .table = BW_SIZE, .op = rows[i].op };
		const char *op = op_names[rows[i].op];
		struct errors judged, all;

		collect(&host->samples, &pick, rate_sizes, &judged, &all);
		figure(&v->figures, rows[i].limit, "%", "bandwidth.%s.%s", op,
		       host->name)
			->value = errors_mean(&judged);
		figure(&v->figures, NAN, "%", "bandwidth_all_sizes.%s.%s", op,
		       host->name)
			->value = errors_mean(&all);
	}
}

static void latency_figures(struct validation *v, const struct host *host)
{
	static const enum probe_op ops[] = { PROBE_RD, PROBE_WRRD };
	unsigned i;

	for (i = 0; i < 2; i++) {
		struct pick pick = { .table = LAT_SIZE, .op = ops[i] };
		const char *op = op_names[ops[i]];
		struct errors judged, all;

		collect(&host->samples, &pick, latency_sizes, &judged, &all);
		figure(&v->figures, 3, "%", "latency.%s.%s", op, host->name)
			->value = judged.worst;
		figure(&v->figures, NAN, "%", "latency_all_sizes.%s.%s", op,
		       host->name)
			->value = all.worst;
	}
}

/* Reads of 64 bytes over windows that the cache holds: 32 tags / hold time. */
static void tag_figure(struct validation *v, const struct host *host)
{
	struct pick pick = { .table = BW_WINDOW, .op = PROBE_RD, .size = 64 };
	const struct dma_sample *s = pick_one(&host->samples, &pick);
	struct errors errors = { .count = 0 };

	for (; s; s = pick_next(&host->samples, &pick, s + 1))
		if (s->window >= 262144 && s->window <= 8388608)
			errors_add(&errors, error_of(s));
	figure(&v->figures, 4, "%", "tags.%s", host->name)->value =
		errors_mean(&errors);
}

static void print_sizes(struct validation *v, const struct host *host,
			enum host_table table, const enum probe_op *ops,
			unsigned count)
{
	struct pick first = { .table = table, .op = ops[0] };
	const struct dma_sample *row = pick_one(&host->samples, &first);
	unsigned i;

	fprintf(v->points, "\n**%s of %s over size**\n\n| B |",
		table == BW_SIZE ? "Bandwidth (Gb/s)" : "Mean latency (ns)",
		host->name);
	for (i = 0; i < count; i++)
		fprintf(v->points, " %s measured | model | |",
			op_names[ops[i]]);
	fputs("\n|--:|", v->points);
	for (i = 0; i < count; i++)
		fputs("--:|--:|--:|", v->points);
	for (; row; row = pick_next(&host->samples, &first, row + 1)) {
		fprintf(v->points, "\n| %u |", row->size);
		for (i = 0; i < count; i++) {
			struct pick pick = { .table = table,
					     .op = ops[i],
					     .size = row->size };
			const struct dma_sample *s =
				pick_one(&host->samples, &pick);

			fprintf(v->points, " %.1f | %.1f | %+.1f %% |",
				s->value, s->model, error_of(s));
		}
	}
	fputs("\n", v->points);
}

void report_sizes(struct validation *v, const struct host hosts[HOSTS])
{
	static const enum probe_op rates[] = { PROBE_RD, PROBE_WR, PROBE_RDWR };
	static const enum probe_op latencies[] = { PROBE_RD, PROBE_WRRD };
	unsigned i;

	for (i = 0; i < HOSTS; i++) {
		rate_figures(v, &hosts[i]);
		latency_figures(v, &hosts[i]);
		tag_figure(v, &hosts[i]);
		print_sizes(v, &hosts[i], BW_SIZE, rates, 3);
		print_sizes(v, &hosts[i], LAT_SIZE, latencies, 2);
	}
}

/* --- steps: a byte over a boundary --- */

/* Change from @size to one byte more, %: measured and simulated. */
static void step(const struct host *host, enum probe_op op, uint32_t size,
		 double *measured, double *model)
{
	struct pick pick = { .table = BW_SIZE, .op = op, .size = size };
	const struct dma_sample *at = pick_one(&host->samples, &pick), *after;

	pick.size++;
	after = pick_one(&host->samples, &pick);
	*measured = 100 * (after->value / at->value - 1);
	*model = 100 * (after->model / at->model - 1);
}

void report_steps(struct validation *v, const struct host hosts[HOSTS])
{
	static const uint32_t sizes[] = { 64, 128, 256 };
	double wrong = 0;
	unsigned i, op, k;

	fputs("\n**Steps: bandwidth of one byte more**\n\n"
	      "| host | op | from 64 B, measured | model | 128 B | | 256 B | "
	      "|\n|---|---|--:|--:|--:|--:|--:|--:|\n",
	      v->points);
	for (i = 0; i < HOSTS; i++)
		for (op = PROBE_RD; op <= PROBE_WR; op++) {
			fprintf(v->points, "| %s | %s |", hosts[i].name,
				op_names[op]);
			for (k = 0; k < 3; k++) {
				double measured, model;

				step(&hosts[i], op, sizes[k], &measured,
				     &model);
				wrong += signbit(measured) != signbit(model);
				fprintf(v->points, " %+.1f %% | %+.1f %% |",
					measured, model);
			}
			fputs("\n", v->points);
		}
	figure(&v->figures, 0, "of 12", "steps_of_wrong_sign")->value = wrong;
}

/* --- offsets --- */

static void offset_figure(struct validation *v, const struct host *host)
{
	struct pick pick = { .table = BW_OFFSET, .op = PROBE_RD, .size = 64 };
	const struct dma_sample *s = pick_one(&host->samples, &pick);
	struct errors errors = { .count = 0 };

	for (; s; s = pick_next(&host->samples, &pick, s + 1))
		errors_add(&errors, error_of(s));
	figure(&v->figures, NAN, "%", "offset.rd64.%s", host->name)->value =
		errors_mean(&errors);
}

/* --- the other host's preset --- */

void report_foreign(struct validation *v, const struct host hosts[HOSTS])
{
	unsigned i;

	for (i = 0; i < HOSTS; i++) {
		const struct dma_samples *samples = &hosts[i].foreign;
		const char *by = hosts[HOSTS - 1 - i].name;
		struct pick rate = { .table = BW_SIZE, .op = PROBE_RD };
		struct pick latency = { .table = LAT_SIZE, .op = PROBE_RD };
		struct errors judged, all;

		offset_figure(v, &hosts[i]);
		collect(samples, &rate, rate_sizes, &judged, &all);
		figure(&v->figures, NAN, "%", "foreign.bandwidth.rd.by.%s", by)
			->value = errors_mean(&judged);
		collect(samples, &latency, latency_sizes, &judged, &all);
		figure(&v->figures, NAN, "%", "foreign.latency.rd.by.%s", by)
			->value = judged.worst;
	}
}

int validate_transfers(struct validation *v, struct err *err)
{
	struct host hosts[HOSTS];
	int result = hosts_init(hosts, v, err);

	if (result == 0) {
		report_sizes(v, hosts);
		report_steps(v, hosts);
		report_foreign(v, hosts);
		report_walks(v, hosts);
		report_caches(v, hosts);
		report_sockets(v, hosts);
		result = report_quantiles(v, hosts, err);
	}
	if (result == 0 && v->plots)
		result = plot_hosts(v, hosts, err);
	hosts_clear(hosts);
	return result;
}
