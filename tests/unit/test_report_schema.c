/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every document is valid under the shipped JSON Schema, and documents that
 * are spoilt are not.
 */
#include "tests/unit/schema_validator.h"
#include "tests/unit/test_report_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "reports/tree.h"
#include "reports/way_out.h"

#include "reports/json_out.h"

/* The document as a reader of its JSON text has it. */
static json_t *written(const struct document *doc)
{
	struct err err = ERR_INIT;
	json_error_t why;
	json_t *root;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(json_write(doc, out, &err), 0);
	fclose(out);
	root = json_loads(text, JSON_REJECT_DUPLICATES, &why);
	if (!root)
		fail_msg("line %d: %s", why.line, why.text);
	free(text);
	return root;
}

static void assert_valid(const json_t *schema, const struct document *doc)
{
	struct validator v = { .schema = schema };
	json_t *root = written(doc);

	if (!valid(&v, schema, root))
		fail_msg("%s", v.why);
	json_decref(root);
}

static void assert_spoilt(const json_t *schema, const json_t *root,
			  const char *why)
{
	struct validator v = { .schema = schema };

	assert_false(valid(&v, schema, root));
	assert_string_equal(v.why, why);
}

static void documents_are_valid(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	json_t *schema = schema_load("result-1");
	struct err err = ERR_INIT;
	int run;

	(void)state;
	assert_valid(schema, doc);
	run = fixture_add(doc, cfg, "xge-64bit", "null", "null", 0, 1);
	document_set_axis(doc, run, "nic.tx_ring", "512", &err);
	assert_int_equal(document_finish(doc, &err), 0);
	assert_valid(schema, doc);
	document_free(doc);
	json_decref(schema);
	config_free(cfg);
}

static void empty_document_is_valid(void **state)
{
	struct err err = ERR_INIT;
	struct document *doc = document_new("0.1.0", "v0.1.0-3-gabc", &err);
	json_t *schema = schema_load("result-1");

	(void)state;
	assert_int_equal(document_finish(doc, &err), 0);
	assert_valid(schema, doc);
	document_free(doc);
	json_decref(schema);
}

static void spoilt_documents_are_not(void **state)
{
	struct config *cfg = fixture_config();
	struct document *doc = fixture_compare(cfg);
	json_t *schema = schema_load("result-1"), *root, *run;

	(void)state;
	root = written(doc);
	json_object_set_new(root, "schema", json_integer(2));
	assert_spoilt(schema, root, "const: differs");
	json_decref(root);

	root = written(doc);
	json_object_del(root, "units");
	assert_spoilt(schema, root, "required: units");
	json_object_set_new(root, "units", json_object());
	json_object_set_new(root, "extra", json_true());
	assert_spoilt(schema, root, "additionalProperties: extra");
	json_decref(root);

	root = written(doc);
	json_object_set_new(json_object_get(root, "summary"), "confidence",
			    json_string("0.95"));
	assert_spoilt(schema, root, "type: number");
	json_decref(root);

	root = written(doc);
	run = json_array_get(json_object_get(root, "traces"), 0);
	json_object_set_new(run, "digest", json_string("7"));
	assert_spoilt(schema, root, "pattern: 7");
	json_object_set_new(run, "digest", json_string("0000000000000007"));
	json_object_set_new(run, "frames", json_integer(-1));
	assert_spoilt(schema, root, "minimum: too small");
	json_decref(root);

	document_free(doc);
	json_decref(schema);
	config_free(cfg);
}

/* --- explanations --- */

static const char *const stages[] = { "queue", "map_wait", NULL };
static const char *const words[] = {
	"one", "two", "three", "four", "five", NULL
};
static const struct observed_names names = { .stages = { stages, stages },
					     .servers = words,
					     .counters = words,
					     .irql = words,
					     .routines = words,
					     .cores = 2 };

/* A way that has everything a way can have, told by hand. */
static void tell_a_way(struct way *way)
{
	const struct observed_memory memory = { .how = "copied",
						.residency = "L2" };
	struct observers observers;
	struct err err = ERR_INIT;
	struct observed *frame;

	assert_int_equal(observers_init(&observers, &way->base, &names, &err),
			 0);
	frame = observed_begin(&observers,
			       &(struct observed){ .number = 5,
						   .at = 100,
						   .bytes = 60,
						   .direction = FRAME_RX });
	assert_non_null(frame);
	observers_tell(&observers,
		       &(struct observation){ .kind = SEEN_REGISTERS,
					      .number = 4,
					      .value = 3 });
	observers_tell(&observers,
		       &(struct observation){ .kind = SEEN_WAIT,
					      .what = WAIT_REGISTERS,
					      .number = 5,
					      .value = 2 });
	observers_tell(&observers, &(struct observation){ .kind = SEEN_RUN,
							  .frame = frame,
							  .from = 100,
							  .to = 110 });
	observed_stage(frame, 0, 100, 110);
	observed_stage(frame, 1, 110, 150);
	observers_tell(&observers, &(struct observation){ .kind = SEEN_CALL,
							  .frame = frame,
							  .from = 150,
							  .to = 150,
							  .what = 1 });
	observers_tell(&observers, &(struct observation){ .kind = SEEN_BUFFER,
							  .frame = frame,
							  .memory = &memory });
	frame->delivered = 120;
	observed_end(frame, 150, VERDICT_DELIVERED, "");
	observers_clear(&observers);
}

static json_t *explained(const struct way_row *list, size_t count)
{
	const struct way_rows rows = {
		.version = "0.1.0", .number = 5, .list = list, .count = count
	};
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	json_t *root;

	assert_non_null(out);
	assert_int_equal(way_json_write(&rows, out, &err), 0);
	fclose(out);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	free(text);
	return root;
}

static void explanations_are_valid(void **state)
{
	json_t *schema = schema_load("explain-1"), *root, *part;
	struct validator v = { .schema = schema };
	struct way_row rows[] = {
		{ .machine = "a", .tx = "b", .rx = "c" },
		{ .machine = "d", .tx = "e", .rx = "f", .why = "no way" },
	};

	(void)state;
	way_init(&rows[0].way, 5);
	tell_a_way(&rows[0].way);
	root = explained(rows, 2);
	if (!valid(&v, schema, root))
		fail_msg("%s", v.why);
	part = json_array_get(
		json_object_get(
			json_array_get(json_object_get(root, "ways"), 0),
			"parts"),
		0);
	assert_int_equal(json_array_size(json_object_get(part, "steps")), 2);
	assert_string_equal(
		tree_string(json_array_get(json_object_get(part, "steps"), 1),
			    "meanwhile", ""),
		"2 map registers wanted, 0 free; held by frame 4 (3)");
	json_object_set_new(part, "verdict", json_string("lost"));
	assert_spoilt(schema, root, "enum: none of them");
	json_object_del(part, "steps");
	assert_spoilt(schema, root, "required: steps");
	json_decref(root);
	json_decref(schema);
	way_clear(&rows[0].way);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_valid),
		cmocka_unit_test(empty_document_is_valid),
		cmocka_unit_test(spoilt_documents_are_not),
		cmocka_unit_test(explanations_are_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
