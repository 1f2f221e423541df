/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What observers are told is what the result says, to the picosecond; and
 * nobody who watches changes anything.
 */
#include <jansson.h>
#include <limits.h>
#include <math.h>

#include "models/machine.h"
#include "reports/frames_csv.h"
#include "reports/timeline.h"
#include "reports/way.h"
#include "tests/unit/machine_fixture.h"
#include "traces/params.h"

#define FRAMES 400

static const struct pair {
	const char *machine, *tx, *rx, *set;
} pairs[] = {
	{ "xge-64bit", "ndis6-hybrid", "common-copy", "" },
	{ "gbe-32bit", "ndis6-sg", "sg", "hal.pool=40 hal.pool_cap=40" },
	{ "gbe-32bit", "ndis5-sg", "ndis5-mapreg", "" },
	{ "xge-strict", "ndis6-sg", "copybreak", "host.cores=3 nic.queues=2" },
	{ "xge-64bit", "null", "null", "" },
	{ "gbe-32bit", "ndis6-copy", "common-copy",
	  "tx.queue_limit=8 traffic.tx_times=asap nic.rx_fifo=4KiB" },
};
#define PAIRS (sizeof(pairs) / sizeof(pairs[0]))

static struct frame *traffic(void)
{
	return fix_traffic(&(struct fix_traffic){ .count = FRAMES,
						  .seed = 7,
						  .tx_ppm = 600000,
						  .gap = 4 * PS_PER_US,
						  .poisson = true,
						  .min = 60,
						  .max = 1514,
						  .flows = 9 });
}

static struct machine *run(const struct pair *pair, struct observer *observers)
{
	struct config *cfg = fix_config(pair->machine, pair->set);
	struct frame *frames = traffic();
	struct machine *m = fix_run_with(
		cfg, (struct machine_options){ .observers = observers },
		pair->tx, pair->rx, frames, FRAMES);

	free(frames);
	config_free(cfg);
	return m;
}

/* --- an observer that adds up --- */

struct sums {
	struct observer base;
	uint64_t begun, ended, verdicts[VERDICTS];
	uint64_t ran[CORES_MAX], served[SERVERS], cycles[ROUTINES];
	sim_time last_ran[CORES_MAX], last_served[SERVERS];
	int64_t registers;
};

static void check_frame(const struct observed *frame)
{
	sim_time sum = 0;
	unsigned i;

	for (i = 0; i < OBSERVED_STAGES; i++)
		sum += frame->stage_ps[i];
	assert_int_equal(sum, frame->end - frame->at);
}

static void add_up(struct observer *base, const struct observation *seen)
{
	struct sums *sums = (struct sums *)base;
	uint64_t span = (uint64_t)(seen->to - seen->from);

	switch (seen->kind) {
	case SEEN_FRAME:
		sums->begun++;
		break;
	case SEEN_END:
		sums->ended++;
		sums->verdicts[seen->frame->verdict]++;
		check_frame(seen->frame);
		break;
	case SEEN_RUN:
		assert_true(seen->from >= sums->last_ran[seen->track]);
		sums->last_ran[seen->track] = seen->to;
		sums->ran[seen->track] += span;
		break;
	case SEEN_SERVICE:
		assert_true(seen->from >= sums->last_served[seen->track]);
		sums->last_served[seen->track] = seen->to;
		sums->served[seen->track] += span;
		break;
	case SEEN_CALL:
		sums->cycles[seen->what] += seen->value;
		break;
	case SEEN_REGISTERS:
		sums->registers += (int64_t)seen->value;
		break;
	case SEEN_RELEASE:
		sums->registers -= (int64_t)seen->value;
		break;
	default:
		break;
	}
}

static struct sums sums_init(void)
{
	return (struct sums){ .base = { .last = UINT64_MAX, .see = add_up } };
}

static void everything_is_told_once(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < PAIRS; i++) {
		struct sums sums = sums_init();
		struct machine *m = run(&pairs[i], &sums.base);
		const struct adapter *adapter = &m->adapters[0];
		const struct books *books = &m->books;

		assert_int_equal(sums.begun, FRAMES);
		assert_int_equal(sums.ended, FRAMES);
		assert_int_equal(sums.verdicts[VERDICT_SENT],
				 books->tx_completed);
		assert_int_equal(sums.verdicts[VERDICT_DELIVERED],
				 books->rx_released);
		assert_int_equal(sums.verdicts[VERDICT_DROPPED],
				 books->tx_dropped + books->rx_dropped);
		for (j = 0; j < m->core_count; j++)
			assert_int_equal(sums.ran[j], m->cores[j].busy_ps);
		for (j = 1; j < ROUTINES; j++)
			assert_int_equal(sums.cycles[j],
					 m->ledger.row[j].cycles);
		assert_int_equal(sums.served[SERVER_UP],
				 adapter->pcie.up.busy_ps);
		assert_int_equal(sums.served[SERVER_DOWN],
				 adapter->pcie.down.busy_ps);
		assert_int_equal(sums.served[SERVER_WIRE],
				 adapter->wire_tx.busy_ps);
		assert_int_equal(sums.registers, m->hal.pool - m->hal.free);
		machine_free(m);
	}
}

static void the_last_pair_drops_on_both_sides(void **state)
{
	struct sums sums = sums_init();
	struct machine *m = run(&pairs[PAIRS - 1], &sums.base);

	(void)state;
	assert_true(m->books.tx_dropped > 0);
	machine_free(m);
}

static void watching_changes_nothing(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < PAIRS; i++) {
		struct sums sums = sums_init();
		struct machine *a = run(&pairs[i], NULL);
		struct machine *b = run(&pairs[i], &sums.base);

		assert_int_equal(machine_result(a)->fingerprint,
				 machine_result(b)->fingerprint);
		assert_null(fix_difference(a, b, ""));
		machine_free(a);
		machine_free(b);
	}
}

/* --- files --- */

struct text {
	char *data;
	size_t size;
	FILE *fp;
};

static void text_open(struct text *text)
{
	text->fp = open_memstream(&text->data, &text->size);
	assert_non_null(text->fp);
}

static const struct hist *stage_of(const struct machine *m, const char *path,
				   const char *name)
{
	const struct run_result *r = machine_result(m);
	size_t i;

	for (i = 0; i < r->stage_count; i++)
		if (!strcmp(r->stages[i].path, path) &&
		    !strcmp(r->stages[i].name, name))
			return r->stages[i].hist;
	return NULL;
}

/* The @column-th field of a line, as text of its own. */
static void field(const char *line, unsigned column, char out[64])
{
	size_t length;

	while (column--)
		line = strchr(line, ',') + 1;
	length = strcspn(line, ",\n");
	assert_true(length < 64);
	memcpy(out, line, length);
	out[length] = '\0';
}

/* Sum of a column over the lines of @direction. */
static uint64_t column_sum(const char *csv, const char *name,
			   const char *direction)
{
	char text[64] = "";
	unsigned column = 0;
	uint64_t sum = 0;
	const char *line;

	for (; strcmp(text, name); column++)
		field(csv, column, text);
	column--;
	for (line = strchr(csv, '\n') + 1; *line;
	     line = strchr(line, '\n') + 1) {
		field(line, 2, text);
		if (strcmp(text, direction) != 0)
			continue;
		field(line, column, text);
		sum += strtoull(text, NULL, 10);
	}
	return sum;
}

static void check_stages(const struct machine *m, const char *csv)
{
	const struct run_result *r = machine_result(m);
	char name[64];
	size_t i;

	for (i = 0; i < r->stage_count; i++) {
		snprintf(name, sizeof(name), "%s_ps", r->stages[i].name);
		assert_true(column_sum(csv, name, r->stages[i].path) ==
			    (uint64_t)r->stages[i].hist->sum);
	}
}

static void frames_csv_sums_to_the_result(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < PAIRS; i++) {
		struct frames_csv csv;
		struct machine *m;
		struct text text;

		text_open(&text);
		frames_csv_init(&csv, text.fp);
		m = run(&pairs[i], &csv.base);
		fclose(text.fp);
		check_stages(m, text.data);
		assert_true(column_sum(text.data, "delivered_ps", "tx") ==
			    (uint64_t)m->stats.tx.latency_wire_ps.sum);
		assert_true(column_sum(text.data, "latency_ps", "tx") ==
			    (uint64_t)m->stats.tx.latency_complete_ps.sum);
		assert_true(column_sum(text.data, "delivered_ps", "rx") ==
			    (uint64_t)m->stats.rx.latency_ps.sum);
		machine_free(m);
		free(text.data);
	}
}

/* --- timeline --- */

static const char *text_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text ? text : "";
}

static uint64_t ps_of(const json_t *event, const char *key)
{
	return (uint64_t)llround(
		json_number_value(json_object_get(event, key)) * 1e6);
}

/* Nested spans follow each other: a stage's end stands behind its beginning. */
static void check_spans(const struct machine *m, const json_t *events)
{
	char directions[FRAMES + 1][3] = { "" };
	uint64_t sums[2][OBSERVED_STAGES] = { { 0 } };
	const json_t *event, *begin = NULL;
	size_t i;

	json_array_foreach(events, i, event)
	{
		const char *phase = text_of(event, "ph");
		const char *name = text_of(event, "name");
		unsigned long number = strtoul(text_of(event, "id"), NULL, 10);

		if (strcmp(text_of(event, "cat"), "frame") != 0)
			continue;
		if (*phase == 'b' && strchr(name, ' '))
			memcpy(directions[number], name, 2);
		else if (*phase == 'b')
			begin = event;
		if (*phase == 'e' && !strchr(name, ' ')) {
			bool rx = !strcmp(directions[number], "rx");
			unsigned stage = 0;

			assert_string_equal(text_of(begin, "name"), name);
			while (strcmp(rx ? rx_stage_names[stage]
					 : tx_stage_names[stage],
				      name) != 0)
				stage++;
			sums[rx][stage] +=
				ps_of(event, "ts") - ps_of(begin, "ts");
		}
	}
	for (i = 0; i < TX_STAGES; i++)
		assert_true(
			sums[0][i] ==
			(uint64_t)stage_of(m, "tx", tx_stage_names[i])->sum);
	for (i = 0; i < RX_STAGES; i++)
		assert_true(
			sums[1][i] ==
			(uint64_t)stage_of(m, "rx", rx_stage_names[i])->sum);
}

static json_t *timeline_of(const struct pair *pair,
			   const struct timeline_range *range,
			   struct machine **m)
{
	struct timeline timeline;
	struct text text;
	json_error_t why;
	json_t *root;

	text_open(&text);
	timeline_init(&timeline, text.fp, range);
	*m = run(pair, &timeline.base);
	timeline_end(&timeline);
	fclose(text.fp);
	root = json_loads(text.data, JSON_REJECT_DUPLICATES, &why);
	if (!root)
		fail_msg("line %d: %s", why.line, why.text);
	free(text.data);
	return root;
}

static void timeline_spans_sum_to_the_result(void **state)
{
	const struct timeline_range all = { .first = 1,
					    .last = UINT64_MAX,
					    .until = SIM_TIME_NEVER };
	size_t i;

	(void)state;
	for (i = 0; i < PAIRS; i++) {
		struct machine *m;
		json_t *root = timeline_of(&pairs[i], &all, &m);

		check_spans(m, json_object_get(root, "traceEvents"));
		json_decref(root);
		machine_free(m);
	}
}

/* Frames whose async span begins, and whether each is ended too. */
static unsigned count_frames(const json_t *root, unsigned long *first,
			     unsigned long *last)
{
	const json_t *event;
	unsigned begun = 0, ended = 0;
	size_t i;

	*first = ULONG_MAX;
	*last = 0;
	json_array_foreach(json_object_get(root, "traceEvents"), i, event)
	{
		unsigned long number = strtoul(text_of(event, "id"), NULL, 10);

		if (strcmp(text_of(event, "cat"), "frame") != 0 ||
		    !strchr(text_of(event, "name"), ' '))
			continue;
		begun += !strcmp(text_of(event, "ph"), "b");
		ended += !strcmp(text_of(event, "ph"), "e");
		*first = number < *first ? number : *first;
		*last = number > *last ? number : *last;
	}
	assert_int_equal(begun, ended);
	return begun;
}

static void timeline_shows_the_range(void **state)
{
	const struct timeline_range few = { .first = 20,
					    .last = 29,
					    .until = SIM_TIME_NEVER };
	struct timeline_range early = { .first = 1, .last = UINT64_MAX };
	struct frame *frames = traffic();
	unsigned long first, last;
	struct machine *m;
	json_t *root = timeline_of(&pairs[0], &few, &m);

	(void)state;
	assert_int_equal(count_frames(root, &first, &last), 10);
	assert_int_equal(first, 20);
	assert_int_equal(last, 29);
	json_decref(root);
	machine_free(m);
	/* [since, until) of the offered times */
	early.since = frames[4].at;
	early.until = frames[9].at;
	root = timeline_of(&pairs[0], &early, &m);
	assert_int_equal(count_frames(root, &first, &last), 5);
	assert_int_equal(first, 5);
	json_decref(root);
	machine_free(m);
	free(frames);
}

/* --- the way of a frame --- */

static void check_way(const struct way_part *part)
{
	const struct way_step *step;
	sim_time at = part->end.at;

	for (step = part->steps; step; step = step->next) {
		assert_int_equal(step->from, at);
		assert_true(step->to > step->from);
		at = step->to;
	}
	assert_int_equal(at, part->end.end);
}

static void steps_follow_each_other(void **state)
{
	uint64_t number;
	size_t i;

	(void)state;
	for (i = 0; i < PAIRS; i++)
		for (number = 1; number <= FRAMES; number += 57) {
			struct machine *m;
			struct way way;

			way_init(&way, number);
			m = run(&pairs[i], &way.base);
			assert_true(way_is_over(&way));
			assert_null(way.head->next);
			check_way(way.head);
			machine_free(m);
			way_clear(&way);
		}
}

/* Frames of two pages each, all at once: the second waits for the first's. */
static void who_holds_registers_is_named(void **state)
{
	struct config *cfg = fix_config(
		"gbe-32bit", "hal.pool=19 hal.pool_cap=19 layout.mdl=linear "
			     "host.cores=1 hal.background=16");
	struct frame frames[3];
	const struct way_step *step;
	struct machine *m;
	struct way way;
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++)
		frames[i] = (struct frame){ .number = i + 1,
					    .bytes = 9000,
					    .header_bytes = 54,
					    .at = 1000 * i,
					    .direction = FRAME_TX };
	fix_set(cfg, "traffic.mtu=9000B rx.buffer=10KiB hal.max_mapping=10KiB");
	way_init(&way, 2);
	m = fix_run_with(cfg,
			 (struct machine_options){ .observers = &way.base },
			 "ndis6-sg", "common-copy", frames, 3);
	for (step = way.head->steps; step; step = step->next)
		if (!strcmp(step->stage, "map_wait"))
			break;
	assert_non_null(step);
	assert_non_null(strstr(step->detail, "held by frame 1 (3)"));
	machine_free(m);
	way_clear(&way);
	config_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_told_once),
		cmocka_unit_test(the_last_pair_drops_on_both_sides),
		cmocka_unit_test(watching_changes_nothing),
		cmocka_unit_test(frames_csv_sums_to_the_result),
		cmocka_unit_test(timeline_spans_sum_to_the_result),
		cmocka_unit_test(timeline_shows_the_range),
		cmocka_unit_test(steps_follow_each_other),
		cmocka_unit_test(who_holds_registers_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
