/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim trace layout: what a machine makes up of MDLs, send calls and holds,
 * as a sidecar to begin one's own with.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/sandbox.h"
#include "cmd/study.h"
#include "cmd/trace.h"
#include "core/layout.h"
#include "core/memfile.h"
#include "traces/trace.h"

struct line {
	uint64_t number;
	uint32_t part;
	size_t order; /* of handling */
	char *text;
};

/* Calls are handled after frames that came in meanwhile: sorted at the end. */
struct lines {
	struct line *items;
	size_t count, room;
	bool failed; /* without memory */
};

static void put_list(FILE *out, const struct frame_layout *layout, bool offsets)
{
	unsigned i;

	for (i = 0; i < layout->mdl_count; i++)
		fprintf(out, "%s%u", i ? "+" : "",
			offsets ? layout->mdl_offset[i] : layout->mdl_bytes[i]);
}

static void put_sent(FILE *out, const struct frame_layout *layout)
{
	put_list(out, layout, false);
	fputc(',', out);
	put_list(out, layout, true);
	fputc(',', out);
	if (layout->skip)
		fprintf(out, "%u", layout->skip);
	fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", layout->buffer,
		layout->batch, layout->nbl);
}

static void put_hold(FILE *out, sim_time hold)
{
	fprintf(out, ",,,,,,%" PRId64, hold / PS_PER_NS);
	if (hold % PS_PER_NS)
		fprintf(out, ".%03d", (int)(hold % PS_PER_NS));
}

static char *line_text(const struct frame *frame,
		       const struct frame_layout *layout)
{
	char *text = NULL;
	size_t size;
	FILE *out = memfile_open(&text, &size);

	if (!out)
		return NULL;
	if (layout->known & LAYOUT_HOLD) {
		fprintf(out, "%" PRIu64 ",%u,", frame->number, frame->part);
		put_hold(out, layout->hold_ps);
	} else {
		fprintf(out, "%" PRIu64 ",,", frame->number);
		put_sent(out, layout);
	}
	memfile_close(out, &text);
	return text;
}

static void add_line(void *ctx, const struct frame *frame,
		     const struct frame_layout *layout)
{
	struct lines *lines = ctx;

	if (lines->count == lines->room && !lines->failed) {
		size_t room = lines->room ? 2 * lines->room : 4096;
		struct line *items =
			reallocarray(lines->items, room, sizeof(*items));

		lines->failed = !items;
		if (items) {
			lines->items = items;
			lines->room = room;
		}
	}
	if (lines->failed)
		return;
	lines->items[lines->count] =
		(struct line){ frame->number, frame->part, lines->count,
			       line_text(frame, layout) };
	lines->failed = !lines->items[lines->count++].text;
}

static int by_number(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static void clear_lines(struct lines *lines)
{
	size_t i;

	for (i = 0; i < lines->count; i++)
		free(lines->items[i].text);
	free(lines->items);
}

static int write_lines(struct lines *lines, FILE *out, struct err *err)
{
	size_t i;

	if (lines->failed)
		return err_nomem(err, "lines of a layout");
	if (lines->count)
		qsort(lines->items, lines->count, sizeof(*lines->items),
		      by_number);
	fputs("number,part,mdls,offsets,skip,buffer,batch,nbl,hold_ns\n", out);
	for (i = 0; i < lines->count; i++)
		fprintf(out, "%s\n", lines->items[i].text);
	return 0;
}

static int feed(struct frame_source *source, struct machine *machine,
		struct err *err)
{
	struct frame *batch = calloc(STUDY_BATCH, sizeof(*batch));
	long n;

	if (!batch)
		return err_nomem(err, "frames");
	while ((n = frame_source_read(source, batch, STUDY_BATCH, err)) > 0) {
		if (cmd_interrupted)
			n = err_set(err, ERR_INTERRUPTED, "interrupted");
		if (n < 0)
			break;
		machine_feed(machine, batch, (size_t)n);
	}
	free(batch);
	if (n < 0)
		return -1;
	machine_finish(machine);
	return 0;
}

/* The layout is the same for all strategies: those that do least. */
static int lay_out(const struct options *options, const struct config *cfg,
		   struct lines *lines, struct err *err)
{
	const char *const *paths = (const char *const *)options->args.items;
	struct frame_source *source =
		trace_open(paths, options->args.count, cfg, err);
	struct machine_options how = {
		.tx = tx_ops_find("null"),
		.rx = rx_ops_find("null"),
		.seed = options->seed,
		.laid_out = add_line,
		.laid_out_ctx = lines,
		.no_series = true,
	};
	struct machine *machine;
	int rc = -1;

	if (!source)
		return -1;
	how.layouts = source->layouts;
	how.wire_capture = source->wire_capture;
	machine = machine_new(cfg, &how, err);
	if (machine)
		rc = feed(source, machine, err);
	machine_free(machine);
	frame_source_free(source);
	return rc;
}

static int trace_layout(const struct options *options, struct err *err)
{
	static const char *const machine[] = { "xge-64bit", NULL };
	struct options_machines machines = { .list = NULL };
	struct lines lines = { .items = NULL };
	struct outfile out;
	int rc = -1;

	if (options_check_output(options, err) < 0 ||
	    options_machines(options, machine, &machines, err) < 0)
		return -1;
	if (machines.count != 1) {
		err_set(err, ERR_USAGE, "trace layout takes one machine");
	} else {
		sandbox_enter(
			&(struct sandbox){ .writes = { options->output } });
		rc = lay_out(options, machines.list[0].cfg, &lines, err);
	}
	if (rc == 0)
		rc = options_open(options, &out, err);
	if (rc == 0) {
		rc = write_lines(&lines, out.fp, err);
		if (rc < 0)
			outfile_abort(&out);
		else
			rc = outfile_commit(&out, err);
	}
	clear_lines(&lines);
	options_machines_clear(&machines);
	return rc;
}

int cmd_trace_layout(int argc, char **argv, struct err *err)
{
	static const struct options_spec spec = {
		.name = "trace layout",
		.args = "CAPTURE...",
		.doc = "Write what a machine makes up of MDLs, page offsets, "
		       "buffers, send calls and holds, as a layout sidecar "
		       "(dmasim-layout(5)): a start for one with what was "
		       "measured.",
		.example = "dmasim trace layout --limit 1000 office.pcap.xz "
			   "-o office.layout.csv\n"
			   "dmasim run --layout office.layout.csv "
			   "office.pcap.xz",
		.groups = OPTIONS_MACHINE | OPTIONS_TRAFFIC | OPTIONS_STUDY |
			  OPTIONS_OUTPUT,
		.args_min = 1,
		.args_max = SIZE_MAX,
	};
	struct options options;
	int result = options_parse(&options, &spec, argc, argv, err);

	if (result != 0)
		return result < 0 ? -1 : 0;
	result = trace_layout(&options, err);
	options_clear(&options);
	return result;
}
