/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/tree.h"
#include "reports/way_out.h"

#define EXPLAIN_SCHEMA 1

static json_t *time_tree(struct tree_builder *b, sim_time ps)
{
	return tree_u64(b, (uint64_t)ps);
}

static json_t *step_tree(const struct way_part *part,
			 const struct way_step *step, struct tree_builder *b)
{
	json_t *object = tree_object(b);

	tree_put(b, object, "stage", tree_text(b, step->stage));
	tree_put(b, object, "from_ps", time_tree(b, step->from - part->end.at));
	tree_put(b, object, "took_ps", time_tree(b, step->to - step->from));
	if (step->core >= 0)
		tree_put(b, object, "core", tree_u64(b, (uint64_t)step->core));
	if (*step->detail)
		tree_put(b, object, "meanwhile", tree_text(b, step->detail));
	return object;
}

static json_t *call_tree(const struct way_part *part,
			 const struct way_call *call, struct tree_builder *b)
{
	json_t *object = tree_object(b);

	tree_put(b, object, "routine", tree_text(b, call->routine));
	tree_put(b, object, "at_ps", time_tree(b, call->at - part->end.at));
	tree_put(b, object, "cycles", tree_u64(b, call->cycles));
	tree_put(b, object, "core", tree_u64(b, call->core));
	tree_put(b, object, "irql", tree_text(b, call->irql));
	tree_put(b, object, "stage", tree_text(b, call->stage));
	return object;
}

static json_t *memory_tree(const struct observed_memory *memory,
			   struct tree_builder *b)
{
	const struct {
		const char *key;
		uint64_t value;
	} counts[] = {
		{ "pages", memory->pages },
		{ "pages_above_4gib", memory->pages_high },
		{ "bounced_pages", memory->bounced_pages },
		{ "bounced_bytes", memory->bounced_bytes },
		{ "map_registers", memory->registers },
		{ "elements", memory->elements },
		{ "descriptors", memory->descriptors },
		{ "read_requests", memory->requests },
		{ "completions", memory->completions },
		{ "writes", memory->writes },
		{ "up_bytes", memory->up_bytes },
		{ "down_bytes", memory->down_bytes },
	};
	json_t *object = tree_object(b);
	size_t i;

	tree_put(b, object, "how", tree_text(b, memory->how));
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		tree_put(b, object, counts[i].key,
			 tree_u64(b, counts[i].value));
	return object;
}

static json_t *part_tree(const struct way_part *part, struct tree_builder *b)
{
	const struct observed *end = &part->end;
	json_t *object = tree_object(b), *steps = tree_array(b);
	json_t *calls = tree_array(b);
	const struct way_step *step;
	const struct way_call *call;

	for (step = part->steps; step; step = step->next)
		tree_append(b, steps, step_tree(part, step, b));
	for (call = part->calls; call; call = call->next)
		tree_append(b, calls, call_tree(part, call, b));
	tree_put(b, object, "part", tree_u64(b, end->part));
	tree_put(b, object, "direction",
		 tree_text(b, end->direction == FRAME_TX ? "tx" : "rx"));
	tree_put(b, object, "bytes", tree_u64(b, end->bytes));
	tree_put(b, object, "at_ps", time_tree(b, end->at));
	tree_put(b, object, "verdict",
		 tree_text(b, observed_verdicts[end->verdict]));
	tree_put(b, object, "why", tree_text(b, end->why));
	if (end->delivered >= 0)
		tree_put(b, object, "delivered_ps",
			 time_tree(b, end->delivered - end->at));
	tree_put(b, object, "latency_ps", time_tree(b, end->end - end->at));
	tree_put(b, object, "steps", steps);
	if (part->has_memory)
		tree_put(b, object, "memory", memory_tree(&part->memory, b));
	tree_put(b, object, "calls", calls);
	return object;
}

static json_t *row_tree(const struct way_row *row, struct tree_builder *b)
{
	json_t *object = tree_object(b), *parts = tree_array(b);
	const struct way_part *part;

	tree_put(b, object, "machine", tree_text(b, row->machine));
	tree_put(b, object, "tx", tree_text(b, row->tx));
	tree_put(b, object, "rx", tree_text(b, row->rx));
	if (row->why)
		tree_put(b, object, "inapplicable", tree_text(b, row->why));
	for (part = row->way.head; part; part = part->next)
		if (part->ended)
			tree_append(b, parts, part_tree(part, b));
	tree_put(b, object, "parts", parts);
	return object;
}

static json_t *rows_tree(const struct way_rows *rows, struct tree_builder *b)
{
	json_t *root = tree_object(b), *tool = tree_object(b);
	json_t *ways = tree_array(b);
	size_t i;

	tree_put(b, root, "explain_schema", tree_u64(b, EXPLAIN_SCHEMA));
	tree_put(b, tool, "name", tree_text(b, "dmasim"));
	tree_put(b, tool, "version", tree_text(b, rows->version));
	tree_put(b, root, "tool", tool);
	tree_put(b, root, "frame", tree_u64(b, rows->number));
	for (i = 0; i < rows->count; i++)
		tree_append(b, ways, row_tree(&rows->list[i], b));
	tree_put(b, root, "ways", ways);
	return root;
}

int way_json_write(const void *what, FILE *out, struct err *err)
{
	struct tree_builder builder = { 0 };
	json_t *root = rows_tree(what, &builder);
	int rc = builder.failed ? err_nomem(err, "explanation")
				: tree_dump(root, out, "explanation", err);

	json_decref(root);
	return rc;
}
