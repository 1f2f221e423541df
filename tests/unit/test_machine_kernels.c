/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine's result depends on configuration, seed and frames only: not on
 * the kernel, nor on how frames are cut into batches, nor on other machines in
 * other threads.  And every strategy meets the same frames in the same memory.
 */
#include "tests/unit/random_machine.h"

#include <pthread.h>

#include "models/machine.h"
#include "traces/params.h"

#define MACHINES 960
#define FRAMES	 RANDOM_FRAMES

static bool compare_kernels(uint64_t seed, const struct tx_ops *tx,
			    const struct rx_ops *rx)
{
	struct machine_options options = { .tx = tx, .rx = rx };
	struct machine *fast = random_machine(seed, options, ""), *naive;
	struct frame *frames;

	if (!fast) /* the draw contradicts itself */
		return false;
	options.naive = true;
	naive = random_machine(seed, options, "");
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
		struct machine *whole = random_machine(seed, options, "");

		for (i = 0; whole && i < sizeof(pieces) / sizeof(pieces[0]);
		     i++) {
			struct machine *m = random_machine(seed, options, "");

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
			lane[i].m = random_machine(seed + i, options, "");
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
				lane[i].m =
					random_machine(seed + i, options, "");
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
		cmocka_unit_test(machines_share_nothing),
		cmocka_unit_test(every_pair_meets_the_same_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
