/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/answer.h"

#include "cmd/points.h"
#include "core/outfile.h"
#include "core/version.h"
#include "reports/document_tree.h"

json_t *answer_head(struct tree_builder *builder, const char *schema,
		    uint64_t number, const struct question *ask)
{
	json_t *root = tree_object(builder), *tool = tree_object(builder);

	tree_put(builder, root, schema, tree_u64(builder, number));
	tree_put(builder, tool, "name", tree_text(builder, "dmasim"));
	tree_put(builder, tool, "version", tree_text(builder, DMASIM_VERSION));
	tree_put(builder, root, "tool", tool);
	tree_put(builder, root, "status",
		 tree_text(builder, ask->partial ? "partial" : "complete"));
	tree_put(builder, root, "trace",
		 tree_text(builder, ask->load.info.path));
	tree_put(builder, root, "trace_digest",
		 tree_hex(builder, ask->load.info.digest));
	tree_put(builder, root, "frames",
		 tree_u64(builder, ask->load.sample.count));
	return root;
}

void answer_settings(struct tree_builder *builder, json_t *root,
		     const struct question *ask)
{
	tree_put(builder, root, "seed", tree_u64(builder, ask->options.seed));
	tree_put(builder, root, "replicates",
		 tree_u64(builder, ask->replicates));
}

json_t *answer_machines(struct tree_builder *builder,
			const struct question *ask)
{
	json_t *tree = tree_object(builder);
	size_t i;

	for (i = 0; i < ask->machines.count; i++)
		tree_put(builder, tree, ask->machines.list[i].name,
			 config_tree(builder, ask->machines.list[i].cfg));
	return tree;
}

json_t *answer_row(struct tree_builder *builder, const struct question_row *row)
{
	json_t *tree = tree_object(builder);

	tree_put(builder, tree, "machine",
		 tree_text(builder, row->machine->name));
	tree_put(builder, tree, "tx", tree_text(builder, tx_ops_name(row->tx)));
	tree_put(builder, tree, "rx", tree_text(builder, rx_ops_name(row->rx)));
	return tree;
}

json_t *answer_estimate(struct tree_builder *builder,
			const struct estimate *value)
{
	json_t *tree = tree_object(builder);

	tree_put(builder, tree, "mean", tree_real(builder, value->mean));
	tree_put(builder, tree, "ci95", tree_real(builder, value->half));
	return tree;
}

int answer_dump(json_t *root, const struct tree_builder *builder, FILE *out,
		struct err *err)
{
	int rc = builder->failed ? err_nomem(err, "result")
				 : tree_dump(root, out, "result", err);

	json_decref(root);
	return rc;
}

int answer_save(const struct question *ask, options_writer *writer,
		const void *what, struct err *err)
{
	char path[POINTS_PATH_MAX];
	struct outfile out;

	if (make_directory(ask->report, err) < 0 ||
	    join_path(ask->report, "results.json", path, err) < 0 ||
	    outfile_open(&out, path, ask->options.force, err) < 0)
		return -1;
	if (writer(what, out.fp, err) < 0) {
		outfile_abort(&out);
		return -1;
	}
	return outfile_commit(&out, err);
}
