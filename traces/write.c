/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/write.h"

#include <pcap/pcap.h>
#include <stdlib.h>

#include "traces/decode.h"
#include "traces/flow_sample.h"
#include "traces/gen.h"
#include "traces/scale.h"
#include "traces/select.h"
#include "traces/source.h"
#include "traces/trace.h"

#define WHOLE_SNAPLEN 262144
#define GEN_BATCH     256
#define NS_PER_SEC    UINT64_C(1000000000)
/* Longest frame a generator makes. */
#define GEN_BYTES_MAX 65549u

struct writer {
	FILE *out;
	const struct write_options *options;
	pcap_t *dead;
	pcap_dumper_t *dumper; /* stands for out, which is not ours to close */
	int dlt;
};

static int writer_open(struct writer *w, int dlt, struct err *err)
{
	uint32_t snaplen =
		w->options->snaplen ? w->options->snaplen : WHOLE_SNAPLEN;

	w->dlt = dlt;
	w->dead = pcap_open_dead_with_tstamp_precision(
		dlt, (int)(snaplen < WHOLE_SNAPLEN ? snaplen : WHOLE_SNAPLEN),
		w->options->microseconds ? PCAP_TSTAMP_PRECISION_MICRO
					 : PCAP_TSTAMP_PRECISION_NANO);
	if (!w->dead)
		return err_nomem(err, "a pcap writer");
	w->dumper = pcap_dump_fopen(w->dead, w->out);
	if (!w->dumper)
		return err_set(err, ERR_IO, "cannot write a pcap header: %s",
			       pcap_geterr(w->dead));
	return 0;
}

static void writer_close(struct writer *w)
{
	if (w->dead)
		pcap_close(w->dead);
}

static void write_packet(struct writer *w, uint64_t stamp_ns, uint32_t captured,
			 uint32_t original, const uint8_t *data)
{
	uint32_t snaplen = w->options->snaplen;
	struct pcap_pkthdr header = {
		.ts = { (time_t)(uint32_t)(stamp_ns / NS_PER_SEC),
			(suseconds_t)(stamp_ns % NS_PER_SEC) },
		.caplen = captured < original ? captured : original,
		.len = original,
	};

	if (w->options->microseconds)
		header.ts.tv_usec /= 1000;
	if (snaplen && header.caplen > snaplen)
		header.caplen = snaplen;
	pcap_dump((u_char *)w->dumper, &header, data);
}

static int refuse_loop(const struct config *cfg, struct err *err)
{
	if (config_u64(cfg, "traffic.loop") == 1)
		return 0;
	return err_set(err, ERR_USAGE,
		       "traffic.loop: a capture is written once; loop when "
		       "it is replayed");
}

/* --- convert --- */

/* The next record whose conversation is kept; 1, 0 at the end, -1. */
static int next_kept(struct selection *sel, const struct flow_sample *flows,
		     struct picked *picked, struct err *err)
{
	struct decoded decoded;
	int n;

	do {
		n = selection_next(sel, picked, err);
	} while (n > 0 && flows->of &&
		 decode_packet(picked->packet, &decoded) == DECODE_OK &&
		 !flow_sample_keeps(flows, decoded.flow));
	return n;
}

static int too_long(struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "the copy takes more than %d days; raise traffic.speed "
		       "or traffic.rate",
		       SIM_DAYS_MAX);
}

static int too_late(uint64_t number, struct err *err)
{
	return err_set(err, ERR_INPUT,
		       "record %llu: the copy comes to a time after 2106, for "
		       "which pcap has no stamp",
		       (unsigned long long)number);
}

static int measure(struct selection *sel, const struct flow_sample *flows,
		   uint64_t limit, struct pass *pass, struct err *err)
{
	struct picked picked;
	uint64_t first = 0;
	int n = 1;

	while ((!limit || pass->records < limit) &&
	       (n = next_kept(sel, flows, &picked, err)) > 0) {
		if (!pass->records++)
			first = picked.at_ns;
		pass->bytes += picked.packet->original;
		pass->last_at = (sim_time)(picked.at_ns - first) * PS_PER_NS;
	}
	pass->frames = pass->records;
	return n < 0 ? -1 : selection_rewind(sel, err);
}

/* A copy must be one that can be read. */
static int check_link(struct writer *w, const struct picked *picked,
		      struct err *err)
{
	char first[DECODE_LINK_NAME_MAX], this[DECODE_LINK_NAME_MAX];

	if (!decode_supports(picked->packet->dlt))
		return err_set(err, ERR_INPUT,
			       "record %llu: link type %s is not supported",
			       (unsigned long long)picked->number,
			       decode_link_name(picked->packet->dlt, this));
	if (!w->dumper)
		return writer_open(w, picked->packet->dlt, err);
	if (w->dlt == picked->packet->dlt)
		return 0;
	return err_set(err, ERR_INPUT,
		       "record %llu is of link type %s, those before of %s: a "
		       "pcap file holds one type",
		       (unsigned long long)picked->number,
		       decode_link_name(picked->packet->dlt, this),
		       decode_link_name(w->dlt, first));
}

static int copy_records(struct writer *w, struct selection *sel,
			const struct flow_sample *flows, uint64_t limit,
			const struct time_scale *scale, struct trace_info *info,
			struct err *err)
{
	struct picked picked;
	uint64_t first_ns = 0, stamp_ns;
	int n = 1;

	while ((!limit || info->frames < limit) &&
	       (n = next_kept(sel, flows, &picked, err)) > 0) {
		uint64_t at_ps;

		if (check_link(w, &picked, err) < 0)
			return -1;
		if (!info->frames++)
			first_ns = picked.at_ns;
		at_ps = (picked.at_ns - first_ns) * (uint64_t)PS_PER_NS;
		if (at_ps > scale->at_max)
			return too_long(err);
		at_ps = time_scale_apply(scale, at_ps);
		stamp_ns = selection_epoch_ns(sel) + first_ns +
			   at_ps / (uint64_t)PS_PER_NS;
		if (stamp_ns / NS_PER_SEC > UINT32_MAX)
			return too_late(picked.number, err);
		write_packet(w, stamp_ns, picked.packet->captured,
			     picked.packet->original, picked.packet->data);
		info->bytes += picked.packet->original;
		info->duration_ps = (sim_time)at_ps;
		if (ferror(w->out))
			return 0;
	}
	return n;
}

static int convert(struct writer *w, struct selection *sel,
		   const struct config *cfg, struct trace_info *info,
		   struct err *err)
{
	uint64_t limit = config_u64(cfg, "traffic.limit");
	struct flow_sample flows;
	struct time_scale scale;
	struct pass pass = { 0 };
	int n;

	if (flow_sample_parse(&flows,
			      config_string(cfg, "traffic.sample_flows"),
			      err) < 0)
		return -1;
	if (time_scale_is_rate(cfg) &&
	    measure(sel, &flows, limit, &pass, err) < 0)
		return -1;
	if (time_scale_set(&scale, cfg, &pass, err) < 0)
		return -1;
	n = copy_records(w, sel, &flows, limit, &scale, info, err);
	selection_report(sel, info);
	anomaly_report(selection_book(sel), info);
	if (n < 0)
		return -1;
	if (!info->frames)
		return err_set(err, ERR_INPUT,
			       "'%.300s': no frame is left to write%s%s",
			       info->path, *info->status_detail ? ": " : "",
			       info->status_detail);
	snprintf(info->link_type, sizeof(info->link_type), "%s",
		 pcap_datalink_val_to_description(w->dlt));
	return 0;
}

int trace_convert(const char *const *paths, size_t count,
		  const struct config *cfg, const struct write_options *options,
		  FILE *out, struct trace_info *info, struct err *err)
{
	struct writer w = { .out = out, .options = options };
	struct selection *sel;
	int n;

	*info = (struct trace_info){ .status = "complete" };
	if (refuse_loop(cfg, err) < 0)
		return -1;
	sel = selection_open(paths, count, cfg, err);
	if (!sel)
		return -1;
	n = convert(&w, sel, cfg, info, err);
	writer_close(&w);
	selection_free(sel);
	return n;
}

/* --- generate --- */

static int generate(struct writer *w, const struct gen_spec *spec,
		    struct frame_source *source, uint8_t *packet,
		    struct err *err)
{
	struct frame batch[GEN_BATCH];
	long n;

	while ((n = frame_source_read(source, batch, GEN_BATCH, err)) > 0) {
		for (long i = 0; i < n; i++) {
			const struct frame *f = &batch[i];

			gen_headers(spec, gen_flow_of(spec, f->number),
				    (enum frame_direction)f->direction,
				    f->bytes, packet);
			write_packet(w, (uint64_t)(f->at / PS_PER_NS), f->bytes,
				     f->bytes, packet);
		}
		if (ferror(w->out))
			return 0;
	}
	return n < 0 ? -1 : 0;
}

static int generate_from(const char *text, const struct config *cfg,
			 struct writer *w, struct trace_info *info,
			 struct err *err)
{
	struct frame_source *source;
	struct gen_spec spec;
	uint8_t *packet;
	int n = -1;

	if (gen_parse(&spec, text, err) < 0 || refuse_loop(cfg, err) < 0 ||
	    writer_open(w, DLT_EN10MB, err) < 0)
		return -1;
	source = trace_open(&text, 1, cfg, err);
	if (!source)
		return -1;
	packet = calloc(1, GEN_BYTES_MAX);
	if (packet)
		n = generate(w, &spec, source, packet, err);
	else
		err_nomem(err, "a packet");
	*info = *trace_source_info(source);
	free(packet);
	frame_source_free(source);
	return n;
}

int trace_generate(const char *text, const struct config *cfg,
		   const struct write_options *options, FILE *out,
		   struct trace_info *info, struct err *err)
{
	struct writer w = { .out = out, .options = options };
	int n;

	*info = (struct trace_info){ .status = "complete" };
	if (!gen_is_spec(text))
		return err_set(err, ERR_USAGE,
			       "'%.200s' is no generator, such as "
			       "gen:poisson,rate=1Mpps,size=60",
			       text);
	n = generate_from(text, cfg, &w, info, err);
	writer_close(&w);
	return n;
}
