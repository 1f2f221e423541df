/* SPDX-License-Identifier: Apache-2.0 */
#include "models/watch.h"

#include "models/machine_state.h"
#include "models/ndis/routines_table.h"
#include "models/nic/nic_tx.h"

#define GIB_4	     (UINT64_C(1) << 32)
#define COUNTERS_MAX 16 /* gauges with a series; more is BUG() */

static const char *const irql_names[] = { "PASSIVE", "DISPATCH", "DIRQL",
					  NULL };

static const char *const server_names[SERVERS + 1] = {
	[SERVER_UP] = "PCIe up",
	[SERVER_DOWN] = "PCIe down",
	[SERVER_ENGINE] = "DMA engine",
	[SERVER_WIRE] = "wire out",
	[SERVER_IOMMU] = "IOMMU invalidation",
};

static const char *const status_names[TX_STATUSES] = {
	[TX_SUCCESS] = "success",
	[TX_INVALID_LENGTH] = "invalid_length",
	[TX_RESOURCES] = "resources",
	[TX_PAUSED] = "paused",
	[TX_SEND_ABORTED] = "send_aborted",
	[TX_RESET_IN_PROGRESS] = "reset_in_progress",
	[TX_FAILURE] = "failure",
};

static const char *const residency_names[] = {
	[IN_L2] = "L2", [IN_LLC] = "LLC", [IN_DRAM] = "DRAM"
};

/* --- setting up --- */

static const char **list(struct machine *m, size_t count)
{
	return arena_take_array(&m->arena, count + 1, sizeof(char *));
}

static const char *const *stage_list(struct machine *m,
				     const char *const *names, size_t count)
{
	const char **copy = list(m, count);
	size_t i;

	for (i = 0; i < count; i++)
		copy[i] = names[i];
	return copy;
}

static const struct observed_names *names_of(struct machine *m)
{
	struct observed_names *names = arena_take(&m->arena, sizeof(*names));
	const char **routines = list(m, ROUTINES);
	const char **counters = list(m, COUNTERS_MAX);
	const struct metric *row;
	unsigned i, count = 0;

	for (i = 1; i < ROUTINES; i++)
		routines[i] = routine_defs[i].name;
	routines[ROUTINE_NONE] = "";
	for (row = machine_metrics; row->name; row++)
		if (row->kind == METRIC_GAUGE &&
		    ((const struct gauge *)metric_value(row, &m->stats))
			    ->series.values) {
			BUG_ON(count == COUNTERS_MAX);
			counters[count++] = row->name;
		}
	*names = (struct observed_names){
		.stages = { stage_list(m, tx_stage_names, TX_STAGES),
			    stage_list(m, rx_stage_names, RX_STAGES) },
		.servers = server_names,
		.counters = counters,
		.irql = irql_names,
		.routines = routines,
		.cores = m->core_count,
	};
	return names;
}

void watch_levels(struct machine *m)
{
	const struct metric *row;
	unsigned track = 0;

	for (row = machine_metrics; row->name; row++) {
		struct gauge *gauge = (void *)((char *)&m->stats + row->offset);

		if (row->kind == METRIC_GAUGE && gauge->series.values)
			gauge_watch(gauge, m->observers, track++);
	}
}

/* Registers that are held from set-up on, and by other devices. */
static void tell_held(const struct machine *m)
{
	uint32_t held = m->hal.pool - m->hal.free;

	if (held)
		observers_tell(m->observers,
			       &(struct observation){ .kind = SEEN_REGISTERS,
						      .value = held });
}

int watch_init(struct machine *m, struct observer *observers, struct err *err)
{
	struct adapter *adapter = &m->adapters[0];
	unsigned i;

	_Static_assert(TX_STAGES <= OBSERVED_STAGES &&
			       RX_STAGES <= OBSERVED_STAGES,
		       "every stage is observed");
	m->observers = arena_take(&m->arena, sizeof(*m->observers));
	if (observers_init(m->observers, observers, names_of(m), err) < 0)
		return -1;
	for (i = 0; i < m->core_count; i++)
		m->cores[i].observers = m->observers;
	server_watch(&adapter->pcie.up, m->observers, SERVER_UP);
	server_watch(&adapter->pcie.down, m->observers, SERVER_DOWN);
	server_watch(&adapter->engine.issue, m->observers, SERVER_ENGINE);
	server_watch(&adapter->wire_tx, m->observers, SERVER_WIRE);
	server_watch(&m->iommu.queue, m->observers, SERVER_IOMMU);
	m->hal.observers = m->observers;
	ledger_observe(&m->ledger, m->observers);
	watch_levels(m);
	tell_held(m);
	return 0;
}

void watch_over(struct machine *m)
{
	observers_end(m->observers);
}

void watch_clear(struct machine *m)
{
	if (m->observers)
		observers_clear(m->observers);
}

/* --- frames --- */

void watch_tx(struct machine *m, struct tx_frame *frame, uint32_t part)
{
	frame->clock.watch = observed_begin(
		m->observers, &(struct observed){ .number = frame->number,
						  .part = part,
						  .bytes = frame->bytes,
						  .direction = FRAME_TX,
						  .at = frame->offered_at });
}

void watch_rx(struct machine *m, struct rx_frame *frame, uint32_t part)
{
	frame->clock.watch = observed_begin(
		m->observers, &(struct observed){ .number = frame->number,
						  .part = part,
						  .bytes = frame->bytes,
						  .direction = FRAME_RX,
						  .at = frame->arrived_at });
}

void watch_lost(struct machine *m, const struct frame *record,
		enum observed_verdict verdict, const char *why)
{
	sim_time now = m->kernel.now;
	struct observed *frame = observed_begin(
		m->observers,
		&(struct observed){ .number = record->number,
				    .part = record->part,
				    .bytes = record->bytes,
				    .direction = record->direction,
				    .at = now });

	if (frame)
		observed_end(frame, now, verdict, why);
}

void watch_delivered(struct stage_clock *clock, sim_time now)
{
	clock->watch->delivered = now;
}

void watch_end(struct stage_clock *clock, sim_time now,
	       enum observed_verdict verdict, const char *why)
{
	observed_end(clock->watch, now, verdict, why);
	clock->watch = NULL;
}

void watch_tx_end(struct tx_frame *frame, sim_time now)
{
	watch_end(&frame->clock, now,
		  frame->failed ? VERDICT_FAILED : VERDICT_SENT,
		  frame->failed || frame->status ? status_names[frame->status]
						 : "");
}

/* --- memory --- */

static uint32_t pages_high(const uint64_t *pfn, uint32_t pages)
{
	uint32_t high = 0;

	while (pages)
		high += pfn[--pages] * HOST_PAGE >= GIB_4;
	return high;
}

static void count_reads(const struct pcie *pcie, const struct sg_element *list,
			uint32_t count, struct observed_memory *memory)
{
	const struct link *link = &pcie->link;

	for (; count; count--, list++) {
		struct link_bytes cost =
			link_read(link, list->address, list->bytes, link->mps);

		memory->requests +=
			link_read_requests(link, list->address, list->bytes);
		memory->completions += link_read_completions(
			link, list->address, list->bytes, link->mps);
		memory->up_bytes += cost.up;
		memory->down_bytes += cost.down;
	}
}

static const char *how_sent(const struct tx_frame *frame)
{
	if (frame->fallback)
		return "copied by NDIS, then mapped";
	if (frame->copy_pages)
		return frame->mapped ? "headers copied, payload mapped"
				     : "copied";
	if (frame->mapped)
		return "mapped";
	return "in memory that stays mapped";
}

/* The sender's pages, headers first. */
static void count_pages(const struct machine *m, const struct tx_frame *frame,
			struct observed_memory *memory)
{
	uint32_t payload = frame->bytes - frame->header_bytes;
	uint32_t offset =
		m->payloads.offset[frame->payload_slot] + frame->payload_offset;

	if (frame->header_bytes) {
		memory->pages = 1;
		memory->pages_high = pages_high(
			buffer_pages(&m->headers, frame->header_slot), 1);
	}
	if (payload) {
		const uint64_t *pfn =
			buffer_pages(&m->payloads, frame->payload_slot) +
			offset / HOST_PAGE;
		uint32_t pages = pages_spanned(offset % HOST_PAGE, payload);

		memory->pages += pages;
		memory->pages_high += pages_high(pfn, pages);
	}
}

static void tell_memory(const struct observed *frame, sim_time now,
			const struct observed_memory *memory)
{
	observers_tell(frame->by, &(struct observation){ .kind = SEEN_BUFFER,
							 .frame = frame,
							 .from = now,
							 .to = now,
							 .memory = memory });
}

void watch_tx_memory(const struct tx_frame *frame)
{
	const struct adapter *adapter = frame->queue->adapter;
	struct observed_memory memory = {
		.how = how_sent(frame),
		.elements = frame->element_count,
		.bounced_pages = frame->sg.bounced_pages,
		.bounced_bytes = frame->sg.bounced_bytes,
		.registers = frame->map.granted,
		.descriptors = frame->descriptors,
		.residency = residency_names[frame->source],
	};

	count_pages(adapter->m, frame, &memory);
	count_reads(&adapter->pcie, frame->elements, frame->element_count,
		    &memory);
	tell_memory(frame->clock.watch, adapter->m->kernel.now, &memory);
}

void watch_rx_memory(const struct rx_frame *frame)
{
	const struct adapter *adapter = frame->queue->adapter;
	const struct rx_buffer *buffer = frame->buffer;
	const struct link *link = &adapter->pcie.link;
	const struct buffer_pool *pool = buffer->pool;
	uint32_t pages =
		pages_spanned(pool->offset[buffer->slot], frame->bytes);
	struct observed_memory memory = {
		.how = frame->queue->common ? "common buffer"
		       : buffer->mapped	    ? "mapped buffer"
					    : "buffer that stays mapped",
		.pages = pages,
		.pages_high = pages_high(buffer_pages(pool, buffer->slot),
					 pages <= pool->pages_per_slot
						 ? pages
						 : pool->pages_per_slot),
		.elements = 1,
		.bounced_pages = buffer->sg.bounced_pages,
		.bounced_bytes = buffer->sg.bounced_bytes,
		.registers = buffer->map.granted,
		.descriptors = 1,
		.residency = "",
		.writes = link_write_tlps(link, buffer->address, frame->bytes),
		.up_bytes = link_write(link, buffer->address, frame->bytes).up,
	};

	tell_memory(frame->clock.watch, adapter->m->kernel.now, &memory);
}

/* --- waiting --- */

static void tell_wait(const struct tx_frame *frame, enum observed_wait wait,
		      uint64_t value, uint64_t more, uint64_t number)
{
	sim_time now = frame->queue->adapter->m->kernel.now;

	observers_tell(frame->clock.watch->by,
		       &(struct observation){ .kind = SEEN_WAIT,
					      .frame = frame->clock.watch,
					      .from = now,
					      .to = now,
					      .what = wait,
					      .value = value,
					      .more = more,
					      .number = number });
}

/* The oldest frame in the ring; 0: it is empty. */
static uint64_t oldest(const struct tx_queue *queue)
{
	return queue->reaped == queue->posted
		       ? 0
		       : queue->slot[queue->reaped & queue->slot_mask]->number;
}

void watch_ring_wait(const struct tx_frame *frame)
{
	const struct tx_queue *queue = frame->queue;

	tell_wait(frame, WAIT_RING, frame->descriptors, nic_tx_room(queue),
		  oldest(queue));
}

void watch_copy_wait(const struct tx_frame *frame, uint32_t pages)
{
	const struct tx_queue *queue = frame->queue;

	tell_wait(frame, WAIT_COPY_PAGES, pages, queue->copy_pages_free,
		  oldest(queue));
}

void watch_order_wait(const struct tx_frame *frame)
{
	tell_wait(frame, WAIT_ORDER, 0, 0, frame->queue->order_head->number);
}

void watch_interrupt(const struct vector *vector)
{
	const struct machine *m = vector->adapter->m;

	observers_tell(m->observers,
		       &(struct observation){ .kind = SEEN_INTERRUPT,
					      .from = vector->last_raise,
					      .to = m->kernel.now,
					      .track = vector->index });
}
