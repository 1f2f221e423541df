/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/sidecar_fields.h"

#include <string.h>

#include "core/suggest.h"

#define NUMBER_MAX (UINT64_C(1) << 48)
#define PART_MAX   65535u

static int digit_of(char c, unsigned base)
{
	int value = -1;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		value = (c | 0x20) - 'a' + 10;
	return value < (int)base ? value : -1;
}

/* Digits from *@text on, which moves behind them; false: none, or too many. */
static bool take_number(const char **text, uint64_t *value)
{
	unsigned base = 10;
	const char *start;

	*value = 0;
	if ((*text)[0] == '0' && ((*text)[1] | 0x20) == 'x') {
		base = 16;
		*text += 2;
	}
	for (start = *text; digit_of(**text, base) >= 0; ++*text)
		if (__builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(
			    *value, (unsigned)digit_of(**text, base), value))
			return false;
	return *text > start;
}

static int bad(struct err *err, const char *text, const char *wanted)
{
	return err_set(err, ERR_INPUT, "'%.60s' is not %s", text, wanted);
}

static int out_of_range(struct err *err, const char *text, uint64_t low,
			uint64_t high)
{
	return err_set(err, ERR_INPUT,
		       "'%.60s' is out of range; permitted are %llu to %llu",
		       text, (unsigned long long)low, (unsigned long long)high);
}

static int whole(const char *text, uint64_t low, uint64_t high, uint64_t *value,
		 struct err *err)
{
	const char *p = text;

	if (!take_number(&p, value) || *p)
		return bad(err, text, "a whole number of 64 bits");
	if (*value < low || *value > high)
		return out_of_range(err, text, low, high);
	return 0;
}

static int set_number(struct sidecar_record *r, const char *text,
		      struct err *err)
{
	return whole(text, 1, NUMBER_MAX, &r->number, err);
}

static int set_part(struct sidecar_record *r, const char *text, struct err *err)
{
	uint64_t value;

	if (whole(text, 0, PART_MAX, &value, err) < 0)
		return -1;
	r->part = (uint32_t)value;
	r->any_part = false;
	return 0;
}

/* The next of "54+1460"; false when it is none. */
static bool next_item(const char **p, uint64_t *value)
{
	if (!take_number(p, value))
		return false;
	if (**p == '+' && (*p)[1])
		++*p;
	else if (**p)
		return false;
	return true;
}

static int set_mdls(struct sidecar_record *r, const char *text, struct err *err)
{
	struct frame_layout *layout = &r->layout;
	uint64_t sum = 0, bytes;
	const char *p = text;

	layout->known |= LAYOUT_MDLS;
	for (layout->mdl_count = 0; *p; layout->mdl_count++) {
		if (layout->mdl_count == LAYOUT_MDL_MAX)
			return err_set(err, ERR_INPUT,
				       "more than %d MDLs: join those that are "
				       "neighbours",
				       LAYOUT_MDL_MAX);
		if (!next_item(&p, &bytes))
			return bad(err, text, "lengths in bytes: 54+1460");
		if (!bytes || bytes > LAYOUT_BYTES_MAX)
			return out_of_range(err, text, 1, LAYOUT_BYTES_MAX);
		layout->mdl_bytes[layout->mdl_count] = (uint32_t)bytes;
		sum += bytes;
	}
	if (sum > LAYOUT_BYTES_MAX)
		return err_set(err, ERR_INPUT,
			       "%llu bytes together; at most %d are one send",
			       (unsigned long long)sum, LAYOUT_BYTES_MAX);
	return 0;
}

static int set_offsets(struct sidecar_record *r, const char *text,
		       struct err *err)
{
	const char *p = text;
	uint64_t offset;

	for (r->offset_count = 0; *p; r->offset_count++) {
		if (r->offset_count == LAYOUT_MDL_MAX)
			return err_set(err, ERR_INPUT, "more than %d offsets",
				       LAYOUT_MDL_MAX);
		if (!next_item(&p, &offset))
			return bad(err, text, "offsets in a page: 256+1024");
		if (offset >= LAYOUT_PAGE)
			return out_of_range(err, text, 0, LAYOUT_PAGE - 1);
		r->layout.mdl_offset[r->offset_count] = (uint16_t)offset;
	}
	return 0;
}

static int set_skip(struct sidecar_record *r, const char *text, struct err *err)
{
	uint64_t value;

	if (whole(text, 0, LAYOUT_PAGE, &value, err) < 0)
		return -1;
	r->layout.skip = (uint16_t)value;
	return 0;
}

static int set_contiguous(struct sidecar_record *r, const char *text,
			  struct err *err)
{
	if (!strcmp(text, "yes") || !strcmp(text, "1"))
		r->layout.known |= LAYOUT_CONTIGUOUS;
	else if (!strcmp(text, "no") || !strcmp(text, "0"))
		r->layout.known |= LAYOUT_SCATTERED;
	else
		return bad(err, text, "yes or no");
	return 0;
}

static int set_identity(struct sidecar_record *r, uint8_t bit, uint64_t *value,
			const char *text, struct err *err)
{
	r->layout.known |= bit;
	return whole(text, 0, UINT64_MAX, value, err);
}

static int set_buffer(struct sidecar_record *r, const char *text,
		      struct err *err)
{
	return set_identity(r, LAYOUT_BUFFER, &r->layout.buffer, text, err);
}

static int set_batch(struct sidecar_record *r, const char *text,
		     struct err *err)
{
	return set_identity(r, LAYOUT_BATCH, &r->layout.batch, text, err);
}

static int set_nbl(struct sidecar_record *r, const char *text, struct err *err)
{
	return set_identity(r, LAYOUT_NBL, &r->layout.nbl, text, err);
}

/* "52013" or "52013.417". */
static int set_hold(struct sidecar_record *r, const char *text, struct err *err)
{
	uint64_t ns, unit = PS_PER_NS, ps = 0;
	const char *p = text;

	if (!take_number(&p, &ns))
		return bad(err, text, "nanoseconds: 52013 or 52013.417");
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9' && unit > 1; p++)
			ps += (unsigned)(*p - '0') * (unit /= 10);
	if (*p)
		return bad(err, text, "nanoseconds: 52013 or 52013.417");
	if (ns > LAYOUT_HOLD_MAX / PS_PER_NS)
		return out_of_range(err, text, 0, LAYOUT_HOLD_MAX / PS_PER_NS);
	r->layout.known |= LAYOUT_HOLD;
	r->layout.hold_ps = (sim_time)(ns * PS_PER_NS + ps);
	return 0;
}

enum { FIELD_NUMBER, FIELD_PART, FIELD_MDLS, FIELD_OFFSETS, FIELD_SKIP };

static const struct {
	const char *name;
	int (*set)(struct sidecar_record *r, const char *text, struct err *err);
} fields[SIDECAR_FIELDS] = {
	[FIELD_NUMBER] = { "number", set_number },
	[FIELD_PART] = { "part", set_part },
	[FIELD_MDLS] = { "mdls", set_mdls },
	[FIELD_OFFSETS] = { "offsets", set_offsets },
	[FIELD_SKIP] = { "skip", set_skip },
	{ "buffer", set_buffer },
	{ "contiguous", set_contiguous },
	{ "batch", set_batch },
	{ "nbl", set_nbl },
	{ "hold_ns", set_hold },
};

int sidecar_field_find(const char *name, struct err *err)
{
	char hint[SUGGEST_HINT_MAX];
	struct suggest suggest;
	int i;

	suggest_init(&suggest, name);
	for (i = 0; i < SIDECAR_FIELDS; i++) {
		if (!strcmp(fields[i].name, name))
			return i;
		suggest_offer(&suggest, fields[i].name);
	}
	return err_set(err, ERR_INPUT, "unknown field '%.60s'%s", name,
		       suggest.best ? suggest_hint(&suggest, hint, sizeof(hint))
				    : "; see dmasim-layout(5)");
}

const char *sidecar_field_name(int field)
{
	return fields[field].name;
}

int sidecar_field_set(struct sidecar_record *record, int field,
		      const char *text, struct err *err)
{
	return *text ? fields[field].set(record, text, err) : 0;
}

int sidecar_record_check(const struct sidecar_record *r, int *field,
			 struct err *err)
{
	const struct frame_layout *layout = &r->layout;
	const uint8_t pages = LAYOUT_CONTIGUOUS | LAYOUT_SCATTERED;

	*field = FIELD_NUMBER;
	if (!r->number)
		return err_set(err, ERR_INPUT,
			       "missing; it is that of the capture's record");
	*field = FIELD_MDLS;
	if (!layout->mdl_count &&
	    (r->offset_count || layout->skip || layout->known & pages))
		return err_set(err, ERR_INPUT,
			       "missing, but offsets, skip or contiguous "
			       "speak of them");
	*field = FIELD_OFFSETS;
	if (r->offset_count && r->offset_count != layout->mdl_count)
		return err_set(err, ERR_INPUT,
			       "%u for %u MDLs; write one for each, or none",
			       r->offset_count, layout->mdl_count);
	*field = FIELD_SKIP;
	if (layout->skip && layout->skip >= layout->mdl_bytes[0])
		return err_set(err, ERR_INPUT,
			       "%u leaves nothing of the first MDL, %u bytes",
			       layout->skip, layout->mdl_bytes[0]);
	return 0;
}
