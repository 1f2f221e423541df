/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines and traffic drawn at random, the same for a seed.
 */
#ifndef TESTS_RANDOM_MACHINE_H
#define TESTS_RANDOM_MACHINE_H

#include "models/machine.h"
#include "tests/unit/machine_fixture.h"
#include "traces/params.h"

#define RANDOM_FRAMES 260

/* Values a random machine draws from. */
static const struct {
	const char *key;
	const char *value[6]; /* NULL ends */
} random_ranges[] = {
	{ "traffic.tx_times", { "auto", "stamp", "burst", "asap" } },
	{ "traffic.send_batch_max", { "1", "2", "7", "64" } },
	{ "traffic.superframes", { "auto", "cut", "refuse" } },
	{ "traffic.window", { "0B", "0B", "0B", "3KiB", "64KiB" } },
	{ "traffic.dpc_sends", { "0%", "50%", "100%" } },
	{ "run.warmup", { "0", "0", "5us", "15us" } },
	{ "host.cores", { "1", "2", "3", "5" } },
	{ "host.clock", { "1GHz", "3.3GHz", "1.7GHz", "400MHz" } },
	{ "host.ram", { "2GiB", "8GiB", "64GiB" } },
	{ "host.l2", { "16KiB", "256KiB" } },
	{ "host.llc", { "512KiB", "15MiB" } },
	{ "host.ddio", { "0%", "10%", "100%" } },
	{ "host.dma_read_warm", { "0", "532ns", "3us" } },
	{ "host.dma_read_cold", { "0", "585ns", "9us" } },
	{ "host.dma_write", { "0", "220ns", "1us" } },
	{ "host.mmio_write", { "0", "250ns", "2us" } },
	{ "host.dpc_median", { "0", "1.53us", "10us" } },
	{ "host.stack_tx", { "0", "1500", "15000" } },
	{ "host.stack_rx", { "0", "2000", "20000" } },
	{ "cost.send", { "0", "150", "1500" } },
	{ "cost.sg_build", { "0", "860", "9000" } },
	{ "cost.sg_put", { "0", "400" } },
	{ "cost.hal_lock", { "0", "100", "5000" } },
	{ "cost.isr", { "0", "500", "5000" } },
	{ "cost.dpc", { "0", "800", "90000" } },
	{ "cost.pool_growth", { "0", "20000" } },
	{ "cost.indicate", { "0", "150" } },
	{ "cost.return", { "0", "60", "600" } },
	{ "hal.pool", { "10", "12", "16", "24" } },
	{ "hal.pool_cap", { "24", "32", "64", "16384" } },
	{ "hal.pool_growth", { "1", "16" } },
	{ "hal.background", { "0", "0", "10" } },
	{ "hal.worker_delay", { "0", "1us", "100us" } },
	{ "iommu.mode", { "off", "off", "passthrough", "strict", "deferred" } },
	{ "iommu.invalidate", { "0", "2130", "20000" } },
	{ "iommu.iotlb", { "1", "8", "128" } },
	{ "iommu.iotlb_reserved", { "0", "5" } },
	{ "iommu.iotlb_replacement", { "lru", "random" } },
	{ "iommu.psc", { "1", "64" } },
	{ "iommu.page", { "4KiB", "2MiB", "1GiB" } },
	{ "iommu.walk", { "0", "228ns", "3us" } },
	{ "iommu.walks", { "1", "2", "5" } },
	{ "iommu.drop_levels", { "0", "1", "3" } },
	{ "iommu.selective_max", { "0", "1", "512" } },
	{ "iommu.flush_batch", { "1", "7", "250" } },
	{ "iommu.flush_timer", { "0", "1us", "10ms" } },
	{ "iommu.contention", { "yes", "no" } },
	{ "pcie.generation", { "1", "2", "3", "4", "5" } },
	{ "pcie.lanes", { "1", "2", "4", "8", "16" } },
	{ "pcie.mps", { "128B", "256B", "512B" } },
	{ "pcie.mrrs", { "128B", "512B", "4096B" } },
	{ "pcie.completion", { "64B", "128B", "512B" } },
	{ "pcie.tags", { "1", "4", "32", "256" } },
	{ "pcie.rcb", { "64B", "128B" } },
	{ "pcie.ecrc", { "yes", "no" } },
	{ "pcie.line_request", { "0", "448B", "4KiB" } },
	{ "pcie.completion_interval", { "0", "10.8ns", "200ns" } },
	{ "host.write_credits", { "1", "8", "92" } },
	{ "host.read_credits", { "1", "20", "164" } },
	{ "host.read_jitter", { "0", "8ns", "1us" } },
	{ "host.read_return", { "0", "25ns", "9us" } },
	{ "host.dram_refresh", { "0", "230ns" } },
	{ "host.dram_load", { "0%", "90%" } },
	{ "host.numa", { "local", "remote" } },
	{ "nic.dma_issue", { "0", "21.1ns" } },
	{ "nic.dma_chunk_time", { "0", "17ns" } },
	{ "nic.write_gap", { "0", "4.5ns" } },
	{ "nic.dma_latency", { "0", "44ns", "3us" } },
	{ "nic.dma_store", { "0", "1Gbps", "55Gbps" } },
	{ "nic.wire", { "100Mbps", "1Gbps", "10Gbps", "40Gbps" } },
	{ "nic.queues", { "1", "1", "2", "4" } },
	{ "nic.dma_width", { "32", "32", "36", "64" } },
	{ "nic.sg_elements", { "4", "16", "30" } },
	{ "nic.tx_ring", { "32", "64", "512" } },
	{ "nic.rx_ring", { "8", "24", "512" } },
	{ "nic.fetch_max", { "1", "8", "40" } },
	{ "nic.desc_cache", { "31", "64" } },
	{ "nic.prefetch", { "1", "8", "32" } },
	{ "nic.host_threshold", { "1", "4" } },
	{ "nic.tx_write_back", { "1", "3", "8" } },
	{ "nic.rx_write_back", { "1", "4" } },
	{ "nic.rx_tail_batch", { "1", "5" } },
	{ "nic.tx_fifo", { "2KiB", "16KiB", "160KiB" } },
	{ "nic.rx_fifo", { "5KiB", "48KiB", "512KiB" } },
	{ "nic.dma_reads", { "1", "4", "8" } },
	{ "nic.lso", { "yes", "no" } },
	{ "nic.moderation", { "0", "5us", "50us" } },
	{ "nic.descriptors", { "host", "host", "device", "indirect" } },
	{ "nic.element_writes", { "1", "2" } },
	{ "nic.tx_frames", { "0", "0", "1", "7" } },
	{ "nic.completion", { "descriptor", "head", "register" } },
	{ "nic.fetches", { "1", "1", "3", "64" } },
	{ "nic.tx_doorbell_batch", { "0", "0", "1", "5" } },
	{ "nic.suppress", { "no", "no", "yes" } },
	{ "nic.tx_head_read", { "0", "0", "1", "3" } },
	{ "nic.rx_head_read", { "0", "0", "1", "4" } },
	{ "nic.tx_cut_through", { "0B", "0B", "64B", "700B" } },
	{ "nic.rx_fetch_max", { "0", "1", "9" } },
	{ "nic.rss_table", { "1", "16", "128" } },
	{ "nic.moderation_mode", { "none", "fixed", "timers", "adaptive" } },
	{ "nic.moderation_frames", { "0", "0", "1", "7" } },
	{ "nic.rx_delay", { "0", "3us", "20us" } },
	{ "nic.rx_abs_delay", { "0", "8us", "30us" } },
	{ "nic.tx_delay", { "0", "8us" } },
	{ "nic.tx_abs_delay", { "0", "32us" } },
	{ "nic.adaptive_rule", { "rate", "mix" } },
	{ "nic.itr_lowest", { "0", "10us" } },
	{ "nic.itr_bulk", { "83.333us", "250us" } },
	{ "nic.poll", { "0", "0", "0", "1us", "17us" } },
	{ "nic.isr_reads", { "0", "1" } },
	{ "tx.queue_limit", { "3", "40", "4096" } },
	{ "tx.submit", { "nb", "nb", "nbl" } },
	{ "tx.base_registers", { "1", "8", "32" } },
	{ "tx.ndis5_always_map", { "yes", "no" } },
	{ "tx.ndis5_list_alloc", { "yes", "no" } },
	{ "tx.ndis5_raise_irql", { "yes", "no" } },
	{ "tx.ndis5_one_at_a_time", { "yes", "no" } },
	{ "tx.ndis5_map_first", { "yes", "no" } },
	{ "tx.ndis5_copy_threshold", { "0B", "256B", "1500B" } },
	{ "tx.ndis5_edit", { "0B", "54B" } },
	{ "tx.wdm_shortage", { "copy", "queue", "cancel" } },
	{ "tx.wdm_list", { "build", "get" } },
	{ "tx.wdf_version", { "2", "3" } },
	{ "tx.wdf_transactions", { "reuse", "create" } },
	{ "tx.wdf_reserve", { "yes", "no" } },
	{ "tx.wdf_queue", { "0", "64", "4096" } },
	{ "tx.cx_bounce", { "if-needed", "if-needed", "always" } },
	{ "tx.cx_batch", { "1", "8", "32" } },
	{ "tx.cx_align", { "1B", "4B" } },
	{ "tx.copy_pages", { "0", "2", "20" } },
	{ "rx.buffer", { "2KiB", "4KiB" } },
	{ "rx.buffers", { "0", "12", "300" } },
	{ "rx.register_share", { "30%", "50%", "100%" } },
	{ "host.low_ram", { "16MiB", "1GiB", "3GiB" } },
	{ "hal.max_mapping", { "64B", "1514B", "64KiB" } },
	{ "layout.fragment", { "16B", "128B", "2KiB" } },
	{ "layout.tx_headers", { "1", "7", "1024" } },
	{ "cost.sg_page", { "0", "20", "900" } },
	{ "cost.reap", { "0", "40", "4000" } },
	{ "cost.send_complete", { "0", "120", "9000" } },
	{ "rx.low_watermark", { "0%", "25%", "100%" } },
	{ "rx.indicate_max", { "1", "4", "32" } },
	{ "rx.dpc_budget", { "1", "16", "256" } },
	{ "rx.hold_share", { "0%", "30%", "100%" } },
	{ "rx.hold_median", { "1us", "50us" } },
	{ "layout.mdl", { "split", "linear", "fragments" } },
	{ "layout.backfill", { "0B", "40B", "128B" } },
	{ "layout.merge", { "0%", "10%", "100%" } },
	{ "layout.tx_buffers", { "1", "30", "1024" } },
	{ "layout.tx_source", { "app-copied", "zero-copy", "file" } },
	{ "tx.copy_threshold", { "0B", "256B", "1500B" } },
	{ "tx.max_elements", { "0", "2", "256" } },
	{ "rx.copybreak", { "0B", "256B", "2KiB" } },
	{ "rx.copybreak_mode", { "sync-only", "remap" } },
	{ "hal.personality", { "modern", "legacy", "swiotlb" } },
	{ "hal.queue", { "fifo", "fifo", "bypass" } },
	{ "hal.exhausted", { "auto", "queue", "fail", "partial", "copy" } },
	{ "hal.reserve", { "auto", "auto", "pages", "bounced" } },
	{ "hal.neighbour_rate", { "0", "0", "100kpps", "2Mpps" } },
	{ "hal.neighbour_registers", { "1", "9" } },
	{ "hal.neighbour_hold", { "0", "3us", "50us" } },
	{ "nic.scatter_gather", { "yes", "yes", "no" } },
	{ "rx.buffers_max", { "0", "20", "600" } },
	{ "rx.grow_by", { "1", "8" } },
	{ "rx.hang_interval", { "1us", "40us", "2s" } },
	{ "rx.shrink_after", { "0", "1", "10" } },
	{ "rx.data_offset", { "0B", "10B" } },
	{ "rx.requeue_delay", { "0", "0", "3us" } },
	{ "rx.throttle", { "0", "0", "1", "20" } },
	{ "rx.throttle_delay", { "0", "2us", "100us" } },
	{ "rx.return_batch", { "1", "1", "2", "16" } },
	{ "rx.return_wait", { "0", "20us" } },
	{ "rx.slot_stride", { "packed", "2048", "page" } },
	{ "rx.shared_cached", { "yes", "no" } },
	{ "rx.slave_mode", { "single", "auto" } },
	{ "rx.slave_rate", { "32Mbps", "1Gbps" } },
	{ "rx.base_registers", { "1", "8", "16" } },
	{ "rx.wdf_version", { "2", "3" } },
};

/* With @more settings; NULL when the draw contradicts itself. */
static inline struct machine *random_machine(uint64_t seed,
					     struct machine_options options,
					     const char *more)
{
	struct config *cfg = fix_config(NULL, "");
	struct err err = ERR_INIT;
	struct rng_stream stream;
	struct machine *m;
	uint64_t r;
	size_t i, n;

	rng_stream_init(&stream, seed, 77, 0);
	for (i = 0; i < sizeof(random_ranges) / sizeof(random_ranges[0]); i++) {
		for (n = 0; n < 6 && random_ranges[i].value[n]; n++)
			;
		r = rng_draw(&stream, i);
		if (config_set(cfg, random_ranges[i].key,
			       random_ranges[i].value[rng_below(r, n)], "test",
			       &err) < 0)
			fail_msg("%s", err.text);
	}
	fix_set(cfg, more);
	fix_suit(cfg, options.tx);
	fix_suit_rx(cfg, options.rx);
	options.seed = seed;
	options.replicate = (unsigned)(seed % 3);
	options.wire_capture = seed % 2;
	m = machine_new(cfg, &options, &err);
	config_free(cfg);
	return m;
}

/* Mixed sizes, super-frames among them; bursts and pauses. */
static inline struct frame *random_traffic(uint64_t seed)
{
	static const sim_time gaps[] = { 80 * PS_PER_NS, 700 * PS_PER_NS,
					 2 * PS_PER_US, 30 * PS_PER_US };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = RANDOM_FRAMES,
		.seed = seed,
		.tx_ppm = seed % 5 * 250000,
		.gap = gaps[seed % 4],
		.poisson = seed % 3,
		.min = 54,
		.max = seed % 2 ? 1514 : 300,
		.flows = 1 + (uint32_t)(seed % 9),
	});
	size_t i;

	for (i = 0; i < RANDOM_FRAMES; i++) {
		if (i % 7 == 3 && i)
			frames[i].at = frames[i - 1].at; /* equal stamps */
		if (frames[i].direction == FRAME_TX && i % 29 == 5) {
			frames[i].bytes = 20000 + (uint32_t)i * 30;
			frames[i].flags |= FRAME_SUPER;
		}
	}
	return frames;
}

#endif
