/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/answer.h"

#include "cmd/points.h"
#include "core/outfile.h"
#include "core/version.h"

json_t *answer_head(struct tree_builder *builder, const char *schema,
		    uint64_t number, bool partial, const struct workload *load)
{
	json_t *root = tree_object(builder), *tool = tree_object(builder);

	tree_put(builder, root, schema, tree_u64(builder, number));
	tree_put(builder, tool, "name", tree_text(builder, "dmasim"));
	tree_put(builder, tool, "version", tree_text(builder, DMASIM_VERSION));
	tree_put(builder, root, "tool", tool);
	tree_put(builder, root, "status",
		 tree_text(builder, partial ? "partial" : "complete"));
	tree_put(builder, root, "trace", tree_text(builder, load->info.path));
	tree_put(builder, root, "trace_digest",
		 tree_hex(builder, load->info.digest));
	tree_put(builder, root, "frames",
		 tree_u64(builder, load->sample.count));
	return root;
}

int answer_dump(json_t *root, const struct tree_builder *builder, FILE *out,
		struct err *err)
{
	int rc = builder->failed ? err_nomem(err, "result")
				 : tree_dump(root, out, "result", err);

	json_decref(root);
	return rc;
}

int answer_save(const char *dir, bool force, options_writer *writer,
		const void *what, struct err *err)
{
	char path[POINTS_PATH_MAX];
	struct outfile out;

	if (make_directory(dir, err) < 0 ||
	    join_path(dir, "results.json", path, err) < 0 ||
	    outfile_open(&out, path, force, err) < 0)
		return -1;
	if (writer(what, out.fp, err) < 0) {
		outfile_abort(&out);
		return -1;
	}
	return outfile_commit(&out, err);
}
