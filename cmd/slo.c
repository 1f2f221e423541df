/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/slo.h"

#include <string.h>

#include "cmd/trial.h"
#include "core/hist.h"
#include "core/units.h"

static const struct quantile_name {
	const char *name;
	uint32_t ppm;
} quantiles[] = { { "p50", 500000 },  { "p90", 900000 },  { "p99", 990000 },
		  { "p999", 999000 }, { "max", 1000000 }, { NULL, 0 } };

int slo_parse(struct slo *slo, const char *text, struct err *err)
{
	const char *name = text, *equals = strchr(text, '=');
	const struct quantile_name *row;

	*slo = (struct slo){ .tx = true, .rx = true, .text = text };
	if (!strncmp(name, "tx.", 3) || !strncmp(name, "rx.", 3)) {
		slo->tx = name[0] == 't';
		slo->rx = !slo->tx;
		name += 3;
	}
	for (row = quantiles; row->name && equals; row++)
		if (strlen(row->name) == (size_t)(equals - name) &&
		    !strncmp(row->name, name, strlen(row->name)))
			slo->quantile_ppm = row->ppm;
	if (!slo->quantile_ppm)
		return err_set(err, ERR_USAGE,
			       "'%s' is no bound such as p99=50us, tx.p999=1ms "
			       "or rx.max=2ms (p50 p90 p99 p999 max)",
			       text);
	if (units_parse(QTY_TIME, equals + 1, &slo->bound_ps, err) < 0)
		return -1;
	if (!slo->bound_ps)
		return err_set(err, ERR_USAGE,
			       "'%s': no frame takes no time at all", text);
	return 0;
}

static uint64_t quantile(const struct slo *slo, const struct run_result *run,
			 const char *metric)
{
	const struct hist *hist = trial_metric(run, metric, METRIC_HIST);

	if (!hist->count)
		return 0;
	return slo->quantile_ppm == 1000000
		       ? hist->max
		       : hist_quantile(hist, slo->quantile_ppm);
}

uint64_t slo_tx_ps(const struct slo *slo, const struct run_result *run)
{
	return slo->tx ? quantile(slo, run, "tx.latency_wire_ps") : 0;
}

uint64_t slo_rx_ps(const struct slo *slo, const struct run_result *run)
{
	return slo->rx ? quantile(slo, run, "rx.latency_ps") : 0;
}

bool slo_held(const struct slo *slo, const struct run_result *run)
{
	return !slo->bound_ps || (slo_tx_ps(slo, run) <= slo->bound_ps &&
				  slo_rx_ps(slo, run) <= slo->bound_ps);
}
