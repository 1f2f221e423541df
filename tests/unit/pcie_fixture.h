/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PCIe link with its root complex and memory, alone on a kernel.
 *
 *	struct bench bench;
 *
 *	bench_init(&bench, "pcie.tags=1");
 *	read_one(&bench, &element, 0);
 *	run(&bench);
 *	assert_ps(bench.done[0], by_hand, 2);
 *	bench_clear(&bench);	(all that was taken was given back)
 *
 * Tests include a header of models/ and one of traces/, to be linked with them.
 */
#ifndef TESTS_UNIT_PCIE_FIXTURE_H
#define TESTS_UNIT_PCIE_FIXTURE_H

#include "tests/unit/machine_fixture.h"

#include "models/bus/pcie.h"
#include "models/component.h"

#define DONES	 65536
#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

/* Nothing drawn, no limit in the way: times can be had by hand. */
#define PLAIN                                                              \
	"host.dma_read_warm=532ns host.read_jitter=0 host.dram_refresh=0 " \
	"host.dma_write=220ns host.write_credits=65536 "                   \
	"host.read_credits=65536 pcie.completion_interval=0 "              \
	"pcie.line_request=0 "

/* A link that is hardly ever the limit. */
#define WIDE "pcie.generation=5 pcie.lanes=16 pcie.tags=1024 "

struct bench {
	struct kernel kernel;
	struct stats stats;
	struct memory memory;
	struct pcie pcie;
	uint64_t bps;
	sim_time done[DONES];
	uint64_t dones;
};

static inline void bench_init_on(struct bench *bench, bool naive,
				 const char *base, const char *pairs)
{
	struct config *cfg = fix_config(NULL, base);
	struct err err = ERR_INIT;

	fix_set(cfg, pairs);
	memset(bench, 0, sizeof(*bench));
	assert_int_equal(kernel_init(&bench->kernel, naive, &err), 0);
	stats_init(&bench->stats, 0);
	memory_init(&bench->memory, cfg);
	assert_int_equal(pcie_init(&bench->pcie, &bench->kernel, &bench->stats,
				   &bench->memory, NULL, COMP_ADAPTER, cfg, 1,
				   0, &err),
			 0);
	bench->bps = bench->pcie.down_clock.bps;
	config_free(cfg);
}

static inline void bench_init(struct bench *bench, const char *pairs)
{
	bench_init_on(bench, false, PLAIN, pairs);
}

/* Everything taken was given back. */
static inline void bench_clear(struct bench *bench)
{
	struct pcie *pcie = &bench->pcie;

	assert_int_equal(pcie->tags_free, pcie->tags);
	assert_int_equal(pcie->read_credits, pcie->read_credits_all);
	assert_int_equal(pcie->write_credits, pcie->write_credits_all);
	assert_int_equal(pcie->merging, 0);
	assert_int_equal(pool_live(&pcie->reads_pool), 0);
	assert_int_equal(pool_live(&pcie->writes_pool), 0);
	assert_int_equal(pool_live(&pcie->requests), 0);
	pcie_clear(pcie);
	stats_clear(&bench->stats);
	kernel_clear(&bench->kernel);
}

static inline void done(void *ctx, uint64_t arg)
{
	struct bench *bench = ctx;

	assert_true(arg < DONES);
	bench->done[arg] = bench->kernel.now;
	bench->dones++;
}

static inline void read_one(struct bench *bench,
			    const struct sg_element *element, uint64_t arg)
{
	pcie_read(&bench->pcie, &(struct pcie_read_args){ .elements = element,
							  .count = 1,
							  .from = IN_LLC,
							  .done = done,
							  .ctx = bench,
							  .arg = arg });
}

static inline void write_one(struct bench *bench, uint64_t address,
			     uint32_t bytes, uint64_t arg)
{
	pcie_write(&bench->pcie, &(struct pcie_write_args){
					 .elements = { { address, bytes } },
					 .count = 1,
					 .done = done,
					 .ctx = bench,
					 .arg = arg });
}

static inline void run(struct bench *bench)
{
	kernel_run(&bench->kernel, SIM_TIME_NEVER);
	stats_close(&bench->stats, bench->kernel.now);
}

/* Exact time of @bytes on the link, ps. */
static inline double link_ps(const struct bench *bench, double bytes)
{
	return bytes * 8e12 / (double)bench->bps;
}

static inline void assert_ps(sim_time got, double expected, double slack)
{
	double off = (double)got - expected;

	if (off > slack || off < -slack)
		fail_msg("%lld ps, expected %.3f", (long long)got, expected);
}

#endif
