/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "cmd/listing.h"
#include "cmd/trace.h"
#include "reports/table.h"
#include "reports/trace_tree.h"

static const char *const side_names[2] = { "tx", "rx" };

/* --- text --- */

static void field_count(FILE *out, const char *label, uint64_t value,
			const char *note)
{
	char text[128];

	snprintf(text, sizeof(text), "%" PRIu64 "%s%s", value, note ? " " : "",
		 note ? note : "");
	listing_field(out, label, text);
}

static void files_text(const struct trace_report *report, FILE *out)
{
	size_t i;

	for (i = 0; i < report->count; i++) {
		listing_field(out, "capture", report->paths[i]);
		listing_field(out, "sha256", report->sha256[i]);
	}
}

static void rate_text(const struct trace_info *info, FILE *out)
{
	double seconds = (double)info->duration_ps / (double)PS_PER_SEC;
	char bits[UNITS_TEXT_MAX], frames[UNITS_TEXT_MAX], text[160];

	if (info->duration_ps <= 0) {
		listing_field(out, "mean rate", "none: no time passes");
		return;
	}
	units_human(QTY_RATE, (double)info->bytes * 8 / seconds, 3, bits,
		    sizeof(bits));
	units_human(QTY_PPS, (double)info->frames / seconds, 3, frames,
		    sizeof(frames));
	snprintf(text, sizeof(text), "%s (L2 without FCS), %s", bits, frames);
	listing_field(out, "mean rate", text);
}

static void time_field(FILE *out, const char *label, sim_time value)
{
	char text[UNITS_TEXT_MAX];

	units_human(QTY_TIME, (double)value, 4, text, sizeof(text));
	listing_field(out, label, text);
}

/* The tick of the stamps, and whether it hides the order of events. */
static void resolution_text(const struct trace_info *info, FILE *out)
{
	char tick[UNITS_TEXT_MAX], text[UNITS_TEXT_MAX + 48];
	bool coarse = info->frames > 1 &&
		      (uint64_t)info->resolution_ps >
			      (uint64_t)info->duration_ps / (info->frames - 1);

	if (info->resolution_ps <= 0) {
		listing_field(out, "resolution", "unknown");
		return;
	}
	units_format(QTY_TIME, (uint64_t)info->resolution_ps, tick,
		     sizeof(tick));
	snprintf(text, sizeof(text), "%s%s", tick,
		 coarse ? ", coarser than the mean gap" : "");
	listing_field(out, "resolution", text);
}

static void anomalies_text(const struct trace_info *info, FILE *out)
{
	char text[256];
	unsigned i;

	if (info->anomaly_count == 0)
		listing_field(out, "anomalies", "none");
	for (i = 0; i < info->anomaly_count; i++) {
		const struct trace_anomaly *a = &info->anomalies[i];

		snprintf(text, sizeof(text),
			 "%s: %" PRIu64 ", first at frame %" PRIu64 ", %s",
			 a->kind, a->count, a->first_frame, a->policy);
		listing_field(out, i ? "" : "anomalies", text);
	}
}

static void direction_text(const struct trace_info *info, FILE *out)
{
	char text[sizeof(info->direction_rule) +
		  sizeof(info->direction_evidence) + 8];

	snprintf(text, sizeof(text), "%s%s%s", info->direction_rule,
		 info->direction_evidence[0] ? ": " : "",
		 info->direction_evidence);
	listing_field(out, "direction", text);
	if (info->other_frames)
		field_count(out, "left out", info->other_frames,
			    "frames of neither side");
}

/* A share of the conversations is seldom that share of the load. */
static void sample_text(const struct trace_info *info, FILE *out)
{
	char text[160];

	if (!info->flows_of)
		return;
	snprintf(text, sizeof(text),
		 "%" PRIu64 "/%" PRIu64
		 " of the conversations: %.1f %% of %" PRIu64
		 " frames, %.1f %% of the bytes; not scaled up",
		 info->flows_share, info->flows_of,
		 100.0 * (double)info->frames / (double)info->whole_frames,
		 info->whole_frames,
		 100.0 * (double)info->bytes / (double)info->whole_bytes);
	listing_field(out, "sample", text);
}

static void layout_text(const struct trace_info *info, FILE *out)
{
	char text[96];

	if (!info->layout_given)
		return;
	snprintf(text, sizeof(text),
		 "%" PRIu64 " records read, %" PRIu64 " name no frame",
		 info->layout_records, info->layout_unmatched);
	listing_field(out, "layout", text);
}

static void head_text(const struct trace_report *report, FILE *out)
{
	const struct trace_info *info = report->info;
	const struct trace_stat *stat = report->stat;
	char text[sizeof(info->status_detail) + 16];

	files_text(report, out);
	listing_field(out, "link type", info->link_type);
	snprintf(text, sizeof(text), "%s%s%s", info->status,
		 info->status_detail[0] ? ": " : "", info->status_detail);
	listing_field(out, "status", text);
	field_count(out, "frames", info->frames, NULL);
	field_count(out, "bytes", info->bytes, "(L2 without FCS)");
	time_field(out, "duration", info->duration_ps);
	rate_text(info, out);
	resolution_text(info, out);
	listing_field(out, "stamps", info->capture_point);
	direction_text(info, out);
	sample_text(info, out);
	layout_text(info, out);
	field_count(out, "flows", stat->flows,
		    stat->flows_more ? "or more" : NULL);
	field_count(out, "TCP", stat->tcp, "frames");
	field_count(out, "ACK only", stat->ack_only, "frames");
	field_count(out, "multicast", stat->multicast, "frames");
	field_count(out, "super", info->super_frames,
		    "frames longer than the MTU");
	anomalies_text(info, out);
}

enum row_unit { ROW_COUNT, ROW_BYTES, ROW_TIME };

static void value_cell(struct table *table, enum row_unit unit, double value,
		       bool known)
{
	static const enum quantity quantities[] = { QTY_COUNT, QTY_COUNT,
						    QTY_TIME };
	char text[UNITS_TEXT_MAX];

	units_human(quantities[unit], value, 3, text, sizeof(text));
	table_cell(table, known ? text : "-");
}

static void hist_row(struct table *table, const char *label, enum row_unit unit,
		     const struct hist *hist)
{
	bool known = hist->count > 0;

	table_cell(table, label);
	value_cell(table, unit, hist_mean(hist), known);
	value_cell(table, unit, known ? (double)hist->min : 0, known);
	value_cell(table, unit, (double)hist_quantile(hist, 500000), known);
	value_cell(table, unit, (double)hist_quantile(hist, 900000), known);
	value_cell(table, unit, (double)hist_quantile(hist, 990000), known);
	value_cell(table, unit, (double)hist->max, known);
}

static int shapes_text(const struct trace_report *report, FILE *out,
		       struct err *err)
{
	static const char *const columns[] = { "mean", "min", "p50",
					       "p90",  "p99", "max" };
	struct table *table = table_new(err);
	char label[48];
	size_t i;
	int result;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "");
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		table_column(table, TABLE_RIGHT, columns[i]);
	for (i = 0; i < 2; i++) {
		const struct stat_side *side = &report->stat->sides[i];

		if (side->frames == 0)
			continue;
		snprintf(label, sizeof(label), "%s size, bytes", side_names[i]);
		hist_row(table, label, ROW_BYTES, &side->size_bytes);
		snprintf(label, sizeof(label), "%s gap", side_names[i]);
		hist_row(table, label, ROW_TIME, &side->gap_ps);
		snprintf(label, sizeof(label), "%s burst, frames",
			 side_names[i]);
		hist_row(table, label, ROW_COUNT, &side->burst_frames);
		snprintf(label, sizeof(label), "%s burst, bytes",
			 side_names[i]);
		hist_row(table, label, ROW_BYTES, &side->burst_bytes);
	}
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

static int sizes_text(const struct trace_report *report, FILE *out,
		      struct err *err)
{
	const struct stat_side *sides = report->stat->sides;
	uint64_t frames = sides[0].frames + sides[1].frames;
	struct table *table = table_new(err);
	unsigned i;
	int result;

	if (!table)
		return -1;
	table_column(table, TABLE_LEFT, "size with FCS");
	table_column(table, TABLE_RIGHT, "tx frames");
	table_column(table, TABLE_RIGHT, "rx frames");
	table_column(table, TABLE_RIGHT, "share");
	for (i = 0; i < STAT_SIZE_CLASSES; i++) {
		uint64_t tx = sides[0].size_classes[i];
		uint64_t rx = sides[1].size_classes[i];

		table_cell(table, trace_stat_class(i));
		table_cellf(table, "%" PRIu64, tx);
		table_cellf(table, "%" PRIu64, rx);
		table_cellf(table, "%.1f%%",
			    frames ? 100 * (double)(tx + rx) / (double)frames
				   : 0.0);
	}
	table_cell(table, "all");
	table_cellf(table, "%" PRIu64, sides[0].frames);
	table_cellf(table, "%" PRIu64, sides[1].frames);
	table_cell(table, "");
	result = table_print(table, out, err);
	table_free(table);
	return result;
}

int trace_report_text(const struct trace_report *report, FILE *out,
		      struct err *err)
{
	head_text(report, out);
	fputc('\n', out);
	if (sizes_text(report, out, err) < 0)
		return -1;
	fputc('\n', out);
	return shapes_text(report, out, err);
}

/* --- JSON --- */

static json_t *hist_json(struct tree_builder *b, const struct hist *hist)
{
	static const struct {
		const char *name;
		uint32_t ppm;
	} quantiles[] = { { "p50", 500000 },
			  { "p90", 900000 },
			  { "p99", 990000 },
			  { "p999", 999000 } };
	json_t *object = tree_object(b);
	bool known = hist->count > 0;
	size_t i;

	tree_put(b, object, "count", tree_u64(b, hist->count));
	tree_put(b, object, "mean",
		 known ? tree_real(b, hist_mean(hist)) : json_null());
	tree_put(b, object, "min",
		 known ? tree_u64(b, hist->min) : json_null());
	tree_put(b, object, "max",
		 known ? tree_u64(b, hist->max) : json_null());
	for (i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		tree_put(b, object, quantiles[i].name,
			 known ? tree_u64(b,
					  hist_quantile(hist, quantiles[i].ppm))
			       : json_null());
	return object;
}

static json_t *side_json(struct tree_builder *b, const struct stat_side *side)
{
	json_t *object = tree_object(b);
	json_t *classes = tree_object(b);
	unsigned i;

	for (i = 0; i < STAT_SIZE_CLASSES; i++)
		tree_put(b, classes, trace_stat_class(i),
			 tree_u64(b, side->size_classes[i]));
	tree_put(b, object, "frames", tree_u64(b, side->frames));
	tree_put(b, object, "bytes", tree_u64(b, side->bytes));
	tree_put(b, object, "size_classes_with_fcs", classes);
	tree_put(b, object, "size_bytes", hist_json(b, &side->size_bytes));
	tree_put(b, object, "gap_ps", hist_json(b, &side->gap_ps));
	tree_put(b, object, "burst_frames", hist_json(b, &side->burst_frames));
	tree_put(b, object, "burst_bytes", hist_json(b, &side->burst_bytes));
	tree_put(b, object, "peak_frames_per_ms",
		 tree_u64(b, side->peak_frames));
	tree_put(b, object, "peak_bytes_per_ms", tree_u64(b, side->peak_bytes));
	return object;
}

static json_t *files_json(struct tree_builder *b,
			  const struct trace_report *report)
{
	json_t *list = tree_array(b);
	size_t i;

	for (i = 0; i < report->count; i++) {
		const char *sha256 = report->sha256[i];
		json_t *file = tree_object(b);

		tree_put(b, file, "path", tree_text(b, report->paths[i]));
		tree_put(b, file, "sha256",
			 tree_text(b, sha256[0] ? sha256 : NULL));
		tree_append(b, list, file);
	}
	return list;
}

static void info_json(struct tree_builder *b, json_t *root,
		      const struct trace_info *info)
{
	json_t *direction = tree_object(b);

	tree_put(b, direction, "rule", tree_text(b, info->direction_rule));
	tree_put(b, direction, "evidence",
		 tree_text(b, info->direction_evidence));
	tree_put(b, root, "digest", tree_hex(b, info->digest));
	tree_put(b, root, "link_type", tree_text(b, info->link_type));
	tree_put(b, root, "status", tree_text(b, info->status));
	tree_put(b, root, "status_detail", tree_text(b, info->status_detail));
	tree_put(b, root, "frames", tree_u64(b, info->frames));
	tree_put(b, root, "bytes", tree_u64(b, info->bytes));
	tree_put(b, root, "other_frames", tree_u64(b, info->other_frames));
	tree_put(b, root, "super_frames", tree_u64(b, info->super_frames));
	tree_put(b, root, "duration_ps",
		 tree_u64(b, (uint64_t)info->duration_ps));
	tree_put(b, root, "resolution_ps",
		 tree_u64(b, (uint64_t)info->resolution_ps));
	tree_put(b, root, "capture_point", tree_text(b, info->capture_point));
	tree_put(b, root, "direction", direction);
	trace_tree_extras(b, root, info);
	tree_put(b, root, "anomalies", trace_tree_anomalies(b, info));
}

json_t *trace_report_json(const struct trace_report *report, struct err *err)
{
	const struct trace_stat *stat = report->stat;
	struct tree_builder builder = { 0 };
	json_t *root = tree_object(&builder);
	size_t i;

	tree_put(&builder, root, "files", files_json(&builder, report));
	info_json(&builder, root, report->info);
	tree_put(&builder, root, "flows", tree_u64(&builder, stat->flows));
	tree_put(&builder, root, "flows_complete",
		 json_boolean(!stat->flows_more));
	tree_put(&builder, root, "tcp_frames", tree_u64(&builder, stat->tcp));
	tree_put(&builder, root, "ack_only_frames",
		 tree_u64(&builder, stat->ack_only));
	tree_put(&builder, root, "multicast_frames",
		 tree_u64(&builder, stat->multicast));
	for (i = 0; i < 2; i++)
		tree_put(&builder, root, side_names[i],
			 side_json(&builder, &stat->sides[i]));
	if (!builder.failed)
		return root;
	json_decref(root);
	err_nomem(err, "trace report");
	return NULL;
}
