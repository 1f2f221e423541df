/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any machine: a preset, strategies and parameters chosen by the input, up to
 * 200 frames from it or from the capture that follows, and books that balance.
 *
 *	byte 0 preset   1 transmit   2 receive   3 enum how   4 seed
 *	bytes 5 to 28	six parameters: number of the row (2), its value (2)
 *	the rest	a capture, or frames of 6 bytes each
 *
 * Writing and reading a result takes as long as hundreds of frames, so only one
 * byte 3 in eight asks for it.
 *
 * A value lies between a sixteenth and 16 times what the preset has, 0 is the
 * least and 65535 the greatest permitted.
 */
#include <string.h>

#include "core/version.h"
#include "models/inject.h"
#include "models/machine.h"
#include "reports/document.h"
#include "reports/json_out.h"
#include "reports/load.h"
#include "reports/run_text.h"
#include "tests/fuzz/frames.h"
#include "traces/trace.h"

#define FRAMES_MAX 200
#define SETTINGS   6

enum how {
	HOW_WIRE = 1,	    /* a wire capture */
	HOW_NAIVE = 2,	    /* the reference kernel agrees */
	HOW_PIECES = 4,	    /* fed in other pieces it is the same */
	HOW_DOCUMENT = 0x38 /* all of them: the result is written, read back */
};

struct setup {
	struct config *cfg;
	struct machine_options options;
	unsigned how;
	struct frame frames[FRAMES_MAX];
	size_t count;
};

/* --- what the input chooses --- */

static uint64_t between(uint64_t least, uint64_t most, uint32_t share)
{
	uint64_t low = least, high = most;

	/* Halve the interval by ratio, a bit of the share at a time. */
	for (uint32_t bit = 0x8000; bit && low < high; bit >>= 1) {
		uint64_t middle = low + (high - low) / 2;

		while (middle > low + 1 && middle / 2 > low)
			middle /= 2;
		if (share & bit)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void set_quantity(struct config *cfg, const struct param *row,
			 uint32_t choice)
{
	uint64_t now = config_u64(cfg, row->key), least, most, value;
	char text[UNITS_TEXT_MAX];
	struct err err = ERR_INIT;

	least = now / 16 > row->min ? now / 16 : row->min;
	most = now < row->max / 16 ? 16 * now + 16 : row->max;
	if (most > row->max)
		most = row->max;
	value = choice == 0	   ? row->min
		: choice == 0xffff ? row->max
				   : between(least, most, choice);
	units_format(row->qty, value, text, sizeof(text));
	FUZZ_CHECK(config_set(cfg, row->key, text, "fuzz", &err) == 0, "%s",
		   err.text);
}

static void set_text(struct config *cfg, const char *key, const char *text)
{
	struct err err = ERR_INIT;

	FUZZ_CHECK(config_set(cfg, key, text, "fuzz", &err) == 0, "%s",
		   err.text);
}

static void set_inject(struct config *cfg, uint32_t choice)
{
	const char *help, *kind;
	char text[128];
	size_t count = 0;

	while (inject_kind(count, &help))
		count++;
	kind = inject_kind(choice % count, &help);
	snprintf(text, sizeof(text), choice & 0x8000 ? "%s@%uus" : "%s", kind,
		 choice >> 8 & 0x7f);
	set_text(cfg, "run.inject", text);
}

static void set_row(struct config *cfg, const struct param *row,
		    uint32_t choice)
{
	size_t count = 0;

	switch (row->type) {
	case PARAM_QUANTITY:
		set_quantity(cfg, row, choice);
		break;
	case PARAM_BOOL:
		set_text(cfg, row->key, choice & 1 ? "yes" : "no");
		break;
	case PARAM_CHOICE:
		while (row->choices[count].name)
			count++;
		set_text(cfg, row->key, row->choices[choice % count].name);
		break;
	case PARAM_STRING:
		if (!strcmp(row->key, "run.inject"))
			set_inject(cfg, choice);
		break;
	}
}

/* Rows of traces/ are left alone: fuzz_capture has them. */
static void set_one(struct config *cfg, uint32_t number, uint32_t choice)
{
	size_t count = 0, first = 0;

	while (config_row(cfg, count)) {
		if (!first &&
		    config_row(cfg, count)->key == machine_params[0].key)
			first = count;
		count++;
	}
	if (number)
		set_row(cfg, config_row(cfg, first + number % (count - first)),
			choice);
}

static void take_choices(struct setup *setup, struct fuzz_bytes *in)
{
	size_t presets = 0, txs = 0, rxs = 0;
	struct err err = ERR_INIT;

	while (preset_registry[presets])
		presets++;
	while (tx_registry[txs])
		txs++;
	while (rx_registry[rxs])
		rxs++;
	FUZZ_CHECK(config_apply(setup->cfg,
				preset_registry[fuzz_take(in, 1) % presets],
				&err) == 0,
		   "%s", err.text);
	setup->options.tx = tx_registry[fuzz_take(in, 1) % txs];
	setup->options.rx = rx_registry[fuzz_take(in, 1) % rxs];
	setup->how = fuzz_take(in, 1);
	setup->options.seed = fuzz_take(in, 1);
	setup->options.wire_capture = setup->how & HOW_WIRE;
	for (int i = 0; i < SETTINGS; i++) {
		uint32_t number = fuzz_take(in, 2);

		set_one(setup->cfg, number, fuzz_take(in, 2));
	}
}

/* --- frames --- */

/* Gap in ns times a power of 4, length, flow, side and flags. */
static void take_frames(struct setup *setup, struct fuzz_bytes *in)
{
	uint32_t mtu = (uint32_t)config_u64(setup->cfg, "traffic.mtu") + 14;
	sim_time at = 0;

	while (in->size && setup->count < FRAMES_MAX) {
		uint32_t gap = fuzz_take(in, 2), bytes = fuzz_take(in, 2);
		uint32_t flow = fuzz_take(in, 1), kind = fuzz_take(in, 1);
		struct frame *f = &setup->frames[setup->count++];

		if (setup->count > 1)
			at += (sim_time)(gap & 0xfff) * PS_PER_NS
			      << 2 * (gap >> 12 & 7);
		*f = (struct frame){
			.at = at,
			.number = setup->count,
			.bytes = bytes ? bytes : 1,
			.flow = flow * 0x9e3779b1u,
			.rss = flow * 0x85ebca6bu,
			.direction = kind & 1,
			.flags = kind >> 1 &
				 (FRAME_TCP | FRAME_ACK_ONLY | FRAME_MULTICAST),
		};
		if (f->direction == FRAME_RX && f->bytes > mtu)
			f->bytes = 1 + f->bytes % mtu;
		if (f->bytes > mtu)
			f->flags |= FRAME_SUPER;
		f->header_bytes = (uint16_t)(f->bytes < 54 ? f->bytes : 54);
	}
}

static bool take_capture(struct setup *setup, const struct fuzz_bytes *in)
{
	struct fuzz_file file = fuzz_file_new(in->data, in->size);
	struct err err = ERR_INIT;
	const char *path = file.path;
	struct frame_source *source = trace_open(&path, 1, setup->cfg, &err);
	long n = 1;

	while (source && setup->count < FRAMES_MAX && n > 0) {
		n = frame_source_read(source, setup->frames + setup->count,
				      FRAMES_MAX - setup->count, &err);
		if (n > 0)
			setup->count += (size_t)n;
	}
	frame_source_free(source);
	fuzz_file_free(&file);
	return setup->count > 0;
}

/* --- runs --- */

/* All but what tells the user that nothing came after run.warmup. */
static void check_books(const struct run_result *result)
{
	for (size_t i = 0; i < result->check_count; i++)
		FUZZ_CHECK(result->checks[i].ok ||
				   !strcmp(result->checks[i].name, "warm-up"),
			   "%s with %s, %s: %s", result->tx, result->rx,
			   result->checks[i].name, result->checks[i].detail);
}

/* NULL: the machine cannot be built. */
static struct machine *run_machine(const struct setup *setup, bool naive,
				   size_t piece)
{
	struct machine_options options = setup->options;
	struct err err = ERR_INIT;
	struct machine *machine;
	size_t at = 0;

	options.naive = naive;
	machine = machine_new(setup->cfg, &options, &err);
	if (!machine) {
		fuzz_refused(&err);
		return NULL;
	}
	while (at < setup->count) {
		size_t n = setup->count - at;

		n = n < piece ? n : piece;
		machine_feed(machine, setup->frames + at, n);
		at += n;
	}
	machine_finish(machine);
	check_books(machine_result(machine));
	return machine;
}

static void check_same(const struct setup *setup,
		       const struct run_result *result, bool naive,
		       size_t piece)
{
	struct machine *again = run_machine(setup, naive, piece);

	FUZZ_CHECK(again, "built once only");
	FUZZ_CHECK(machine_result(again)->fingerprint == result->fingerprint,
		   "%s, pieces of %zu", naive ? "naive" : "fast", piece);
	machine_free(again);
}

static struct document *make_document(const struct setup *setup,
				      const struct run_result *result)
{
	struct trace_info info = { .path = "fuzz",
				   .status = "complete",
				   .capture_point = "host" };
	struct err err = ERR_INIT;
	struct document *doc = document_new(DMASIM_VERSION, NULL, &err);
	int trace;

	FUZZ_CHECK(doc && document_set_config(doc, setup->cfg, &err) == 0, "%s",
		   err.text);
	trace = document_add_trace(doc, &info, &err);
	FUZZ_CHECK(trace == 0, "%s", err.text);
	FUZZ_CHECK(document_add_run(doc, result, "fuzz", trace, setup->cfg,
				    &err) == 0,
		   "%s", err.text);
	FUZZ_CHECK(document_finish(doc, &err) == 0, "%s", err.text);
	return doc;
}

static char *json_of(const struct document *doc, size_t *size)
{
	struct err err = ERR_INIT;
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	FUZZ_CHECK(json_write(doc, out, &err) == 0, "%s", err.text);
	fclose(out);
	return text;
}

static void check_document(const struct setup *setup,
			   const struct run_result *result)
{
	struct document *doc = make_document(setup, result), *back;
	struct err err = ERR_INIT;
	size_t size, size_back;
	char *text = json_of(doc, &size), *text_back, *people = NULL;
	struct fuzz_file file = fuzz_file_new(text, size);
	FILE *out = open_memstream(&people, &size_back);

	FUZZ_CHECK(run_text_write(doc, out, &err) == 0, "%s", err.text);
	fclose(out);
	back = document_load(file.path, &err);
	FUZZ_CHECK(back, "%s", err.text);
	text_back = json_of(back, &size_back);
	FUZZ_CHECK(size == size_back && !memcmp(text, text_back, size),
		   "written twice");
	document_free(back);
	document_free(doc);
	fuzz_file_free(&file);
	free(people);
	free(text_back);
	free(text);
}

static void run(const uint8_t *data, size_t size)
{
	struct setup setup = { .cfg = fuzz_config() };
	struct fuzz_bytes in = { data, size };
	struct machine *machine;

	take_choices(&setup, &in);
	if (!take_capture(&setup, &in))
		take_frames(&setup, &in);
	machine = run_machine(&setup, false, FRAMES_MAX);
	if (machine) {
		if (setup.how & HOW_NAIVE)
			check_same(&setup, machine_result(machine), true,
				   FRAMES_MAX);
		if (setup.how & HOW_PIECES)
			check_same(&setup, machine_result(machine), false, 3);
		if ((setup.how & HOW_DOCUMENT) == HOW_DOCUMENT)
			check_document(&setup, machine_result(machine));
	}
	machine_free(machine);
	config_free(setup.cfg);
}

const struct fuzz_target fuzz_machine = { .name = "machine", .run = run };
