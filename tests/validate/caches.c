/* SPDX-License-Identifier: Apache-2.0 */
/* Caches, the other socket, and the shape of latencies. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/validate/hosts.h"

/* --- the share of the cache that devices write to --- */

/*
 * Reads of what the device wrote take the latency of a hit, of a miss, or in
 * between: the first window hits, the last one, but for the share, misses.
 */
static double measured_share(const struct dma_sample *s, double hit,
			     double miss)
{
	return fmin(1, fmax(0, (miss - s->value) / (miss - hit)));
}

static void shares(struct validation *v, const struct host *host)
{
	struct pick pick = { .table = LAT_WINDOW,
			     .op = PROBE_RD,
			     .cache = PROBE_DEVWARM,
			     .command = true,
			     .size = 64 };
	struct pick cold = pick;
	const struct dma_sample *s, *miss;
	struct errors errors = { .count = 0 };
	double hit;

	cold.cache = PROBE_COLD;
	cold.window = 67108864;
	miss = pick_one(&host->samples, &cold);
	s = pick_one(&host->samples, &pick);
	hit = s->value;
	fprintf(v->points,
		"\n**DDIO, %s: share of lines found after the device wrote the "
		"window**\n\n| window KiB | measured | model | "
		"|\n|--:|--:|--:|--:|\n",
		host->name);
	for (; s; s = pick_next(&host->samples, &pick, s + 1)) {
		double share = measured_share(s, hit, miss->value);

		errors_add(&errors, s->hits - share);
		fprintf(v->points, "| %lu | %.2f | %.2f | %+.2f |\n",
			(unsigned long)(s->window >> 10), share, s->hits,
			s->hits - share);
	}
	figure(&v->figures, .07, "", "ddio_share.%s", host->name)->value =
		errors.worst;
}

/* Mean latency over windows, whoever touched them before. */
static void windows(struct validation *v, const struct host *host)
{
	static const struct {
		enum probe_cache cache;
		const char *name;
	} rows[] = { { PROBE_WARM, "warm" }, { PROBE_COLD, "cold" } };
	unsigned i;

	for (i = 0; i < 2; i++) {
		struct pick pick = { .table = LAT_WINDOW,
				     .op = PROBE_RD,
				     .cache = rows[i].cache,
				     .size = 64 };
		const struct dma_sample *s = pick_one(&host->samples, &pick);
		struct errors errors = { .count = 0 };

		for (; s; s = pick_next(&host->samples, &pick, s + 1))
			errors_add(&errors, error_of(s));
		figure(&v->figures, 3, "%", "latency_windows.%s.%s",
		       rows[i].name, host->name)
			->value = errors.worst;
	}
}

void report_caches(struct validation *v, const struct host hosts[HOSTS])
{
	unsigned i;

	for (i = 0; i < HOSTS; i++) {
		shares(v, &hosts[i]);
		windows(v, &hosts[i]);
	}
}

/* --- the other socket --- */

/* Local and remote sample of @pick; false: there are none. */
static bool both(const struct host *host, struct pick pick,
		 const struct dma_sample *pair[2])
{
	pair[0] = pick_one(&host->samples, &pick);
	pick.remote = true;
	pair[1] = pick_one(&host->samples, &pick);
	return pair[0] && pair[1];
}

void report_sockets(struct validation *v, const struct host hosts[HOSTS])
{
	static const uint32_t sizes[] = { 64, 128, 256, 512 };
	const struct host *host = &hosts[HOSTS - 1];
	struct errors latency = { .count = 0 }, ratio = { .count = 0 };
	const struct dma_sample *pair[2];
	unsigned cache, i;

	fprintf(v->points,
		"\n**The other socket's memory, %s**\n\n| | measured | model "
		"|\n|---|--:|--:|\n",
		host->name);
	for (cache = PROBE_WARM; cache <= PROBE_COLD; cache++) {
		const char *name = cache == PROBE_WARM ? "warm" : "cold";
		struct pick pick = { .table = LAT_WINDOW,
				     .op = PROBE_RD,
				     .cache = cache,
				     .size = 64,
				     .window = 1048576 };

		if (both(host, pick, pair)) {
			double measured = pair[1]->value - pair[0]->value;
			double model = pair[1]->model - pair[0]->model;

			errors_add(&latency, model - measured);
			fprintf(v->points,
				"| 64 B read, %s: longer by, ns | %.1f | %.1f "
				"|\n",
				name, measured, model);
		}
		pick.table = BW_WINDOW;
		for (i = 0; i < 4; i++) {
			double measured, model;

			pick.size = sizes[i];
			if (!both(host, pick, pair))
				continue;
			measured = pair[1]->value / pair[0]->value;
			model = pair[1]->model / pair[0]->model;
			errors_add(&ratio, model - measured);
			fprintf(v->points,
				"| %u B reads, %s: share of the rate | %.3f | "
				"%.3f |\n",
				sizes[i], name, measured, model);
		}
	}
	figure(&v->figures, 15, "ns", "numa_latency.%s", host->name)->value =
		latency.worst;
	figure(&v->figures, .05, "", "numa_rate.%s", host->name)->value =
		ratio.worst;
}

/* --- quantiles --- */

#define QUANTILES    9
#define RESOLUTION   13.33 /* of the device's timer, ns */
#define DRAWS	     100000
#define WINDOW_BYTES 8192

static const struct {
	const char *column, *name;
	uint32_t ppm;
} quantiles[QUANTILES] = {
	{ "p01_ns", "1 %", 10000 },	 { "p05_ns", "5 %", 50000 },
	{ "p25_ns", "25 %", 250000 },	 { "p50_ns", "50 %", 500000 },
	{ "p75_ns", "75 %", 750000 },	 { "p90_ns", "90 %", 900000 },
	{ "p95_ns", "95 %", 950000 },	 { "p99_ns", "99 %", 990000 },
	{ "p999_ns", "99.9 %", 999000 },
};

/* One size, warm or cold: of each host, measured and simulated. */
struct shape {
	uint32_t size;
	bool cold;
	double measured[HOSTS][QUANTILES], model[HOSTS][QUANTILES];
};

static bool is(struct csv_in *csv, const char *column, const char *text)
{
	return strcmp(csv_in_text(csv, csv_in_column(csv, column)), text) == 0;
}

/* 1: the row is one of the shape's; into its host's quantiles. */
static int take_row(struct shape *shape, struct csv_in *csv, struct err *err)
{
	double size, window;
	unsigned host, i;

	for (host = 0; host < HOSTS && !is(csv, "host", host_names[host]);
	     host++)
		;
	if (host == HOSTS || is(csv, "topo", "s0s1s1") ||
	    !is(csv, "cache", shape->cold ? "cold" : "hostwarm"))
		return 0;
	if (csv_in_number(csv, csv_in_column(csv, "size_B"), &size, err) < 0 ||
	    csv_in_number(csv, csv_in_column(csv, "window_B"), &window, err) <
		    0)
		return -1;
	if ((uint32_t)size != shape->size || (uint32_t)window != WINDOW_BYTES)
		return 0;
	for (i = 0; i < QUANTILES; i++)
		if (csv_in_number(csv, csv_in_column(csv, quantiles[i].column),
				  &shape->measured[host][i], err) < 0)
			return -1;
	return 1;
}

static int read_shape(struct shape *shape, const struct validation *v,
		      struct err *err)
{
	char path[VALIDATION_PATH_MAX];
	struct csv_in *csv = csv_in_open(
		validation_path(v, "dma_lat_quantiles", path, sizeof(path)),
		err);
	int more, result = 0;

	if (!csv)
		return -1;
	while (result >= 0 && (more = csv_in_next(csv, err)) != 0)
		result = more < 0 ? -1 : take_row(shape, csv, err);
	csv_in_close(csv);
	return result < 0 ? -1 : 0;
}

static int simulate_shape(struct shape *shape, const struct host *host,
			  double *model, struct err *err)
{
	struct probe_spec spec = {
		.op = PROBE_RD,
		.cache = shape->cold ? PROBE_COLD : PROBE_WARM,
		.size = shape->size,
		.window = WINDOW_BYTES,
		.outstanding = 1,
		.count = DRAWS,
		.seed = 1,
	};
	struct probe_result result;
	unsigned i;

	if (probe_run(host->cfg, &spec, &result, err) < 0)
		return -1;
	for (i = 0; i < QUANTILES; i++)
		model[i] = (double)hist_quantile(&result.latency_ps,
						 quantiles[i].ppm) /
			   1e3;
	probe_result_clear(&result);
	return 0;
}

/* Beyond the band that the hosts span, as far as the timer tells, %. */
static double outside(const struct shape *shape, unsigned host, unsigned i)
{
	double low = shape->measured[0][i], high = low, x;
	unsigned k;

	for (k = 1; k < HOSTS; k++) {
		low = fmin(low, shape->measured[k][i]);
		high = fmax(high, shape->measured[k][i]);
	}
	low -= RESOLUTION / 2;
	high += RESOLUTION / 2;
	x = shape->model[host][i];
	return x < low	  ? 100 * (1 - x / low)
	       : x > high ? 100 * (x / high - 1)
			  : 0;
}

static void print_shape(struct validation *v, const struct shape *shape,
			struct errors errors[HOSTS])
{
	unsigned host, i;

	fprintf(v->points, "\n**Quantiles of %u B reads, %s (ns)**\n\n|",
		shape->size, shape->cold ? "cold" : "warm");
	for (host = 0; host < HOSTS; host++)
		fprintf(v->points, " | %s measured | model", host_names[host]);
	fputs(" |\n|---|--:|--:|--:|--:|\n", v->points);
	for (i = 0; i < QUANTILES; i++) {
		fprintf(v->points, "| %s", quantiles[i].name);
		for (host = 0; host < HOSTS; host++) {
			double measured = shape->measured[host][i];
			double model = shape->model[host][i];

			fprintf(v->points, " | %.0f | %.0f", measured, model);
			errors_add(&errors[host],
				   shape->cold ? outside(shape, host, i)
					       : 100 * (model / measured - 1));
		}
		fputs(" |\n", v->points);
	}
}

int report_quantiles(struct validation *v, const struct host hosts[HOSTS],
		     struct err *err)
{
	static const uint32_t sizes[] = { 64, 2048 };
	unsigned cold, i, k;

	for (cold = 0; cold < 2; cold++) {
		struct errors errors[HOSTS] = { { .count = 0 } };

		for (i = 0; i < 2; i++) {
			struct shape shape = { .size = sizes[i], .cold = cold };

			if (read_shape(&shape, v, err) < 0)
				return -1;
			for (k = 0; k < HOSTS; k++)
				if (simulate_shape(&shape, &hosts[k],
						   shape.model[k], err) < 0)
					return -1;
			print_shape(v, &shape, errors);
		}
		for (k = 0; k < HOSTS; k++)
			figure(&v->figures, cold ? 0 : 4, "%",
			       "quantiles.%s.%s", cold ? "cold" : "warm",
			       hosts[k].name)
				->value = errors[k].worst;
	}
	return 0;
}
