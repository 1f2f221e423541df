/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of a layout sidecar, field by field: the same rules for all
 * forms, which hand over a field's value as text.
 */
#ifndef TRACES_SIDECAR_FIELDS_H
#define TRACES_SIDECAR_FIELDS_H

#include "core/err.h"
#include "core/layout.h"

#define SIDECAR_FIELDS 10

struct sidecar_record {
	uint64_t number;
	uint32_t part;
	bool any_part; /* of all pieces of the record */
	unsigned offset_count;
	struct frame_layout layout;
};

/* Index of a field, -1 with an error that suggests another name. */
int sidecar_field_find(const char *name, struct err *err);
const char *sidecar_field_name(int field);
/*
 * -1 with an error that says what is wrong with @text and what to write.  An
 * empty text says nothing of the field.
 */
int sidecar_field_set(struct sidecar_record *record, int field,
		      const char *text, struct err *err);
/* Fields that need each other; *@field is the one to blame. */
int sidecar_record_check(const struct sidecar_record *record, int *field,
			 struct err *err);

#endif
