/* SPDX-License-Identifier: Apache-2.0 */
#include "models/probe.h"

#include <stdlib.h>

#include "core/digest.h"
#include "models/component.h"
#include "models/host/iommu.h"
#include "models/host/walker.h"
#include "models/nic/engine.h"

#define LINE 64u
/* Of the window: aligned to any page, above the 4 GiB hole. */
#define BASE (UINT64_C(4) << 30)
#define PPM  UINT64_C(1000000)

struct transfer {
	struct probe *probe;
	struct sg_element element;
	enum probe_op op; /* PROBE_RD or PROBE_WR; PROBE_WRRD: both */
	uint64_t number;
	sim_time since;
};

/* What only grows, at one instant. */
struct totals {
	sim_time at;
	uint64_t cache_hits, cache_lookups, iotlb_hits, iotlb_misses;
	uint64_t up_ps, down_ps;
	__uint128_t tags_ps; /* tags in use x ps */
};

struct probe {
	const struct probe_spec *spec;
	struct kernel kernel;
	struct arena arena;
	struct stats stats;
	struct memory memory;
	struct walker walker;
	struct pcie pcie;
	struct engine engine;
	struct pool transfers;
	struct rng_stream addresses;
	struct memory_stamp *stamps; /* of each line of the window */
	uint64_t lines, units, unit;
	uint64_t warm_up; /* transfers before the first that counts */
	uint64_t issued, ended;
	uint64_t cache_hits, cache_lookups;
	uint64_t fingerprint;
	struct hist latency_ps;
	struct totals from, to;
};

/* --- lines of the window --- */

static uint64_t first_line(const struct transfer *transfer)
{
	return (transfer->element.address - BASE) / LINE;
}

static uint64_t last_line(const struct transfer *transfer)
{
	return (transfer->element.address - BASE + transfer->element.bytes -
		1) /
	       LINE;
}

static bool cached(const struct probe *probe, uint64_t line)
{
	return memory_residency(&probe->memory, probe->stamps[line]) != IN_DRAM;
}

/* Returns whether all lines are in the LLC, and counts them. */
static bool look_up(struct probe *probe, const struct transfer *transfer)
{
	uint64_t first = first_line(transfer), last = last_line(transfer);
	uint64_t line, hits = 0;

	for (line = first; line <= last; line++)
		hits += cached(probe, line);
	probe->cache_hits += hits;
	probe->cache_lookups += last - first + 1;
	return hits == last - first + 1;
}

/* A line is written in part that no cache has. */
static bool merges(const struct probe *probe, const struct transfer *transfer)
{
	const struct sg_element *element = &transfer->element;
	uint64_t end = element->address + element->bytes;

	return (element->address % LINE &&
		!cached(probe, first_line(transfer))) ||
	       (end % LINE && !cached(probe, last_line(transfer)));
}

static void device_wrote(struct probe *probe, uint64_t first, uint64_t last)
{
	uint64_t line;

	for (line = first; line <= last; line++)
		probe->stamps[line] = memory_device_wrote(
			&probe->memory, probe->stamps[line], LINE);
}

static void touch_window(struct probe *probe)
{
	enum probe_cache cache = probe->spec->cache;
	uint64_t line;

	for (line = 0; line < probe->lines; line++)
		probe->stamps[line] =
			cache == PROBE_DEVWARM
				? memory_never()
				: memory_cpu_wrote(&probe->memory, LINE);
	if (cache == PROBE_DEVWARM)
		device_wrote(probe, 0, probe->lines - 1);
	else if (cache == PROBE_COLD)
		memory_cpu_wrote(&probe->memory, probe->memory.llc_bytes);
}

/* --- what is measured --- */

static struct totals totals_now(struct probe *probe)
{
	struct gauge *tags = &probe->stats.pcie.tags_used;

	gauge_close(tags, probe->kernel.now);
	return (struct totals){
		.at = probe->kernel.now,
		.cache_hits = probe->cache_hits,
		.cache_lookups = probe->cache_lookups,
		.iotlb_hits = probe->stats.iommu.iotlb_hits,
		.iotlb_misses = probe->stats.iommu.iotlb_misses,
		.up_ps = server_busy_ps(&probe->pcie.up, probe->kernel.now),
		.down_ps = server_busy_ps(&probe->pcie.down, probe->kernel.now),
		.tags_ps = tags->by_time.sum,
	};
}

static uint64_t share_ppm(uint64_t part_ps, uint64_t span_ps)
{
	return mul_div_u64(part_ps, PPM, span_ps);
}

/* Payload of a transfer in each direction, in half bytes. */
static uint64_t half_bytes(const struct probe_spec *spec)
{
	return spec->op == PROBE_RDWR ? spec->size : UINT64_C(2) * spec->size;
}

static void read_out(struct probe *probe, struct probe_result *result)
{
	const struct probe_spec *spec = probe->spec;
	const struct totals *from = &probe->from, *to = &probe->to;
	uint64_t span = (uint64_t)(to->at - from->at);

	*result = (struct probe_result){
		.transfers = spec->count,
		.span_ps = span,
		.payload_bps = mul_div_u64(spec->count * half_bytes(spec),
					   4 * PS_PER_SEC, span),
		.latency_ps = probe->latency_ps,
		.cache_hits = to->cache_hits - from->cache_hits,
		.cache_lookups = to->cache_lookups - from->cache_lookups,
		.iotlb_hits = to->iotlb_hits - from->iotlb_hits,
		.iotlb_misses = to->iotlb_misses - from->iotlb_misses,
		.tags_mean_ppm =
			(uint64_t)((to->tags_ps - from->tags_ps) * PPM / span),
		.up_busy_ppm = share_ppm(to->up_ps - from->up_ps, span),
		.down_busy_ppm = share_ppm(to->down_ps - from->down_ps, span),
	};
	result->fingerprint =
		digest_add(probe->fingerprint, probe->pcie.up.fingerprint);
	result->fingerprint =
		digest_add(result->fingerprint, probe->pcie.down.fingerprint);
}

/* --- transfers --- */

static void start_transfer(struct probe *probe);

static bool measuring(const struct probe *probe)
{
	return probe->ended < probe->warm_up + probe->spec->count;
}

/* Another takes its place until the last one that counts has ended. */
static void end_transfer(struct transfer *transfer)
{
	struct probe *probe = transfer->probe;
	sim_time now = probe->kernel.now;

	if (!measuring(probe))
		return;
	probe->fingerprint =
		digest_step(digest_step(probe->fingerprint, transfer->number),
			    (uint64_t)now);
	if (probe->ended >= probe->warm_up)
		hist_record(&probe->latency_ps,
			    (uint64_t)(now - transfer->since));
	if (++probe->ended == probe->warm_up)
		probe->from = totals_now(probe);
	if (measuring(probe))
		start_transfer(probe);
	else
		probe->to = totals_now(probe);
}

static void was_read(void *ctx, uint64_t arg)
{
	struct transfer *transfer = ctx;

	(void)arg;
	end_transfer(transfer);
	pool_give(&transfer->probe->transfers, transfer);
}

static void read_it(struct transfer *transfer, bool in_llc)
{
	engine_read(&transfer->probe->engine,
		    &(struct pcie_read_args){
			    .elements = &transfer->element,
			    .count = 1,
			    .from = in_llc ? IN_LLC : IN_DRAM,
			    .done = was_read,
			    .ctx = transfer,
		    });
}

static void write_left(void *ctx, uint64_t arg)
{
	(void)arg;
	end_transfer(ctx);
}

/* Visible: what was written is in the LLC now. */
static void was_written(void *ctx, uint64_t arg)
{
	struct transfer *transfer = ctx;
	struct probe *probe = transfer->probe;

	(void)arg;
	device_wrote(probe, first_line(transfer), last_line(transfer));
	if (transfer->op == PROBE_WRRD)
		read_it(transfer, true);
	else
		pool_give(&probe->transfers, transfer);
}

static void write_it(struct transfer *transfer)
{
	bool posted = transfer->op == PROBE_WR;

	engine_write(&transfer->probe->engine,
		     &(struct pcie_write_args){
			     .elements = { transfer->element },
			     .count = 1,
			     .merge = merges(transfer->probe, transfer),
			     .left = posted ? write_left : NULL,
			     .done = was_written,
			     .ctx = transfer,
		     });
}

static enum probe_op op_of(const struct probe_spec *spec, uint64_t number)
{
	if (spec->op != PROBE_RDWR)
		return spec->op;
	return number % 2 ? PROBE_WR : PROBE_RD;
}

static void start_transfer(struct probe *probe)
{
	const struct probe_spec *spec = probe->spec;
	struct transfer *transfer = pool_take(&probe->transfers);
	uint64_t number = probe->issued++;
	uint64_t place =
		rng_below(rng_draw(&probe->addresses, number), probe->units);
	bool in_llc;

	*transfer = (struct transfer){
		.probe = probe,
		.element = { .address =
				     BASE + place * probe->unit + spec->offset,
			     .bytes = spec->size },
		.op = op_of(spec, number),
		.number = number,
		.since = probe->kernel.now,
	};
	in_llc = look_up(probe, transfer);
	if (transfer->op == PROBE_RD)
		read_it(transfer, in_llc);
	else
		write_it(transfer);
}

/* --- building it --- */

static uint64_t unit_bytes(const struct probe_spec *spec)
{
	return ((uint64_t)spec->size + spec->offset + LINE - 1) / LINE * LINE;
}

int probe_check(const struct config *cfg, const struct probe_spec *spec,
		struct err *err)
{
	uint64_t unit = unit_bytes(spec);

	if (!spec->size || spec->size > PROBE_SIZE_MAX)
		return err_set(err, ERR_USAGE,
			       "a transfer has 1 to %u bytes, not %u",
			       PROBE_SIZE_MAX, spec->size);
	if (spec->offset >= 4096)
		return err_set(err, ERR_USAGE,
			       "the offset of a transfer is 0 to 4095 bytes, "
			       "not %u",
			       spec->offset);
	if (spec->window < unit)
		return err_set(err, ERR_USAGE,
			       "a window of %llu bytes is too small: a "
			       "transfer of %u bytes at offset %u needs %llu",
			       (unsigned long long)spec->window, spec->size,
			       spec->offset, (unsigned long long)unit);
	if (spec->window > PROBE_WINDOW_MAX)
		return err_set(err, ERR_USAGE,
			       "a window of %llu bytes is too large; %llu are "
			       "the most",
			       (unsigned long long)spec->window,
			       (unsigned long long)PROBE_WINDOW_MAX);
	if (!spec->outstanding || !spec->count)
		return err_set(err, ERR_USAGE,
			       "a probe needs a transfer, and one outstanding");
	return link_check(cfg, err);
}

static int init_window(struct probe *probe, struct err *err)
{
	const struct probe_spec *spec = probe->spec;

	probe->unit = unit_bytes(spec);
	probe->units = spec->window / probe->unit;
	probe->lines = (spec->window + LINE - 1) / LINE;
	probe->stamps = calloc(probe->lines, sizeof(*probe->stamps));
	if (!probe->stamps)
		return err_nomem(err, "the window of a probe");
	touch_window(probe);
	return 0;
}

static int init_bus(struct probe *probe, const struct config *cfg,
		    struct err *err)
{
	const struct probe_spec *spec = probe->spec;
	bool translated =
		config_choice(cfg, "iommu.mode") >= (unsigned)IOMMU_STRICT;

	if (translated) {
		walker_init(&probe->walker, &probe->kernel, &probe->stats,
			    &probe->arena, cfg, spec->seed, 0);
		probe->walker.setup_end = BASE + spec->window;
	}
	if (pcie_init(&probe->pcie, &probe->kernel, &probe->stats,
		      &probe->memory, translated ? &probe->walker : NULL,
		      COMP_ADAPTER, cfg, spec->seed, 0, err) < 0)
		return -1;
	return engine_init(&probe->engine, &probe->pcie, COMP_ADAPTER, cfg,
			   err);
}

static int init(struct probe *probe, const struct config *cfg, struct err *err)
{
	const struct probe_spec *spec = probe->spec;

	arena_init(&probe->arena);
	stats_init(&probe->stats, 0);
	hist_init(&probe->latency_ps, HIST_BITS_FINE);
	memory_init(&probe->memory, cfg);
	rng_stream_init(&probe->addresses, spec->seed, DRAW_PROBE, 0);
	probe->warm_up = spec->count / 10;
	if (kernel_init(&probe->kernel, spec->naive, err) < 0 ||
	    pool_init(&probe->transfers, sizeof(struct transfer), 64, err) < 0)
		return -1;
	return init_bus(probe, cfg, err) < 0 ? -1 : init_window(probe, err);
}

static void clear(struct probe *probe)
{
	engine_clear(&probe->engine);
	pcie_clear(&probe->pcie);
	pool_clear(&probe->transfers);
	kernel_clear(&probe->kernel);
	stats_clear(&probe->stats);
	arena_clear(&probe->arena);
	free(probe->stamps);
}

static void run(struct probe *probe)
{
	uint32_t i;

	for (i = 0; i < probe->spec->outstanding; i++)
		start_transfer(probe);
	kernel_run(&probe->kernel, SIM_TIME_NEVER);
	BUG_ON(measuring(probe));
	BUG_ON(pool_live(&probe->transfers));
}

int probe_run(const struct config *cfg, const struct probe_spec *spec,
	      struct probe_result *result, struct err *err)
{
	struct probe probe = { .spec = spec };
	int rc;

	if (probe_check(cfg, spec, err) < 0)
		return -1;
	rc = init(&probe, cfg, err);
	if (!rc) {
		run(&probe);
		read_out(&probe, result);
	} else {
		hist_clear(&probe.latency_ps);
	}
	clear(&probe);
	return rc;
}

void probe_result_clear(struct probe_result *result)
{
	hist_clear(&result->latency_ps);
}
