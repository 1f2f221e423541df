/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/crew.h"
#include "cmd/probe.h"
#include "models/bus/analytic.h"

/* In the order of enum figure. */
static const struct probe_column simulated[] = {
	{ "gbps", "Gb/s", 2, PROBE_NUMBER },
	{ "mtps", "Mt/s", 2, PROBE_NUMBER },
	{ "mean_ns", "latency\nmean ns", 1, PROBE_NUMBER },
	{ "min_ns", NULL, 1, PROBE_NUMBER },
	{ "p01_ns", NULL, 1, PROBE_NUMBER },
	{ "p05_ns", NULL, 1, PROBE_NUMBER },
	{ "p25_ns", NULL, 1, PROBE_NUMBER },
	{ "median_ns", "p50", 1, PROBE_NUMBER },
	{ "p75_ns", NULL, 1, PROBE_NUMBER },
	{ "p90_ns", NULL, 1, PROBE_NUMBER },
	{ "p95_ns", "p95", 1, PROBE_NUMBER },
	{ "p99_ns", "p99", 1, PROBE_NUMBER },
	{ "p999_ns", "p999", 1, PROBE_NUMBER },
	{ "p9999_ns", NULL, 1, PROBE_NUMBER },
	{ "p99999_ns", NULL, 1, PROBE_NUMBER },
	{ "max_ns", "max", 1, PROBE_NUMBER },
	{ "llc_hit_share", "LLC\nhit", 1, PROBE_PERCENT },
	{ "iotlb_miss_share", "IOTLB\nmiss", 1, PROBE_PERCENT },
	{ "tags_mean", "tags\nmean", 2, PROBE_NUMBER },
	{ "up_busy_share", "up\nbusy", 1, PROBE_PERCENT },
	{ "down_busy_share", "down\nbusy", 1, PROBE_PERCENT },
};

enum figure {
	GBPS,
	MTPS,
	MEAN,
	MIN,
	QUANTILES,
	MAX = QUANTILES + 11,
	LLC_HIT,
	IOTLB_MISS,
	TAGS,
	UP_BUSY,
	DOWN_BUSY
};

static const uint32_t quantiles_ppm[MAX - QUANTILES] = { 10000,	 50000,	 250000,
							 500000, 750000, 900000,
							 950000, 990000, 999000,
							 999900, 999990 };

static const struct probe_column of_link[] = {
	{ "wr_gbps", "write\nGb/s", 3, PROBE_NUMBER },
	{ "rd_gbps", "read\nGb/s", 3, PROBE_NUMBER },
	{ "duplex_gbps", "both,\neach", 3, PROBE_NUMBER },
	{ "tlp_gbps", "TLPs\nGb/s", 3, PROBE_NUMBER },
};

/* Without --eth the first three. */
static const struct probe_column of_nic[] = {
	{ "tx_gbps", "tx\nGb/s", 3, PROBE_NUMBER },
	{ "rx_gbps", "rx\nGb/s", 3, PROBE_NUMBER },
	{ "both_gbps", "both,\neach", 3, PROBE_NUMBER },
	{ "eth_gbps", "Ethernet\nasks", 3, PROBE_NUMBER },
	{ "tx_crossover_bytes", "keeps up\ntx from", 0, PROBE_NUMBER },
	{ "rx_crossover_bytes", "rx\nfrom", 0, PROBE_NUMBER },
	{ "both_crossover_bytes", "both\nfrom", 0, PROBE_NUMBER },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void set_columns(struct probe_study *study)
{
	if (!study->analytic) {
		study->columns = simulated;
		study->column_count = COUNT(simulated);
	} else if (!study->nic) {
		study->columns = of_link;
		study->column_count = COUNT(of_link);
	} else {
		study->columns = of_nic;
		study->column_count = study->eth_bps ? COUNT(of_nic) : 3;
	}
}

/* --- simulated --- */

static uint64_t seed_of(const struct probe_study *study, size_t point)
{
	size_t i;

	for (i = 0; i < study->axes.count; i++)
		if (!strcmp(study->axes.list[i].key, "seed"))
			return strtoull(axes_value(&study->axes, i, point),
					NULL, 10);
	return study->options.seed;
}

static struct probe_spec spec_of(const struct probe_study *study,
				 const struct config *cfg, size_t point)
{
	return (struct probe_spec){
		.op = (enum probe_op)config_choice(cfg, "probe.op"),
		.cache = (enum probe_cache)config_choice(cfg, "probe.cache"),
		.size = (uint32_t)config_u64(cfg, "probe.size"),
		.offset = (uint32_t)config_u64(cfg, "probe.offset"),
		.window = config_u64(cfg, "probe.window"),
		.outstanding = (uint32_t)config_u64(cfg, "probe.outstanding"),
		.count = config_u64(cfg, "probe.count"),
		.seed = seed_of(study, point),
	};
}

static double share(uint64_t part, uint64_t rest)
{
	return part + rest ? (double)part / (double)(part + rest) : (double)NAN;
}

static void fill_simulated(double *figures, const struct probe_spec *spec,
			   const struct probe_result *result)
{
	const struct hist *latency = &result->latency_ps;
	size_t i;

	figures[GBPS] = (double)result->payload_bps / 1e9;
	figures[MTPS] = (double)result->payload_bps / 8e6 / spec->size;
	figures[MEAN] = hist_mean(latency) / 1e3;
	figures[MIN] = (double)latency->min / 1e3;
	for (i = 0; i < COUNT(quantiles_ppm); i++)
		figures[QUANTILES + i] =
			(double)hist_quantile(latency, quantiles_ppm[i]) / 1e3;
	figures[MAX] = (double)latency->max / 1e3;
	figures[LLC_HIT] = share(result->cache_hits,
				 result->cache_lookups - result->cache_hits);
	figures[IOTLB_MISS] = share(result->iotlb_misses, result->iotlb_hits);
	figures[TAGS] = (double)result->tags_mean_ppm / 1e6;
	figures[UP_BUSY] = (double)result->up_busy_ppm / 1e6;
	figures[DOWN_BUSY] = (double)result->down_busy_ppm / 1e6;
}

static int simulate(struct probe_study *study, const struct config *cfg,
		    size_t point, double *figures, struct err *err)
{
	struct probe_spec spec = spec_of(study, cfg, point);
	struct probe_result result;

	if (probe_run(cfg, &spec, &result, err) < 0)
		return -1;
	fill_simulated(figures, &spec, &result);
	study->fingerprints[point] = result.fingerprint;
	probe_result_clear(&result);
	return 0;
}

/* --- closed forms --- */

static double gbps(uint64_t bps)
{
	return (double)bps / 1e9;
}

static double crossover(const struct nic_traffic *traffic, enum nic_flow flow,
			uint64_t eth_bps)
{
	uint32_t bytes = nic_crossover_bytes(traffic, flow, eth_bps);

	return bytes ? (double)bytes : (double)NAN;
}

static void fill_nic(const struct probe_study *study,
		     const struct nic_traffic *traffic, uint32_t frame,
		     double *figures)
{
	uint64_t eth = study->eth_bps;
	unsigned flow;

	for (flow = NIC_TX; flow <= NIC_BOTH; flow++) {
		figures[flow] = gbps(
			nic_capacity_bps(traffic, (enum nic_flow)flow, frame));
		if (eth)
			figures[4 + flow] =
				crossover(traffic, (enum nic_flow)flow, eth);
	}
	if (eth)
		figures[3] =
			gbps(eth_share_bps(eth, frame, frame - ETH_FCS_BYTES));
}

static void fill_analytic(const struct probe_study *study,
			  const struct config *cfg, double *figures)
{
	uint32_t size = (uint32_t)config_u64(cfg, "probe.size");
	uint32_t completion = (uint32_t)config_u64(cfg, "pcie.completion");
	struct link link;

	link_init(&link, cfg);
	if (study->nic) {
		fill_nic(study,
			 &(struct nic_traffic){
				 .link = &link,
				 .pattern = study->nic,
				 .completion = completion < link.mps
						       ? completion
						       : link.mps,
				 .as_published = study->as_published },
			 size, figures);
		return;
	}
	figures[0] = gbps(analytic_write_bps(&link, size));
	figures[1] = gbps(analytic_read_bps(&link, size, completion));
	figures[2] = gbps(analytic_duplex_bps(&link, size, completion));
	figures[3] = gbps(link_tlp_bps(&link));
}

/* --- points --- */

static int check_point(const struct probe_study *study,
		       const struct config *cfg, size_t point, struct err *err)
{
	struct probe_spec spec = spec_of(study, cfg, point);

	if (!study->analytic)
		return probe_check(cfg, &spec, err);
	if (study->nic && spec.size <= ETH_FCS_BYTES)
		return err_set(err, ERR_USAGE,
			       "a frame with its FCS has more than %u bytes, "
			       "not %" PRIu32,
			       ETH_FCS_BYTES, spec.size);
	return link_check(cfg, err);
}

static int check_points(const struct probe_study *study, struct err *err)
{
	size_t point;
	int rc = 0;

	for (point = 0; !rc && point < study->points; point++) {
		struct config *cfg = probe_point(study, point, err);

		rc = cfg ? check_point(study, cfg, point, err) : -1;
		config_free(cfg);
	}
	return rc;
}

struct round {
	struct probe_study *study;
	pthread_mutex_t lock; /* of what failed */
	bool failed;
	struct err err;
};

static int run_point(struct probe_study *study, size_t point, struct err *err)
{
	double *figures = &study->figures[point * study->column_count];
	struct config *cfg = probe_point(study, point, err);
	int rc = 0;

	if (!cfg)
		return -1;
	if (study->analytic)
		fill_analytic(study, cfg, figures);
	else
		rc = simulate(study, cfg, point, figures, err);
	config_free(cfg);
	study->done[point] = !rc;
	return rc;
}

static void work(void *ctx, size_t point)
{
	struct round *round = ctx;
	struct err err = ERR_INIT;

	if (cmd_interrupted || run_point(round->study, point, &err) == 0)
		return;
	pthread_mutex_lock(&round->lock);
	round->failed = true;
	round->err = err;
	pthread_mutex_unlock(&round->lock);
}

int probe_run_points(struct probe_study *study, struct err *err)
{
	struct round round = { .study = study, .err = ERR_INIT };
	struct crew *crew;

	set_columns(study);
	if (check_points(study, err) < 0)
		return -1;
	study->figures = calloc(study->points * study->column_count,
				sizeof(*study->figures));
	study->fingerprints =
		calloc(study->points, sizeof(*study->fingerprints));
	study->done = calloc(study->points, sizeof(*study->done));
	if (!study->figures || !study->fingerprints || !study->done)
		return err_nomem(err, "points");
	crew = crew_new(study->options.jobs, err);
	if (!crew)
		return -1;
	pthread_mutex_init(&round.lock, NULL);
	crew_begin(crew, study->points, work, &round);
	crew_end(crew);
	crew_free(crew);
	pthread_mutex_destroy(&round.lock);
	if (round.failed)
		*err = round.err;
	return round.failed ? -1 : 0;
}
