/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws between runs of machines drawn at random: what must not change a result
 * does not, what is changed on purpose changes only that.
 *
 *	METAMORPHIC=1..5000 build/unit/test_metamorphic
 *
 * runs these seeds; without it, a few.
 */
#include "tests/unit/random_machine.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/machine.h"
#include "traces/params.h"

#define FEW 250

struct seeds {
	uint64_t first, last;
};

static struct seeds seeds_wanted(void)
{
	const char *text = getenv("METAMORPHIC");
	struct seeds seeds = { 1, FEW };
	unsigned long long first, last;

	if (text && sscanf(text, "%llu..%llu", &first, &last) == 2)
		seeds = (struct seeds){ first, last };
	return seeds;
}

static size_t length_of(const void *registry)
{
	const void *const *entries = registry;
	size_t n = 0;

	while (entries[n])
		n++;
	return n;
}

/* A pair that there is a card for; false: none. */
static bool pair_of(uint64_t seed, struct machine_options *options)
{
	size_t tx = length_of(tx_registry), rx = length_of(rx_registry);

	options->tx = tx_registry[seed % tx];
	options->rx = rx_registry[seed / tx % rx];
	return fix_match(options->tx, options->rx);
}

/* NULL: the draw contradicts itself. */
static struct machine *run(uint64_t seed, struct machine_options options,
			   const char *more, const struct frame *frames,
			   size_t count)
{
	struct machine *m = random_machine(seed, options, more);

	if (!m)
		return NULL;
	machine_feed(m, frames, count);
	machine_finish(m);
	fix_check(m);
	return m;
}

static void same(uint64_t seed, const char *law, const struct machine *a,
		 const struct machine *b)
{
	const char *name = fix_difference(a, b, "");
	size_t i;

	for (i = 0; !name && i < TX_STAGES; i++)
		if (!fix_same_hist(&a->stats.tx_stage[i],
				   &b->stats.tx_stage[i]))
			name = tx_stage_names[i];
	for (i = 0; !name && i < RX_STAGES; i++)
		if (!fix_same_hist(&a->stats.rx_stage[i],
				   &b->stats.rx_stage[i]))
			name = rx_stage_names[i];
	if (!name && a->result.fingerprint != b->result.fingerprint)
		name = "fingerprint";
	if (name)
		fail_msg("seed %llu, %s/%s: %s changes %s",
			 (unsigned long long)seed, a->result.tx, a->result.rx,
			 law, name);
}

/* For every seed: @law returns whether it had something to say. */
static void for_all(const char *name,
		    bool (*law)(uint64_t seed, const struct frame *frames))
{
	struct seeds seeds = seeds_wanted();
	unsigned long long told = 0;
	uint64_t seed;

	for (seed = seeds.first; seed <= seeds.last; seed++) {
		struct frame *frames = random_traffic(seed);

		told += law(seed, frames);
		free(frames);
	}
	print_message("%s: %llu of %llu machines\n", name, told,
		      (unsigned long long)(seeds.last - seeds.first + 1));
	assert_true(told > 0);
}

/* --- what must not matter --- */

static bool kernel_law(uint64_t seed, const struct frame *frames)
{
	struct machine_options options = { .naive = false };
	struct machine *fast, *naive;

	if (!pair_of(seed, &options))
		return false;
	fast = run(seed, options, "", frames, RANDOM_FRAMES);
	if (!fast)
		return false;
	options.naive = true;
	naive = run(seed, options, "", frames, RANDOM_FRAMES);
	same(seed, "the naive kernel", fast, naive);
	machine_free(fast);
	machine_free(naive);
	return true;
}

/* Cut anywhere, looked at meanwhile. */
static bool batch_law(uint64_t seed, const struct frame *frames)
{
	struct machine_options options = { 0 };
	struct machine_so_far far;
	struct rng_stream stream;
	struct machine *whole, *cut;
	size_t done = 0, n;

	if (!pair_of(seed, &options))
		return false;
	whole = run(seed, options, "", frames, RANDOM_FRAMES);
	if (!whole)
		return false;
	cut = random_machine(seed, options, "");
	rng_stream_init(&stream, seed, 5, 0);
	for (; done < RANDOM_FRAMES; done += n) {
		n = 1 + (size_t)rng_below(rng_draw(&stream, done), 40);
		if (n > RANDOM_FRAMES - done)
			n = RANDOM_FRAMES - done;
		machine_feed(cut, frames + done, n);
		if (done % 3)
			machine_so_far(cut, &far);
	}
	machine_finish(cut);
	same(seed, "cutting", whole, cut);
	machine_free(whole);
	machine_free(cut);
	return true;
}

/* --- what changes only what it should --- */

/* What is offered before a moment and from it on is what is offered. */
static bool window_law(uint64_t seed, const struct frame *frames)
{
	const size_t half = RANDOM_FRAMES / 2;
	struct machine_options options = { .naive = false };
	struct machine *whole, *before, *rest;
	char warm_up[48];
	size_t first = half;

	while (first && frames[first - 1].at == frames[half].at)
		first--;
	if (!pair_of(seed, &options) || !frames[half].at)
		return false;
	whole = run(seed, options, "run.warmup=0", frames, RANDOM_FRAMES);
	if (!whole)
		return false;
	snprintf(warm_up, sizeof(warm_up), "run.warmup=%lldps",
		 (long long)frames[half].at);
	before = run(seed, options, "run.warmup=0", frames, first);
	rest = run(seed, options, warm_up, frames, RANDOM_FRAMES);
#define OFFERED(m) ((m)->stats.tx.offered_frames + (m)->stats.rx.offered_frames)
	if (OFFERED(whole) != OFFERED(before) + OFFERED(rest))
		fail_msg("seed %llu, %s/%s: %llu offered, %llu before, %llu "
			 "after",
			 (unsigned long long)seed, whole->result.tx,
			 whole->result.rx, (unsigned long long)OFFERED(whole),
			 (unsigned long long)OFFERED(before),
			 (unsigned long long)OFFERED(rest));
#undef OFFERED
	/* And a window changes nothing of what happens. */
	if (whole->result.memory_digest != rest->result.memory_digest)
		fail_msg("seed %llu: warm-up changes the memory",
			 (unsigned long long)seed);
	machine_free(whole);
	machine_free(before);
	machine_free(rest);
	return true;
}

static void alike(uint64_t seed, const char *law, const struct machine *a,
		  const struct machine *b, const char *except)
{
	const char *name = fix_difference(a, b, except);

	if (name)
		fail_msg("seed %llu, %s and %s, %s: %s",
			 (unsigned long long)seed, a->result.tx, b->result.tx,
			 law, name);
}

#define ROOM                                                          \
	"layout.mdl=split nic.sg_elements=30 nic.desc_cache=64 "      \
	"nic.tx_ring=512 hal.exhausted=queue hal.personality=modern " \
	"hal.pool=1024 hal.pool_cap=16384 hal.max_mapping=64KiB "     \
	"nic.scatter_gather=yes iommu.mode=off "

/*
 * Hybrid at its ends is one of the two it is made of, where a list is never
 * too long for the card nor refused: what is done then is the strategy's.  No
 * IOMMU: the pages to copy into are mapped, so others lie elsewhere in the
 * IOTLB.
 */
static bool hybrid_law(uint64_t seed, const struct frame *frames)
{
	static const struct {
		const char *as, *settings;
	} ends[] = {
		{ "ndis6-sg", ROOM "tx.copy_threshold=0B tx.max_elements=256" },
		{ "ndis6-copy",
		  ROOM "tx.copy_threshold=64KiB tx.max_elements=256" },
	};
	struct machine_options options = { .naive = false };
	struct machine *hybrid, *plain;

	pair_of(seed, &options);
	options.tx = tx_ops_find("ndis6-hybrid");
	if (!fix_match(options.tx, options.rx))
		return false;
	hybrid = run(seed, options, ends[seed % 2].settings, frames,
		     RANDOM_FRAMES);
	options.tx = tx_ops_find(ends[seed % 2].as);
	plain = run(seed, options, ends[seed % 2].settings, frames,
		    RANDOM_FRAMES);
	assert_true(!hybrid == !plain);
	if (!hybrid)
		return false;
	alike(seed, ends[seed % 2].settings, hybrid, plain, "memory.");
	machine_free(hybrid);
	machine_free(plain);
	return true;
}

/* A price of nothing but time for a copy moves no frame's memory. */
static bool memory_law(uint64_t seed, const struct frame *frames)
{
	struct machine_options options = { .naive = false };
	struct machine *a, *b;

	if (!pair_of(seed, &options))
		return false;
	a = run(seed, options, "cost.sg_build=0 cost.send=0", frames,
		RANDOM_FRAMES);
	if (!a)
		return false;
	b = run(seed, options, "cost.sg_build=7000 cost.send=3000", frames,
		RANDOM_FRAMES);
	if (a->result.memory_digest != b->result.memory_digest)
		fail_msg("seed %llu: prices change the memory",
			 (unsigned long long)seed);
	machine_free(a);
	machine_free(b);
	return true;
}

/* --- */

static void the_naive_kernel_agrees(void **state)
{
	(void)state;
	for_all("naive kernel", kernel_law);
}

static void cutting_and_looking_do_not_matter(void **state)
{
	(void)state;
	for_all("batches and snapshots", batch_law);
}

static void windows_add_up(void **state)
{
	(void)state;
	for_all("windows", window_law);
}

static void hybrid_at_its_ends_is_plain(void **state)
{
	(void)state;
	for_all("hybrid at its ends", hybrid_law);
}

static void prices_move_no_memory(void **state)
{
	(void)state;
	for_all("memory under other prices", memory_law);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_naive_kernel_agrees),
		cmocka_unit_test(cutting_and_looking_do_not_matter),
		cmocka_unit_test(windows_add_up),
		cmocka_unit_test(hybrid_at_its_ends_is_plain),
		cmocka_unit_test(prices_move_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
