/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim size: the tightest value of each resource that meets the target.
 *
 * 1. The base: the machine as it is; if it fails, with ample rings and pools;
 *    if that fails, without moderation too.
 * 2. Each resource alone, the others as in the base.  From the most that was
 *    in use in the base the value is doubled until it meets the target, then
 *    halved in between.  Fewer may do where more did not (a burst meets another
 *    phase), so SIZE_NEIGHBOURS values below the answer are tried as well, and
 *    the search goes on from the lowest that meets the target.
 * 3. All of them together, moderation as in the base: it trades against every
 *    other.  If that fails all are loosened in step until it does not; then one
 *    after the other is tightened as far as the others allow, moderation last.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/size.h"

#define AMPLE_RING	4096
#define AMPLE_REGISTERS 65536
#define LOOSENINGS	16

enum { REGISTERS, TX_RING, RX_RING, RX_BUFFERS, COPY_PAGES, MODERATION };

/* 8254x and 82599 datasheets: a ring is a multiple of 128 bytes. */
const struct size_resource size_resources[SIZE_RESOURCES] = {
	[REGISTERS] = { "map registers", "registers", "hal.pool_cap",
			"hal.pool", 1, false },
	[TX_RING] = { "transmit descriptors", "tx ring", "nic.tx_ring", NULL, 8,
		      false },
	[RX_RING] = { "receive descriptors", "rx ring", "nic.rx_ring", NULL, 8,
		      false },
	[RX_BUFFERS] = { "receive buffers", "rx buffers", "rx.buffers", NULL, 1,
			 false },
	[COPY_PAGES] = { "common-buffer pages", "copy pages", "tx.copy_pages",
			 NULL, 1, false },
	[MODERATION] = { "moderation, longest", "moderation", "nic.moderation",
			 NULL, PS_PER_US, true },
};

/* --- values and steps --- */

/* The tightest value, and how many steps there are from it. */
static uint64_t tightest(const struct config *cfg, size_t r, uint64_t *steps)
{
	const struct size_resource *res = &size_resources[r];
	const struct param *row = config_find(cfg, res->key);
	uint64_t low = row->min > res->step ? row->min : res->step;

	if (res->longest)
		low = 0;
	/* Registers that others hold are part of the pool. */
	if (r == REGISTERS && config_u64(cfg, "hal.background") >= low)
		low = config_u64(cfg, "hal.background") + 1;
	*steps = (row->max - low) / res->step;
	return res->longest ? row->max : low;
}

static uint64_t value_of(const struct config *cfg, size_t r, uint64_t step)
{
	uint64_t steps, first = tightest(cfg, r, &steps);

	return size_resources[r].longest
		       ? first - step * size_resources[r].step
		       : first + step * size_resources[r].step;
}

/* The first step that is as loose as @value. */
static uint64_t step_of(const struct config *cfg, size_t r, uint64_t value)
{
	uint64_t steps, first = tightest(cfg, r, &steps), step;
	uint64_t apart = size_resources[r].step;

	if (size_resources[r].longest)
		step = value < first ? (first - value + apart - 1) / apart : 0;
	else
		step = value > first ? (value - first + apart - 1) / apart : 0;
	return step < steps ? step : steps;
}

static int set_resource(struct config *cfg, size_t r, uint64_t value,
			struct err *err)
{
	const struct size_resource *res = &size_resources[r];
	const struct param *row = config_find(cfg, res->key);
	char text[UNITS_TEXT_MAX];

	units_format(row->qty, value, text, sizeof(text));
	if (config_set(cfg, res->key, text, "size", err) < 0)
		return -1;
	return res->also ? config_set(cfg, res->also, text, "size", err) : 0;
}

/* --- a trial --- */

struct reading {
	const struct size *study;
	struct size_trial *trial;
};

static uint64_t counter(const struct run_result *run, const char *name)
{
	return *(const uint64_t *)trial_metric(run, name, METRIC_COUNTER);
}

static const struct gauge *gauge(const struct run_result *run, const char *name)
{
	return trial_metric(run, name, METRIC_GAUGE);
}

static void raise_to(uint64_t *to, uint64_t value)
{
	if (value > *to)
		*to = value;
}

static void read_peaks(const struct run_result *run, uint64_t *peak)
{
	const struct gauge *ring = gauge(run, "rx.ring_free");
	uint64_t taken =
		ring->by_time.count ? ring->max - ring->by_time.min : 0;

	raise_to(&peak[REGISTERS], gauge(run, "hal.map_registers_in_use")->max);
	raise_to(&peak[TX_RING], gauge(run, "tx.ring_used")->max);
	raise_to(&peak[RX_RING], taken);
	raise_to(&peak[RX_BUFFERS], taken);
	raise_to(&peak[COPY_PAGES], gauge(run, "tx.copy_pages_used")->max);
}

/* What was lost, and where first. */
static uint64_t read_losses(const struct run_result *run, const char **first)
{
	uint64_t queue = counter(run, "tx.dropped_queue_frames");
	uint64_t failed = counter(run, "tx.status_resources_frames");
	uint64_t fifo = counter(run, "rx.dropped_fifo_frames");
	uint64_t wire = counter(run, "rx.dropped_wire_frames");
	const struct gauge *ring = gauge(run, "rx.ring_free");

	if (wire)
		*first = "wire rx";
	else if (fifo &&
		 (!queue || counter(run, "rx.dropped_first_ps") <
				    counter(run, "tx.dropped_first_ps")))
		*first = ring->by_time.count && !ring->by_time.min
				 ? "rx buffers"
				 : "rx fifo";
	else
		*first = queue ? "tx queue" : "sends without resources";
	return queue + failed + fifo + wire;
}

static void judge(const struct size *study, const struct run_result *run,
		  uint64_t lost, const char *first, struct size_trial *trial)
{
	const char *waited = run->resources[run->bottleneck].name;
	uint64_t tx = slo_tx_ps(&study->slo, run);
	uint64_t rx = slo_rx_ps(&study->slo, run);
	char took[UNITS_TEXT_MAX];

	if (run->deadlock[0]) {
		snprintf(trial->why, sizeof(trial->why), "deadlock");
	} else if (lost >
		   mul_div_u64(trial->offered, study->loss_ppm, 1000000)) {
		snprintf(trial->why, sizeof(trial->why),
			 "%" PRIu64 " lost, %s first", lost, first);
	} else if (!lost && strcmp(run->status, "complete") != 0) {
		snprintf(trial->why, sizeof(trial->why),
			 "backlog grows, %s waited for", waited);
	} else if (!slo_held(&study->slo, run)) {
		bool of_tx = tx > study->slo.bound_ps;

		units_human(QTY_TIME, (double)(of_tx ? tx : rx), 3, took,
			    sizeof(took));
		snprintf(trial->why, sizeof(trial->why),
			 "%s latency %s, %s waited for", of_tx ? "tx" : "rx",
			 took, waited);
	}
}

static void read_run(void *ctx, const struct run_result *run)
{
	const struct reading *reading = ctx;
	struct size_trial *trial = reading->trial;
	const char *first = "";
	uint64_t lost = read_losses(run, &first);

	trial->ran = true;
	trial->offered = counter(run, "tx.offered_frames") +
			 counter(run, "rx.offered_frames");
	raise_to(&trial->lost, lost);
	raise_to(&trial->tx_ps, slo_tx_ps(&reading->study->slo, run));
	raise_to(&trial->rx_ps, slo_rx_ps(&reading->study->slo, run));
	read_peaks(run, trial->peak);
	trial->fingerprint = trial->fingerprint * 31 + run->fingerprint;
	judge(reading->study, run, lost, first, trial);
}

/* Every replicate of @row on @cfg, until one does not meet the target. */
static int try_config(const struct size *study, const struct size_row *row,
		      const struct config *cfg, struct size_trial *trial,
		      struct err *err)
{
	struct reading reading = { study, trial };
	struct trial run =
		question_trial(&study->ask, cfg, row->of.tx, row->of.rx);
	struct trial_result result;
	struct err why = ERR_INIT;

	run.read = read_run;
	run.ctx = &reading;
	*trial = (struct size_trial){ .ok = false };
	for (; run.replicate < study->ask.replicates && !trial->why[0];
	     run.replicate++) {
		if (trial_run(&run, TRIAL_SPEED_ONE, &result, &why) == 0)
			continue;
		if (why.kind != ERR_USAGE) {
			*err = why;
			return -1;
		}
		snprintf(trial->why, sizeof(trial->why), "cannot run: %.180s",
			 why.text);
	}
	trial->ok = !trial->why[0];
	return 0;
}

/* --- one resource --- */

/* A search of one resource on a configuration that it may change. */
struct hunt {
	const struct size *study;
	const struct size_row *row;
	struct config *cfg;
	size_t resource;
	struct size_tried *tried; /* SIZE_TRIED_MAX of them */
	size_t count;
};

static const struct size_trial *tried_at(const struct hunt *hunt,
					 uint64_t value)
{
	size_t i;

	for (i = 0; i < hunt->count; i++)
		if (hunt->tried[i].value == value)
			return &hunt->tried[i].trial;
	return NULL;
}

/* The trial at @step, made once; at an interrupt one that did not run. */
static int hunt_try(struct hunt *hunt, uint64_t step, struct size_trial *trial,
		    struct err *err)
{
	uint64_t value = value_of(hunt->cfg, hunt->resource, step);
	const struct size_trial *known = tried_at(hunt, value);

	if (known) {
		*trial = *known;
		return 0;
	}
	*trial = (struct size_trial){ .ok = false };
	if (cmd_interrupted)
		return 0;
	if (set_resource(hunt->cfg, hunt->resource, value, err) < 0 ||
	    try_config(hunt->study, hunt->row, hunt->cfg, trial, err) < 0)
		return -1;
	if (hunt->count < SIZE_TRIED_MAX)
		hunt->tried[hunt->count++] =
			(struct size_tried){ value, *trial };
	return 0;
}

/* Between @fails, -1 for below the tightest, and @meets. */
static int halve(struct hunt *hunt, int64_t fails, uint64_t *meets,
		 struct err *err)
{
	struct size_trial trial;

	while ((int64_t)*meets - fails > 1) {
		uint64_t middle =
			(uint64_t)(fails + ((int64_t)*meets - fails) / 2);

		if (hunt_try(hunt, middle, &trial, err) < 0)
			return -1;
		if (trial.ok)
			*meets = middle;
		else
			fails = (int64_t)middle;
	}
	return 0;
}

/* Lower values may do although one above them does not. */
static int look_below(struct hunt *hunt, uint64_t *meets, unsigned *neighbours,
		      struct err *err)
{
	struct size_trial trial;

	*neighbours = 0;
	while (*neighbours<SIZE_NEIGHBOURS && * meets> * neighbours) {
		uint64_t step = *meets - *neighbours - 1;

		if (hunt_try(hunt, step, &trial, err) < 0)
			return -1;
		if (trial.ok) {
			*meets = step;
			*neighbours = 0;
		} else {
			++*neighbours;
		}
	}
	return 0;
}

/* Looser from @step on, in doubling strides, until a trial meets the target. */
static int loosen(struct hunt *hunt, uint64_t *step, int64_t *fails,
		  bool *found, struct err *err)
{
	uint64_t steps, stride = 1;
	struct size_trial trial;

	tightest(hunt->cfg, hunt->resource, &steps);
	for (;;) {
		if (hunt_try(hunt, *step, &trial, err) < 0)
			return -1;
		*found = trial.ok;
		if (trial.ok || *step >= steps || cmd_interrupted)
			return 0;
		*fails = (int64_t)*step;
		*step += stride;
		stride *= 2;
		if (*step > steps)
			*step = steps;
	}
}

static uint64_t first_guess(const struct hunt *hunt)
{
	const struct size_row *row = hunt->row;
	size_t r = hunt->resource;

	if (size_resources[r].longest)
		return step_of(row->cfg, r,
			       config_u64(row->cfg, size_resources[r].key));
	return step_of(row->cfg, r, row->at_base.peak[r]);
}

static int hunt_alone(struct hunt *hunt, struct size_answer *answer,
		      struct err *err)
{
	uint64_t step = first_guess(hunt);
	struct size_trial trial;
	int64_t fails = -1;
	bool found = false;

	if (hunt_try(hunt, 0, &trial, err) < 0)
		return -1;
	if (trial.ok) {
		answer->state =
			trial.fingerprint == hunt->row->at_base.fingerprint
				? SIZE_UNUSED
				: SIZE_LOWEST;
		step = 0;
	} else {
		fails = 0;
		if (loosen(hunt, &step, &fails, &found, err) < 0)
			return -1;
		answer->state = found ? SIZE_FOUND : SIZE_NONE;
		if (found &&
		    (halve(hunt, fails, &step, err) < 0 ||
		     look_below(hunt, &step, &answer->neighbours, err) < 0))
			return -1;
	}
	answer->value = value_of(hunt->cfg, hunt->resource, step);
	if (hunt_try(hunt, step, &answer->at, err) < 0)
		return -1;
	if (answer->state == SIZE_FOUND) {
		answer->below_value =
			value_of(hunt->cfg, hunt->resource, step - 1);
		if (hunt_try(hunt, step - 1, &answer->below, err) < 0)
			return -1;
	}
	if (!hunt->row->at_base.peak[hunt->resource] &&
	    answer->at.fingerprint == hunt->row->at_base.fingerprint)
		answer->state = SIZE_UNUSED;
	if (cmd_interrupted)
		answer->state = SIZE_NOT_DONE;
	return 0;
}

static int by_tried_value(const void *a, const void *b)
{
	const struct size_tried *x = a, *y = b;

	return x->value < y->value ? -1 : x->value > y->value;
}

static int alone_piece(void *ctx, size_t index, struct err *err)
{
	struct size *study = ctx;
	struct size_row *row = &study->rows[index / SIZE_RESOURCES];
	struct hunt hunt = { .study = study,
			     .row = row,
			     .resource = index % SIZE_RESOURCES };
	struct size_answer *answer = &row->answers[hunt.resource];
	int rc;

	if (!row->met)
		return 0;
	hunt.cfg = config_copy(row->cfg, err);
	if (!hunt.cfg)
		return -1;
	hunt.tried = calloc(SIZE_TRIED_MAX, sizeof(*hunt.tried));
	rc = hunt.tried ? hunt_alone(&hunt, answer, err)
			: err_nomem(err, "trials");
	if (!rc)
		qsort(hunt.tried, hunt.count, sizeof(*hunt.tried),
		      by_tried_value);
	answer->tried = hunt.tried;
	answer->tried_count = hunt.count;
	config_free(hunt.cfg);
	return rc;
}

/* --- the base --- */

static int make_ample(struct config *cfg, enum size_base base, struct err *err)
{
	uint64_t tx = config_u64(cfg, "nic.tx_ring");
	uint64_t rx = config_u64(cfg, "nic.rx_ring");

	if (set_resource(cfg, TX_RING, tx > AMPLE_RING ? tx : AMPLE_RING, err) <
		    0 ||
	    set_resource(cfg, RX_RING, rx > AMPLE_RING ? rx : AMPLE_RING, err) <
		    0 ||
	    set_resource(cfg, REGISTERS, AMPLE_REGISTERS, err) < 0 ||
	    set_resource(cfg, RX_BUFFERS, 0, err) < 0 ||
	    set_resource(cfg, COPY_PAGES, 0, err) < 0)
		return -1;
	return base == SIZE_AMPLE ? 0 : set_resource(cfg, MODERATION, 0, err);
}

static int base_piece(void *ctx, size_t index, struct err *err)
{
	struct size *study = ctx;
	struct size_row *row = &study->rows[index];
	int base;

	if (question_check_row(&row->of, err) < 0)
		return -1;
	if (row->of.why[0])
		return 0;
	for (base = SIZE_PRESET; base <= SIZE_AMPLE_NO_MODERATION && !row->met;
	     base++) {
		if (cmd_interrupted)
			return 0;
		config_free(row->cfg);
		row->base = (enum size_base)base;
		row->cfg = config_copy(row->of.machine->cfg, err);
		if (!row->cfg ||
		    (base != SIZE_PRESET &&
		     make_ample(row->cfg, row->base, err) < 0) ||
		    try_config(study, row, row->cfg, &row->at_base, err) < 0)
			return -1;
		row->met = row->at_base.ok;
	}
	row->done = true;
	return 0;
}

/* --- all of them together --- */

/* A point: a step of every resource that is used. */
struct joint {
	const struct size *study;
	struct size_row *row;
	struct config *cfg;
	bool used[SIZE_RESOURCES];
	uint64_t alone[SIZE_RESOURCES], step[SIZE_RESOURCES];
};

static int set_point(struct joint *joint, struct err *err)
{
	size_t r;

	for (r = 0; r < SIZE_RESOURCES; r++)
		if (joint->used[r] &&
		    set_resource(joint->cfg, r,
				 value_of(joint->cfg, r, joint->step[r]),
				 err) < 0)
			return -1;
	return 0;
}

static int try_point(struct joint *joint, struct size_trial *trial,
		     struct err *err)
{
	if (set_point(joint, err) < 0)
		return -1;
	return try_config(joint->study, joint->row, joint->cfg, trial, err);
}

/* The @k-th looser step: an eighth of the value more, doubled each time. */
static uint64_t looser(const struct joint *joint, size_t r, unsigned k)
{
	uint64_t steps, alone = joint->alone[r];
	uint64_t more = (alone / 8 + 1) << k;

	tightest(joint->cfg, r, &steps);
	return alone + more < steps ? alone + more : steps;
}

static int loosen_all(struct joint *joint, struct size_trial *trial,
		      struct err *err)
{
	unsigned k;
	size_t r;

	for (k = 0; k < LOOSENINGS && !trial->ok && !cmd_interrupted; k++) {
		for (r = 0; r < SIZE_RESOURCES; r++)
			if (joint->used[r] && !size_resources[r].longest)
				joint->step[r] = looser(joint, r, k);
		if (try_point(joint, trial, err) < 0)
			return -1;
	}
	return 0;
}

/* One resource as tight as the others allow, and the trial a step tighter. */
static int tighten(struct joint *joint, size_t r, struct err *err)
{
	struct size_answer *answer = &joint->row->answers[r];
	struct hunt hunt = { .study = joint->study,
			     .row = joint->row,
			     .cfg = joint->cfg,
			     .resource = r };
	uint64_t alone = joint->alone[r];
	unsigned neighbours;
	int rc;

	if (set_point(joint, err) < 0)
		return -1;
	hunt.tried = calloc(SIZE_TRIED_MAX, sizeof(*hunt.tried));
	if (!hunt.tried)
		return err_nomem(err, "trials");
	rc = alone < joint->step[r]
		     ? halve(&hunt, (int64_t)alone - 1, &joint->step[r], err)
		     : 0;
	if (!rc)
		rc = look_below(&hunt, &joint->step[r], &neighbours, err);
	if (!rc && joint->step[r])
		rc = hunt_try(&hunt, joint->step[r] - 1, &answer->joint_below,
			      err);
	answer->joint = value_of(joint->cfg, r, joint->step[r]);
	answer->joint_state = joint->step[r] ? SIZE_FOUND : SIZE_LOWEST;
	free(hunt.tried);
	return rc;
}

static int descend(struct joint *joint, struct err *err)
{
	struct size_row *row = joint->row;
	struct size_trial trial;
	size_t r;

	if (try_point(joint, &trial, err) < 0)
		return -1;
	row->joint_alone = trial.ok;
	if (!trial.ok && loosen_all(joint, &trial, err) < 0)
		return -1;
	row->joint_met = trial.ok;
	for (r = 0; r < SIZE_RESOURCES && trial.ok; r++)
		if (joint->used[r] && tighten(joint, r, err) < 0)
			return -1;
	if (row->joint_met && try_point(joint, &row->at_joint, err) < 0)
		return -1;
	row->joint_done = !cmd_interrupted;
	return 0;
}

static int joint_piece(void *ctx, size_t index, struct err *err)
{
	struct size *study = ctx;
	struct size_row *row = &study->rows[index];
	struct joint joint = { .study = study, .row = row };
	size_t r;
	int rc;

	if (!row->met)
		return 0;
	for (r = 0; r < SIZE_RESOURCES; r++) {
		const struct size_answer *answer = &row->answers[r];

		if (answer->state == SIZE_NOT_DONE)
			return 0;
		joint.used[r] = answer->state == SIZE_FOUND ||
				answer->state == SIZE_LOWEST;
		joint.alone[r] = step_of(row->cfg, r, answer->value);
		joint.step[r] =
			size_resources[r].longest
				? step_of(row->cfg, r,
					  config_u64(row->cfg,
						     size_resources[r].key))
				: joint.alone[r];
	}
	joint.cfg = config_copy(row->cfg, err);
	if (!joint.cfg)
		return -1;
	rc = descend(&joint, err);
	config_free(joint.cfg);
	return rc;
}

/* --- the study --- */

int size_search(struct size *study, struct err *err)
{
	struct question *ask = &study->ask;
	size_t rows = ask->row_count;

	if (question_share(ask, "machines", rows, base_piece, study, err) < 0 ||
	    question_share(ask, "resources", rows * SIZE_RESOURCES, alone_piece,
			   study, err) < 0 ||
	    question_share(ask, "together", rows, joint_piece, study, err) < 0)
		return -1;
	ask->partial = cmd_interrupted;
	return 0;
}

void size_row_clear(struct size_row *row)
{
	size_t r;

	for (r = 0; r < SIZE_RESOURCES; r++)
		free(row->answers[r].tried);
	config_free(row->cfg);
}
