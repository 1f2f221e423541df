/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/capture.h"
#include "traces/filter.h"
#include "traces/scale.h"

struct head {
	struct capture *capture;
	struct packet packet;
	bool ended;
};

struct timeline {
	uint64_t huge_ns, reorder_ns;
	uint64_t last_raw; /* latest stamp of this stretch */
	uint64_t at_ns;
	uint64_t count;
};

struct selection {
	struct head *heads;
	size_t count;
	char **paths;
	struct filter *filter; /* NULL: all */
	uint64_t from_ns, to_ns, skip;
	bool begun;
	struct head *last; /* handed over; read on before the next */
	uint64_t records, skipped, epoch_ns;
	struct timeline timeline;
	struct anomaly_book book;
};

static int open_heads(struct selection *sel, struct err *err)
{
	for (size_t i = 0; i < sel->count; i++) {
		sel->heads[i].capture = capture_open(sel->paths[i], err);
		if (!sel->heads[i].capture)
			return -1;
	}
	return 0;
}

static int copy_paths(struct selection *sel, const char *const *paths,
		      size_t count, struct err *err)
{
	unsigned stdins = 0;

	sel->heads = calloc(count, sizeof(*sel->heads));
	sel->paths = calloc(count, sizeof(*sel->paths));
	if (!sel->heads || !sel->paths)
		return err_nomem(err, "captures");
	sel->count = count;
	for (size_t i = 0; i < count; i++) {
		sel->paths[i] = strdup(paths[i]);
		if (!sel->paths[i])
			return err_nomem(err, "captures");
		stdins += !strcmp(paths[i], "-");
	}
	if (stdins > 1)
		return err_set(err, ERR_USAGE,
			       "standard input '-' given %u times", stdins);
	return 0;
}

static uint64_t up_to_ns(uint64_t ps)
{
	return ps / 1000 + (ps % 1000 != 0);
}

static int read_config(struct selection *sel, const struct config *cfg,
		       struct err *err)
{
	const char *filter = config_string(cfg, "traffic.filter");

	sel->from_ns = up_to_ns(config_u64(cfg, "traffic.from"));
	sel->to_ns = up_to_ns(config_u64(cfg, "traffic.to"));
	if (sel->to_ns && sel->to_ns <= sel->from_ns)
		return err_set(err, ERR_USAGE,
			       "traffic.to is not after traffic.from");
	sel->skip = config_u64(cfg, "traffic.skip");
	sel->timeline.huge_ns = config_u64(cfg, "traffic.huge_gap") / 1000;
	sel->timeline.reorder_ns = config_u64(cfg, "traffic.reorder") / 1000;
	if (*filter) {
		sel->filter = filter_new(filter, err);
		if (!sel->filter)
			return -1;
	}
	return 0;
}

struct selection *selection_open(const char *const *paths, size_t count,
				 const struct config *cfg, struct err *err)
{
	struct selection *sel = calloc(1, sizeof(*sel));

	if (!sel) {
		err_nomem(err, "captures");
		return NULL;
	}
	if (copy_paths(sel, paths, count, err) < 0 ||
	    read_config(sel, cfg, err) < 0 || open_heads(sel, err) < 0) {
		selection_free(sel);
		return NULL;
	}
	return sel;
}

static void close_heads(struct selection *sel)
{
	for (size_t i = 0; i < sel->count; i++) {
		capture_close(sel->heads[i].capture);
		sel->heads[i].capture = NULL;
		sel->heads[i].ended = false;
	}
}

void selection_free(struct selection *sel)
{
	if (!sel)
		return;
	if (sel->heads)
		close_heads(sel);
	for (size_t i = 0; i < sel->count; i++)
		free(sel->paths[i]);
	free(sel->paths);
	free(sel->heads);
	filter_free(sel->filter);
	free(sel);
}

bool selection_seekable(const struct selection *sel)
{
	for (size_t i = 0; i < sel->count; i++) {
		if (!capture_seekable(sel->heads[i].capture))
			return false;
	}
	return true;
}

int selection_rewind(struct selection *sel, struct err *err)
{
	for (size_t i = 0; i < sel->count; i++) {
		if (!capture_seekable(sel->heads[i].capture))
			return err_set(err, ERR_USAGE,
				       "'%s' cannot be read twice: save it to "
				       "a file first",
				       sel->paths[i]);
	}
	close_heads(sel);
	sel->begun = false;
	sel->last = NULL;
	sel->records = 0;
	sel->skipped = 0;
	sel->timeline.count = 0;
	memset(&sel->book, 0, sizeof(sel->book));
	return open_heads(sel, err);
}

/* Earliest stamp first; differences are right modulo 2^64. */
static struct head *earliest(struct selection *sel)
{
	struct head *best = NULL;

	for (size_t i = 0; i < sel->count; i++) {
		struct head *head = &sel->heads[i];

		if (head->ended)
			continue;
		if (!best || (int64_t)(head->packet.stamp_ns -
				       best->packet.stamp_ns) < 0)
			best = head;
	}
	return best;
}

/* Each capture's first record. */
static void begin(struct selection *sel)
{
	sel->begun = true;
	for (size_t i = 0; i < sel->count; i++)
		sel->heads[i].ended = !capture_next(sel->heads[i].capture,
						    &sel->heads[i].packet);
}

static struct head *next_head(struct selection *sel)
{
	struct head *last = sel->last;

	if (last && !capture_next(last->capture, &last->packet))
		last->ended = true;
	else if (last && sel->count == 1)
		return last;
	else if (!sel->begun)
		begin(sel);
	sel->last = earliest(sel);
	return sel->last;
}

static void close_jump(struct selection *sel, enum anomaly_kind kind,
		       uint64_t raw)
{
	struct timeline *t = &sel->timeline;

	anomaly_count(&sel->book, kind, sel->records);
	if (t->count > 1)
		t->at_ns += t->at_ns / (t->count - 1);
	t->last_raw = raw;
}

static void advance_time(struct selection *sel, uint64_t raw)
{
	struct timeline *t = &sel->timeline;
	uint64_t forward = raw - t->last_raw;

	if (!t->count) {
		sel->epoch_ns = raw;
		t->at_ns = 0;
		t->last_raw = raw;
	} else if ((int64_t)forward >= 0) {
		if (t->huge_ns && forward > t->huge_ns) {
			close_jump(sel, ANOMALY_JUMP_FORWARD, raw);
		} else {
			t->at_ns += forward;
			t->last_raw = raw;
		}
	} else if (0 - forward > t->reorder_ns) {
		close_jump(sel, ANOMALY_JUMP_BACK, raw);
	} else {
		anomaly_count(&sel->book, ANOMALY_TIME_BACK, sel->records);
	}
	t->count++;
}

/* Count what is wrong with a record; true when it is no frame at all. */
static bool is_unusable(struct selection *sel, const struct packet *packet)
{
	if (packet->fraction_bad)
		anomaly_count(&sel->book, ANOMALY_FRACTION_RANGE, sel->records);
	if (packet->captured > packet->original)
		anomaly_count(&sel->book, ANOMALY_CAPTURED_OVER_ORIGINAL,
			      sel->records);
	if (packet->original - 1 < FRAME_BYTES_MAX)
		return false;
	anomaly_count(&sel->book,
		      packet->original ? ANOMALY_ABSURD_LENGTH
				       : ANOMALY_ZERO_LENGTH,
		      sel->records);
	return true;
}

static int too_long(const struct selection *sel, struct err *err)
{
	return err_set(err, ERR_INPUT,
		       "'%s': record %llu is more than %d days after the "
		       "first; cut with traffic.to or lower traffic.huge_gap",
		       sel->paths[0], (unsigned long long)sel->records,
		       SIM_DAYS_MAX);
}

/* 0; an error when a capture ended because it could not be read on. */
static int end_of(const struct selection *sel, struct err *err)
{
	for (size_t i = 0; i < sel->count; i++)
		if (capture_check(sel->heads[i].capture, err) < 0)
			return -1;
	return 0;
}

int selection_next(struct selection *sel, struct picked *picked,
		   struct err *err)
{
	const uint64_t at_max = (uint64_t)(SIM_TIME_MAX / PS_PER_NS);
	struct head *head;

	while ((head = next_head(sel)) != NULL) {
		const struct packet *packet = &head->packet;
		int match = 1;

		sel->records++;
		advance_time(sel, packet->stamp_ns);
		if (is_unusable(sel, packet))
			continue;
		if (sel->timeline.at_ns > at_max)
			return too_long(sel, err);
		if (sel->timeline.at_ns < sel->from_ns)
			continue;
		if (sel->to_ns && sel->timeline.at_ns >= sel->to_ns)
			return end_of(sel, err);
		if (sel->skipped < sel->skip) {
			sel->skipped++;
			continue;
		}
		if (sel->filter)
			match = filter_match(sel->filter, packet, err);
		if (match < 0)
			return -1;
		if (!match)
			continue;
		picked->packet = packet;
		picked->number = sel->records;
		picked->at_ns = sel->timeline.at_ns;
		return 1;
	}
	return end_of(sel, err);
}

uint64_t selection_records(const struct selection *sel)
{
	return sel->records;
}

struct anomaly_book *selection_book(struct selection *sel)
{
	return &sel->book;
}

uint64_t selection_epoch_ns(const struct selection *sel)
{
	return sel->epoch_ns;
}

/* The first capture that did not end well speaks for all. */
static void report_status(const struct selection *sel, struct trace_info *info)
{
	const char *detail = "";
	size_t bad;

	info->status = "complete";
	for (bad = 0; bad < sel->count; bad++) {
		info->status = capture_status(sel->heads[bad].capture, &detail);
		if (strcmp(info->status, "complete") != 0)
			break;
	}
	if (*detail && sel->count > 1)
		snprintf(info->status_detail, sizeof(info->status_detail),
			 "'%.80s' %.170s", sel->paths[bad], detail);
	else
		snprintf(info->status_detail, sizeof(info->status_detail), "%s",
			 detail);
}

void selection_report(const struct selection *sel, struct trace_info *info)
{
	size_t used = 0;

	for (size_t i = 0; i < sel->count && used < sizeof(info->path); i++)
		used += (size_t)snprintf(info->path + used,
					 sizeof(info->path) - used, "%s%s",
					 i ? "," : "", sel->paths[i]);
	report_status(sel, info);
}
