/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/intake.h"

#include <stdlib.h>
#include <string.h>

#include "models/booking.h"
#include "models/ndis/receives.h"
#include "models/ndis/sends.h"
#include "models/nic/nic_tx.h"
#include "models/watch.h"

#define WINDOW_BUCKETS	4096u
#define ETHERNET_HEADER 14u
#define BURST_GAP	(100 * PS_PER_US) /* a longer pause begins a burst */
#define MIN_FRAME	60u
#define CALL_PAUSE_MAX	(10 * PS_PER_MS) /* between frames of a logged call */
#define WIRE_BACKLOG	65536u /* frames the other end of the wire queues */

/* A flow of the closed loop. */
struct window_flow {
	struct window_flow *next;
	uint32_t flow;
	uint64_t outstanding; /* bytes sent and not completed */
	struct tx_frame *head, *tail;
};

int intake_init(struct machine *m, const struct config *cfg, bool wire_capture,
		struct err *err)
{
	struct intake *intake = &m->intake;
	unsigned times = config_choice(cfg, "traffic.tx_times");

	*intake = (struct intake){
		.held_room = 256,
		.superframes = config_choice(cfg, "traffic.superframes"),
		.send_batch_max =
			(uint32_t)config_u64(cfg, "traffic.send_batch_max"),
		.mtu = (uint32_t)config_u64(cfg, "traffic.mtu"),
		.lso = config_bool(cfg, "nic.lso"),
		.wire_bps = config_u64(cfg, "nic.wire"),
		.header_max = m->mdl_layout == LAYOUT_LINEAR
				      ? 0
				      : m->headers.bytes - m->backfill,
		.dpc_sends_ppm = config_u64(cfg, "traffic.dpc_sends"),
		.window = config_u64(cfg, "traffic.window"),
		.last_tx_at = -1,
	};
	/* Choice 0 is auto: bursts from the wire, stamps from the host. */
	if (times == 0)
		intake->tx_times = wire_capture ? TIMES_BURST : TIMES_STAMP;
	else
		intake->tx_times = times - 1;
	if (intake->superframes == SUPER_LSO && !intake->lso)
		return err_set(err, ERR_USAGE,
			       "traffic.superframes=lso, but the NIC does not "
			       "segment: set nic.lso=yes or another policy");
	rng_stream_init(&intake->dpc_sends, m->seed, DRAW_DPC_SENDS,
			m->replicate);
	intake->held = calloc(intake->held_room, sizeof(*intake->held));
	intake->flows = calloc(WINDOW_BUCKETS, sizeof(struct window_flow *));
	intake->call = calloc(intake->send_batch_max, sizeof(*intake->call));
	if (!intake->held || !intake->flows || !intake->call)
		return err_nomem(err, "intake");
	return pool_init(&intake->flow_pool, sizeof(struct window_flow), 64,
			 err);
}

void intake_clear(struct machine *m)
{
	free(m->intake.held);
	free(m->intake.call);
	free(m->intake.flows);
	pool_clear(&m->intake.flow_pool);
}

/* --- frames into a call --- */

static void sender_wrote(struct machine *m, const struct tx_frame *frame)
{
	struct memory *memory = &m->memory;
	uint32_t payload = frame->bytes - frame->header_bytes;

	if (m->tx_source == SOURCE_APP_COPIED)
		m->payloads.stamp[frame->payload_slot] =
			memory_cpu_wrote(memory, payload);
	m->headers.stamp[frame->header_slot] =
		memory_cpu_wrote(memory, frame->header_bytes);
}

/* True when it is of the window, which begins with a stamp. */
static bool count_offered(struct machine *m, const struct frame *record,
			  uint32_t bytes)
{
	if (record->at < m->warm_up)
		return false;
	m->stats.tx.offered_frames++;
	m->stats.tx.offered_bytes += bytes;
	if (unlikely(m->kernel.now < m->warm_up)) { /* with an earlier one */
		m->early.frames++;
		m->early.bytes += bytes;
	}
	return true;
}

/* What is zero when the frame is offered. */
static void clear(struct tx_frame *frame)
{
	frame->map = (struct hal_request){ .registers = 0 };
	frame->sg = (struct sg_summary){ .pages = 0 };
	frame->logged = NULL;
	frame->group = NULL;
	memset(&frame->turn, 0,
	       sizeof(*frame) - offsetof(struct tx_frame, turn));
}

/* One frame of @bytes from @record, reading its payload at @offset. */
static struct tx_frame *make_frame(struct machine *m,
				   const struct frame *record, uint32_t bytes,
				   uint32_t payload_slot, uint32_t offset)
{
	struct adapter *adapter = &m->adapters[0];
	struct tx_frame *frame = pool_take(&m->tx_frames);
	uint32_t header = record->header_bytes;

	if (header > bytes)
		header = bytes;
	if (header > m->intake.header_max)
		header = m->intake.header_max;
	clear(frame);
	stage_start(&frame->clock, m->kernel.now);
	frame->queue = &adapter->tx[rss_queue(&adapter->rss, record->rss)];
	frame->seq = m->tx_seq++;
	frame->number = record->number;
	frame->offered_at = m->kernel.now;
	frame->bytes = bytes;
	frame->flow = record->flow;
	frame->header_bytes = header;
	frame->header_slot = buffer_take_next(&m->headers);
	frame->payload_slot = payload_slot;
	frame->payload_offset = offset;
	frame->wire_frames = 1;
	frame->wire_bytes = (bytes < MIN_FRAME ? MIN_FRAME : bytes) + 24;
	frame->map.frame = frame->number;
	frame->counted = count_offered(m, record, bytes);
	if (unlikely(record->layout))
		logged_send(m, frame, record);
	sender_wrote(m, frame);
	book_memory(m, frame);
	return frame;
}

/* The queue of the driver is full. */
static void drop(struct machine *m, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;
	struct tx_stats *stats = &m->stats.tx;

	m->books.tx_dropped++;
	if (frame->counted) {
		if (!stats->dropped_queue_frames++)
			stats->dropped_first_ps = (uint64_t)m->kernel.now;
		if (++queue->drop_run > stats->dropped_longest_run)
			stats->dropped_longest_run = queue->drop_run;
	}
	if (unlikely(frame->clock.watch))
		watch_end(&frame->clock, m->kernel.now, VERDICT_DROPPED,
			  "driver_queue_full");
	if (frame->logged)
		pool_give(&m->logged.chains, frame->logged);
	pool_give(&m->tx_frames, frame);
}

static struct window_flow *flow_of(struct machine *m, uint32_t flow)
{
	struct window_flow **link = &m->intake.flows[flow % WINDOW_BUCKETS];

	while (*link && (*link)->flow != flow)
		link = &(*link)->next;
	if (!*link) {
		*link = pool_take(&m->intake.flow_pool);
		**link = (struct window_flow){ .flow = flow };
	}
	return *link;
}

/* True when the frame may go; else it waits for its flow's window. */
static bool window_open(struct machine *m, struct tx_frame *frame)
{
	struct window_flow *flow;

	if (!m->intake.window)
		return true;
	flow = flow_of(m, frame->flow);
	if (!flow->head &&
	    (!flow->outstanding ||
	     flow->outstanding + frame->bytes <= m->intake.window)) {
		flow->outstanding += frame->bytes;
		return true;
	}
	frame->next = NULL;
	if (flow->tail)
		flow->tail->next = frame;
	else
		flow->head = frame;
	flow->tail = frame;
	return false;
}

static void append(struct send_call *call, struct tx_frame *frame)
{
	frame->next = NULL;
	if (call->tail)
		call->tail->next = frame;
	else
		call->head = frame;
	call->tail = frame;
}

static struct send_call *new_call(struct machine *m)
{
	struct send_call *call = pool_take(&m->calls);

	call->m = m;
	call->head = call->tail = NULL;
	call->queue = NULL;
	return call;
}

static void submit(struct machine *m, struct send_call *call, bool in_dpc)
{
	struct core *core;

	if (!call->head) {
		pool_give(&m->calls, call);
		return;
	}
	call->in_dpc = in_dpc;
	core = in_dpc ? call->head->queue->vector->core
		      : &m->cores[call->head->flow % m->core_count];
	send_call_submit(core, call);
}

/* A frame of the call's, if there is room for it; it may go by itself. */
static void offer(struct machine *m, struct send_call *call, struct nbl *nbl,
		  struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;

	m->books.tx_offered++;
	if (unlikely(queue->waiting >= m->queue_limit)) {
		drop(m, frame);
		return;
	}
	queue->waiting++;
	queue->drop_run = 0;
	level_add(&m->books.tx_level, m->kernel.now, 1);
	gauge_add(&m->stats.tx.in_system, m->kernel.now, 1);
	frame->nbl = nbl;
	nbl->pending++;
	if (m->tx_ops->bypass) {
		queue->waiting--;
		nic_tx_bypass(queue, frame);
	} else if (window_open(m, frame)) {
		append(call, frame);
	}
}

/* Frame @piece of @record, for those who look. */
static inline void tell_made(struct machine *m, struct tx_frame *frame,
			     const struct frame *record, uint32_t piece)
{
	if (m->laid_out && !piece)
		logged_tell_sent(m, frame, record, m->intake.calls,
				 m->stats.tx.sends);
	if (unlikely(m->observers))
		watch_tx(m, frame, piece);
}

static void refuse_super(struct machine *m, const struct frame *record)
{
	bool counted = count_offered(m, record, record->bytes);

	m->stats.tx.failed_frames += counted;
	m->books.tx_offered++;
	m->books.tx_failed++;
	tx_count_status(m, TX_INVALID_LENGTH, counted);
	if (unlikely(m->observers))
		watch_lost(m, record, VERDICT_FAILED, "invalid_length");
}

/* Payload of the longest frame on the wire with the headers of @record. */
static uint32_t segment_room(const struct intake *intake,
			     const struct frame *record)
{
	uint32_t most = intake->mtu + ETHERNET_HEADER;

	return most > record->header_bytes ? most - record->header_bytes : most;
}

static bool card_segments(const struct intake *intake,
			  const struct frame *record)
{
	return intake->lso && intake->superframes != SUPER_CUT &&
	       record->flags & FRAME_TCP && record->bytes <= 65535;
}

/* A super-frame: whole for a card that segments, else cut at the MTU. */
static void offer_super(struct machine *m, struct send_call *call,
			struct nbl *nbl, const struct frame *record,
			uint32_t slot)
{
	const struct intake *intake = &m->intake;
	uint32_t header = record->header_bytes, payload, piece, part, offset;
	uint32_t room = segment_room(intake, record);
	struct tx_frame *frame;

	payload = record->bytes - header;
	if (intake->superframes == SUPER_REFUSE) {
		refuse_super(m, record);
		return;
	}
	if (card_segments(intake, record)) {
		frame = make_frame(m, record, record->bytes, slot, 0);
		frame->wire_frames = (payload + room - 1) / room;
		frame->segment_bytes = header + room;
		frame->wire_bytes = record->bytes + 24 +
				    (frame->wire_frames - 1) * (header + 24);
		tell_made(m, frame, record, 0);
		offer(m, call, nbl, frame);
		return;
	}
	for (piece = offset = 0; offset < payload; piece++, offset += part) {
		part = payload - offset > room ? room : payload - offset;
		frame = make_frame(m, record, header + part, slot,
				   offset % (m->payloads.bytes / 2));
		tell_made(m, frame, record, piece);
		offer(m, call, nbl, frame);
	}
}

static void offer_record(struct machine *m, struct send_call *call,
			 struct nbl *nbl, const struct frame *record)
{
	uint32_t slot = buffer_take_next(&m->payloads);
	struct tx_frame *frame;

	if (unlikely(record->layout))
		slot = logged_slot(m, record, slot);
	if (record->flags & FRAME_SUPER &&
	    record->bytes - record->header_bytes >
		    segment_room(&m->intake, record)) {
		offer_super(m, call, nbl, record, slot);
		return;
	}
	frame = make_frame(m, record, record->bytes, slot, 0);
	tell_made(m, frame, record, 0);
	offer(m, call, nbl, frame);
}

/* Neighbours of one flow are a list, unless it is logged what is. */
static bool new_list(const struct machine *m, const struct frame *record)
{
	enum logged_answer answer = logged_list(&m->logged, record - 1, record);

	if (answer == LOGGED_UNKNOWN)
		return record->flow != record[-1].flow;
	return answer == LOGGED_OTHER;
}

static void make_call(struct machine *m, const struct frame *records,
		      size_t count)
{
	struct send_call *call = new_call(m);
	struct intake *intake = &m->intake;
	uint64_t frames = m->tx_seq;
	struct nbl *nbl = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!nbl || new_list(m, &records[i])) {
			if (nbl && !nbl->pending)
				pool_give(&m->nbls, nbl);
			nbl = pool_take(&m->nbls);
			nbl->pending = 0;
			m->stats.tx.sends++;
		}
		offer_record(m, call, nbl, &records[i]);
		logged_drop(&m->logged, &records[i]);
	}
	if (nbl && !nbl->pending)
		pool_give(&m->nbls, nbl);
	m->stats.tx.calls++;
	if (m->tx_seq - frames == 1)
		m->single_calls++;
	else
		hist_record(&m->stats.tx.call_frames, m->tx_seq - frames);
	submit(m, call,
	       rng_chance(rng_draw(&intake->dpc_sends, intake->calls++),
			  intake->dpc_sends_ppm));
}

void intake_settled(struct machine *m, const struct tx_frame *frame)
{
	struct send_call *call;
	struct window_flow *flow;

	if (!m->intake.window || m->tx_ops->bypass)
		return;
	flow = flow_of(m, frame->flow);
	flow->outstanding -= frame->bytes;
	if (!flow->head)
		return;
	call = new_call(m);
	while (flow->head &&
	       (!flow->outstanding ||
		flow->outstanding + flow->head->bytes <= m->intake.window)) {
		struct tx_frame *next = flow->head;

		flow->head = next->next;
		if (!flow->head)
			flow->tail = NULL;
		flow->outstanding += next->bytes;
		stage_close(&next->clock, TX_QUEUE, m->kernel.now);
		append(call, next);
	}
	submit(m, call, true); /* the acknowledgement clocks it */
}

/* --- the order of things --- */

/* Every event up to and including @at; then it is @at. */
static void advance(struct machine *m, sim_time at)
{
	kernel_run(&m->kernel, at + 1);
	if (m->kernel.now < at)
		m->kernel.now = at;
}

static uint64_t burst_of(struct intake *intake, const struct frame *frame)
{
	unsigned bucket = frame->flow % BURST_FLOWS;

	if (frame->at - intake->burst_last[bucket] > BURST_GAP)
		intake->burst_count[bucket]++;
	intake->burst_last[bucket] = frame->at;
	return (uint64_t)intake->burst_count[bucket] << 32 | frame->flow;
}

/* A frame that the wire could not deliver at its stamp. */
struct late_frame {
	struct machine *m;
	struct frame frame;
	uint64_t burst;
};

static void arrive_late(void *ctx, uint64_t arg)
{
	struct late_frame *late = ctx;
	struct machine *m = late->m;

	(void)arg;
	rx_arrive(m, &late->frame, late->burst);
	logged_drop(&m->logged, &late->frame);
	pool_give(&m->late_frames, late);
}

size_t intake_late_size(void)
{
	return sizeof(struct late_frame);
}

/* The load is infeasible and the queue at the other end full. */
static void lose_on_wire(struct machine *m, const struct frame *frame)
{
	m->books.rx_offered++;
	m->books.rx_dropped++;
	m->books.rx_dropped_load++;
	m->stats.rx.offered_frames++;
	m->stats.rx.offered_bytes += frame->bytes;
	m->stats.rx.dropped_wire_frames++;
	logged_drop(&m->logged, frame);
	if (unlikely(m->observers))
		watch_lost(m, frame, VERDICT_DROPPED, "wire_backlog");
}

static void arrive(struct machine *m, const struct frame *frame)
{
	struct adapter *adapter = &m->adapters[0];
	uint32_t wire_bytes =
		(frame->bytes < MIN_FRAME ? MIN_FRAME : frame->bytes) + 24;
	uint64_t burst = burst_of(&m->intake, frame);
	struct late_frame *late;
	sim_time took, at;

	advance(m, frame->at);
	if (m->laid_out)
		logged_tell_received(m, frame, rx_draw_hold(m, burst));
	if (pool_live(&m->late_frames) >= WIRE_BACKLOG) {
		lose_on_wire(m, frame);
		return;
	}
	took = byte_clock_take(&adapter->wire_rx_clock, wire_bytes);
	at = adapter->wire_rx_free + took;
	if (at < frame->at)
		at = frame->at;
	adapter->wire_rx_free = at;
	/* What came in before the window is not of it. */
	if (took > at - m->window_start)
		took = at - m->window_start;
	adapter->wire_rx_busy_ps += (uint64_t)took;
	if (at == frame->at) {
		m->unwaited++;
		rx_arrive(m, frame, burst);
		logged_drop(&m->logged, frame);
		return;
	}
	hist_record(&m->stats.rx.wire_wait_ps, (uint64_t)(at - frame->at));
	m->stats.rx.late_wire_frames++;
	late = pool_take(&m->late_frames);
	late->m = m;
	late->frame = *frame;
	late->burst = burst;
	kernel_at(&m->kernel, at,
		  event_key(EV_ARRIVAL, COMP_RX_ARRIVAL, m->late_count++),
		  arrive_late, late, 0);
}

/* The open call ends: hand it over, then what arrived behind it. */
static void close_call(struct machine *m)
{
	struct intake *intake = &m->intake;
	size_t i;

	if (!intake->call_count)
		return;
	advance(m, intake->call_at);
	make_call(m, intake->call, intake->call_count);
	for (i = 0; i < intake->held_count; i++)
		arrive(m, &intake->held[i]);
	intake->held_count = intake->call_count = 0;
}

/* A logged call is open until a frame of another, or this long. */
static bool call_logged(const struct machine *m)
{
	const struct frame_layout *layout =
		logged_of(&m->logged, m->intake.call);

	return layout && layout->known & LAYOUT_BATCH;
}

/* Does @frame belong to the open call? */
static bool joins(const struct machine *m, const struct frame *frame)
{
	const struct intake *intake = &m->intake;
	enum logged_answer answer;

	if (intake->call_count >= intake->send_batch_max)
		return false;
	answer = logged_call(&m->logged, intake->call, frame);
	if (answer != LOGGED_UNKNOWN)
		return answer == LOGGED_SAME &&
		       frame->at <= intake->last_tx_at + CALL_PAUSE_MAX;
	switch ((enum tx_times)intake->tx_times) {
	case TIMES_STAMP:
		return frame->at == intake->call_at;
	case TIMES_ASAP:
		return true;
	case TIMES_BURST:
	default:
		return bytes_reach((frame->bytes + 24ull) * 11,
				   intake->wire_bps * 10,
				   frame->at - intake->last_tx_at);
	}
}

/* True when nothing later than this arrival can join the open call. */
static bool ends_call(const struct machine *m, const struct frame *arrival)
{
	const struct intake *intake = &m->intake;

	if (intake->call_count && call_logged(m))
		return arrival->at > intake->last_tx_at + CALL_PAUSE_MAX;
	return intake->tx_times == TIMES_ASAP ||
	       (intake->tx_times == TIMES_STAMP &&
		arrival->at > intake->call_at);
}

static void hold_back(struct intake *intake, const struct frame *frame)
{
	if (intake->held_count == intake->held_room) {
		size_t room = intake->held_room * 2;
		struct frame *held =
			realloc(intake->held, room * sizeof(*held));

		if (!held)
			out_of_memory("%zu frames behind a call", room);
		intake->held = held;
		intake->held_room = room;
	}
	intake->held[intake->held_count++] = *frame;
}

static void take(struct machine *m, const struct frame *frame)
{
	struct intake *intake = &m->intake;

	if (frame->direction == FRAME_RX) {
		if (ends_call(m, frame))
			close_call(m);
		intake->last_rx_at = frame->at;
		if (intake->call_count)
			hold_back(intake, frame);
		else
			arrive(m, frame);
		return;
	}
	if (intake->call_count && !joins(m, frame))
		close_call(m);
	if (!intake->call_count)
		intake->call_at = intake->tx_times == TIMES_ASAP
					  ? intake->last_rx_at
					  : frame->at;
	intake->call[intake->call_count++] = *frame;
	intake->last_tx_at = frame->at;
}

void intake_push(struct machine *m, const struct frame *frame)
{
	struct frame own;

	if (unlikely(frame->layout)) {
		own = *frame;
		logged_keep(&m->logged, &own);
		frame = &own;
	}
	take(m, frame);
}

void intake_end(struct machine *m)
{
	close_call(m);
}
