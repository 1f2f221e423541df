/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine's result depends on configuration, seed and frames only: not on
 * the kernel, nor on how frames are cut into batches, nor on other machines in
 * other threads.  And every strategy meets the same frames in the same memory.
 */
#include "tests/unit/machine_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#include "models/machine.h"
#include "traces/params.h"

#define MACHINES 960
#define FRAMES	 260

/* Values a random machine draws from. */
static const struct {
	const char *key;
	const char *value[6]; /* NULL ends */
} ranges[] = {
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

/* NULL when the draw contradicts itself. */
static struct machine *random_machine(uint64_t seed,
				      struct machine_options options)
{
	struct config *cfg = fix_config(NULL, "");
	struct err err = ERR_INIT;
	struct rng_stream stream;
	struct machine *m;
	uint64_t r;
	size_t i, n;

	rng_stream_init(&stream, seed, 77, 0);
	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		for (n = 0; n < 6 && ranges[i].value[n]; n++)
			;
		r = rng_draw(&stream, i);
		if (config_set(cfg, ranges[i].key,
			       ranges[i].value[rng_below(r, n)], "test",
			       &err) < 0)
			fail_msg("%s", err.text);
	}
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
static struct frame *random_traffic(uint64_t seed)
{
	static const sim_time gaps[] = { 80 * PS_PER_NS, 700 * PS_PER_NS,
					 2 * PS_PER_US, 30 * PS_PER_US };
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = seed,
		.tx_ppm = seed % 5 * 250000,
		.gap = gaps[seed % 4],
		.poisson = seed % 3,
		.min = 54,
		.max = seed % 2 ? 1514 : 300,
		.flows = 1 + (uint32_t)(seed % 9),
	});
	size_t i;

	for (i = 0; i < FRAMES; i++) {
		if (i % 7 == 3 && i)
			frames[i].at = frames[i - 1].at; /* equal stamps */
		if (frames[i].direction == FRAME_TX && i % 29 == 5) {
			frames[i].bytes = 20000 + (uint32_t)i * 30;
			frames[i].flags |= FRAME_SUPER;
		}
	}
	return frames;
}

static bool compare_kernels(uint64_t seed, const struct tx_ops *tx,
			    const struct rx_ops *rx)
{
	struct machine_options options = { .tx = tx, .rx = rx };
	struct machine *fast = random_machine(seed, options), *naive;
	struct frame *frames;

	if (!fast) /* the draw contradicts itself */
		return false;
	options.naive = true;
	naive = random_machine(seed, options);
	assert_non_null(naive);
	frames = random_traffic(seed);
	machine_feed(fast, frames, FRAMES);
	machine_finish(fast);
	machine_feed(naive, frames, FRAMES);
	machine_finish(naive);
	fix_check(fast);
	fix_assert_same(fast, naive, "");
	/*
	 * Nothing stands still but for want of map registers, or of copy pages
	 * that others of the same list hold.
	 */
	if (!strcmp(fast->result.status, "deadlock") && !fast->hal.waiting &&
	    fast->tx_submit != SUBMIT_NBL)
		fail_msg("%s/%s, seed %llu: %s", tx->name, rx->name,
			 (unsigned long long)seed, fast->result.deadlock);
	assert_true(fast->result.fingerprint == naive->result.fingerprint);
	machine_free(fast);
	machine_free(naive);
	free(frames);
	return true;
}

static size_t count_tx(void)
{
	size_t n = 0;

	while (tx_registry[n])
		n++;
	return n;
}

static size_t count_rx(void)
{
	size_t n = 0;

	while (rx_registry[n])
		n++;
	return n;
}

/* Random machines and traffic, every pair of strategies several times. */
static void kernels_agree(void **state)
{
	size_t tx = count_tx(), rx = count_rx();
	unsigned compared = 0, matched = 0;
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= MACHINES; seed++) {
		const struct tx_ops *send = tx_registry[seed % tx];
		const struct rx_ops *receive = rx_registry[seed / tx % rx];

		if (!fix_match(send, receive))
			continue;
		matched++;
		compared += compare_kernels(seed, send, receive);
	}
	assert_true(compared > matched * 9 / 10);
}

/* --- batches --- */

static void feed_in_pieces(struct machine *m, const struct frame *frames,
			   size_t count, size_t piece)
{
	struct rng_stream stream;
	size_t done = 0, n;

	rng_stream_init(&stream, 5, 5, 0);
	while (done < count) {
		n = piece ? piece
			  : (size_t)rng_below(rng_draw(&stream, done), 40);
		if (n > count - done)
			n = count - done;
		machine_feed(m, frames + done, n);
		done += n;
	}
	machine_finish(m);
}

/* piece 0: pieces of random sizes, empty ones too. */
static void batches_do_not_matter(void **state)
{
	static const size_t pieces[] = { 1, 2, 7, 64, 0 };
	uint64_t seed;
	size_t i;

	(void)state;
	for (seed = 200; seed < 220; seed++) {
		struct machine_options options = {
			.tx = tx_registry[1 + seed % (count_tx() - 1)],
			.rx = rx_registry[seed % count_rx()],
		};
		struct frame *frames = random_traffic(seed);
		struct machine *whole = random_machine(seed, options);

		for (i = 0; whole && i < sizeof(pieces) / sizeof(pieces[0]);
		     i++) {
			struct machine *m = random_machine(seed, options);

			if (!i)
				feed_in_pieces(whole, frames, FRAMES, FRAMES);
			feed_in_pieces(m, frames, FRAMES, pieces[i]);
			fix_assert_same(whole, m, "");
			assert_true(whole->result.fingerprint ==
				    m->result.fingerprint);
			machine_free(m);
		}
		machine_free(whole);
		free(frames);
	}
}

/* --- counting --- */

struct counting {
	struct machine *m;
	atomic_bool stop;
};

static void *count(void *arg)
{
	struct counting *counting = arg;

	while (!atomic_load(&counting->stop))
		machine_book(counting->m);
	return NULL;
}

static void assert_same_stages(const struct machine *a, const struct machine *b)
{
	size_t i;

	for (i = 0; i < TX_STAGES; i++)
		assert_true(fix_same_hist(&a->stats.tx_stage[i],
					  &b->stats.tx_stage[i]));
	for (i = 0; i < RX_STAGES; i++)
		assert_true(fix_same_hist(&a->stats.rx_stage[i],
					  &b->stats.rx_stage[i]));
}

/* Left to another thread, to nobody, or done in place. */
static void who_counts_does_not_matter(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 300; seed < 330; seed++) {
		struct machine_options options = {
			.tx = tx_registry[1 + seed % (count_tx() - 1)],
			.rx = rx_registry[seed % count_rx()],
		};
		struct frame *frames = random_traffic(seed);
		struct machine *own = random_machine(seed, options);
		struct counting counting = { .stop = false };
		pthread_t thread;

		options.journal = true;
		counting.m = random_machine(seed, options);
		assert_true(!own == !counting.m);
		if (own) {
			feed_in_pieces(own, frames, FRAMES, 64);
			if (seed % 3)
				assert_int_equal(pthread_create(&thread, NULL,
								count,
								&counting),
						 0);
			feed_in_pieces(counting.m, frames, FRAMES, 64);
			atomic_store(&counting.stop, true);
			if (seed % 3)
				pthread_join(thread, NULL);
			fix_assert_same(own, counting.m, "");
			assert_same_stages(own, counting.m);
			assert_true(own->result.fingerprint ==
				    counting.m->result.fingerprint);
			assert_true(own->memory_digest ==
				    counting.m->memory_digest);
		}
		machine_free(own);
		machine_free(counting.m);
		free(frames);
	}
}

/* --- threads --- */

struct lane {
	uint64_t fingerprint;
	const struct frame *frames;
	struct machine *m;
	pthread_t thread;
};

static void *drive(void *arg)
{
	struct lane *lane = arg;
	size_t i;

	for (i = 0; i < FRAMES; i++)
		machine_feed(lane->m, lane->frames + i, 1);
	machine_finish(lane->m);
	lane->fingerprint = machine_result(lane->m)->fingerprint;
	return NULL;
}

/* Two at a time in threads, against each alone. */
static void machines_share_nothing(void **state)
{
	struct machine_options options = { .tx = tx_ops_find("ndis6-hybrid"),
					   .rx = rx_ops_find("copybreak") };
	uint64_t seed;
	unsigned i;

	(void)state;
	for (seed = 300; seed < 310; seed++) {
		struct lane lane[2] = { { .m = NULL }, { .m = NULL } };
		struct frame *frames = random_traffic(seed);
		uint64_t together;

		/* The second lane is another machine: other work. */
		for (i = 0; i < 2; i++) {
			lane[i].frames = frames;
			lane[i].m = random_machine(seed + i, options);
		}
		if (lane[0].m && lane[1].m) {
			for (i = 0; i < 2; i++)
				assert_int_equal(pthread_create(&lane[i].thread,
								NULL, drive,
								&lane[i]),
						 0);
			for (i = 0; i < 2; i++)
				pthread_join(lane[i].thread, NULL);
			for (i = 0; i < 2; i++) {
				together = lane[i].fingerprint;
				machine_free(lane[i].m);
				lane[i].m = random_machine(seed + i, options);
				drive(&lane[i]);
				assert_true(lane[i].fingerprint == together);
			}
			assert_true(lane[0].fingerprint != lane[1].fingerprint);
		}
		for (i = 0; i < 2; i++)
			machine_free(lane[i].m);
		free(frames);
	}
}

/* --- common random numbers --- */

/* The page lists of all frames met are the same for every pair. */
static void every_pair_meets_the_same_memory(void **state)
{
	static const char *const presets[] = { "gbe-32bit", "xge-64bit",
					       "xge-strict" };
	struct frame *frames = random_traffic(12);
	uint64_t first[3] = { 0 };
	size_t preset, tx, rx;

	(void)state;
	for (preset = 0; preset < 3; preset++) {
		struct config *cfg = fix_config(presets[preset], "");
		struct machine *m;

		for (tx = 0; tx_registry[tx]; tx++)
			for (rx = 0; rx_registry[rx]; rx++) {
				if (!fix_applies(cfg, tx_registry[tx],
						 rx_registry[rx]))
					continue;
				m = fix_run(cfg, tx_ops_name(tx_registry[tx]),
					    rx_ops_name(rx_registry[rx]),
					    frames, FRAMES);
				if (!tx && !rx)
					first[preset] = m->memory_digest;
				assert_true(m->memory_digest != 0);
				assert_true(m->memory_digest == first[preset]);
				machine_free(m);
			}
		/* Another seed is other memory. */
		m = fix_run_with(cfg, (struct machine_options){ .seed = 2 },
				 "ndis6-sg", "sg", frames, FRAMES);
		assert_true(m->memory_digest != first[preset]);
		machine_free(m);
		m = fix_run_with(
			cfg,
			(struct machine_options){ .seed = 1, .replicate = 1 },
			"ndis6-sg", "sg", frames, FRAMES);
		assert_true(m->memory_digest != first[preset]);
		machine_free(m);
		config_free(cfg);
	}
	free(frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_agree),
		cmocka_unit_test(batches_do_not_matter),
		cmocka_unit_test(who_counts_does_not_matter),
		cmocka_unit_test(machines_share_nothing),
		cmocka_unit_test(every_pair_meets_the_same_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
