/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up runs for the tests of reports/: a machine's worth of metrics, stages,
 * routines and resources whose numbers follow from a strategy's base price and
 * the replicate.
 *
 *	struct fixture f;
 *
 *	fixture_init(&f, "ndis6-sg", "common-copy", 0, 1200);
 *	document_add_run(doc, &f.result, "xge-64bit", 0, cfg, &err);
 *	fixture_clear(&f);
 */
#ifndef TESTS_UNIT_TEST_REPORT_FIXTURE_H
#define TESTS_UNIT_TEST_REPORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/param.h"
#include "core/result.h"
#include "reports/document.h"

struct fixture_stats {
	struct {
		uint64_t offered_frames, sent_frames, completed_frames;
		uint64_t dropped_queue_frames;
		struct hist latency_complete_ps, latency_wire_ps;
		struct hist latency_complete_less_moderation_ps;
	} tx;
	struct {
		uint64_t offered_frames, delivered_frames, dropped_fifo_frames;
		struct hist latency_ps, latency_less_moderation_ps;
	} rx;
	struct {
		struct ratio driver_cycles_per_frame, total_cycles_per_frame;
		struct ratio copied_share;
	} cpu;
	struct {
		struct gauge map_registers_in_use;
		struct hist map_register_wait_ps;
		uint64_t map_register_waits;
		struct ratio bounced_share;
	} hal;
	struct {
		uint64_t pinned_bytes;
	} memory;
};

#define FIXTURE_ROW(path, kind, unit) \
	METRIC(struct fixture_stats, path, METRIC_##kind, unit, "made up")

static const struct metric fixture_metrics[] = {
	FIXTURE_ROW(tx.offered_frames, COUNTER, "frames"),
	FIXTURE_ROW(tx.sent_frames, COUNTER, "frames"),
	FIXTURE_ROW(tx.completed_frames, COUNTER, "frames"),
	FIXTURE_ROW(tx.dropped_queue_frames, COUNTER, "frames"),
	FIXTURE_ROW(tx.latency_wire_ps, HIST, "ps"),
	FIXTURE_ROW(tx.latency_complete_ps, HIST, "ps"),
	FIXTURE_ROW(tx.latency_complete_less_moderation_ps, HIST, "ps"),
	FIXTURE_ROW(rx.offered_frames, COUNTER, "frames"),
	FIXTURE_ROW(rx.delivered_frames, COUNTER, "frames"),
	FIXTURE_ROW(rx.dropped_fifo_frames, COUNTER, "frames"),
	FIXTURE_ROW(rx.latency_ps, HIST, "ps"),
	FIXTURE_ROW(rx.latency_less_moderation_ps, HIST, "ps"),
	FIXTURE_ROW(cpu.driver_cycles_per_frame, RATIO, "cycles"),
	FIXTURE_ROW(cpu.total_cycles_per_frame, RATIO, "cycles"),
	FIXTURE_ROW(cpu.copied_share, RATIO, "share"),
	FIXTURE_ROW(hal.map_registers_in_use, GAUGE, "registers"),
	FIXTURE_ROW(hal.map_register_wait_ps, HIST, "ps"),
	FIXTURE_ROW(hal.map_register_waits, COUNTER, "calls"),
	FIXTURE_ROW(hal.bounced_share, RATIO, "share"),
	FIXTURE_ROW(memory.pinned_bytes, COUNTER, "bytes"),
	{ .name = NULL },
};

#define FIXTURE_STAGES	  9
#define FIXTURE_ROUTINES  5
#define FIXTURE_RESOURCES 3

struct fixture {
	struct fixture_stats stats;
	struct hist stage_hist[FIXTURE_STAGES];
	struct result_stage stages[FIXTURE_STAGES];
	struct result_routine routines[FIXTURE_ROUTINES];
	struct result_hazard hazards[2];
	struct result_series series[2];
	struct result_check checks[2];
	struct result_resource resources[FIXTURE_RESOURCES];
	struct run_result result;
};

#define FIXTURE_FRAMES 2000

static inline void fixture_hists(struct fixture *f, uint64_t cost)
{
	static const struct {
		const char *path, *name;
	} names[FIXTURE_STAGES] = {
		{ "tx", "cpu_wait" },	{ "tx", "driver" },
		{ "tx", "map" },	{ "tx", "wire" },
		{ "tx", "moderation" }, { "rx", "dma_write" },
		{ "rx", "copy" },	{ "rx", "moderation" },
		{ "rx", "hold" },
	};

	hist_init(&f->stats.tx.latency_wire_ps, HIST_BITS_FINE);
	hist_init(&f->stats.tx.latency_complete_ps, HIST_BITS_FINE);
	hist_init(&f->stats.tx.latency_complete_less_moderation_ps,
		  HIST_BITS_FINE);
	hist_init(&f->stats.rx.latency_ps, HIST_BITS_FINE);
	hist_init(&f->stats.rx.latency_less_moderation_ps, HIST_BITS_FINE);
	hist_init(&f->stats.hal.map_register_wait_ps, HIST_BITS_COARSE);
	for (unsigned i = 0; i < FIXTURE_STAGES; i++) {
		hist_init(&f->stage_hist[i], HIST_BITS_COARSE);
		f->stages[i] =
			(struct result_stage){ names[i].path, names[i].name,
					       &f->stage_hist[i] };
	}
	for (uint64_t i = 0; i < FIXTURE_FRAMES; i++) {
		uint64_t less = (cost * 1000 + i * i * 7) + 4000000;
		uint64_t late = i * 9973 % 20000000;

		hist_record(&f->stats.tx.latency_wire_ps, less / 2);
		hist_record(&f->stats.tx.latency_complete_ps, less + late);
		hist_record(&f->stats.tx.latency_complete_less_moderation_ps,
			    less);
		hist_record(&f->stats.rx.latency_ps, less + 2 * late);
		hist_record(&f->stats.rx.latency_less_moderation_ps,
			    less + 1000);
		hist_record(&f->stage_hist[0], i % 3 ? 0 : 5000000);
		hist_record(&f->stage_hist[1], cost * 300);
		hist_record(&f->stage_hist[2], cost * 500);
		hist_record(&f->stage_hist[3], 1230400);
		hist_record(&f->stage_hist[4], late);
		hist_record(&f->stage_hist[5], 800000);
		hist_record(&f->stage_hist[6], cost * 200);
		hist_record(&f->stage_hist[7], 2 * late);
		hist_record(&f->stage_hist[8], 50000000 + i * 1000);
	}
}

static inline void fixture_counts(struct fixture *f, uint64_t cost)
{
	struct fixture_stats *s = &f->stats;

	s->tx.offered_frames = s->tx.sent_frames = FIXTURE_FRAMES;
	s->tx.completed_frames = FIXTURE_FRAMES;
	s->rx.offered_frames = s->rx.delivered_frames = FIXTURE_FRAMES;
	s->cpu.driver_cycles_per_frame =
		(struct ratio){ cost * FIXTURE_FRAMES + 1, FIXTURE_FRAMES };
	s->cpu.total_cycles_per_frame =
		(struct ratio){ (cost + 1500) * FIXTURE_FRAMES + 1,
				FIXTURE_FRAMES };
	s->cpu.copied_share = (struct ratio){ 1, 3 };
	s->hal.bounced_share = (struct ratio){ 0, 0 };
	s->hal.map_register_waits = 17;
	s->memory.pinned_bytes = 512 * 1024;
	gauge_init(&s->hal.map_registers_in_use, 0, 1000000);
	for (sim_time t = 0; t < 4000; t++)
		gauge_set(&s->hal.map_registers_in_use, t * 1000000,
			  (uint64_t)(t * 7 % 61) + cost % 13);
	gauge_close(&s->hal.map_registers_in_use, 4000 * 1000000LL);
	f->series[0] =
		(struct result_series){ "hal.map_registers_in_use",
					&s->hal.map_registers_in_use.series };
	f->series[1] =
		(struct result_series){ "hal.adapter_registers_in_use",
					&s->hal.map_registers_in_use.series };
}

static inline void fixture_lists(struct fixture *f, uint64_t cost)
{
	const uint64_t n = FIXTURE_FRAMES;

	f->routines[0] =
		(struct result_routine){ "ProtocolSend", n, 1500 * n, 0, 0 };
	f->routines[1] =
		(struct result_routine){ "NdisMAllocateNetBufferSGList", n,
					 cost * n / 2, 17, 99000 };
	f->routines[2] = (struct result_routine){ "MiniportSendNetBufferLists",
						  n, cost * n / 4, 0, 0 };
	f->routines[3] = (struct result_routine){ "MiniportInterruptDPC", n / 8,
						  cost * n / 4, 0, 0 };
	f->routines[4] =
		(struct result_routine){ "HalCopyBufferMap", 0, 0, 0, 0 };
	f->hazards[0] = (struct result_hazard){ .name = "freed_while_mapped" };
	f->hazards[1] = (struct result_hazard){ .name = "wrong_irql" };
	f->checks[0] = (struct result_check){ .name = "tx frames", .ok = true };
	f->checks[1] = (struct result_check){ .name = "little", .ok = true };
	snprintf(f->checks[0].detail, sizeof(f->checks[0].detail),
		 "2000 offered = 2000 sent + 0 dropped");
	f->resources[0] =
		(struct result_resource){ "core 0", 900, 400, 1, 1000 };
	f->resources[1] = (struct result_resource){ "map registers", 12345,
						    64000, 64, 2000 };
	f->resources[2] = (struct result_resource){ "wire", 0, 0, 1, 0 };
}

/* @cost: driver cycles per frame of replicate 0; each replicate adds 3. */
static inline void fixture_init(struct fixture *f, const char *tx,
				const char *rx, unsigned replicate,
				uint64_t cost)
{
	*f = (struct fixture){ .stats = { .tx = { 0 } } };
	cost += 3 * replicate;
	fixture_hists(f, cost);
	fixture_counts(f, cost);
	fixture_lists(f, cost);
	f->result = (struct run_result){
		.tx = tx,
		.rx = rx,
		.status = "complete",
		.seed = 1,
		.replicate = replicate,
		.fingerprint = UINT64_C(0x0123456789abcdef),
		.memory_digest = 42,
		.metrics = fixture_metrics,
		.stats = &f->stats,
		.stages = f->stages,
		.stage_count = FIXTURE_STAGES,
		.routines = f->routines,
		.routine_count = FIXTURE_ROUTINES,
		.hazards = f->hazards,
		.hazard_count = 2,
		.series = f->series,
		.series_count = 2,
		.checks = f->checks,
		.check_count = 2,
		.resources = f->resources,
		.resource_count = FIXTURE_RESOURCES,
		.bottleneck = 1,
	};
}

static inline void fixture_clear(struct fixture *f)
{
	hist_clear(&f->stats.tx.latency_wire_ps);
	hist_clear(&f->stats.tx.latency_complete_ps);
	hist_clear(&f->stats.tx.latency_complete_less_moderation_ps);
	hist_clear(&f->stats.rx.latency_ps);
	hist_clear(&f->stats.rx.latency_less_moderation_ps);
	hist_clear(&f->stats.hal.map_register_wait_ps);
	gauge_clear(&f->stats.hal.map_registers_in_use);
	for (unsigned i = 0; i < FIXTURE_STAGES; i++)
		hist_clear(&f->stage_hist[i]);
}

static const struct param_choice fixture_choices[] = { { "strict", "at once" },
						       { "off", "none" },
						       { NULL, NULL } };

static const struct param fixture_params[] = {
	{ .key = "nic.tx_ring",
	  .qty = QTY_COUNT,
	  .unit = "descriptors",
	  .preset_default = "256",
	  .min = 8,
	  .max = 4096,
	  .help = "ring",
	  .source = "datasheet" },
	{ .key = "nic.moderation",
	  .qty = QTY_TIME,
	  .preset_default = "50us",
	  .max = UINT64_MAX,
	  .help = "moderation",
	  .source = "assumed" },
	{ .key = "iommu.mode",
	  .type = PARAM_CHOICE,
	  .preset_default = "off",
	  .choices = fixture_choices,
	  .help = "mode",
	  .source = "assumed" },
	{ .key = "tx.limit",
	  .qty = QTY_COUNT,
	  .preset_default = "18446744073709551615",
	  .max = UINT64_MAX,
	  .help = "limit",
	  .source = "assumed" },
	{ .key = "nic.lso",
	  .type = PARAM_BOOL,
	  .preset_default = "yes",
	  .help = "large send offload",
	  .source = "assumed" },
	{ .key = NULL },
};

static const struct param *const fixture_tables[] = { fixture_params, NULL };
static const struct param_set fixture_set = { fixture_tables };

static inline struct config *fixture_config(void)
{
	struct err err = ERR_INIT;
	struct config *cfg = config_new(&fixture_set, &err);

	assert_non_null(cfg);
	return cfg;
}

static inline struct document *fixture_document(const struct config *cfg)
{
	static const struct trace_info info = {
		.path = "captures/web, \"first\".pcap",
		.digest = 7,
		.frames = 4000,
		.bytes = 3000000,
		.tx_frames = 2000,
		.rx_frames = 2000,
		.duration_ps = 4000000000,
		.resolution_ps = 1000,
		.link_type = "EN10MB",
		.status = "cut",
		.status_detail = "the file ends inside record 4001",
		.capture_point = "wire",
		.direction_rule = "auto",
		.direction_evidence = "10.0.0.1 has 12 peers",
		.anomalies = { { "time_back", "clamped", 3, 77 } },
		.anomaly_count = 1,
	};
	struct err err = ERR_INIT;
	struct document *doc = document_new("0.1.0", NULL, &err);

	assert_non_null(doc);
	assert_int_equal(document_add_trace(doc, &info, &err), 0);
	assert_int_equal(document_set_config(doc, cfg, &err), 0);
	return doc;
}

/* Returns the run's index. */
static inline int fixture_add(struct document *doc, const struct config *cfg,
			      const char *machine, const char *tx,
			      const char *rx, unsigned replicate, uint64_t cost)
{
	struct err err = ERR_INIT;
	struct fixture f;
	int run;

	fixture_init(&f, tx, rx, replicate, cost);
	run = document_add_run(doc, &f.result, machine, 0, cfg, &err);
	assert_true(run >= 0);
	fixture_clear(&f);
	return run;
}

/*
 * A comparison: three transmit strategies and a floor with common-copy, two
 * more receive strategies with ndis6-sg, a pair that cannot run; three
 * replicates on two machines.  ndis6-copy is saturated.
 */
static inline struct document *fixture_compare(const struct config *cfg)
{
	static const struct {
		const char *tx, *rx;
		uint64_t cost;
		const char *status, *role;
	} rows[] = {
		{ "ndis6-sg", "common-copy", 1200, NULL, NULL },
		{ "ndis6-hybrid", "common-copy", 900, NULL, NULL },
		{ "ndis6-copy", "common-copy", 700, "saturated", NULL },
		{ "premapped", "common-copy", 500, NULL, "floor" },
		{ "ndis6-sg", "copybreak", 1100, NULL, NULL },
		{ "ndis6-sg", "sg", 1250, NULL, NULL },
	};
	static const char *const machines[] = { "gbe-32bit", "xge-64bit" };
	struct document *doc = fixture_document(cfg);
	struct run_capacity capacity = { .rate_pps = 1000000,
					 .speed = 3.25,
					 .limiter = "core 0",
					 .headroom = 10.0 / 3 };
	struct err err = ERR_INIT;

	for (unsigned m = 0; m < 2; m++) {
		for (unsigned i = 0; i < 6; i++)
			for (unsigned r = 0; r < 3; r++) {
				int run = fixture_add(doc, cfg, machines[m],
						      rows[i].tx, rows[i].rx, r,
						      rows[i].cost + 100 * m);

				capacity.confirmed = i != 2;
				capacity.rate_bps =
					UINT64_C(9000000000000) / rows[i].cost;
				document_set_capacity(doc, run, &capacity,
						      &err);
				if (rows[i].status)
					document_set_status(
						doc, run, rows[i].status, &err);
				if (rows[i].role)
					document_set_role(doc, run,
							  rows[i].role, &err);
			}
		assert_true(document_add_skipped(doc, "ndis4-slave",
						 "common-copy", machines[m], 0,
						 "no system DMA controller",
						 &err) >= 0);
		assert_int_equal(document_add_note(doc, machines[m],
						   "cost.sg_build above 610 "
						   "cycles would flip it",
						   &err),
				 0);
	}
	assert_int_equal(document_finish(doc, &err), 0);
	return doc;
}

#endif
