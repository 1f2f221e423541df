/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back of a send: out of the ring, unmapped, completed, booked.
 */
#include "models/booking.h"
#include "models/ndis/checks.h"
#include "models/ndis/interrupts.h"
#include "models/ndis/misuse.h"
#include "models/ndis/sends_steps.h"
#include "models/nic/moderation.h"
#include "models/nic/nic_tx.h"
#include "models/watch.h"

/* The list of a frame that is no more; its registers, under their lock. */
static void free_list(struct machine *m, struct core *core,
		      struct hal_request *map, uint64_t misuse)
{
	if (map->held)
		cpu_unlock(core, hal_lock(&m->hal, core, map));
	if (map->state != HAL_ANSWERED)
		return;
	if (misuse)
		misuse_free(m, core, map, misuse);
	else
		hal_unmap(&m->hal, core, map);
}

static void give_pages(struct core *core, struct tx_queue *queue,
		       uint32_t pages)
{
	queue->copy_pages_free += pages;
	gauge_add(&queue->m->stats.tx.copy_pages_used, core->kernel->now,
		  -(int64_t)pages);
	if (queue->copy_head)
		tx_resume_copies(core, queue);
}

static void released(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct tx_queue *queue = frame->queue;
	struct machine *m = tx_machine(frame);
	uint64_t misuse = frame->misuse;
	bool mapped = frame->mapped;
	uint32_t pages = frame->copy_pages;
	sim_time now = core->kernel->now;
	struct hal_request map;

	(void)arg;
	if (mapped)
		map = frame->map;
	stage_close(&frame->clock, TX_UNMAP, now);
	tx_give_pieces(frame);
	tx_settle(frame);
	if (mapped)
		free_list(m, core, &map, misuse);
	if (pages)
		give_pages(core, queue, pages);
}

static void release_locked(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	tx_charge(core, ctx, R_HAL_LOCK, TX_UNMAP, 0, 0);
	cpu_then(core, released, ctx, 0);
}

void tx_release(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);

	tx_charge_complete(core, frame, TX_UNMAP);
	if (frame->map.held)
		cpu_lock_then(core, hal_lock(&m->hal, core, &frame->map),
			      &frame->clock, TX_UNMAP, release_locked, frame,
			      0);
	else
		cpu_then(core, released, frame, 0);
}

void tx_unmap(struct core *core, struct tx_frame *frame)
{
	const struct tx_mapping *how = frame->as;
	struct hal *hal = &tx_machine(frame)->hal;
	uint32_t more;

	tx_charge_besides(core, frame, how->also_put, TX_UNMAP);
	for (more = 1; more < frame->transfers; more++)
		tx_charge(core, frame, how->put, TX_UNMAP, 0, 0);
	if (how->put)
		tx_charge_pieces(core, frame, how->put, TX_UNMAP);
	tx_check_free(frame);
	if (!frame->freed && !misuse_skips_flush(frame))
		hal_flush(hal, &frame->map);
	if (frame->misuse & INJECT_BIT(HAZARD_FLUSH_UNMAPPED))
		hal_flush(hal, &frame->map);
	if (tx_is_translated(frame))
		tx_end_translation(core, frame);
	tx_release(core, frame);
}

/* --- out of the ring --- */

static void reap_done(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;
	struct machine *m = queue->adapter->m;
	struct tx_frame *frame;
	uint32_t descriptors = 0;

	(void)arg;
	for (frame = queue->reap_head; frame; frame = frame->next)
		descriptors += frame->descriptors;
	queue->ring_used -= descriptors;
	m->books.descriptors_freed += descriptors;
	gauge_add(&m->stats.tx.ring_used, core->kernel->now,
		  -(int64_t)descriptors);
	tx_post_waiting(core, queue); /* and give the lock back */
}

/* A driver that asks the card how far it is, once for so many frames. */
static void read_head(struct core *core, struct tx_queue *queue)
{
	uint32_t every = queue->adapter->tx_head_read;

	if (every && queue->reaped % every == 0)
		register_read(
			core, queue->adapter,
			&(struct charge){ .direction = DIR_TX, .units = 1 });
}

/* The ring is a common buffer. */
static uint64_t descriptor_read(struct machine *m)
{
	return coherence_read_common(&m->coherence, COHERENCE_LOAD);
}

static void reap_locked(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;
	struct vector *vector = queue->vector;
	struct machine *m = queue->adapter->m;

	(void)arg;
	BUG_ON(queue->reap_head);
	while (queue->reaped < queue->visible) {
		struct tx_frame *frame =
			queue->slot[queue->reaped & queue->slot_mask];

		read_head(core, queue);
		queue->reaped++;

		vector_stages(vector, &frame->clock, TX_INTERRUPT,
			      TX_MODERATION);
		stage_close(&frame->clock, TX_INTERRUPT, vector->dpc_started);
		frame->next = NULL;
		if (queue->reap_tail)
			queue->reap_tail->next = frame;
		else
			queue->reap_head = frame;
		queue->reap_tail = frame;
		routine_call(&m->ledger, core, R_REAP,
			     &(struct charge){ .direction = DIR_TX,
					       .cycles = descriptor_read(m) });
	}
	cpu_then(core, reap_done, queue, 0);
}

void tx_reap(struct core *core, struct tx_queue *queue)
{
	if (queue->reaped != queue->visible)
		cpu_lock_then(core, &queue->lock, NULL, 0, reap_locked, queue,
			      0);
}

bool tx_complete_next(struct core *core, struct tx_queue *queue)
{
	struct tx_frame *frame = queue->reap_head;

	if (!frame)
		return false;
	queue->reap_head = frame->next;
	if (!queue->reap_head)
		queue->reap_tail = NULL;
	queue->vector->dpc_tx++;
	stage_close(&frame->clock, TX_DPC_WAIT, core->kernel->now);
	tx_machine(frame)->tx_ops->complete(core, frame);
	return true;
}

/* --- milestones --- */

void tx_departed(struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	sim_time now = m->kernel.now;

	stage_close(&frame->clock, TX_WIRE, now);
	if (unlikely(frame->clock.watch))
		watch_delivered(&frame->clock, now);
	m->stats.tx.bounced_frames += frame->sg.bounced_pages > 0;
	m->stats.tx.stale_frames += tx_is_stale(frame);
	m->books.sent_bytes += frame->bytes;
	m->end_at = now;
	if (!frame->counted)
		return;
	m->stats.tx.sent_frames++;
	m->stats.tx.sent_wire_frames += frame->wire_frames;
	m->stats.tx.sent_bytes += frame->bytes;
	book_latency(&m->stats.tx.latency_wire_ps,
		     (uint64_t)(now - frame->offered_at));
}

static void count_status(struct tx_stats *stats, enum tx_status status)
{
	switch (status) {
	case TX_SUCCESS:
		stats->status_success_frames++;
		break;
	case TX_INVALID_LENGTH:
		stats->status_invalid_length_frames++;
		break;
	case TX_RESOURCES:
		stats->status_resources_frames++;
		break;
	case TX_PAUSED:
		stats->status_paused_frames++;
		break;
	case TX_SEND_ABORTED:
		stats->status_send_aborted_frames++;
		break;
	case TX_RESET_IN_PROGRESS:
		stats->status_reset_in_progress_frames++;
		break;
	case TX_FAILURE:
	default:
		stats->status_failure_frames++;
		break;
	}
}

void tx_count_status(struct machine *m, enum tx_status status, bool counted)
{
	m->books.tx_status[status]++;
	if (counted)
		count_status(&m->stats.tx, status);
}

void tx_settle(struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	sim_time now = m->kernel.now;
	uint64_t total = (uint64_t)(now - frame->offered_at);

	m->end_at = m->work_end = m->tx_settled_at = now;
	m->books.tx_residence += total;
	level_add(&m->books.tx_level, now, -1);
	gauge_add(&m->stats.tx.in_system, now, -1);
	tx_count_status(m, frame->status, frame->counted);
	if (frame->failed) {
		m->books.tx_failed++;
		m->stats.tx.failed_frames += frame->counted;
	} else {
		m->books.tx_completed++;
		m->stats.tx.completed_frames += frame->counted;
		m->worked.sends++;
		if (frame->counted)
			book_sent(m, frame, total);
	}
	if (unlikely(frame->clock.watch))
		watch_tx_end(frame, now);
	if (frame->group && --frame->group->left == 0)
		pool_give(&m->groups, frame->group);
	if (--frame->nbl->pending == 0)
		pool_give(&m->nbls, frame->nbl);
	if (frame->turn) {
		m->life.inside--;
		if (unlikely(lifecycle_waits(&m->life)))
			lifecycle_left(m);
	}
	intake_settled(m, frame);
	if (frame->logged)
		pool_give(&m->logged.chains, frame->logged);
	pool_give(&m->tx_frames, frame);
}
