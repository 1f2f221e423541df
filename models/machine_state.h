/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole of a machine; internal to models/.  Public face: machine.h.
 */
#ifndef MODELS_MACHINE_STATE_H
#define MODELS_MACHINE_STATE_H

#include "core/steady.h"
#include "models/adapter.h"
#include "models/host/coherence.h"
#include "models/host/copy.h"
#include "models/host/hal_common.h"
#include "models/host/hal_neighbour.h"
#include "models/inject.h"
#include "models/machine.h"
#include "models/ndis/intake.h"
#include "models/ndis/lifecycle.h"
#include "models/ndis/logged.h"

/* A level with its exact integral, for Little's law. */
struct level {
	uint64_t now;
	__int128_t integral; /* level x ps, as soon as the level is 0 again */
};

/* Summed by parts: the times of falls less those of rises. */
static inline void level_add(struct level *level, sim_time now, int64_t delta)
{
	level->integral -= (__int128_t)delta * now;
	level->now = (uint64_t)((int64_t)level->now + delta);
}

/* What must balance at the end, over the whole run, warm-up included. */
struct books {
	uint64_t tx_offered, tx_completed, tx_failed, tx_dropped;
	uint64_t tx_status[TX_STATUSES]; /* of completed and failed ones */
	uint64_t rx_offered, rx_released, rx_dropped;
	uint64_t rx_dropped_load; /* of these, because of too much load */
	struct level tx_level, rx_level;
	__uint128_t tx_residence, rx_residence;
	uint64_t descriptors_posted, descriptors_freed;
	uint64_t rx_buffers_posted, rx_buffers_used;
	uint64_t sent_bytes, delivered_bytes, moved_bytes;
	uint64_t stage_errors; /* frames whose stages did not sum */
};

#define SERIES_MAX    8
#define CHECKS_MAX    24
#define RESOURCES_MAX 128

struct machine {
	struct kernel kernel;
	struct arena arena;
	const struct config *cfg; /* a copy of our own */
	const struct tx_ops *tx_ops;
	const struct rx_ops *rx_ops;
	const struct tx_interface_calls *tx_interface; /* tx_ops's */
	uint64_t seed;
	unsigned replicate;
	bool light;		     /* no series, no stage histograms */
	struct observers *observers; /* NULL: none */

	struct stats stats;
	struct books books;
	struct ledger ledger;
	struct inject inject;
	struct lifecycle life;
	struct core *cores;
	unsigned core_count;
	struct pool segments;
	struct memory memory;
	struct copy copy;
	struct coherence coherence;
	struct buffer_layout layout;
	struct buffer_pool headers, payloads;
	struct buffer_pool contiguous; /* NDIS copies into */
	struct hal hal;
	struct hal_neighbour neighbour;
	struct hal_common common;
	struct iommu iommu;
	struct adapter *adapters;
	unsigned adapter_count;
	struct intake intake;
	struct logged logged;
	void (*laid_out)(void *ctx, const struct frame *frame,
			 const struct frame_layout *layout);
	void *laid_out_ctx;

	struct pool tx_frames, rx_frames, nbls, groups, calls, returns,
		late_frames, pieces;
	struct rng_stream dpc_delay, hold;
	uint64_t tx_seq, rx_seq, late_count;
	uint64_t rx_counted; /* released frames of the measured window */
	/* What most records of two histograms are, which get it at the end. */
	uint64_t single_calls, unwaited;
	/* Work done in the window, for whatever frame. */
	struct {
		uint64_t sends, receives;
	} worked;
	/* Of the window by stamp, offered before it with an earlier frame. */
	struct {
		uint64_t frames, bytes;
	} early;

	/* Limits and prices read once. */
	uint32_t queue_limit;
	struct rng_lognormal dpc_law, hold_law; /* ps; a median of 0: never */
	uint64_t hold_share_ppm;
	uint32_t indicate_max, dpc_budget, return_batch;
	uint64_t throttle; /* frames a DPC may indicate, 0: all */
	sim_time throttle_delay, requeue_delay, return_wait;
	enum tx_source tx_source;
	enum tx_submit tx_submit;
	enum layout_mdl mdl_layout;
	uint32_t fragment_bytes, backfill;
	sim_time warm_up;

	/* Frames that hold registers and are not in the ring. */
	struct {
		struct tx_frame *head, *tail; /* by unsent_next */
	} unsent;
	sim_time tx_settled_at;

	sim_time last_at, end_at, window_start;
	sim_time rx_until; /* the last frame, once it is known */
	sim_time work_end; /* last send completed or frame delivered */

	/* The result and what it points to. */
	struct run_result result;
	struct result_stage stages[TX_STAGES + RX_STAGES];
	struct result_routine routines[ROUTINES];
	struct result_hazard hazards[HAZARDS];
	struct result_series series[SERIES_MAX];
	struct result_check checks[CHECKS_MAX];
	struct result_resource resources[RESOURCES_MAX];
	char resource_names[RESOURCES_MAX][24];
	struct result_steady steady[2];
	struct steady tx_steady, rx_steady; /* less moderation */

	uint64_t fingerprint, memory_digest;
};

#endif
