/* SPDX-License-Identifier: Apache-2.0 */
#include "models/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "models/machine_state.h"
#include "models/ndis/sends.h"

/* --- derived metrics --- */

static struct ratio per(uint64_t num, uint64_t den)
{
	return (struct ratio){ .num = num, .den = den };
}

static struct ratio bits_per_second(uint64_t bytes, uint64_t ps)
{
	return (struct ratio){
		.num = (__uint128_t)bytes * 8 * (uint64_t)PS_PER_SEC, .den = ps
	};
}

static void add_lock(struct cpu_stats *cpu, const struct cpu_lock *lock)
{
	cpu->lock_takes += lock->takes;
	cpu->lock_contended += lock->contended;
	cpu->lock_wait_ps += lock->wait_ps;
}

static void derive_locks(struct machine *m)
{
	struct cpu_stats *cpu = &m->stats.cpu;
	unsigned i;

	for (i = 0; i < m->hal.rules.areas; i++)
		add_lock(cpu, &m->hal.lock[i]);
	add_lock(cpu, &m->iommu.lock);
	for (i = 0; i < m->adapters[0].queue_count; i++) {
		add_lock(cpu, &m->adapters[0].tx[i].lock);
		add_lock(cpu, &m->adapters[0].rx[i].lock);
	}
}

/* Shared cycles that no DPC with frames came to divide. */
static void divide_rest(struct machine *m, uint64_t *shared)
{
	ledger_divide(shared, &m->stats, m->worked.sends, m->worked.receives);
}

/* What is delivered or sent, over the time until the last of it was. */
static uint64_t working_ps(const struct machine *m)
{
	sim_time end = m->work_end > m->window_start ? m->work_end : m->end_at;

	return (uint64_t)(end - m->window_start);
}

static void derive(struct machine *m)
{
	struct stats *s = &m->stats;
	const struct pcie *pcie = &m->adapters[0].pcie;
	uint64_t end = (uint64_t)(m->end_at - m->window_start), busy = 0;
	uint64_t frames = m->worked.sends + m->worked.receives;
	uint64_t driver, stack;
	unsigned i;

	divide_rest(m, &m->hal.shared_cycles);
	divide_rest(m, &m->iommu.shared_cycles);
	for (i = 0; i < m->adapters[0].queue_count; i++)
		divide_rest(m, &m->adapters[0].vectors[i].shared_cycles);
	s->layout.synthetic_frames = s->tx.offered_frames +
				     s->rx.offered_frames -
				     s->layout.sidecar_frames;
	driver = s->tx.driver_cycles + s->rx.driver_cycles;
	stack = s->tx.stack_cycles + s->rx.stack_cycles;
	s->tx.driver_cycles_per_frame =
		per(s->tx.driver_cycles, m->worked.sends);
	s->rx.driver_cycles_per_frame =
		per(s->rx.driver_cycles, m->worked.receives);
	s->cpu.driver_cycles_per_frame = per(driver, frames);
	s->cpu.total_cycles_per_frame = per(driver + stack, frames);
	s->tx.goodput_bps = bits_per_second(s->tx.sent_bytes, working_ps(m));
	s->rx.goodput_bps =
		bits_per_second(s->rx.delivered_bytes, working_ps(m));
	for (i = 0; i < m->core_count; i++) {
		busy += m->cores[i].busy_ps;
		s->cpu.preemptions += m->cores[i].preemptions;
	}
	s->cpu.busy_share = per(busy, end * m->core_count);
	s->cpu.copied_share =
		per(s->cpu.copied_bytes + s->cpu.bounce_copied_bytes,
		    s->dma.moved_bytes);
	s->hal.bounced_share = per(s->hal.bounced_bytes, s->hal.moved_bytes);
	s->hal.map_registers_exhausted_share =
		per(s->hal.map_registers_exhausted_ps, end);
	s->pcie.up_busy_share = per(server_busy_ps(&pcie->up, m->end_at), end);
	s->pcie.down_busy_share =
		per(server_busy_ps(&pcie->down, m->end_at), end);
	if (m->last_at > m->window_start)
		s->run.duration_ps = (uint64_t)(m->last_at - m->window_start);
	s->run.end_ps = end;
	derive_locks(m);
	iommu_close(&m->iommu);
}

/* --- resources --- */

static void add_resource(struct machine *m, const char *name, uint64_t wait,
			 uint64_t busy)
{
	size_t i = m->result.resource_count++;

	BUG_ON(i >= RESOURCES_MAX);
	snprintf(m->resource_names[i], sizeof(m->resource_names[i]), "%s",
		 name);
	m->resources[i] = (struct result_resource){
		.name = m->resource_names[i],
		.wait_ps = wait,
		.busy_ps = busy,
		.capacity = 1,
		.span_ps = (uint64_t)(m->end_at - m->window_start),
	};
	if (wait > m->resources[m->result.bottleneck].wait_ps)
		m->result.bottleneck = i;
}

static void add_server(struct machine *m, const char *name,
		       const struct server *server)
{
	add_resource(m, name, server->wait_ps,
		     server_busy_ps(server, m->end_at));
}

/* A pool of @capacity units: busy is its mean occupancy over the run. */
static void add_pool(struct machine *m, const char *name, uint64_t wait,
		     __uint128_t area, uint64_t capacity)
{
	add_resource(m, name, wait, (uint64_t)(area / capacity));
}

/* Sum of a stage over all frames, ps. */
static uint64_t stage_sum(const struct hist *stage)
{
	return (uint64_t)stage->sum;
}

static void list_adapter(struct machine *m, const struct adapter *adapter)
{
	const struct stats *s = &m->stats;
	uint64_t queues = adapter->queue_count, buffers = 0;
	uint64_t span = (uint64_t)(m->end_at - m->window_start);
	unsigned i;

	add_server(m, "pcie up", &adapter->pcie.up);
	add_server(m, "pcie down", &adapter->pcie.down);
	add_pool(m, "pcie tags", adapter->pcie.tag_wait_ps,
		 s->pcie.tags_used.by_time.sum, adapter->pcie.tags);
	add_server(m, "dma engine", &adapter->engine.issue);
	add_server(m, "wire tx", &adapter->wire_tx);
	add_resource(m, "wire rx", (uint64_t)s->rx.wire_wait_ps.sum,
		     adapter->wire_rx_busy_ps);
	add_pool(m, "tx ring", stage_sum(&s->tx_stage[TX_RING_WAIT]),
		 s->tx.ring_used.by_time.sum,
		 adapter->tx[0].ring_size * queues);
	for (i = 0; i < queues; i++)
		buffers += adapter->rx[i].buffers_at_start;
	if (buffers && buffers < s->rx.ring_free.max)
		buffers = s->rx.ring_free.max; /* spare ones were posted */
	if (buffers)
		add_pool(m, "rx buffers", stage_sum(&s->rx_stage[RX_FIFO]),
			 (__uint128_t)buffers * span -
				 s->rx.ring_free.by_time.sum,
			 buffers);
	add_pool(m, "tx fifo", 0, s->tx.fifo_bytes.by_time.sum,
		 adapter->tx_fifo_size * queues);
	add_pool(m, "rx fifo", 0, s->rx.fifo_bytes.by_time.sum,
		 adapter->rx_fifo_size * queues);
}

static void list_resources(struct machine *m)
{
	const struct adapter *adapter = &m->adapters[0];
	char name[24];
	unsigned i;

	for (i = 0; i < m->core_count; i++) {
		snprintf(name, sizeof(name), "core %u", i);
		add_resource(m, name, m->cores[i].wait_ps, m->cores[i].busy_ps);
	}
	list_adapter(m, adapter);
	if (adapter->target.reach)
		add_pool(m, "map registers", m->hal.own.wait_ps,
			 m->stats.hal.map_registers_in_use.by_time.sum,
			 m->hal.cap);
	if (!iommu_translates(&m->iommu))
		return;
	add_server(m, "iommu queue", &m->iommu.queue);
	add_pool(m, "page walks", (uint64_t)m->stats.iommu.slot_wait_ps.sum,
		 m->stats.iommu.slots_used.by_time.sum, m->iommu.walker.slots);
}

/* --- the books --- */

static void check(struct machine *m, const char *name, bool ok, const char *fmt,
		  ...) __attribute__((format(printf, 4, 5)));

static void check(struct machine *m, const char *name, bool ok, const char *fmt,
		  ...)
{
	size_t i = m->result.check_count++;
	va_list args;

	BUG_ON(i >= CHECKS_MAX);
	m->checks[i] = (struct result_check){ .name = name, .ok = ok };
	va_start(args, fmt);
	vsnprintf(m->checks[i].detail, sizeof(m->checks[i].detail), fmt, args);
	va_end(args);
}

static unsigned long long ull(uint64_t value)
{
	return (unsigned long long)value;
}

static void check_statuses(struct machine *m)
{
	const struct books *b = &m->books;
	uint64_t failed = 0;
	unsigned i;

	for (i = TX_SUCCESS + 1; i < TX_STATUSES; i++)
		failed += b->tx_status[i];
	check(m, "tx statuses",
	      b->tx_status[TX_SUCCESS] == b->tx_completed &&
		      failed == b->tx_failed,
	      "%llu with success = %llu completed, %llu with others = %llu "
	      "failed",
	      ull(b->tx_status[TX_SUCCESS]), ull(b->tx_completed), ull(failed),
	      ull(b->tx_failed));
}

static void check_frames(struct machine *m)
{
	const struct books *b = &m->books;
	uint64_t tx_left = b->tx_level.now, rx_left = b->rx_level.now;
	uint64_t moved = (m->tx_ops->bypass ? 0 : b->sent_bytes) +
			 (m->rx_ops->bypass ? 0 : b->delivered_bytes);

	check(m, "tx frames",
	      b->tx_offered ==
		      b->tx_completed + b->tx_failed + b->tx_dropped + tx_left,
	      "%llu offered = %llu completed + %llu failed + %llu dropped + "
	      "%llu left",
	      ull(b->tx_offered), ull(b->tx_completed), ull(b->tx_failed),
	      ull(b->tx_dropped), ull(tx_left));
	check(m, "rx frames",
	      b->rx_offered == b->rx_released + b->rx_dropped + rx_left,
	      "%llu offered = %llu released + %llu dropped + %llu left",
	      ull(b->rx_offered), ull(b->rx_released), ull(b->rx_dropped),
	      ull(rx_left));
	if (!tx_left && !rx_left)
		check(m, "bytes", b->moved_bytes == moved,
		      "%llu moved = %llu sent and delivered",
		      ull(b->moved_bytes), ull(moved));
	check_statuses(m);
	check(m, "stage sums", !b->stage_errors,
	      "%llu frames whose stages do not sum to their latency",
	      ull(b->stage_errors));
}

static void check_little(struct machine *m)
{
	const struct books *b = &m->books;

	if (b->tx_level.now || b->rx_level.now)
		return; /* frames without an end have no residence */
	check(m, "little tx",
	      (__uint128_t)b->tx_level.integral == b->tx_residence,
	      "integral of frames in the system %llu ps, sum of residence "
	      "%llu ps",
	      ull((uint64_t)b->tx_level.integral),
	      ull((uint64_t)b->tx_residence));
	check(m, "little rx",
	      (__uint128_t)b->rx_level.integral == b->rx_residence,
	      "integral of frames in the system %llu ps, sum of residence "
	      "%llu ps",
	      ull((uint64_t)b->rx_level.integral),
	      ull((uint64_t)b->rx_residence));
	if (m->warm_up)
		return; /* what was held when counting began is not known */
	check(m, "little buffers",
	      m->stats.rx.buffers_held.by_time.sum == m->stats.rx.hold_ps.sum,
	      "integral of buffers held %llu ps, sum of holds %llu ps",
	      ull((uint64_t)m->stats.rx.buffers_held.by_time.sum),
	      ull((uint64_t)m->stats.rx.hold_ps.sum));
	check(m, "little tags",
	      m->stats.pcie.tags_used.by_time.sum == m->stats.pcie.read_ps.sum,
	      "integral of tags in use %llu ps, sum of requests %llu ps",
	      ull((uint64_t)m->stats.pcie.tags_used.by_time.sum),
	      ull((uint64_t)m->stats.pcie.read_ps.sum));
}

/* Registers that posted buffers hold now: how many, and since when in all. */
static uint64_t held_registers(const struct machine *m, __uint128_t *area)
{
	const struct adapter *adapter = &m->adapters[0];
	uint64_t held = 0;
	unsigned i, j;

	*area = 0;
	for (i = 0; i < adapter->queue_count; i++) {
		const struct rx_queue *rx = &adapter->rx[i];

		for (j = 0; j < rx->buffer_count; j++) {
			const struct hal_request *map = &rx->buffers[j].map;

			if (!map->held)
				continue;
			held += map->registers;
			*area += (__uint128_t)map->registers *
				 (uint64_t)(m->end_at - map->granted_at);
		}
	}
	return held;
}

static void check_registers(struct machine *m)
{
	const struct hal *hal = &m->hal;
	__uint128_t area, sum;
	uint64_t held = held_registers(m, &area);

	if (m->books.tx_level.now || m->books.rx_level.now)
		return;
	check(m, "map registers",
	      hal->free + held + hal->reserved + hal->leaked +
			      hal->background ==
		      hal->pool,
	      "%u free + %llu posted + %u reserved + %u leaked + %u "
	      "background = %u",
	      hal->free, ull(held), hal->reserved, hal->leaked, hal->background,
	      hal->pool);
	if (m->warm_up)
		return;
	sum = hal->register_hold + area +
	      (__uint128_t)(hal->background + hal->reserved + hal->leaked) *
		      (uint64_t)m->end_at -
	      hal->leak_times;
	check(m, "little registers",
	      sum == m->stats.hal.map_registers_in_use.by_time.sum,
	      "integral of registers in use %llu ps, sum of holds %llu ps",
	      ull((uint64_t)m->stats.hal.map_registers_in_use.by_time.sum),
	      ull((uint64_t)sum));
}

/* Cores are busy for what was charged and spun; the ledger knows the former. */
static void check_cores(struct machine *m)
{
	uint64_t busy = 0, charged = 0, spun = 0, calls = 0, off;
	uint64_t ledger = (uint64_t)core_cycles_to_ps(
		&m->cores[0], ledger_cycles(&m->ledger));
	unsigned i;

	for (i = 0; i < m->core_count; i++) {
		busy += m->cores[i].busy_ps;
		charged += m->cores[i].charged_ps;
		spun += m->cores[i].spun_ps;
	}
	for (i = 0; i < ROUTINES; i++)
		calls += m->ledger.row[i].calls;
	if (m->warm_up)
		return; /* segments straddle the start of counting */
	check(m, "core time", busy == charged + spun,
	      "busy %llu ps = charged %llu + spun %llu", ull(busy),
	      ull(charged), ull(spun));
	off = charged > ledger ? charged - ledger : ledger - charged;
	check(m, "ledger", off <= calls + ledger / 1000000000,
	      "charged %llu ps, routines %llu ps, %llu roundings", ull(charged),
	      ull(ledger), ull(calls));
}

static void check_rings(struct machine *m)
{
	const struct adapter *adapter = &m->adapters[0];
	const struct books *b = &m->books;
	uint64_t free_buffers = 0, ring = 0;
	unsigned i;

	for (i = 0; i < adapter->queue_count; i++) {
		ring += adapter->tx[i].ring_used;
		free_buffers += adapter->rx[i].posted - adapter->rx[i].used;
	}
	if (!b->tx_level.now)
		check(m, "descriptors",
		      b->descriptors_posted == b->descriptors_freed && !ring,
		      "%llu posted = %llu freed", ull(b->descriptors_posted),
		      ull(b->descriptors_freed));
	check(m, "rx buffers",
	      b->rx_buffers_posted == b->rx_buffers_used + free_buffers,
	      "%llu posted = %llu used + %llu free", ull(b->rx_buffers_posted),
	      ull(b->rx_buffers_used), ull(free_buffers));
}

static void check_utilisation(struct machine *m)
{
	const struct result_resource *most = &m->resources[0];
	size_t i;

	for (i = 1; i < m->result.resource_count; i++)
		if (m->resources[i].busy_ps > most->busy_ps)
			most = &m->resources[i];
	check(m, "utilisation", most->busy_ps <= most->span_ps,
	      "the busiest, %s: %llu of %llu ps", most->name,
	      ull(most->busy_ps), ull(most->span_ps));
}

static void check_warm_up(struct machine *m)
{
	if (m->warm_up)
		check(m, "warm-up", m->warm_up <= m->last_at,
		      "run.warmup ends at %lld ps, the last frame is at %lld "
		      "ps",
		      (long long)m->warm_up, (long long)m->last_at);
}

/* --- how it ended --- */

/*
 * More was offered than the machine carries: frames were lost, or the work
 * ended later than the load by more than any pipeline takes.
 */
static bool overloaded(const struct machine *m)
{
	sim_time late = m->work_end - m->last_at;

	return m->books.tx_dropped || m->books.rx_dropped_load ||
	       m->books.tx_status[TX_RESOURCES] ||
	       late > m->last_at / 50 + PS_PER_MS;
}

/* Who holds what whom makes wait: frames that are mapped and not sent. */
static void describe_circle(struct machine *m, const struct tx_frame *waiter)
{
	const struct tx_frame *holder = m->unsent.head;
	uint64_t frames = 0, registers = 0;
	sim_time since = waiter->map.asked_at;

	for (; holder; holder = holder->unsent_next) {
		frames++;
		registers += holder->map.granted;
		if (holder->map.granted_at > since)
			since = holder->map.granted_at;
	}
	if (m->tx_settled_at > since)
		since = m->tx_settled_at;
	hazards_note(&m->ledger.hazards, since, HAZARD_BATCH_MAP,
		     waiter->number);
	snprintf(m->result.deadlock, sizeof(m->result.deadlock),
		 "circular wait from %lld ps on: frame %llu waits for %u map "
		 "registers, %u of %u are free; %llu are held by %llu frames "
		 "mapped and not sent, frame %llu first; %llu sends are left",
		 (long long)since, ull(waiter->number), waiter->map.registers,
		 m->hal.free, m->hal.pool, ull(registers), ull(frames),
		 ull(m->unsent.head->number), ull(m->books.tx_level.now));
}

static void describe_standstill(struct machine *m)
{
	const struct hal *hal = &m->hal;
	const struct books *b = &m->books;
	__uint128_t area;

	snprintf(m->result.deadlock, sizeof(m->result.deadlock),
		 "from %lld ps on nothing moves: %llu sends and %llu received "
		 "frames are left; %llu requests wait for map registers, the "
		 "first for %u of %u free; of %u, posted receive buffers hold "
		 "%llu and the background %u",
		 (long long)m->kernel.now, ull(b->tx_level.now),
		 ull(b->rx_level.now), ull(hal->waiting),
		 hal->queue.head ? hal->queue.head->registers : 0, hal->free,
		 hal->pool, ull(held_registers(m, &area)), hal->background);
}

static void judge(struct machine *m)
{
	const struct books *b = &m->books;
	const struct tx_frame *waiter = tx_frame_of(m->hal.queue.head);

	m->result.status = overloaded(m) ? "saturated" : "complete";
	if (!b->tx_level.now && !b->rx_level.now)
		return;
	m->result.status = "deadlock";
	m->stats.tx.unsent_frames = b->tx_level.now;
	if (waiter && m->unsent.head)
		describe_circle(m, waiter);
	else
		describe_standstill(m);
}

static void fill_stages(struct machine *m)
{
	struct stats *s = &m->stats;

	stage_fill(s->tx_stage, TX_STAGES, s->tx.latency_complete_ps.count);
	stage_fill(s->rx_stage, RX_STAGES, m->rx_counted);
}

static void fill_usual(struct machine *m)
{
	if (m->single_calls)
		hist_record_n(&m->stats.tx.call_frames, 1, m->single_calls);
	if (m->unwaited)
		hist_record_n(&m->stats.rx.wire_wait_ps, 0, m->unwaited);
}

static void list_stages(struct machine *m)
{
	size_t i, n = 0;

	for (i = 0; i < TX_STAGES; i++)
		m->stages[n++] = (struct result_stage){ "tx", tx_stage_names[i],
							&m->stats.tx_stage[i] };
	for (i = 0; i < RX_STAGES; i++)
		m->stages[n++] = (struct result_stage){ "rx", rx_stage_names[i],
							&m->stats.rx_stage[i] };
	m->result.stage_count = n;
}

static void list_series(struct machine *m)
{
	const struct metric *row;

	for (row = machine_metrics; row->name; row++) {
		const struct gauge *gauge = metric_value(row, &m->stats);

		if (row->kind != METRIC_GAUGE || !gauge->series.step_ps)
			continue;
		BUG_ON(m->result.series_count == SERIES_MAX);
		m->series[m->result.series_count++] =
			(struct result_series){ row->name, &gauge->series };
	}
}

/* Frames by their own digest, resources by the order of their transitions. */
static uint64_t fingerprint(const struct machine *m)
{
	const struct adapter *adapter = &m->adapters[0];
	uint64_t digest = digest_add(m->fingerprint, m->hal.fingerprint);
	unsigned i;

	digest = digest_add(digest, m->iommu.queue.fingerprint);
	digest = digest_add(digest, adapter->pcie.up.fingerprint);
	digest = digest_add(digest, adapter->pcie.down.fingerprint);
	digest = digest_add(digest, adapter->engine.issue.fingerprint);
	digest = digest_add(digest, adapter->wire_tx.fingerprint);
	for (i = 0; i < m->core_count; i++)
		digest = digest_add(digest, m->cores[i].fingerprint);
	return digest;
}

static void list_steady(struct machine *m)
{
	struct run_result *result = &m->result;

	m->steady[0].name = "tx.latency_complete_less_moderation_ps";
	m->steady[1].name = "rx.latency_less_moderation_ps";
	steady_judge(&m->tx_steady, &m->steady[0].verdict);
	steady_judge(&m->rx_steady, &m->steady[1].verdict);
	result->steady = m->steady;
	result->steady_count = sizeof(m->steady) / sizeof(m->steady[0]);
}

static void list_hazards(struct machine *m)
{
	size_t i;

	for (i = 0; i < HAZARDS; i++) {
		const struct hazard_count *count = &m->ledger.hazards.of[i];

		m->hazards[i] =
			(struct result_hazard){ .name = hazard_defs[i].name,
						.count = count->count,
						.first_ps = count->first_at,
						.frame = count->first_frame };
	}
	m->result.hazard_count = HAZARDS;
}

void outcome_build(struct machine *m)
{
	struct run_result *result = &m->result;

	if (m->kernel.now > m->end_at)
		m->end_at = m->kernel.now;
	hal_close(&m->hal, m->end_at);
	stats_close(&m->stats, m->end_at);
	fill_usual(m);
	derive(m);
	*result = (struct run_result){
		.tx = m->tx_ops->name,
		.rx = m->rx_ops->name,
		.seed = m->seed,
		.replicate = m->replicate,
		.fingerprint = fingerprint(m),
		.memory_digest = m->memory_digest,
		.metrics = machine_metrics,
		.stats = &m->stats,
		.stages = m->stages,
		.routines = m->routines,
		.hazards = m->hazards,
		.series = m->series,
		.checks = m->checks,
		.resources = m->resources,
	};
	result->routine_count = ledger_result(&m->ledger, m->routines);
	if (!m->light) {
		fill_stages(m);
		list_stages(m);
		list_series(m);
		list_steady(m);
	}
	list_resources(m);
	check_frames(m);
	check_little(m);
	check_registers(m);
	check_cores(m);
	check_rings(m);
	check_utilisation(m);
	check_warm_up(m);
	judge(m);
	list_hazards(m);
}

/* --- warm-up --- */

static void restart_server(struct server *server, sim_time now)
{
	server->wait_ps = 0;
	/* What is reserved beyond now belongs to the window. */
	server->busy_ps =
		server->free_at > now ? (uint64_t)(server->free_at - now) : 0;
}

static void restart_lock(struct cpu_lock *lock)
{
	lock->takes = lock->contended = lock->wait_ps = 0;
}

static void restart_metric(const struct metric *row, void *value, sim_time now)
{
	struct gauge *gauge = value;
	struct hist *hist = value;
	uint64_t level;
	sim_time step;
	unsigned bits;

	switch (row->kind) {
	case METRIC_COUNTER:
		*(uint64_t *)value = 0;
		break;
	case METRIC_HIST:
		bits = hist->bits;
		hist_clear(hist);
		hist_init(hist, bits);
		break;
	case METRIC_GAUGE:
		level = gauge->level;
		step = gauge->series.step_ps;
		gauge_clear(gauge);
		gauge_init(gauge, now, step);
		gauge_set(gauge, now, level);
		break;
	case METRIC_RATIO:
		break;
	}
}

void outcome_restart(struct machine *m)
{
	struct memory_stats memory = m->stats.memory;
	struct pcie *pcie = &m->adapters[0].pcie;
	sim_time now = m->kernel.now;
	const struct metric *row;
	unsigned i;

	for (row = machine_metrics; row->name; row++)
		if (row->kind == METRIC_GAUGE || row->kind == METRIC_COUNTER ||
		    row->kind == METRIC_HIST)
			restart_metric(row, (char *)&m->stats + row->offset,
				       now);
	m->single_calls = m->unwaited = 0;
	m->stats.memory.common_buffer_bytes = memory.common_buffer_bytes;
	m->stats.memory.common_buffers = memory.common_buffers;
	m->stats.memory.common_failures = memory.common_failures;
	m->stats.memory.pinned_bytes = memory.pinned_bytes;
	m->stats.memory.page_waste_bytes = memory.page_waste_bytes;
	for (i = 0; i < m->core_count; i++) {
		struct core *core = &m->cores[i];

		core->wait_ps = core->preemptions = 0;
		core->busy_ps = 0;
		if (core->running) /* less what ran before the window */
			core->busy_ps -=
				(uint64_t)(now - core->segment_started);
	}
	ledger_restart(&m->ledger);
	hal_restart(&m->hal, now);
	restart_lock(&m->iommu.lock);
	for (i = 0; i < m->adapters[0].queue_count; i++) {
		restart_lock(&m->adapters[0].tx[i].lock);
		restart_lock(&m->adapters[0].rx[i].lock);
	}
	restart_server(&pcie->up, now);
	restart_server(&pcie->down, now);
	restart_server(&m->adapters[0].engine.issue, now);
	restart_server(&m->adapters[0].wire_tx, now);
	restart_server(&m->iommu.queue, now);
	pcie->tag_wait_ps = 0;
	m->adapters[0].wire_rx_busy_ps = 0;
	m->iommu.shared_cycles = 0;
	steady_init(&m->tx_steady);
	steady_init(&m->rx_steady);
	memset(&m->worked, 0, sizeof(m->worked));
	m->stats.tx.offered_frames = m->early.frames;
	m->stats.tx.offered_bytes = m->early.bytes;
	m->window_start = now;
}
