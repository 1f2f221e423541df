/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/walker.h"

#include "models/component.h"
#include "models/stats.h"

#define LEVEL_BITS 9

static const unsigned page_shift[PAGE_SIZES] = { 12, 21, 30 };

static void init_iotlb(struct iotlb *iotlb, struct arena *arena,
		       const struct config *cfg, const char *entries,
		       uint32_t reserved, const struct rng_stream *draws)
{
	iotlb_init(
		iotlb, arena,
		&(struct iotlb_spec){
			.entries = (uint32_t)config_u64(cfg, entries),
			.reserved = reserved,
			.ways = (uint32_t)config_u64(cfg, "iommu.iotlb_ways"),
			.replacement = (enum iotlb_replacement)config_choice(
				cfg, "iommu.iotlb_replacement"),
			.draws = *draws,
		});
}

void walker_init(struct walker *walker, struct kernel *kernel,
		 struct stats *stats, struct arena *arena,
		 const struct config *cfg, uint64_t seed, unsigned replicate)
{
	static const char *const entries[PAGE_SIZES] = { "iommu.iotlb",
							 "iommu.iotlb_2m",
							 "iommu.iotlb_1g" };
	uint32_t psc = (uint32_t)config_u64(cfg, "iommu.psc");
	struct rng_stream draws;
	unsigned i;

	*walker = (struct walker){
		.kernel = kernel,
		.stats = &stats->iommu,
		.setup_size = (enum page_size)config_choice(cfg, "iommu.page"),
		.walk = (sim_time)config_u64(cfg, "iommu.walk"),
		.walk_level = (sim_time)config_u64(cfg, "iommu.walk_level"),
		.jitter_ps = config_u64(cfg, "iommu.walk_jitter"),
		.slots = (uint32_t)config_u64(cfg, "iommu.walks"),
		.lookahead = (uint32_t)config_u64(cfg, "iommu.lookahead"),
	};
	walker->slots_free = walker->slots;
	if ((sim_time)walker->jitter_ps > walker->walk)
		walker->jitter_ps = (uint64_t)walker->walk;
	walker->walk -= (sim_time)walker->jitter_ps;
	rng_stream_init(&walker->spread, seed, DRAW_WALK, replicate);
	rng_stream_init(&draws, seed, DRAW_IOTLB, replicate);
	for (i = 0; i < PAGE_SIZES; i++)
		init_iotlb(
			&walker->iotlb[i], arena, cfg, entries[i],
			i ? 0
			  : (uint32_t)config_u64(cfg, "iommu.iotlb_reserved"),
			&draws);
	for (i = 0; i < PSC_LEVELS; i++)
		iotlb_init(&walker->psc[i], arena,
			   &(struct iotlb_spec){ .entries = psc, .ways = psc });
}

/* --- queues --- */

static void wait_for_slot(struct walker_queue *queue,
			  struct walker_request *request)
{
	request->next_slot = NULL;
	if (queue->tail)
		queue->tail->next_slot = request;
	else
		queue->head = request;
	queue->tail = request;
}

static struct walker_request **bucket_of(struct walker *walker, uint64_t page)
{
	return &walker->bucket[page % WALKER_BUCKETS];
}

/* The first request of a walk under way for @request's page, or NULL. */
static struct walker_request *walk_of(struct walker *walker,
				      const struct walker_request *request)
{
	struct walker_request *first = *bucket_of(walker, request->page);

	while (first &&
	       (first->page != request->page || first->size != request->size))
		first = first->next_walk;
	return first;
}

static void forget_walk(struct walker *walker, struct walker_request *first)
{
	struct walker_request **link = bucket_of(walker, first->page);

	while (*link != first)
		link = &(*link)->next_walk;
	*link = first->next_walk;
}

/* --- walks --- */

/* Entry of the page structure of level 2 + @level that leads to @address. */
static uint64_t structure_of(uint64_t address, unsigned level)
{
	return address >> (page_shift[PAGE_2M] + level * LEVEL_BITS);
}

/* Memory accesses of a walk: up to the first structure that is cached. */
static uint64_t accesses(struct walker *walker,
			 const struct walker_request *request)
{
	unsigned level = request->size;

	while (level < PSC_LEVELS &&
	       !iotlb_find(&walker->psc[level],
			   structure_of(request->address, level)))
		level++;
	return 1 + level - request->size;
}

static void walk_ended(void *ctx, uint64_t arg);

/* @first has a slot. */
static void start_walk(struct walker *walker, struct walker_request *first)
{
	struct kernel *kernel = walker->kernel;
	struct iommu_stats *stats = walker->stats;
	struct walker_request **bucket = bucket_of(walker, first->page);
	uint64_t reads = accesses(walker, first);
	sim_time time =
		walker->walk + (sim_time)(reads - 1) * walker->walk_level;

	if (walker->jitter_ps)
		time += (sim_time)rng_exponential(
			rng_draw(&walker->spread, walker->walks++),
			walker->jitter_ps);
	first->next_walk = *bucket;
	*bucket = first;
	first->holds_slot = true;
	stats->walks++;
	stats->memory_accesses += reads;
	stats->psc_misses += reads - 1;
	hist_record(&stats->walk_ps, (uint64_t)time);
	hist_record(&stats->slot_wait_ps,
		    (uint64_t)(kernel->now - first->missed_at));
	gauge_add(&stats->slots_used, kernel->now, 1);
	kernel_at(kernel, kernel->now + time, first->key, walk_ended, walker,
		  (uintptr_t)first);
}

static void give_slot(struct walker *walker, struct walker_request *holder)
{
	struct walker_queue *waiting = &walker->waiting;
	struct walker_request *first = waiting->head;

	holder->holds_slot = false;
	gauge_add(&walker->stats->slots_used, walker->kernel->now, -1);
	if (!first) {
		walker->slots_free++;
		BUG_ON(walker->slots_free > walker->slots); /* invariant 1 */
		return;
	}
	waiting->head = first->next_slot;
	if (!waiting->head)
		waiting->tail = NULL;
	start_walk(walker, first);
}

/* A walk of its own. */
static void ask_for_walk(struct walker *walker, struct walker_request *first)
{
	if (!walker->slots_free) {
		wait_for_slot(&walker->waiting, first);
		return;
	}
	BUG_ON(walker->waiting.head); /* invariant 2 */
	walker->slots_free--;
	start_walk(walker, first);
}

/* Into the IOTLB, and what led there into the page-structure caches. */
static void keep(struct walker *walker, const struct walker_request *first)
{
	uint64_t structure = structure_of(first->address, first->size);
	unsigned level;

	iotlb_insert(&walker->iotlb[first->size], first->page);
	for (level = first->size; level < PSC_LEVELS; level++) {
		iotlb_insert(&walker->psc[level], structure);
		structure >>= LEVEL_BITS;
	}
}

static bool may_go_on(const struct walker_order *order)
{
	return order->head && order->head->translated;
}

static void go_on(struct walker *walker, struct walker_order *order);

static void walk_ended(void *ctx, uint64_t arg)
{
	struct walker *walker = ctx;
	struct walker_request *first = (struct walker_request *)arg, *request;

	keep(walker, first);
	forget_walk(walker, first);
	for (request = first; request; request = request->joined)
		request->translated = true;
	if (first->write)
		give_slot(walker, first);
	if (may_go_on(&walker->order[false]))
		go_on(walker, &walker->order[false]);
	if (may_go_on(&walker->order[true]))
		go_on(walker, &walker->order[true]);
}

/* --- requests --- */

static void miss(struct walker *walker, struct walker_request *request)
{
	struct walker_request *first = walk_of(walker, request);

	request->missed_at = walker->kernel->now;
	if (!first) {
		ask_for_walk(walker, request);
		return;
	}
	walker->stats->walks_joined++;
	request->joined = first->joined;
	first->joined = request;
}

static void look_up(struct walker *walker, struct walker_request *request)
{
	request->translated =
		iotlb_find(&walker->iotlb[request->size], request->page);
	walker->stats->iotlb_hits += request->translated;
	walker->stats->iotlb_misses += !request->translated;
}

/* As far as the IOTLB looks behind the first that is not translated. */
static void look_ahead(struct walker *walker, struct walker_order *order)
{
	while (order->unseen && order->seen < walker->lookahead) {
		struct walker_request *request = order->unseen;

		order->unseen = request->next;
		order->seen++;
		look_up(walker, request);
		if (!request->translated)
			miss(walker, request);
	}
}

/* The translated head of a kind goes on: invariant 3. */
static void go_on(struct walker *walker, struct walker_order *order)
{
	do {
		struct walker_request *request = order->head;

		order->head = request->next;
		if (!order->head)
			order->tail = NULL;
		order->seen--;
		look_ahead(walker, order);
		hist_record(
			&walker->stats->translation_ps,
			(uint64_t)(walker->kernel->now - request->asked_at));
		request->done(request);
	} while (may_go_on(order));
}

static void append(struct walker_order *order, struct walker_request *request)
{
	request->next = NULL;
	if (order->tail)
		order->tail->next = request;
	else
		order->head = request;
	order->tail = request;
	if (!order->unseen)
		order->unseen = request;
}

bool walker_translate(struct walker *walker, struct walker_request *request)
{
	struct walker_order *order = &walker->order[request->write];
	bool setup = request->address < walker->setup_end;

	request->size = setup ? (uint8_t)walker->setup_size : PAGE_4K;
	request->page = request->address >> page_shift[request->size];
	request->translated = request->holds_slot = false;
	request->joined = NULL;
	request->asked_at = walker->kernel->now;
	if (order->head) {
		append(order, request);
		look_ahead(walker, order);
		return false;
	}
	look_up(walker, request);
	if (request->translated)
		return true;
	append(order, request);
	order->unseen = NULL;
	order->seen = 1;
	miss(walker, request);
	return false;
}

void walker_release(struct walker *walker, struct walker_request *request)
{
	if (request->holds_slot)
		give_slot(walker, request);
}

/* --- invalidation --- */

void walker_invalidate(struct walker *walker, uint64_t address, uint64_t pages,
		       unsigned levels)
{
	uint64_t last = address + (pages << page_shift[PAGE_4K]) - 1;
	unsigned level;

	iotlb_invalidate(&walker->iotlb[PAGE_4K],
			 address >> page_shift[PAGE_4K], pages);
	for (level = 0; level < PSC_LEVELS && level < levels; level++) {
		uint64_t first = structure_of(address, level);

		iotlb_invalidate(&walker->psc[level], first,
				 structure_of(last, level) - first + 1);
	}
}

void walker_invalidate_all(struct walker *walker)
{
	unsigned i;

	for (i = 0; i < PAGE_SIZES; i++)
		iotlb_invalidate_all(&walker->iotlb[i]);
	for (i = 0; i < PSC_LEVELS; i++)
		iotlb_invalidate_all(&walker->psc[i]);
}
