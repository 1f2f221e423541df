/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What breakeven, ndr, probe, size and sensitivity write as JSON is valid under
 * the schema that is shipped with it, and is not when it is spoilt.
 */
#include "tests/unit/schema_validator.h"

#include "core/err.h"

#define TRAFFIC "gen:poisson,rate=1Gbps,size=600,frames=600"

static const struct row {
	const char *schema, *command;
} rows[] = {
	{ "ndr-1", "ndr -m xge-64bit,ce-isa --tx ndis6-copy,ndis4-slave "
		   "--slo p99=40us --resolution 10% " TRAFFIC },
	{ "ndr-1", "ndr -m xge-64bit --tx ndis6-copy --whatif --resolution "
		   "50% " TRAFFIC },
	{ "breakeven-1",
	  "breakeven -m xge-64bit --sizes 64B,1514B --frames 100 "
	  "--capture-frames 300 --replicates 2 " TRAFFIC },
	{ "probe-1", "probe --op rd,wr --size 64B,256B --count 500 --axis "
		     "pcie.tags=16,32" },
	{ "size-1",
	  "size -m gbe-32bit --tx ndis6-sg,ndis6-copy,ndis4-slave --rx sg "
	  "--replicates 1 " TRAFFIC },
	{ "size-1", "size -m xge-64bit --tx ndis6-sg --slo p99=1ns " TRAFFIC },
	{ "sensitivity-1",
	  "sensitivity -m xge-64bit --replicates 2 --trajectories 1 --param "
	  "cost.sg_build --param layout.mdl --param iommu.walk=1us..2us "
	  "-s cost.sg_build=0 -s cost.sg_put=0 -s cost.sg_page=0 "
	  "-s cost.process_sg=0 " TRAFFIC },
};

static json_t *run(const char *command)
{
	const char *program = getenv("DMASIM");
	char line[1024];
	json_error_t why;
	json_t *root;
	FILE *in;

	if (!program)
		skip();
	snprintf(line, sizeof(line), "%s %s --format json 2>/dev/null", program,
		 command);
	in = popen(line, "r");
	assert_non_null(in);
	root = json_loadf(in, JSON_REJECT_DUPLICATES, &why);
	pclose(in);
	if (!root)
		fail_msg("%s: line %d: %s", command, why.line, why.text);
	return root;
}

static void answers_are_valid(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *root = run(rows[i].command);
		json_t *schema = schema_load(rows[i].schema);
		struct validator v = { .schema = schema };

		if (!valid(&v, schema, root))
			fail_msg("%s: %s", rows[i].command, v.why);
		json_object_set_new(root, "status", json_string("perhaps"));
		assert_false(valid(&v, schema, root));
		json_object_set_new(root, "status", json_string("partial"));
		assert_true(valid(&v, schema, root));
		json_object_del(root, "tool");
		assert_false(valid(&v, schema, root));
		json_decref(schema);
		json_decref(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
