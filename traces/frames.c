/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures as frame records.  The first DIRECTION_SAMPLE records are held back
 * to decide direction, FCS, capture point and tick; from then on records pass
 * through in small batches, held only until a run of equal stamps is whole,
 * so that it can be spread over its tick.
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/decode.h"
#include "traces/direction.h"
#include "traces/flow_sample.h"
#include "traces/params.h"
#include "traces/select.h"
#include "traces/source.h"
#include "traces/stamps.h"
#include "traces/toeplitz.h"

#define PENDING_MAX   DIRECTION_SAMPLE
#define PENDING_BATCH 256u

#define ETHERNET_HEADER 14u
#define FCS_BYTES	4u
/* IEEE 802.3 4.4.2: shortest frame without FCS; 3.1.1: preamble, FCS, gap. */
#define FRAME_MIN     60u
#define WIRE_OVERHEAD 24u

struct pending {
	struct decoded d;
	uint64_t number, at_ns;
	sim_time at; /* spread */
};

struct frames {
	struct inner_source inner;
	struct selection *sel;
	struct direction *dir;
	struct flow_sample flows;
	uint64_t limit;
	uint32_t mtu;
	enum fcs_choice fcs;
	enum capture_point point;

	/* decided on the sample */
	bool sampled, untimed;
	uint64_t tick_ns, first_number;
	struct stamps stamps;
	struct byte_clock untimed_clock;
	uint64_t untimed_rate;
	int link; /* DLT_ of the first record */
	bool mixed_links;
	int other_link; /* of the first record of a type not ours */

	struct pending *pending;  /* PENDING_MAX */
	size_t first, ready, end; /* [first, ready) have at */
	bool ended;
	uint32_t part; /* next piece of pending[first] */

	sim_time last_at, origin;
	bool started; /* origin holds */
	uint64_t taken, other, supers, digest;
	uint64_t whole_frames, whole_bytes; /* before flows are sampled */
};

static void note_link(struct frames *f, int dlt)
{
	if (f->link < 0)
		f->link = dlt;
	else
		f->mixed_links = true;
}

static void push(struct frames *f, const struct picked *picked)
{
	struct pending *p = &f->pending[f->end];

	switch (decode_packet(picked->packet, &p->d)) {
	case DECODE_OK:
		break;
	case DECODE_CONTROL:
		anomaly_count(selection_book(f->sel), ANOMALY_WLAN_CONTROL,
			      picked->number);
		return;
	case DECODE_OTHER:
		anomaly_count(selection_book(f->sel), ANOMALY_OTHER_LINK,
			      picked->number);
		f->other_link = picked->packet->dlt;
		return;
	}
	p->number = picked->number;
	p->at_ns = picked->at_ns;
	f->end++;
	if (__builtin_expect(f->link != picked->packet->dlt, 0))
		note_link(f, picked->packet->dlt);
	if (!f->sampled)
		stamps_note(&f->stamps, picked->packet->stamp_ns);
}

/* One copy of it, into which push() goes. */
static __attribute__((noinline)) int fill(struct frames *f, size_t target,
					  struct err *err)
{
	struct picked picked;

	while (!f->ended && f->end < target) {
		int n = selection_next(f->sel, &picked, err);

		if (n < 0)
			return -1;
		f->ended = !n;
		if (n)
			push(f, &picked);
	}
	return 0;
}

/*
 * With FCS an unpadded frame has 4 bytes after its IP packet, without none;
 * no frame with FCS is shorter than 64 bytes.
 */
static void decide_fcs(struct frames *f)
{
	uint64_t yes = 0, no = 0;

	for (size_t i = 0; i < f->end; i++) {
		const struct decoded *d = &f->pending[i].d;

		if (!d->ethernet)
			continue;
		if (d->bytes < FRAME_MIN + FCS_BYTES)
			no++;
		else if (d->bytes > FRAME_MIN + FCS_BYTES)
			yes += d->trailer == FCS_BYTES, no += !d->trailer;
	}
	f->fcs = yes > 9 * no ? FCS_YES : FCS_NO;
}

static uint32_t bytes_of(const struct frames *f, const struct decoded *d)
{
	if (f->fcs == FCS_YES && d->ethernet && d->bytes > FCS_BYTES)
		return d->bytes - FCS_BYTES;
	return d->bytes;
}

static uint32_t wire_limit(const struct frames *f, const struct decoded *d)
{
	return f->mtu + ETHERNET_HEADER + d->tag_bytes;
}

static void decide_point(struct frames *f)
{
	f->point = POINT_WIRE;
	for (size_t i = 0; i < f->end; i++) {
		const struct decoded *d = &f->pending[i].d;
		uint32_t bytes = bytes_of(f, d);

		if (!d->ethernet || bytes < FRAME_MIN ||
		    bytes > wire_limit(f, d)) {
			f->point = POINT_HOST;
			return;
		}
	}
}

static int no_frame(const struct frames *f, struct err *err)
{
	struct trace_info info = { .status = "" };
	char name[DECODE_LINK_NAME_MAX];

	selection_report(f->sel, &info);
	if (f->other_link >= 0)
		return err_set(err, ERR_INPUT,
			       "'%s': no frame of a supported link type, only "
			       "%s",
			       info.path,
			       decode_link_name(f->other_link, name));
	if (info.status_detail[0])
		return err_set(err, ERR_INPUT, "'%s': no usable frame: %s: %s",
			       info.path, info.status, info.status_detail);
	if (selection_records(f->sel))
		return err_set(err, ERR_INPUT,
			       "'%s': none of the %llu frames read is left "
			       "after from, to, skip and filter",
			       info.path,
			       (unsigned long long)selection_records(f->sel));
	return err_set(err, ERR_INPUT, "'%s': the capture holds no frames",
		       info.path);
}

static void note_untimed(struct frames *f)
{
	if (f->untimed)
		anomaly_count(selection_book(f->sel), ANOMALY_NO_TIMES,
			      f->first_number);
}

static int sample(struct frames *f, struct err *err)
{
	if (fill(f, PENDING_MAX, err) < 0)
		return -1;
	if (!f->end)
		return no_frame(f, err);
	if (f->fcs == FCS_AUTO)
		decide_fcs(f);
	if (f->point == POINT_AUTO)
		decide_point(f);
	for (size_t i = 0; i < f->end; i++) {
		if (direction_sample(f->dir, &f->pending[i].d, err) < 0)
			return -1;
	}
	direction_decide(f->dir);
	f->tick_ns = stamps_tick(&f->stamps);
	f->untimed = !f->tick_ns && f->end > 1;
	f->first_number = f->pending[0].number;
	note_untimed(f);
	f->sampled = true;
	return 0;
}

/* Without times each frame follows the one before as if back to back. */
static void space_untimed(struct frames *f)
{
	for (size_t i = f->first; i < f->end; i++) {
		uint32_t bytes = bytes_of(f, &f->pending[i].d);

		if (bytes < FRAME_MIN)
			bytes = FRAME_MIN;
		f->pending[i].at = f->last_at;
		f->last_at += byte_clock_take(&f->untimed_clock,
					      bytes + WIRE_OVERHEAD);
	}
	f->ready = f->end;
}

/* Frames [from, to) of one stamp into [start, stop), in order. */
static void spread(struct frames *f, size_t from, size_t to, uint64_t start,
		   uint64_t stop)
{
	uint64_t n = to - from, width = stop > start ? stop - start : 0;

	f->pending[from].at = (sim_time)start;
	for (uint64_t i = 1; i < n; i++)
		f->pending[from + i].at = (sim_time)(start + width * i / n);
}

static size_t run_end(const struct frames *f, size_t from)
{
	uint64_t at_ns = f->pending[from].at_ns;

	while (from < f->end && f->pending[from].at_ns == at_ns)
		from++;
	return from;
}

/*
 * Where a run's tick ends; false: wait for the rest of it.  A run longer than
 * the buffer goes out in parts, each into half of what is left of the tick.
 */
static bool find_stop(const struct frames *f, size_t from, size_t to,
		      uint64_t start, uint64_t *stop)
{
	*stop = (f->pending[from].at_ns + f->tick_ns) * 1000;
	if (to < f->end) {
		uint64_t next = f->pending[to].at_ns * 1000;

		*stop = next < *stop ? next : *stop;
	} else if (!f->ended) {
		if (from > f->first || f->end < PENDING_MAX)
			return false;
		*stop = start < *stop ? start + (*stop - start) / 2 : 0;
	}
	return true;
}

/* Give a time to every run of equal stamps that is whole: most are of one. */
static void assign_times(struct frames *f)
{
	while (f->ready < f->end) {
		struct pending *p = &f->pending[f->ready];
		size_t from = f->ready, to = from + 1;
		uint64_t start = p->at_ns * 1000, stop;

		if (start < (uint64_t)f->last_at)
			start = (uint64_t)f->last_at;
		if (to < f->end && p[1].at_ns != p->at_ns) {
			p->at = (sim_time)start;
		} else {
			to = run_end(f, from);
			if (!find_stop(f, from, to, start, &stop))
				return;
			spread(f, from, to, start, stop);
		}
		f->last_at = f->pending[to - 1].at;
		f->ready = to;
	}
}

/* At least one record with a time, unless the end has come. */
static int refill(struct frames *f, struct err *err)
{
	while (f->first == f->ready) {
		size_t held = f->end - f->ready;
		size_t target = held + PENDING_BATCH;

		if (f->ended && !held)
			return 0;
		if (f->ready)
			memmove(f->pending, f->pending + f->ready,
				held * sizeof(*f->pending));
		f->first = f->ready = 0;
		f->end = held;
		if (fill(f, target < PENDING_MAX ? target : PENDING_MAX, err) <
		    0)
			return -1;
		if (f->untimed)
			space_untimed(f);
		else
			assign_times(f);
	}
	return 0;
}

/* False when the frame fits neither side. */
static bool make_frame(struct frames *f, const struct pending *p,
		       struct frame *out)
{
	unsigned direction = direction_of(f->dir, &p->d);

	if (direction == DIRECTION_OTHER)
		return false;
	if (!f->started) {
		f->started = true;
		f->origin = p->at;
	}
	out->at = p->at - f->origin;
	out->number = p->number;
	out->bytes = bytes_of(f, &p->d);
	out->flow = p->d.flow;
	out->rss = f->inner.base.no_rss
			   ? 0
			   : toeplitz_of(&p->d, direction == FRAME_TX);
	out->header_bytes = p->d.header_bytes;
	if (out->header_bytes > out->bytes)
		out->header_bytes = (uint16_t)out->bytes;
	out->direction = (uint8_t)direction;
	out->flags = p->d.flags;
	out->part = 0;
	out->layout = 0;
	if (out->bytes > wire_limit(f, &p->d))
		out->flags |= FRAME_SUPER;
	return true;
}

/* Whether its conversation is; each is asked once. */
static bool is_kept(struct frames *f, const struct pending *p)
{
	if (__builtin_expect(!f->flows.of, 1))
		return true;
	if (!f->part) {
		f->whole_frames++;
		f->whole_bytes += bytes_of(f, &p->d);
	}
	return flow_sample_keeps(&f->flows, p->d.flow);
}

/* The frame, or the next piece of it; true when nothing more comes of it. */
static bool emit(struct frames *f, const struct pending *p, struct frame *out)
{
	struct frame whole;

	if (__builtin_expect(!(out->flags & FRAME_SUPER), 1))
		return true;
	f->supers += !f->part;
	if (out->direction == FRAME_TX)
		return true;
	whole = *out;
	if (super_piece(&whole, wire_limit(f, &p->d), f->part, out)) {
		f->part++;
		return false;
	}
	f->part = 0;
	return true;
}

static int none_local(const struct frames *f, struct err *err)
{
	struct trace_info info = { .status = "" };

	selection_report(f->sel, &info);
	direction_report(f->dir, &info);
	return err_set(err, ERR_INPUT,
		       "'%.300s': none of %llu frames is sent or received by "
		       "the NIC (%.300s); set traffic.local",
		       info.path, (unsigned long long)f->other,
		       info.direction_evidence);
}

static long frames_read(struct frame_source *source, struct frame *out,
			size_t max, struct err *err)
{
	struct frames *f = (struct frames *)source;
	size_t n = 0;

	while (n < max) {
		const struct pending *p;

		if (f->first == f->ready && refill(f, err) < 0)
			return -1;
		if (f->first == f->ready || (f->limit && f->taken == f->limit))
			break;
		p = &f->pending[f->first];
		if (!is_kept(f, p)) {
			f->first++;
			continue;
		}
		if (!make_frame(f, p, &out[n])) {
			f->other++;
		} else {
			bool last = emit(f, p, &out[n]);

			f->digest = digest_frame(f->digest, &out[n++]);
			if (!last)
				continue;
		}
		f->taken++;
		f->first++;
	}
	if (!n && !f->started && f->whole_frames && !f->taken)
		return err_set(err, ERR_INPUT,
			       "traffic.sample_flows keeps no conversation of "
			       "%llu frames: take a larger share or another "
			       "seed",
			       (unsigned long long)f->whole_frames);
	if (!n && !f->started)
		return none_local(f, err);
	return (long)n;
}

static int frames_rewind(struct frame_source *source, struct err *err)
{
	struct frames *f = (struct frames *)source;

	if (selection_rewind(f->sel, err) < 0)
		return -1;
	note_untimed(f);
	f->first = f->ready = f->end = 0;
	f->ended = f->started = false;
	f->part = 0;
	f->last_at = 0;
	f->taken = f->other = f->supers = f->digest = 0;
	f->whole_frames = f->whole_bytes = 0;
	byte_clock_init(&f->untimed_clock, f->untimed_rate);
	return 0;
}

static void frames_free(struct frame_source *source)
{
	struct frames *f = (struct frames *)source;

	selection_free(f->sel);
	direction_free(f->dir);
	free(f->pending);
	free(f);
}

static void frames_report(struct inner_source *inner, struct trace_info *info)
{
	struct frames *f = (struct frames *)inner;
	const char *what = pcap_datalink_val_to_description(f->link);

	selection_report(f->sel, info);
	anomaly_report(selection_book(f->sel), info);
	direction_report(f->dir, info);
	snprintf(info->link_type, sizeof(info->link_type), "%s",
		 f->mixed_links ? "mixed"
		 : what		? what
				: "unknown");
	info->capture_point = f->point == POINT_HOST ? "host" : "wire";
	info->resolution_ps = (sim_time)f->tick_ns * PS_PER_NS;
	info->digest = f->digest;
	info->other_frames = f->other;
	info->super_frames = f->supers;
	info->flows_share = f->flows.share;
	info->flows_of = f->flows.of;
	info->whole_frames = f->whole_frames;
	info->whole_bytes = f->whole_bytes;
}

static int frames_save_direction(struct inner_source *inner, FILE *out,
				 struct err *err)
{
	return direction_save(((struct frames *)inner)->dir, out, err);
}

static const struct frame_source_ops frames_ops = {
	.name = "capture",
	.read = frames_read,
	.rewind = frames_rewind,
	.free = frames_free,
};

static int frames_init(struct frames *f, const char *const *paths, size_t count,
		       const struct config *cfg, struct err *err)
{
	f->limit = config_u64(cfg, "traffic.limit");
	f->mtu = (uint32_t)config_u64(cfg, "traffic.mtu");
	f->fcs = (enum fcs_choice)config_choice(cfg, "traffic.fcs");
	f->point =
		(enum capture_point)config_choice(cfg, "traffic.capture_point");
	f->untimed_rate = config_u64(cfg, "traffic.untimed_rate");
	byte_clock_init(&f->untimed_clock, f->untimed_rate);
	if (flow_sample_parse(&f->flows,
			      config_string(cfg, "traffic.sample_flows"),
			      err) < 0)
		return -1;
	f->pending = malloc(PENDING_MAX * sizeof(*f->pending));
	if (!f->pending)
		return err_nomem(err, "the sample of frames");
	f->dir = direction_new(cfg, err);
	if (!f->dir)
		return -1;
	f->sel = selection_open(paths, count, cfg, err);
	if (!f->sel)
		return -1;
	f->inner.seekable = selection_seekable(f->sel);
	return sample(f, err);
}

struct inner_source *frames_open(const char *const *paths, size_t count,
				 const struct config *cfg, struct err *err)
{
	struct frames *f = calloc(1, sizeof(*f));

	if (!f) {
		err_nomem(err, "a capture source");
		return NULL;
	}
	f->inner.base.ops = &frames_ops;
	f->inner.report = frames_report;
	f->inner.save_direction = frames_save_direction;
	f->link = f->other_link = -1;
	if (frames_init(f, paths, count, cfg, err) < 0) {
		frames_free(&f->inner.base);
		return NULL;
	}
	return &f->inner;
}
