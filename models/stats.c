/* SPDX-License-Identifier: Apache-2.0 */
#include "models/stats.h"

#include <string.h>

#include "models/machine.h"

const char *const tx_stage_names[TX_STAGES] = {
	[TX_QUEUE] = "queue",
	[TX_CPU_WAIT] = "cpu_wait",
	[TX_STACK] = "stack",
	[TX_LOCK_WAIT] = "lock_wait",
	[TX_DRIVER] = "driver",
	[TX_MAP_WAIT] = "map_wait",
	[TX_MAP] = "map",
	[TX_BOUNCE] = "bounce",
	[TX_COPY] = "copy",
	[TX_ORDER_WAIT] = "order_wait",
	[TX_RING_WAIT] = "ring_wait",
	[TX_FETCH] = "fetch",
	[TX_DATA] = "data",
	[TX_WIRE] = "wire",
	[TX_WRITE_BACK] = "write_back",
	[TX_MODERATION] = "moderation",
	[TX_INTERRUPT] = "interrupt",
	[TX_DPC_WAIT] = "dpc_wait",
	[TX_UNMAP] = "unmap",
};

const char *const rx_stage_names[RX_STAGES] = {
	[RX_FIFO] = "fifo",
	[RX_DMA_WRITE] = "dma_write",
	[RX_WRITE_BACK] = "write_back",
	[RX_MODERATION] = "moderation",
	[RX_INTERRUPT] = "interrupt",
	[RX_DPC_WAIT] = "dpc_wait",
	[RX_FLUSH] = "flush",
	[RX_COPY] = "copy",
	[RX_DRIVER] = "driver",
	[RX_INDICATE] = "indicate",
	[RX_STACK_WAIT] = "stack_wait",
	[RX_STACK] = "stack",
	[RX_HOLD] = "hold",
	[RX_REPOST] = "repost",
};

/* The compared latencies keep 0.1 %. */
static unsigned bits_of(const struct metric *metric)
{
	return strstr(metric->name, ".latency") ? HIST_BITS_FINE
						: HIST_BITS_COARSE;
}

/* The levels that are drawn over time. */
static bool is_plotted(const char *name)
{
	static const char *const plotted[] = {
		"hal.map_registers_in_use",
		"hal.adapter_registers_in_use",
		"hal.neighbour_registers_in_use",
		"hal.map_register_queue",
		"tx.in_system",
		"tx.ring_used",
		"rx.in_system",
		"rx.ring_free",
	};
	size_t i;

	for (i = 0; i < sizeof(plotted) / sizeof(plotted[0]); i++)
		if (!strcmp(name, plotted[i]))
			return true;
	return false;
}

void stats_init(struct stats *stats, sim_time series_step)
{
	const struct metric *row;
	unsigned i;

	memset(stats, 0, sizeof(*stats));
	for (row = machine_metrics; row->name; row++) {
		void *value = (char *)stats + row->offset;

		if (row->kind == METRIC_HIST)
			hist_init(value, bits_of(row));
		else if (row->kind == METRIC_GAUGE)
			gauge_init(value, 0,
				   is_plotted(row->name) ? series_step : 0);
	}
	for (i = 0; i < TX_STAGES; i++)
		hist_init(&stats->tx_stage[i], HIST_BITS_COARSE);
	for (i = 0; i < RX_STAGES; i++)
		hist_init(&stats->rx_stage[i], HIST_BITS_COARSE);
}

void stats_clear(struct stats *stats)
{
	const struct metric *row;
	unsigned i;

	for (row = machine_metrics; row->name; row++) {
		void *value = (char *)stats + row->offset;

		if (row->kind == METRIC_HIST)
			hist_clear(value);
		else if (row->kind == METRIC_GAUGE)
			gauge_clear(value);
	}
	for (i = 0; i < TX_STAGES; i++)
		hist_clear(&stats->tx_stage[i]);
	for (i = 0; i < RX_STAGES; i++)
		hist_clear(&stats->rx_stage[i]);
}

void stats_close(struct stats *stats, sim_time end)
{
	const struct metric *row;

	for (row = machine_metrics; row->name; row++)
		if (row->kind == METRIC_GAUGE)
			gauge_close((void *)((char *)stats + row->offset), end);
}
