/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/gen.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>

#include "traces/decode.h"
#include "traces/params.h"
#include "traces/scale.h"
#include "traces/source.h"
#include "traces/toeplitz.h"

/* Keys the draws of generators apart from those of models. */
#define GEN_COMPONENT 0x67656e00u

#define ETHERNET_HEADER 14u
#define IPV4_HEADER	20u
#define UDP_HEADER	8u
#define TCP_HEADER	20u
#define IP_TOTAL_MAX	65535u

struct gen_flow {
	uint32_t hash, rss; /* of a frame record */
};

struct gen {
	struct inner_source inner;
	char path[512];
	struct gen_spec spec;
	struct rng_stream stream;
	struct gen_flow *flows;
	uint16_t header_bytes; /* of a whole frame */
	uint32_t wire_limit;
	uint64_t from_ps, to_ps, skip, limit;

	uint64_t next;	   /* index of the next frame, from 0 */
	uint64_t stage_at; /* index at which the current rate began */
	sim_time stage_ps; /* time then, without the pauses */
	sim_time clock_ps; /* time of the next frame, without the pauses */
	unsigned stage;
	struct byte_clock bits; /* of a bit rate */
	struct frame current;	/* the frame being cut */
	uint32_t part;
	bool cutting, started;
	sim_time origin;
	uint64_t skipped, taken, supers, digest;
};

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

/* RFC 1071 */
static uint32_t checksum(const uint8_t *p, unsigned len)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < len; i += 2)
		sum += load_be16(p + i);
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	return ~sum & 0xffff;
}

static void put_ipv4(const struct gen_spec *spec, uint32_t src, uint32_t dst,
		     uint32_t bytes, uint8_t *p)
{
	p[0] = 0x45;
	/* What does not fit is a segmentation offload's zero. */
	put16(p + 2, bytes <= IP_TOTAL_MAX ? bytes : 0);
	p[6] = 0x40; /* don't fragment */
	p[8] = 64;
	p[9] = spec->tcp ? 6 : 17;
	put32(p + 12, src);
	put32(p + 16, dst);
	put16(p + 10, checksum(p, IPV4_HEADER));
}

uint32_t gen_headers(const struct gen_spec *spec, uint32_t flow,
		     enum frame_direction direction, uint32_t bytes,
		     uint8_t out[GEN_HEADER_MAX])
{
	const uint32_t local = 0x0a000001, peer = 0x0a010000 + flow;
	uint8_t *src = out + 6, *dst = out;
	uint8_t *local_mac = direction == FRAME_TX ? src : dst;
	uint8_t *peer_mac = direction == FRAME_TX ? dst : src;
	uint32_t local_port = 1024 + flow % 60000, peer_port = 443;
	uint8_t *l4 = out + ETHERNET_HEADER + IPV4_HEADER;
	bool tx = direction == FRAME_TX;

	__builtin_memset(out, 0, GEN_HEADER_MAX);
	local_mac[0] = peer_mac[0] = 2;
	local_mac[5] = 1;
	peer_mac[1] = 1;
	put32(peer_mac + 2, flow);
	put16(out + 12, 0x0800);
	put_ipv4(spec, tx ? local : peer, tx ? peer : local,
		 bytes - ETHERNET_HEADER, out + ETHERNET_HEADER);
	put16(l4, tx ? local_port : peer_port);
	put16(l4 + 2, tx ? peer_port : local_port);
	if (!spec->tcp) {
		uint32_t length = bytes - ETHERNET_HEADER - IPV4_HEADER;

		put16(l4 + 4, length <= IP_TOTAL_MAX ? length : 0);
		return ETHERNET_HEADER + IPV4_HEADER + UDP_HEADER;
	}
	l4[12] = 5 << 4;
	l4[13] = 0x10; /* ACK */
	put16(l4 + 14, 0xffff);
	return ETHERNET_HEADER + IPV4_HEADER + TCP_HEADER;
}

static uint64_t draw(const struct gen_spec *spec, uint64_t index)
{
	struct rng_stream stream;

	rng_stream_init(&stream, spec->seed, GEN_COMPONENT, 0);
	return rng_draw(&stream, index);
}

/* The draws of a frame follow each other: flow, direction, size, gap. */
uint32_t gen_flow_of(const struct gen_spec *spec, uint64_t number)
{
	return (uint32_t)rng_below(draw(spec, number - 1), spec->flows);
}

static uint32_t draw_size(const struct gen_spec *spec, uint64_t r)
{
	uint64_t at = rng_below(r, spec->weights);
	unsigned i = 0;

	while (at >= spec->sizes[i].weight)
		at -= spec->sizes[i++].weight;
	return spec->sizes[i].bytes;
}

static uint64_t mean_bits(const struct gen_spec *spec)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < spec->size_count; i++)
		sum += 8 * spec->sizes[i].bytes * spec->sizes[i].weight;
	return sum / spec->weights;
}

static void enter_stage(struct gen *g)
{
	uint64_t rate = g->spec.rates[g->stage].value;

	g->stage_at = g->next;
	g->stage_ps = g->clock_ps;
	if (!g->spec.rates[g->stage].is_pps)
		byte_clock_init(&g->bits, rate);
}

/* Move the clock on from the frame at g->next, of @bytes bytes. */
static void advance_clock(struct gen *g, uint32_t bytes, uint64_t r)
{
	const struct gen_spec *spec = &g->spec;
	uint64_t rate = spec->rates[g->stage].value;
	bool pps = spec->rates[g->stage].is_pps;

	g->next++;
	if (spec->kind == GEN_POISSON)
		g->clock_ps += (sim_time)rng_exponential(
			r, mul_div_u64(pps ? 1 : mean_bits(spec),
				       (uint64_t)PS_PER_SEC, rate));
	else if (pps)
		g->clock_ps = g->stage_ps +
			      (sim_time)mul_div_u64(g->next - g->stage_at,
						    (uint64_t)PS_PER_SEC, rate);
	else
		g->clock_ps += byte_clock_take(&g->bits, bytes);
	while (g->stage + 1 < spec->rate_count &&
	       g->next >= spec->frames / spec->rate_count * (g->stage + 1)) {
		g->stage++;
		enter_stage(g);
	}
}

/* SIM_TIME_NEVER: too long. */
static sim_time with_pauses(const struct gen_spec *spec, sim_time clock)
{
	sim_time pauses;

	if (spec->kind != GEN_ONOFF)
		return clock;
	if (__builtin_mul_overflow(clock / (sim_time)spec->on_ps,
				   (sim_time)spec->off_ps, &pauses) ||
	    pauses > SIM_TIME_MAX)
		return SIM_TIME_NEVER;
	return clock + pauses;
}

static void make_frame(struct gen *g, struct frame *out)
{
	const struct gen_spec *spec = &g->spec;
	uint64_t r = rng_draw(&g->stream, g->next);
	uint32_t flow = (uint32_t)rng_below(r, spec->flows);
	uint64_t for_direction = rng_again(r);
	uint64_t for_size = rng_again(for_direction);

	out->at = with_pauses(spec, g->clock_ps);
	out->number = g->next + 1;
	out->bytes = draw_size(spec, for_size);
	out->flow = g->flows[flow].hash;
	out->rss = g->flows[flow].rss;
	out->header_bytes = g->header_bytes;
	out->direction =
		rng_chance(for_direction, spec->tx_ppm) ? FRAME_TX : FRAME_RX;
	out->flags = spec->tcp ? FRAME_TCP : 0;
	if (spec->tcp && out->bytes <= g->header_bytes)
		out->flags |= FRAME_ACK_ONLY;
	if (out->bytes > g->wire_limit)
		out->flags |= FRAME_SUPER;
	out->part = 0;
	out->layout = 0;
	advance_clock(g, out->bytes, rng_again(for_size));
}

/* The next frame that passes from, to, skip and limit; 0 at the end. */
static int next_frame(struct gen *g, struct err *err)
{
	while (g->next < g->spec.frames) {
		struct frame *f = &g->current;

		if (g->limit && g->taken == g->limit)
			return 0;
		make_frame(g, f);
		if (g->clock_ps > SIM_TIME_MAX || f->at > SIM_TIME_MAX)
			return err_set(err, ERR_USAGE,
				       "'%.200s' takes more than %d days; give "
				       "fewer frames or a higher rate",
				       g->path, SIM_DAYS_MAX);
		if (g->to_ps && (uint64_t)f->at >= g->to_ps)
			return 0;
		if ((uint64_t)f->at < g->from_ps)
			continue;
		if (g->skipped++ < g->skip)
			continue;
		if (!g->started)
			g->origin = f->at;
		g->started = true;
		f->at -= g->origin;
		g->taken++;
		g->supers += (f->flags & FRAME_SUPER) != 0;
		return 1;
	}
	return 0;
}

static long gen_read(struct frame_source *source, struct frame *out, size_t max,
		     struct err *err)
{
	struct gen *g = (struct gen *)source;
	size_t n = 0;

	while (n < max) {
		if (!g->cutting) {
			int more = next_frame(g, err);

			if (more < 0)
				return -1;
			if (!more)
				break;
			g->part = 0;
		}
		out[n] = g->current;
		if (out[n].flags & FRAME_SUPER && out[n].direction == FRAME_RX)
			g->cutting = super_piece(&g->current, g->wire_limit,
						 g->part++, &out[n]);
		g->digest = digest_frame(g->digest, &out[n++]);
	}
	if (!n && !g->started)
		return err_set(err, ERR_INPUT,
			       "'%.200s': no frame is left after from, to and "
			       "skip",
			       g->path);
	return (long)n;
}

static int gen_rewind(struct frame_source *source, struct err *err)
{
	struct gen *g = (struct gen *)source;

	(void)err;
	g->next = g->skipped = g->taken = g->supers = g->digest = 0;
	g->clock_ps = 0;
	g->stage = 0;
	g->cutting = g->started = false;
	enter_stage(g);
	return 0;
}

static void gen_free(struct frame_source *source)
{
	struct gen *g = (struct gen *)source;

	free(g->flows);
	free(g);
}

static void gen_report(struct inner_source *inner, struct trace_info *info)
{
	struct gen *g = (struct gen *)inner;

	snprintf(info->path, sizeof(info->path), "%s", g->path);
	snprintf(info->link_type, sizeof(info->link_type), "generated");
	snprintf(info->direction_rule, sizeof(info->direction_rule), "drawn");
	snprintf(info->direction_evidence, sizeof(info->direction_evidence),
		 "%u.%04u %% of the frames are sent",
		 (unsigned)(g->spec.tx_ppm / 10000),
		 (unsigned)(g->spec.tx_ppm % 10000));
	info->status = "complete";
	info->capture_point = "host";
	info->resolution_ps = 1;
	info->digest = g->digest;
	info->super_frames = g->supers;
}

static int gen_save_direction(struct inner_source *inner, FILE *out,
			      struct err *err)
{
	(void)inner;
	(void)out;
	return err_set(err, ERR_INPUT,
		       "the direction of generated frames is drawn, not by "
		       "address: there is nothing to save");
}

static const struct frame_source_ops gen_ops = {
	.name = "gen",
	.read = gen_read,
	.rewind = gen_rewind,
	.free = gen_free,
};

/* Flows and headers come from decoding what would be in a capture. */
static int make_flows(struct gen *g, struct err *err)
{
	const uint32_t bytes = 60;
	uint8_t headers[GEN_HEADER_MAX];
	struct packet packet = { .dlt = DLT_EN10MB, .data = headers };
	struct decoded decoded = { .flow = 0 };

	g->flows = calloc(g->spec.flows, sizeof(*g->flows));
	if (!g->flows)
		return err_nomem(err, "flows");
	for (uint32_t i = 0; i < g->spec.flows; i++) {
		packet.captured =
			gen_headers(&g->spec, i, FRAME_TX, bytes, headers);
		packet.original = bytes;
		decode_packet(&packet, &decoded);
		g->flows[i] = (struct gen_flow){ decoded.flow,
						 toeplitz_of(&decoded, true) };
	}
	g->header_bytes = decoded.header_bytes;
	return 0;
}

/* What tells a capture's records apart means nothing here. */
static int refuse_selection(const char *text, const struct config *cfg,
			    struct err *err)
{
	if (*config_string(cfg, "traffic.filter"))
		return err_set(err, ERR_USAGE,
			       "traffic.filter: '%.200s' has no packet bytes "
			       "to filter",
			       text);
	if (*config_string(cfg, "traffic.sample_flows"))
		return err_set(err, ERR_USAGE,
			       "traffic.sample_flows: '%.200s' says by flows=N "
			       "how many conversations there are",
			       text);
	if (*config_string(cfg, "traffic.local") ||
	    *config_string(cfg, "traffic.direction_file") ||
	    config_choice(cfg, "traffic.direction") != DIRECTION_AUTO)
		return err_set(err, ERR_USAGE,
			       "traffic.local and traffic.direction: '%.200s' "
			       "says by tx=SHARE what is sent",
			       text);
	return 0;
}

static int gen_init(struct gen *g, const char *text, const struct config *cfg,
		    struct err *err)
{
	if (refuse_selection(text, cfg, err) < 0)
		return -1;
	if (gen_parse(&g->spec, text, err) < 0)
		return -1;
	snprintf(g->path, sizeof(g->path), "%s", text);
	g->from_ps = config_u64(cfg, "traffic.from");
	g->to_ps = config_u64(cfg, "traffic.to");
	g->skip = config_u64(cfg, "traffic.skip");
	g->limit = config_u64(cfg, "traffic.limit");
	g->wire_limit =
		(uint32_t)config_u64(cfg, "traffic.mtu") + ETHERNET_HEADER;
	rng_stream_init(&g->stream, g->spec.seed, GEN_COMPONENT, 0);
	enter_stage(g);
	return make_flows(g, err);
}

struct inner_source *gen_open(const char *text, const struct config *cfg,
			      struct err *err)
{
	struct gen *g = calloc(1, sizeof(*g));

	if (!g) {
		err_nomem(err, "a generator");
		return NULL;
	}
	g->inner.base.ops = &gen_ops;
	g->inner.report = gen_report;
	g->inner.save_direction = gen_save_direction;
	g->inner.seekable = true;
	if (gen_init(g, text, cfg, err) < 0) {
		gen_free(&g->inner.base);
		return NULL;
	}
	return &g->inner;
}
