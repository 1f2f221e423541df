/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/misuse.h"

#include "models/machine_state.h"
#include "models/ndis/checks.h"
#include "models/ndis/sends_steps.h"

/* --- calls that no frame needs --- */

/* Requests of the driver's own; one of a kind at a time. */
struct rogue {
	struct machine *m;
	struct hal_request first, second;
	struct hal_adapter adapter;
	bool nest;
};

static void second_done(struct core *core, struct hal_request *req,
			enum hal_status status)
{
	(void)core;
	(void)status;
	req->state = HAL_IDLE;
}

static void first_done(struct core *core, struct hal_request *req,
		       enum hal_status status)
{
	struct rogue *rogue =
		(struct rogue *)((char *)req - offsetof(struct rogue, first));

	(void)status;
	if (rogue->nest)
		hal_map(&rogue->m->hal, core, &rogue->second);
	req->state = HAL_IDLE;
}

/* A request that is refused, or needs no registers: answered at once. */
static void ask(struct core *core, struct tx_frame *frame, uint32_t registers,
		uint8_t flags, bool nest)
{
	struct rogue rogue = { .m = tx_machine(frame), .nest = nest };
	const struct hal_request request = { .registers = registers,
					     .flags = flags,
					     .frame = frame->number };

	if (rogue.m->hal.own.channel_busy)
		return; /* somebody else's turn */
	rogue.first = rogue.second = request;
	rogue.first.done = first_done;
	rogue.second.done = second_done;
	hal_map(&rogue.m->hal, core, &rogue.first);
}

static void use_released(struct core *core, struct tx_frame *frame)
{
	struct rogue rogue = { .m = tx_machine(frame) };
	struct hal *hal = &rogue.m->hal;

	hal_adapter_init(&rogue.adapter, hal);
	hal_adapter_release(hal, &rogue.adapter);
	rogue.first = (struct hal_request){ .adapter = &rogue.adapter,
					    .frame = frame->number };
	hal_map(hal, core, &rogue.first);
}

static void call(struct core *core, struct tx_frame *frame,
		 enum routine routine)
{
	tx_charge(core, frame, routine, TX_DRIVER, 0, 0);
}

/* --- with a frame --- */

static void before_mapping(struct core *core, struct tx_frame *frame)
{
	const struct hal *hal = &tx_machine(frame)->hal;
	uint64_t misuse = frame->misuse;

	if (misuse_has(misuse, HAZARD_WRONG_IRQL))
		call(core, frame, R_SHARED_MEMORY);
	if (misuse_has(misuse, HAZARD_ASYNC_WITHOUT_REGISTRATION))
		call(core, frame, R_SHARED_ASYNC_EX);
	if (misuse_has(misuse, HAZARD_MULTI_CHANNEL))
		ask(core, frame, 0, HAL_CHANNEL, true);
	if (misuse_has(misuse, HAZARD_TOO_MANY_REGISTERS) &&
	    hal->own.per_request < HAL_UNLIMITED)
		ask(core, frame, hal->own.per_request + 1, HAL_CHANNEL, false);
	if (misuse_has(misuse, HAZARD_CONTIG_EXHAUSTED) &&
	    hal->rules.boundary && hal->rules.boundary < hal->own.per_request)
		ask(core, frame, hal->rules.boundary + 1, HAL_CONTIGUOUS,
		    false);
	if (misuse_has(misuse, HAZARD_USE_AFTER_RELEASE))
		use_released(core, frame);
}

void misuse_send(struct core *core, struct tx_frame *frame)
{
	before_mapping(core, frame);
	/* NDIS 5 has mapped the frame when the driver sees it: there. */
	if (misuse_has(frame->misuse, HAZARD_EDIT_AFTER_MAP) &&
	    tx_machine(frame)->tx_ops->interface != TX_NDIS5_SG)
		tx_edit(frame);
}

void misuse_chain(const struct tx_frame *frame, struct mdl_chain *chain)
{
	if (misuse_has(frame->misuse, HAZARD_PAGEABLE_BUFFER))
		chain->faults |= MDL_PAGEABLE;
	if (misuse_has(frame->misuse, HAZARD_BAD_BUFFER))
		chain->faults |= MDL_BAD_ADDRESS;
	if (misuse_has(frame->misuse, HAZARD_HEADER_ROOM_NOT_SKIPPED))
		chain->skip = 0;
}

/* The list, or only its registers, while the card is at work. */
static void free_early(struct tx_frame *frame, bool list)
{
	if (list) {
		tx_check_free(frame);
		hal_set_mapped(&frame->map, false);
	} else if (!frame->map.held && !frame->as->owns) {
		return; /* there are none */
	}
	frame->freed = true;
	if (frame->map.held || !list)
		hal_unmap(&tx_machine(frame)->hal, NULL, &frame->map);
}

void misuse_posted(struct tx_frame *frame)
{
	if (!frame->map.mapped)
		return; /* a copy */
	if (misuse_has(frame->misuse, HAZARD_FLUSH_ACTIVE))
		hal_flush(&tx_machine(frame)->hal, &frame->map);
	if (misuse_has(frame->misuse, HAZARD_LIST_FREED_EARLY))
		free_early(frame, true);
	else if (misuse_has(frame->misuse, HAZARD_FREED_WHILE_MAPPED))
		free_early(frame, false);
}

void misuse_free(struct machine *m, struct core *core, struct hal_request *map,
		 uint64_t misuse)
{
	if (misuse_has(misuse, HAZARD_LEAK_ON_RELEASE))
		hal_abandon(&m->hal, map);
	else if (misuse_has(misuse, HAZARD_REGISTER_COUNT_MISMATCH) &&
		 map->granted)
		hal_free(&m->hal, core, map, map->granted - 1);
	else
		hal_unmap(&m->hal, core, map);
	if (misuse_has(misuse, HAZARD_DOUBLE_FREE))
		hal_unmap(&m->hal, core, map);
}
