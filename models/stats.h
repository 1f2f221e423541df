/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run counts.  The fields are the metrics: models/metrics.c names them
 * by their path in struct stats, so a metric's name stands once.
 *
 * Histograms and gauges are initialised from the metric table by stats_init().
 * Everything covers the measured window: frames offered from run.warmup on.
 */
#ifndef MODELS_STATS_H
#define MODELS_STATS_H

#include "core/hist.h"
#include "core/metric.h"
#include "core/series.h"
#include "models/stage.h"

struct tx_stats {
	uint64_t offered_frames, offered_bytes;
	uint64_t sent_frames, sent_bytes, sent_wire_frames;
	uint64_t calls, sends, completed_frames;
	uint64_t failed_frames, unsent_frames;
	/* Both, by status: enum tx_status. */
	uint64_t status_success_frames, status_invalid_length_frames;
	uint64_t status_resources_frames, status_paused_frames;
	uint64_t status_send_aborted_frames, status_reset_in_progress_frames;
	uint64_t status_failure_frames;
	uint64_t bounced_frames, stale_frames;
	uint64_t dropped_queue_frames, dropped_first_ps, dropped_longest_run;
	uint64_t mapped_frames, copied_frames, fallback_frames;
	uint64_t sg_elements, late_lists, descriptors;
	uint64_t doorbells, descriptor_fetches, write_backs;
	uint64_t deferred_callbacks, underruns;
	struct hist latency_wire_ps, latency_complete_ps;
	struct hist latency_complete_less_moderation_ps;
	struct hist call_frames;
	struct gauge in_system, ring_used, fifo_bytes, copy_pages_used;
	uint64_t driver_cycles, stack_cycles;
	struct ratio driver_cycles_per_frame, goodput_bps;
};

struct rx_stats {
	uint64_t offered_frames, offered_bytes;
	uint64_t delivered_frames, delivered_bytes;
	uint64_t dropped_fifo_frames, dropped_oversize_frames;
	uint64_t dropped_wire_frames, dropped_stopped_frames;
	uint64_t dropped_first_ps, dropped_longest_run;
	uint64_t copied_frames, handed_up_frames, resources_frames;
	uint64_t indications, returned_frames, reposted_buffers;
	uint64_t return_calls, throttled_dpcs;
	uint64_t growths, growth_failures, shrunk_buffers;
	uint64_t maps, map_waits;
	struct hist map_wait_ps;
	struct gauge registers_in_use, map_queue;
	struct gauge buffers_in_pool, buffers_spare;
	uint64_t descriptor_fetches, write_backs, doorbells;
	uint64_t late_wire_frames;
	struct hist latency_ps, latency_less_moderation_ps, hold_ps;
	struct hist wire_wait_ps;
	struct gauge in_system, ring_free, fifo_bytes, buffers_held;
	uint64_t driver_cycles, stack_cycles;
	struct ratio driver_cycles_per_frame, goodput_bps;
};

struct cpu_stats {
	uint64_t copied_bytes, bounce_copied_bytes;
	uint64_t interrupts, dpcs, dpc_requeues, preemptions;
	uint64_t lock_takes, lock_contended, lock_wait_ps;
	struct hist frames_per_dpc;
	struct ratio driver_cycles_per_frame, total_cycles_per_frame;
	struct ratio busy_share, copied_share;
};

struct hal_stats {
	uint64_t maps, map_failures, map_register_waits, map_register_growths;
	uint64_t map_registers_granted, map_registers_bounced;
	uint64_t bounced_bytes, mapped_bytes, moved_bytes;
	uint64_t partial_grants, lost_requests;
	struct gauge map_registers_in_use, map_register_queue;
	struct gauge adapter_registers_in_use, longest_free_run;
	struct gauge adapter_queue;
	struct gauge neighbour_registers_in_use, neighbour_queue;
	uint64_t neighbour_requests, neighbour_waits;
	struct hist neighbour_wait_ps;
	struct hist map_register_wait_ps, map_register_hold_ps;
	uint64_t map_registers_exhausted_ps;
	struct ratio bounced_share, map_registers_exhausted_share;
};

struct iommu_stats {
	uint64_t maps, unmaps, pages_mapped;
	uint64_t invalidations, domain_invalidations;
	uint64_t iova_cached, iova_depot, iova_fresh;
	uint64_t lock_takes, lock_contended, lock_wait_ps;
	struct hist invalidation_wait_ps, exposure_ps;
	struct gauge mapped_pages, exposed_pages;
	uint64_t iotlb_hits, iotlb_misses;
	uint64_t walks, walks_joined, psc_misses, memory_accesses;
	struct hist walk_ps, slot_wait_ps, translation_ps;
	struct gauge slots_used;
};

struct pcie_stats {
	uint64_t up_bytes, down_bytes;
	uint64_t read_requests, completions, writes, messages;
	uint64_t mmio_writes, mmio_reads, credit_waits;
	uint64_t read_payload_bytes, write_payload_bytes;
	struct gauge tags_used;
	struct hist read_ps;
	struct ratio up_busy_share, down_busy_share;
};

struct memory_stats {
	uint64_t common_buffer_bytes, pinned_bytes, page_waste_bytes;
	uint64_t common_buffers, common_failures;
	uint64_t reads_warm, reads_cold;
	uint64_t copies_l2, copies_llc, copies_dram;
	uint64_t lines_written_back, lines_invalidated, uncached_loads;
};

struct dma_stats {
	uint64_t moved_bytes;
};

struct nic_stats {
	struct hist moderation_interval_ps;
};

struct life_stats {
	uint64_t pauses, pause_ps, cancels, resets, reset_ps, hangs;
};

struct run_stats {
	uint64_t duration_ps, end_ps;
};

/* Whose facts frames were laid out by. */
struct layout_stats {
	uint64_t sidecar_frames, synthetic_frames, misfit_frames;
};

struct stats {
	struct tx_stats tx;
	struct rx_stats rx;
	struct cpu_stats cpu;
	struct hal_stats hal;
	struct iommu_stats iommu;
	struct pcie_stats pcie;
	struct memory_stats memory;
	struct dma_stats dma;
	struct nic_stats nic;
	struct life_stats life;
	struct layout_stats layout;
	struct run_stats run;
	struct hist tx_stage[TX_STAGES], rx_stage[RX_STAGES];
};

/* @series_step: first width of the cells of plotted gauges. */
void stats_init(struct stats *stats, sim_time series_step);
void stats_clear(struct stats *stats);
/* Bring every gauge up to @end. */
void stats_close(struct stats *stats, sim_time end);

extern const char *const tx_stage_names[TX_STAGES];
extern const char *const rx_stage_names[RX_STAGES];

#endif
