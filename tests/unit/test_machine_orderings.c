/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orderings of transmit strategies that follow from the prices of their
 * components, each with the condition under which it is true.  Prices are
 * varied over both sides of the condition, and the law has to hold on both:
 * where the condition fails the opposite must come out.
 *
 * Conditions of all: frames of one size, all sent, far apart, so that nothing
 * queues and every frame has an interrupt of its own; one core; cycles of the
 * driver.
 */
#include "tests/unit/machine_fixture.h"

#include <stdio.h>

#include "models/host/copy.h"
#include "models/machine.h"
#include "traces/params.h"

/* A frame is one MDL in one piece of memory: one element. */
#define ALONE                                                        \
	"host.cores=1 layout.mdl=linear layout.merge=100% "          \
	"traffic.dpc_sends=0% nic.moderation=0 nic.tx_write_back=1 " \
	"host.dpc_median=2us host.dpc_p99=2us "

enum { FRAMES = 40, LEAST = 64, MOST = 1514 };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Driver cycles per frame of @bytes. */
static uint64_t cycles(const char *preset, const char *pairs, const char *tx,
		       uint32_t bytes)
{
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 3,
		.tx_ppm = 1000000,
		.gap = 200 * PS_PER_US,
		.min = bytes,
		.max = bytes,
	});
	struct config *cfg = fix_config(preset, ALONE);
	struct machine *m;
	uint64_t sum;

	fix_set(cfg, pairs);
	m = fix_run(cfg, tx, "null", frames, FRAMES);
	assert_int_equal(m->stats.tx.completed_frames, FRAMES);
	sum = m->stats.tx.driver_cycles;
	machine_free(m);
	config_free(cfg);
	free(frames);
	return sum / FRAMES;
}

/*
 * Sizes over which mapping is cheaper than copying.  A longer frame may lie in
 * a page more, so it is looked at whether the cheaper one changes, and where.
 */
struct crossing {
	bool copy_first, map_last; /* cheaper at 64 B, at 1514 B */
	unsigned changes;
};

static struct crossing crossing(const char *preset, const char *pairs)
{
	static const uint32_t sizes[] = { LEAST, 128,  256,  384,  512, 768,
					  1024,	 1152, 1280, 1400, MOST };
	struct crossing found = { .changes = 0 };
	bool map_before = false, map = false;
	size_t i;

	for (i = 0; i < COUNT(sizes); i++) {
		map = cycles(preset, pairs, "ndis6-sg", sizes[i]) <
		      cycles(preset, pairs, "ndis6-copy", sizes[i]);
		if (i == 0)
			found.copy_first = !map;
		else
			found.changes += map != map_before;
		map_before = map;
	}
	found.map_last = map;
	return found;
}

/* A copy of @bytes whose source is in memory, into what the LLC holds. */
static uint64_t copy_price(const char *preset, uint32_t bytes)
{
	struct config *cfg = fix_config(preset, "");
	struct copy copy;

	copy_init(&copy, cfg);
	config_free(cfg);
	return copy_cycles(&copy, IN_DRAM, IN_LLC, bytes);
}

/* Pages and elements cost nothing: mapping has one price. */
#define ONE_PRICE                                              \
	"cost.sg_page=0 cost.sg_put_page=0 cost.sg_element=0 " \
	"cost.sg_put=0 cost.process_sg=0 layout.tx_source=file "

static void put_price(char *pairs, size_t size, uint64_t price)
{
	snprintf(pairs, size, ONE_PRICE "cost.sg_build=%llu",
		 (unsigned long long)price);
}

/*
 * IOMMU off: there is a crossover only if copy(64 B) < map and unmap <
 * copy(1514 B).  Below it mapping is always cheaper, above it copying is.
 * Other steps of the two ways differ by less than the margin.
 */
static void a_crossover_needs_a_price_between(void **state)
{
	static const char preset[] = "xge-64bit";
	uint64_t low = copy_price(preset, LEAST);
	uint64_t high = copy_price(preset, MOST);
	uint64_t between = (low + high) / 2;
	char pairs[512];
	struct crossing c;

	(void)state;
	assert_true(low + 200 < high);
	put_price(pairs, sizeof(pairs), between);
	c = crossing(preset, pairs);
	assert_true(c.copy_first && c.map_last);
	assert_int_equal(c.changes, 1);

	put_price(pairs, sizeof(pairs), 0);
	c = crossing(preset, pairs);
	assert_false(c.copy_first);
	assert_int_equal(c.changes, 0);

	put_price(pairs, sizeof(pairs), 3 * high);
	c = crossing(preset, pairs);
	assert_true(c.copy_first);
	assert_int_equal(c.changes, 0);
}

/*
 * Strict IOMMU: map, unmap and an invalidation together cost more than a copy
 * of a full frame, so the crossover that there is without one lies beyond it.
 * Condition: that sum, at its default prices, is above copy(1514 B).
 */
static void strict_moves_it_beyond_a_frame(void **state)
{
	uint64_t high = copy_price("xge-strict", MOST);
	uint64_t between = (copy_price("xge-64bit", LEAST) + high) / 2;
	char pairs[512];
	struct config *cfg = fix_config("xge-strict", "");
	uint64_t translated = config_u64(cfg, "iommu.map") +
			      config_u64(cfg, "iommu.unmap") +
			      config_u64(cfg, "iommu.invalidate");
	struct crossing c;

	(void)state;
	config_free(cfg);
	assert_true(translated > high); /* the condition */
	put_price(pairs, sizeof(pairs), between);
	assert_true(crossing("xge-64bit", pairs).map_last);
	c = crossing("xge-strict", pairs);
	assert_true(c.copy_first);
	assert_int_equal(c.changes, 0);
}

/* And where invalidation, map and unmap are free it is where it was. */
static void strict_for_nothing_moves_nothing(void **state)
{
	static const char free_pairs[] =
		" iommu.map=0 iommu.map_page=0 iommu.unmap=0 "
		"iommu.unmap_page=0 iommu.invalidate=0 "
		"iommu.invalidate_page=0 iommu.iova_depot=0 "
		"iommu.iova_fresh=0";
	uint64_t between = (copy_price("xge-64bit", LEAST) +
			    copy_price("xge-64bit", MOST)) /
			   2;
	char pairs[512], all[1024];
	struct crossing off, strict;

	(void)state;
	put_price(pairs, sizeof(pairs), between);
	off = crossing("xge-64bit", pairs);
	snprintf(all, sizeof(all), "%s%s", pairs, free_pairs);
	strict = crossing("xge-strict", all);
	assert_int_equal(off.copy_first, strict.copy_first);
	assert_int_equal(off.map_last, strict.map_last);
	assert_int_equal(off.changes, strict.changes);
}

/*
 * Memory that is always mapped is the floor: nothing is copied, nothing
 * mapped.  Condition: one element, so that it needs no descriptor more.
 */
static void premapped_is_the_floor(void **state)
{
	static const char *const machines[] = { "xge-64bit", "xge-deferred",
						"xge-strict", "gbe-32bit" };
	static const char *const others[] = { "ndis6-sg", "ndis6-copy",
					      "ndis6-hybrid" };
	static const uint32_t sizes[] = { LEAST, 512, MOST };
	size_t i, k, n;

	(void)state;
	for (i = 0; i < COUNT(machines); i++)
		for (n = 0; n < COUNT(sizes); n++) {
			uint64_t floor =
				cycles(machines[i], "", "premapped", sizes[n]);

			for (k = 0; k < COUNT(others); k++)
				assert_true(floor <= cycles(machines[i], "",
							    others[k],
							    sizes[n]));
		}
}

/* A threshold picks one of two ways, whole: up to it copy, above it map. */
static void a_hybrid_is_one_or_the_other(void **state)
{
	static const uint32_t sizes[] = { LEAST, 256, 257, 1024, MOST };
	static const char pairs[] = "tx.copy_threshold=256B";
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(sizes); i++)
		assert_int_equal(
			cycles("xge-64bit", pairs, "ndis6-hybrid", sizes[i]),
			cycles("xge-64bit", "",
			       sizes[i] <= 256 ? "ndis6-copy" : "ndis6-sg",
			       sizes[i]));
}

/*
 * Off <= deferred <= strict for what maps, at any size; nothing changes for
 * what never does.  Condition: an invalidation costs something, and batches
 * are of more than one.
 */
static void modes_are_paid_for_by_mapping(void **state)
{
	static const uint32_t sizes[] = { LEAST, MOST };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(sizes); i++) {
		uint32_t n = sizes[i];
		uint64_t off = cycles("xge-64bit", "", "ndis6-sg", n);
		uint64_t deferred = cycles("xge-deferred", "", "ndis6-sg", n);
		uint64_t strict = cycles("xge-strict", "", "ndis6-sg", n);

		assert_true(off < deferred && deferred < strict);
		assert_int_equal(cycles("xge-64bit", "", "ndis6-copy", n),
				 cycles("xge-strict", "", "ndis6-copy", n));
		assert_int_equal(cycles("xge-64bit", "", "premapped", n),
				 cycles("xge-strict", "", "premapped", n));
	}
}

/* A dearer routine moves those that call it, by its price, and no other. */
static void a_price_moves_who_pays_it(void **state)
{
	static const char dearer[] = "cost.sg_build=1860";
	uint64_t map = cycles("xge-64bit", "", "ndis6-sg", 512);
	uint64_t copy = cycles("xge-64bit", "", "ndis6-copy", 512);

	(void)state;
	assert_int_equal(cycles("xge-64bit", dearer, "ndis6-sg", 512),
			 map + 1000);
	assert_int_equal(cycles("xge-64bit", dearer, "ndis6-copy", 512), copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crossover_needs_a_price_between),
		cmocka_unit_test(strict_moves_it_beyond_a_frame),
		cmocka_unit_test(strict_for_nothing_moves_nothing),
		cmocka_unit_test(premapped_is_the_floor),
		cmocka_unit_test(a_hybrid_is_one_or_the_other),
		cmocka_unit_test(modes_are_paid_for_by_mapping),
		cmocka_unit_test(a_price_moves_who_pays_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
