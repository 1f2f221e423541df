/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caches that devices do not see: lines by hand, what is flushed where, the
 * limit at which it costs nothing, and books on the machines that have it.
 */
#include "tests/unit/machine_fixture.h"

#include "models/host/coherence.h"
#include "models/ndis/receives.h"
#include "traces/params.h"

#define FRAMES 300
/* Memory that costs the same wherever it is. */
#define FLAT                                                        \
	"host.dma_read_warm=534ns host.dma_read_cold=534ns "        \
	"host.dram_refresh=0 host.touch_l2=100 host.touch_llc=100 " \
	"host.touch_dram=100 host.copy_l2=100 host.copy_llc=100 "   \
	"host.copy_dram=100 host.stream_l2=50 host.stream_llc=50 "  \
	"host.stream_dram=50 cost.line_write_back=0 "               \
	"cost.line_invalidate=0 cost.uncached_read=0"
/* What tells how much was flushed and where data was, not what it cost. */
#define PLACES "memory.lines memory.uncached memory.reads memory.copies"

static struct coherence coherence(bool coherent, struct stats *stats)
{
	return (struct coherence){ .coherent = coherent,
				   .line_bytes = 64,
				   .write_back = 10,
				   .invalidate = 7,
				   .uncached_read = 3,
				   .stats = &stats->memory };
}

static void lines_are_those_touched(void **state)
{
	static const struct {
		uint64_t offset, bytes, lines;
	} rows[] = {
		{ 0, 0, 0 },	 { 0, 1, 1 },	  { 0, 64, 1 },
		{ 0, 65, 2 },	 { 63, 1, 1 },	  { 63, 2, 2 },
		{ 1, 64, 2 },	 { 0, 1514, 24 }, { 63, 1514, 25 },
		{ 2048, 54, 1 }, { 40, 54, 2 },	  { 3072, 2048, 32 },
	};
	struct stats stats;
	struct coherence c = coherence(false, &stats);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			coherence_lines(&c, rows[i].offset, rows[i].bytes),
			rows[i].lines);
}

static void prices_are_per_line_and_per_load(void **state)
{
	struct stats stats = { 0 };
	struct coherence c = coherence(false, &stats);

	(void)state;
	assert_int_equal(coherence_write_back(&c, 24), 240);
	assert_int_equal(coherence_invalidate(&c, 32), 224);
	assert_int_equal(coherence_read_common(&c, 1), 3);
	assert_int_equal(coherence_read_common(&c, 33), 9);
	assert_int_equal(stats.memory.lines_written_back, 24);
	assert_int_equal(stats.memory.lines_invalidated, 32);
	assert_int_equal(stats.memory.uncached_loads, 4);

	c = coherence(true, &stats);
	assert_int_equal(coherence_write_back(&c, 24), 0);
	assert_int_equal(coherence_invalidate(&c, 32), 0);
	assert_int_equal(coherence_read_common(&c, 1514), 0);
	assert_int_equal(stats.memory.uncached_loads, 4);
}

static void a_buffer_tears_in_a_shared_line(void **state)
{
	struct stats stats;
	struct coherence c = coherence(false, &stats);

	(void)state;
	assert_false(coherence_tears(&c, 2048, 2048, true));
	assert_true(coherence_tears(&c, 1566, 1566, true));
	assert_true(coherence_tears(&c, 0, 1566, true));
	assert_false(coherence_tears(&c, 0, 1566, false));
	c.coherent = true;
	assert_false(coherence_tears(&c, 1566, 1566, true));
}

/* Frames of one length in one direction, far apart. */
static struct machine *run(const char *pairs, const char *tx, const char *rx,
			   uint64_t tx_ppm, uint32_t bytes)
{
	struct config *cfg = fix_config("arm-noncoherent", pairs);
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 1,
		.tx_ppm = tx_ppm,
		.gap = 50 * PS_PER_US,
		.min = bytes,
		.max = bytes,
	});
	struct machine *m = fix_run(cfg, tx, rx, frames, FRAMES);

	free(frames);
	config_free(cfg);
	return m;
}

static uint64_t calls_of(const struct machine *m, enum routine routine)
{
	return m->result.routines[routine - 1].calls;
}

/*
 * 54 bytes of headers in slots of 256 touch one line; a payload of 946 touches
 * 15 from a line's start on, 16 from elsewhere but for the offsets 1 to 14 of
 * a line, of which a frame meets some.
 */
static void a_mapped_frame_is_written_back_once(void **state)
{
	struct machine *m = run("", "ndis6-sg", "null", 1000000, 1000);
	uint64_t lines = m->stats.memory.lines_written_back;

	(void)state;
	assert_int_equal(calls_of(m, R_FLUSH_IO), FRAMES);
	assert_in_range(lines, 16 * FRAMES, 17 * FRAMES);
	assert_int_equal(m->ledger.row[R_FLUSH_IO].cycles, 48 * lines);
	assert_int_equal(m->stats.memory.lines_invalidated, 0);
	assert_int_equal(m->stats.memory.reads_warm, 0);
	machine_free(m);

	m = run("", "ndis5-mapreg", "null", 1000000, 1000);
	assert_int_equal(m->stats.memory.lines_written_back, lines);
	assert_int_equal(calls_of(m, R_FLUSH_BUFFER), 2 * FRAMES);
	assert_int_equal(calls_of(m, R_FLUSH_IO), 0);
	assert_int_equal(m->ledger.row[R_FLUSH_BUFFER].cycles,
			 2 * FRAMES * 20 + 48 * lines);
	machine_free(m);

	/* The headers lie in a common buffer, so their line is spared. */
	m = run("", "ndis6-headers", "null", 1000000, 1000);
	assert_int_equal(m->stats.memory.lines_written_back, lines - FRAMES);
	machine_free(m);

	/* A copy needs none; one descriptor is looked at a frame. */
	m = run("", "ndis6-copy", "null", 1000000, 1000);
	assert_int_equal(m->stats.memory.lines_written_back, 0);
	assert_int_equal(m->stats.memory.uncached_loads, FRAMES);
	machine_free(m);

	/* What NDIS or the controller copies begins with a line. */
	m = run("layout.mdl=fragments layout.fragment=64B nic.sg_elements=4",
		"ndis6-sg", "null", 1000000, 1000);
	assert_int_equal(m->stats.tx.fallback_frames, FRAMES);
	assert_int_equal(m->stats.memory.lines_written_back, 16 * FRAMES);
	machine_free(m);
	m = run("nic.dma_width=24 nic.wire=1Gbps tx.slave_rate=1Gbps",
		"ndis4-slave", "null", 1000000, 1000);
	assert_int_equal(m->stats.memory.lines_written_back, 16 * FRAMES);
	machine_free(m);
}

/* Of buffers of 2 KiB: a list that is put flushes 32 lines, and 32 to map. */
static void a_received_frame_is_invalidated_twice(void **state)
{
	struct machine *m = run("", "null", "sg", 0, 1000);
	uint64_t n = FRAMES;

	(void)state;
	assert_int_equal(m->stats.memory.lines_invalidated, n * (32 + 32));
	machine_free(m);

	/* Sync-only: the frame's 4 lines, before the read and after. */
	m = run("", "null", "copybreak", 0, 200);
	assert_int_equal(m->stats.memory.lines_invalidated, n * (4 + 4));
	machine_free(m);

	/* Its pages stay mapped: 16 lines to read, 32 to post again. */
	m = run("", "null", "linux-page-pool", 0, 1000);
	assert_int_equal(m->stats.memory.lines_invalidated, n * (16 + 32));
	machine_free(m);
}

/* One load of the descriptor, and 63 of a copy of 1000 bytes. */
static void a_common_buffer_is_read_uncached(void **state)
{
	struct machine *m = run("", "null", "common-copy", 0, 1000);

	(void)state;
	assert_int_equal(m->stats.memory.lines_invalidated, 0);
	assert_int_equal(m->stats.memory.uncached_loads, FRAMES * (1 + 63));
	machine_free(m);
}

static uint64_t hazards_of(const struct machine *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->result.hazard_count; i++)
		if (!strcmp(m->result.hazards[i].name, name))
			return m->result.hazards[i].count;
	fail_msg("no hazard %s", name);
	return 0;
}

static struct machine *run_unsound(const char *pairs, const char *tx,
				   const char *rx)
{
	struct config *cfg = fix_config("arm-noncoherent", pairs);
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 1,
		.tx_ppm = 500000,
		.gap = 50 * PS_PER_US,
		.min = 60,
		.max = 1500,
	});
	struct machine *m =
		fix_machine(cfg, (struct machine_options){ .seed = 1 }, tx, rx);

	machine_feed(m, frames, FRAMES);
	machine_finish(m);
	free(frames);
	config_free(cfg);
	return m;
}

static void unsound_drivers_are_found_out(void **state)
{
	struct machine *m;

	(void)state;
	m = run_unsound("rx.buffer=1566B", "ndis6-sg", "sg");
	assert_true(hazards_of(m, "line_tearing") > 0);
	machine_free(m);
	m = run_unsound("rx.buffer=1566B host.coherent=yes", "ndis6-sg", "sg");
	assert_int_equal(hazards_of(m, "line_tearing"), 0);
	machine_free(m);
	m = run_unsound("", "mdl-walk", "sg");
	assert_int_equal(hazards_of(m, "not_flushed"),
			 m->stats.tx.completed_frames);
	machine_free(m);
}

/* A driver that hands its common buffer up, wherever it runs. */
static void careless_receive(struct core *core, struct rx_frame *frame)
{
	rx_take(core, frame);
}

static const struct rx_ops careless = {
	.name = "careless",
	.summary = "a common buffer handed up",
	.params = rx_no_params,
	.setup = rx_setup_common,
	.receive = careless_receive,
	.repost = rx_repost,
};

static void check_careless(const char *pairs, uint64_t found, uint64_t loads)
{
	struct config *cfg = fix_config("arm-noncoherent", pairs);
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 1,
		.gap = 50 * PS_PER_US,
		.min = 1000,
		.max = 1000,
	});
	struct machine_options options = { .seed = 1,
					   .tx = tx_ops_find("null"),
					   .rx = &careless };
	struct err err = ERR_INIT;
	struct machine *m = machine_new(cfg, &options, &err);

	assert_non_null(m);
	machine_feed(m, frames, FRAMES);
	machine_finish(m);
	assert_int_equal(m->stats.rx.handed_up_frames, FRAMES);
	assert_int_equal(hazards_of(m, "uncached_indication"), found);
	assert_int_equal(m->stats.memory.uncached_loads, loads);
	machine_free(m);
	free(frames);
	config_free(cfg);
}

/* Its consumer pays for 63 loads of 1000 bytes, one more for a descriptor. */
static void uncached_data_is_not_indicated(void **state)
{
	(void)state;
	check_careless("rx.low_watermark=0%", FRAMES, FRAMES * (1 + 63));
	check_careless("rx.low_watermark=0% host.coherent=yes", 0, 0);
}

static bool is_sound(const char *tx)
{
	return strcmp(tx, "mdl-walk") != 0;
}

/* The pair with caches that are coherent, and with others that are free. */
static void compare_free(const char *preset, const struct tx_ops *tx,
			 const char *rx, const struct frame *frames)
{
	struct config *cfg = fix_config(preset, FLAT);
	struct machine *with, *without;

	fix_suit(cfg, tx);
	fix_set(cfg, "host.coherent=yes host.ddio=0%");
	with = fix_run(cfg, tx->name, rx, frames, FRAMES);
	fix_set(cfg, "host.coherent=no");
	without = fix_run(cfg, tx->name, rx, frames, FRAMES);
	fix_assert_same(with, without, PLACES);
	machine_free(with);
	machine_free(without);
	config_free(cfg);
}

static struct frame *mixed(sim_time gap)
{
	return fix_traffic(&(struct fix_traffic){ .count = FRAMES,
						  .seed = 9,
						  .tx_ppm = 500000,
						  .gap = gap,
						  .poisson = true,
						  .min = 60,
						  .max = 1514,
						  .flows = 5 });
}

/* Free of charge and in flat memory it makes no difference to be coherent. */
static void without_prices_coherence_does_not_matter(void **state)
{
	static const char *const rx[] = {
		"sg",	  "copybreak",	  "common-copy",     "linux-page-pool",
		"wdf-sg", "ndis5-shared", "linux-copybreak",
	};
	const size_t count = sizeof(rx) / sizeof(rx[0]);
	struct frame *frames = mixed(15 * PS_PER_US);
	size_t i;

	(void)state;
	for (i = 0; tx_registry[i]; i++)
		if (is_sound(tx_registry[i]->name))
			compare_free("arm-noncoherent", tx_registry[i],
				     rx[i % count], frames);
	for (i = 0; i < count; i++)
		compare_free(i < 4 ? "gbe-32bit" : "xge-64bit",
			     tx_ops_find("ndis6-hybrid"), rx[i], frames);
	free(frames);
}

/* One pair, if the machine can run it; the books are checked by fix_check(). */
static unsigned try_pair(const struct config *cfg, const struct tx_ops *tx,
			 const struct rx_ops *rx, const struct frame *frames)
{
	struct machine_options options = { .tx = tx, .rx = rx, .seed = 1 };
	struct err err = ERR_INIT;
	struct machine *m = machine_new(cfg, &options, &err);

	if (!m) {
		assert_int_equal(err.kind, ERR_USAGE);
		return 0;
	}
	machine_feed(m, frames, FRAMES);
	machine_finish(m);
	/* Who hands common buffers up is told so: that is all. */
	if (is_sound(tx->name) && !hazards_of(m, "uncached_indication"))
		fix_check(m);
	machine_free(m);
	return 1;
}

static void books_balance_with_every_pair(void **state)
{
	static const struct {
		const char *preset;
		sim_time gap;
	} machines[] = {
		{ "arm-noncoherent", 15 * PS_PER_US },
		{ "ce-isa", 5000 * PS_PER_US },
		{ "ce-isa", 900 * PS_PER_US },
	};
	unsigned runs = 0;
	size_t i, tx, rx;

	(void)state;
	for (i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct config *cfg = fix_config(machines[i].preset, "");
		struct frame *frames = mixed(machines[i].gap);

		for (tx = 0; tx_registry[tx]; tx++)
			for (rx = 0; rx_registry[rx]; rx++)
				runs += try_pair(cfg, tx_registry[tx],
						 rx_registry[rx], frames);
		free(frames);
		config_free(cfg);
	}
	assert_true(runs > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_those_touched),
		cmocka_unit_test(prices_are_per_line_and_per_load),
		cmocka_unit_test(a_buffer_tears_in_a_shared_line),
		cmocka_unit_test(a_mapped_frame_is_written_back_once),
		cmocka_unit_test(a_received_frame_is_invalidated_twice),
		cmocka_unit_test(a_common_buffer_is_read_uncached),
		cmocka_unit_test(unsound_drivers_are_found_out),
		cmocka_unit_test(uncached_data_is_not_indicated),
		cmocka_unit_test(without_prices_coherence_does_not_matter),
		cmocka_unit_test(books_balance_with_every_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
