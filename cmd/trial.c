/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIAL_BATCH 1024

uint64_t trial_lap_ps(const struct trial *trial)
{
	uint64_t span = (uint64_t)(trial->frames[trial->count - 1].at -
				   trial->frames[0].at);

	return span + (trial->count > 1 ? span / (trial->count - 1) : 0);
}

size_t trial_bounded(const struct frame *frames, size_t count, size_t limit)
{
	size_t work = 0, i;

	for (i = 0; i < count && work < limit; i++)
		work += 1 + frames[i].bytes / 1515;
	return i;
}

static void feed(const struct trial *trial, uint64_t speed,
		 struct machine *machine, struct frame *batch)
{
	uint64_t lap_length = trial_lap_ps(trial);
	uint64_t numbers = trial->frames[trial->count - 1].number;
	sim_time first = trial->frames[0].at;
	size_t used = 0, i;
	unsigned lap;

	for (i = 0; i < trial->count; i++)
		if (trial->frames[i].number > numbers)
			numbers = trial->frames[i].number;
	for (lap = 0; lap < trial->laps; lap++) {
		for (i = 0; i < trial->count; i++) {
			struct frame *frame = &batch[used++];

			*frame = trial->frames[i];
			frame->at = (sim_time)mul_div_u64(
				lap * lap_length +
					(uint64_t)(frame->at - first),
				TRIAL_SPEED_ONE, speed);
			frame->number += lap * numbers;
			if (used == TRIAL_BATCH) {
				machine_feed(machine, batch, used);
				used = 0;
			}
		}
	}
	if (used)
		machine_feed(machine, batch, used);
}

const void *trial_metric(const struct run_result *run, const char *name,
			 enum metric_kind kind)
{
	const struct metric *row;

	for (row = run->metrics; row->name; row++)
		if (!strcmp(row->name, name) && row->kind == kind)
			return metric_value(row, run->stats);
	BUG("no metric '%s' of this kind", name);
}

static uint64_t counter(const struct run_result *run, const char *name)
{
	return *(const uint64_t *)trial_metric(run, name, METRIC_COUNTER);
}

/* Largest value of a distribution, 0 when it is empty. */
static uint64_t largest(const struct run_result *run, const char *name)
{
	const struct hist *hist = trial_metric(run, name, METRIC_HIST);

	return hist->count ? hist->max : 0;
}

static uint64_t latency_max(const struct run_result *run)
{
	uint64_t tx = largest(run, "tx.latency_complete_ps");
	uint64_t rx =
		largest(run, "rx.latency_ps") + largest(run, "rx.wire_wait_ps");

	return tx > rx ? tx : rx;
}

static bool is_wire(const struct result_resource *res)
{
	return !strncmp(res->name, "wire ", 5);
}

static void read_loads(const struct run_result *run, struct trial_result *out)
{
	size_t i;

	for (i = 0; i < run->resource_count && out->duration_ps; i++) {
		const struct result_resource *res = &run->resources[i];
		uint64_t ppb;

		if (!res->capacity)
			continue;
		ppb = mul_div_u64(res->busy_ps, UINT64_C(1000000000),
				  out->duration_ps) /
		      res->capacity;
		if (is_wire(res) && ppb > out->wire_ppb)
			out->wire_ppb = ppb;
		if (ppb <= out->utilisation_ppb && out->busiest[0])
			continue;
		out->utilisation_ppb = ppb;
		snprintf(out->busiest, sizeof(out->busiest), "%s", res->name);
	}
}

/* The ring had no buffer at some time. */
static bool ran_out_of_buffers(const struct run_result *run)
{
	const struct gauge *ring =
		trial_metric(run, "rx.ring_free", METRIC_GAUGE);

	return ring->by_time.count && !ring->by_time.min;
}

static void read_losses(const struct run_result *run, struct trial_result *out)
{
	uint64_t queue = counter(run, "tx.dropped_queue_frames");
	uint64_t fifo = counter(run, "rx.dropped_fifo_frames");
	uint64_t wire = counter(run, "rx.dropped_wire_frames");
	const char *name = run->resources[run->bottleneck].name;

	out->dropped = queue + fifo + wire;
	if (wire)
		name = "wire rx";
	else if (queue && queue >= fifo)
		name = "tx queue";
	else if (fifo)
		name = ran_out_of_buffers(run) ? "rx buffers" : "rx fifo";
	snprintf(out->ran_dry, sizeof(out->ran_dry), "%s", name);
}

static void read_out(const struct run_result *run, struct trial_result *out)
{
	memset(out, 0, sizeof(*out));
	out->duration_ps = counter(run, "run.duration_ps");
	out->end_ps = counter(run, "run.end_ps");
	out->latency_max_ps = latency_max(run);
	out->driver_cycles = *(const struct ratio *)trial_metric(
		run, "cpu.driver_cycles_per_frame", METRIC_RATIO);
	out->deadlock = run->deadlock[0] != '\0';
	read_losses(run, out);
	read_loads(run, out);
}

int trial_run(const struct trial *trial, uint64_t speed,
	      struct trial_result *result, struct err *err)
{
	const struct machine_options options = { .tx = trial->tx,
						 .rx = trial->rx,
						 .seed = trial->seed,
						 .replicate = trial->replicate,
						 .layouts = trial->layouts,
						 .wire_capture =
							 trial->wire_capture,
						 .no_series = true };
	struct machine *machine;
	struct frame *batch;

	BUG_ON(!trial->count || !trial->laps || !speed);
	machine = machine_new(trial->cfg, &options, err);
	if (!machine)
		return -1;
	batch = calloc(TRIAL_BATCH, sizeof(*batch));
	if (!batch) {
		machine_free(machine);
		return err_nomem(err, "trial");
	}
	feed(trial, speed, machine, batch);
	machine_finish(machine);
	read_out(machine_result(machine), result);
	if (trial->read)
		trial->read(trial->ctx, machine_result(machine));
	free(batch);
	machine_free(machine);
	return 0;
}

int trial_check_pair(const struct config *cfg, const struct tx_ops *tx,
		     const struct rx_ops *rx, char *why, size_t size,
		     struct err *err)
{
	const struct machine_options options = { .tx = tx,
						 .rx = rx,
						 .no_series = true };
	struct err reason = ERR_INIT;
	struct machine *machine = machine_new(cfg, &options, &reason);

	if (!machine && reason.kind != ERR_USAGE) {
		*err = reason;
		return -1;
	}
	snprintf(why, size, "%s", machine ? "" : reason.text);
	machine_free(machine);
	return 0;
}
