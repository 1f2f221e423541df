/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory as devices see it, against closed forms: jitter, refresh, load, the
 * other socket; and what of a window stays in the share of the LLC that device
 * writes may use.
 */
#include "tests/unit/machine_fixture.h"

#include "models/host/memory.h"
#include "traces/params.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))
#define DRAWS	 400000
#define LINE	 64

static struct memory memory_of(const char *pairs)
{
	struct config *cfg = fix_config(NULL, pairs);
	struct memory memory;

	memory_init(&memory, cfg);
	config_free(cfg);
	return memory;
}

static struct rng_stream draws(void)
{
	struct rng_stream stream;

	rng_stream_init(&stream, 11, 11, 0);
	return stream;
}

static double mean_ps(const struct memory *memory, enum residency from)
{
	struct rng_stream stream = draws();
	double sum = 0;
	uint64_t i;

	for (i = 0; i < DRAWS; i++)
		sum += (double)memory_dma_read_ps(memory, from,
						  rng_draw(&stream, i));
	return sum / DRAWS;
}

static int by_time(const void *a, const void *b)
{
	const sim_time *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* --- latencies --- */

/* The mean is the parameter's, and the quantiles are exponential. */
static void jitter_is_exponential(void **state)
{
	static const double probability[] = {
		0.1, 0.5, 0.9, 0.95, 0.99, 0.999
	};
	/* -ln(1 - p) */
	static const double means[] = { 0.105361, 0.693147, 2.302585,
					2.995732, 4.605170, 6.907755 };
	struct memory memory =
		memory_of("host.dma_read_warm=485ns host.read_jitter=100ns");
	struct rng_stream stream = draws();
	static sim_time at[DRAWS];
	size_t i;

	(void)state;
	for (i = 0; i < DRAWS; i++)
		at[i] = memory_dma_read_ps(&memory, IN_LLC,
					   rng_draw(&stream, i));
	/* Five standard errors of the mean are 0.8 ns. */
	assert_true(fix_near(mean_ps(&memory, IN_LLC), 485000, 1700));
	qsort(at, DRAWS, sizeof(at[0]), by_time);
	assert_true(at[0] >= 385000);
	for (i = 0; i < COUNT(probability); i++) {
		double got = (double)at[(size_t)(probability[i] * DRAWS)];
		double off = got - 385000 - means[i] * 100000;
		/* sqrt((1 - p) / p / n) / f, five of them, below 10 % */
		double slack = i < 4 ? 3000 : i < 5 ? 8000 : 26000;

		if (off > slack || off < -slack)
			fail_msg("quantile %.3f: %.0f ps", probability[i], got);
	}
}

/* Interpolated quantiles against the exact ones. */
static void jitter_is_near_the_exact_quantile(void **state)
{
	struct memory memory = memory_of("host.read_jitter=1us");
	uint64_t before = 0, i;

	(void)state;
	for (i = 0; i < 65536; i++) {
		uint64_t draw = i << 48 | 0x5555;
		uint64_t got = memory_jitter_ps(&memory, draw);
		uint64_t exact = rng_exponential(draw, 1000000);

		assert_true(got >= before); /* grows with the draw */
		before = got;
		assert_true(got + 1000 >= exact && got <= exact + 1000);
	}
}

static void without_jitter_all_reads_are_equal(void **state)
{
	struct memory memory =
		memory_of("host.read_jitter=0 host.dram_refresh=0 "
			  "host.dma_read_warm=485ns host.dma_read_cold=534ns");
	struct rng_stream stream = draws();
	uint64_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		uint64_t draw = rng_draw(&stream, i);

		assert_int_equal(memory_dma_read_ps(&memory, IN_L2, draw),
				 485000);
		assert_int_equal(memory_dma_read_ps(&memory, IN_LLC, draw),
				 485000);
		assert_int_equal(memory_dma_read_ps(&memory, IN_DRAM, draw),
				 534000);
	}
}

/*
 * A read meets a refresh with probability refresh / every and then waits for
 * its rest: P(wait > x) = (refresh - x) / every, mean refresh^2 / (2 every).
 */
static void refresh_has_its_tail(void **state)
{
	static const struct {
		const char *pairs;
		double refresh, every;
	} cases[] = {
		{ "host.dram_refresh=230ns host.dram_refresh_every=7.8us",
		  230000, 7800000 },
		{ "host.dram_refresh=350ns host.dram_refresh_every=3.9us",
		  350000, 3900000 },
		{ "host.dram_refresh=160ns host.dram_refresh_every=1us", 160000,
		  1000000 },
	};
	struct rng_stream stream = draws();
	size_t c, x;
	uint64_t i;

	(void)state;
	for (c = 0; c < COUNT(cases); c++) {
		struct memory memory;
		struct config *cfg = fix_config(
			NULL, "host.read_jitter=0 host.dma_read_warm=485ns "
			      "host.dma_read_cold=534ns");
		uint64_t beyond[4] = { 0 };
		double sum = 0;

		fix_set(cfg, cases[c].pairs);
		memory_init(&memory, cfg);
		config_free(cfg);
		for (i = 0; i < DRAWS; i++) {
			double wait = (double)memory_dma_read_ps(
					      &memory, IN_DRAM,
					      rng_draw(&stream, i)) -
				      534000;

			sum += wait;
			assert_true(wait >= 0 && wait <= cases[c].refresh);
			for (x = 0; x < 4; x++)
				beyond[x] +=
					wait > cases[c].refresh * (double)x / 4;
			/* What the LLC has meets none. */
			assert_int_equal(
				memory_dma_read_ps(&memory, IN_LLC,
						   rng_draw(&stream, i)),
				485000);
		}
		for (x = 0; x < 4; x++) {
			double want = cases[c].refresh * (1 - (double)x / 4) /
				      cases[c].every;

			if (!fix_near((double)beyond[x] / DRAWS, want, 100000))
				fail_msg("case %zu: P(> %zu/4) %.5f, want %.5f",
					 c, x, (double)beyond[x] / DRAWS, want);
		}
		assert_true(fix_near(sum / DRAWS,
				     cases[c].refresh * cases[c].refresh / 2 /
					     cases[c].every,
				     50000));
	}
}

/* M/D/1 at row cycles of 45 ns: rho / (2 (1 - rho)); reads and writes alike */
static void loaded_memory_is_slower(void **state)
{
	static const struct {
		const char *pairs;
		sim_time wait;
	} cases[] = {
		{ "host.dram_load=0%", 0 },
		{ "host.dram_load=10%", 2500 },
		{ "host.dram_load=50%", 22500 },
		{ "host.dram_load=80%", 90000 },
		{ "host.dram_load=90%", 202500 },
		{ "host.dram_load=99%", 2227500 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct config *cfg = fix_config(
			NULL, "host.read_jitter=0 host.dram_refresh=0 "
			      "host.dma_read_warm=485ns "
			      "host.dma_read_cold=534ns host.dma_write=220ns");
		struct memory memory;

		fix_set(cfg, cases[i].pairs);
		memory_init(&memory, cfg);
		config_free(cfg);
		assert_int_equal(memory_dma_read_ps(&memory, IN_LLC, 1),
				 485000);
		assert_int_equal(memory_dma_read_ps(&memory, IN_DRAM, 1),
				 534000 + cases[i].wait);
		assert_int_equal(memory_dma_write_ps(&memory, false),
				 220000 + cases[i].wait);
		assert_int_equal(memory_dma_write_ps(&memory, true),
				 220000 + cases[i].wait + 49000 +
					 cases[i].wait);
	}
}

/* Of the other socket all comes from its DRAM, and the way besides. */
static void the_other_socket_is_farther(void **state)
{
	struct memory memory =
		memory_of("host.read_jitter=0 host.dram_refresh=0 "
			  "host.dma_read_warm=485ns host.dma_read_cold=534ns "
			  "host.numa=remote host.numa_delta=57ns");

	(void)state;
	assert_int_equal(memory_dma_read_ps(&memory, IN_LLC, 1), 591000);
	assert_int_equal(memory_dma_read_ps(&memory, IN_DRAM, 1), 591000);
}

/* A mean below the jitter's own: nothing is left but jitter. */
static void jitter_beyond_the_mean(void **state)
{
	struct memory memory =
		memory_of("host.read_jitter=1us host.dma_read_warm=10ns");

	(void)state;
	assert_int_equal(memory_dma_read_ps(&memory, IN_LLC, 0), 0);
}

/* --- residency --- */

#define LLC "host.llc=1MiB host.ddio=25% host.l2=64KiB" /* 4096 lines */
enum { SHARE = 4096 };

static struct memory_stamp window[4 * SHARE];

/* Share of device writes that find their line, over @rounds of a window. */
static double hits(struct memory *memory, uint32_t lines, bool random)
{
	struct rng_stream stream = draws();
	uint64_t i, n = 40 * (uint64_t)lines, hit = 0, counted = 0;

	for (i = 0; i < lines; i++)
		window[i] = memory_never();
	for (i = 0; i < n; i++) {
		uint64_t at = random ? rng_below(rng_draw(&stream, i), lines)
				     : i % lines;

		if (i >= n / 2) {
			counted++;
			hit += memory_residency(memory, window[at]) != IN_DRAM;
		}
		window[at] = memory_device_wrote(memory, window[at], LINE);
	}
	return (double)hit / (double)counted;
}

/* First in, first out: any line of the window is there alike, min(1, C / W) */
static void random_rewriting_hits_by_share(void **state)
{
	static const uint32_t lines[] = { 512,	       SHARE / 2,     SHARE - 1,
					  SHARE + 400, 3 * SHARE / 2, 2 * SHARE,
					  4 * SHARE };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(lines); i++) {
		struct memory memory = memory_of(LLC);
		double want = lines[i] < SHARE ? 1 : SHARE / (double)lines[i];
		double off = hits(&memory, lines[i], true) - want;

		if (off > 0.02 || off < -0.02)
			fail_msg("%u lines: %.3f off %.3f", lines[i], off,
				 want);
	}
}

/* In turn: each line is gone before it comes again, or none is. */
static void cyclic_rewriting_hits_all_or_none(void **state)
{
	struct memory memory = memory_of(LLC);

	(void)state;
	assert_true(hits(&memory, SHARE - 1, false) == 1);
	assert_true(hits(&memory, SHARE + 1, false) == 0);
	assert_true(hits(&memory, 4 * SHARE, false) == 0);
}

/* What a CPU has in the LLC is updated there and takes no room. */
static void device_writes_update_what_is_there(void **state)
{
	struct memory memory = memory_of(LLC);
	struct memory_stamp first =
		memory_device_wrote(&memory, memory_never(), LINE);
	struct memory_stamp cpu = memory_cpu_wrote(&memory, LINE);
	uint64_t clock = memory.device_clock;
	unsigned i;

	(void)state;
	assert_int_equal(memory_residency(&memory, cpu), IN_L2);
	for (i = 0; i < 3 * SHARE; i++)
		cpu = memory_device_wrote(&memory, cpu, LINE);
	assert_int_equal(memory.device_clock, clock);
	assert_int_equal(memory_residency(&memory, cpu), IN_L2);
	assert_int_equal(memory_residency(&memory, first), IN_LLC);
	/* Other lines push the first out, not the CPU's. */
	for (i = 0; i < SHARE; i++)
		memory_device_wrote(&memory, memory_never(), LINE);
	assert_int_equal(memory_residency(&memory, first), IN_DRAM);
	assert_int_equal(memory_residency(&memory, cpu), IN_L2);
}

/* The CPUs have what devices leave: L2, then LLC less the share, then DRAM. */
static void what_cpus_wrote_ages(void **state)
{
	struct memory memory = memory_of(LLC);
	struct memory_stamp stamp = memory_cpu_wrote(&memory, LINE);

	(void)state;
	memory_cpu_wrote(&memory, 65536 - LINE);
	assert_int_equal(memory_residency(&memory, stamp), IN_L2);
	memory_cpu_wrote(&memory, 1);
	assert_int_equal(memory_residency(&memory, stamp), IN_LLC);
	memory_cpu_wrote(&memory, 3 * 262144 - 65536 - LINE);
	assert_int_equal(memory_residency(&memory, stamp), IN_LLC);
	memory_cpu_wrote(&memory, LINE);
	assert_int_equal(memory_residency(&memory, stamp), IN_DRAM);
	assert_int_equal(memory_residency(&memory, memory_never()), IN_DRAM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jitter_is_exponential),
		cmocka_unit_test(jitter_is_near_the_exact_quantile),
		cmocka_unit_test(without_jitter_all_reads_are_equal),
		cmocka_unit_test(refresh_has_its_tail),
		cmocka_unit_test(loaded_memory_is_slower),
		cmocka_unit_test(the_other_socket_is_farther),
		cmocka_unit_test(jitter_beyond_the_mean),
		cmocka_unit_test(random_rewriting_hits_by_share),
		cmocka_unit_test(cyclic_rewriting_hits_all_or_none),
		cmocka_unit_test(device_writes_update_what_is_there),
		cmocka_unit_test(what_cpus_wrote_ages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
