/* SPDX-License-Identifier: Apache-2.0 */
#include "core/frame_store.h"

#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"

/* Bytes of records in a chunk; one more than the longest record is left. */
#define CHUNK_BYTES 262144u
#define RECORD_MAX  32u

/* The control word. */
#define TIME_BYTES(c)	((c)&15u)
#define TIME_UNIT(c)	((c) >> 4 & 3u)
#define KIND_BYTES(c)	(((c) >> 6 & 3u) + 1)
#define LENGTH_BYTES(c) (((c) >> 8 & 3u) + 1)
#define NEXT_NUMBER	(1u << 10) /* the number before plus 1, part 0 */
#define NEXT_PART	(1u << 11) /* the number before, its part plus 1 */
#define DIRECTION(c)	((c) >> 12 & 1u)

static const uint64_t unit_ps[] = { 1, 1000, 1000000 };

/* What frames of one flow have in common, most often in both directions. */
struct kind {
	uint32_t flow, rss;
	uint16_t header_bytes;
	uint16_t flags;
};

struct chunk {
	struct chunk *next;
	size_t used;
	uint8_t bytes[CHUNK_BYTES];
};

struct frame_store {
	size_t limit, bytes;
	struct chunk *first, *last;
	struct kind *kinds;
	uint32_t kind_count, kind_room;
	uint32_t *table; /* kind + 1 by hash, 0: free; while adding */
	uint32_t table_mask;
	uint64_t frames;
	struct frame before;
};

struct frame_store *frame_store_new(size_t limit, struct err *err)
{
	struct frame_store *store = calloc(1, sizeof(*store));

	if (!store) {
		err_nomem(err, "frames in memory");
		return NULL;
	}
	store->limit = limit;
	return store;
}

void frame_store_free(struct frame_store *store)
{
	if (!store)
		return;
	while (store->first) {
		struct chunk *chunk = store->first;

		store->first = chunk->next;
		free(chunk);
	}
	free(store->kinds);
	free(store->table);
	free(store);
}

uint64_t frame_store_frames(const struct frame_store *store)
{
	return store->frames;
}

size_t frame_store_bytes(const struct frame_store *store)
{
	return store->bytes;
}

/* --- kinds --- */

static uint32_t kind_hash(const struct kind *kind)
{
	uint64_t words = (uint64_t)kind->flow << 32 | kind->rss;

	words ^= ((uint64_t)kind->header_bytes << 16 | kind->flags) << 20;
	return (uint32_t)mix64(words);
}

static bool kind_equal(const struct kind *a, const struct kind *b)
{
	return a->flow == b->flow && a->rss == b->rss &&
	       a->header_bytes == b->header_bytes && a->flags == b->flags;
}

static void table_put(struct frame_store *store, uint32_t index)
{
	uint32_t at = kind_hash(&store->kinds[index]);

	while (store->table[at & store->table_mask])
		at++;
	store->table[at & store->table_mask] = index + 1;
}

/* Twice the room for kinds, and a table twice as large as that. */
static int grow_kinds(struct frame_store *store)
{
	uint32_t room = store->kind_room ? 2 * store->kind_room : 512;
	struct kind *kinds =
		realloc(store->kinds, room * sizeof(*store->kinds));
	uint32_t *table =
		kinds ? calloc(2 * (size_t)room, sizeof(*table)) : NULL;
	uint32_t i;

	if (kinds)
		store->kinds = kinds;
	if (!table)
		return -1;
	store->bytes += (room - store->kind_room) *
			(sizeof(*kinds) + 2 * sizeof(*table));
	store->kind_room = room;
	free(store->table);
	store->table = table;
	store->table_mask = 2 * room - 1;
	for (i = 0; i < store->kind_count; i++)
		table_put(store, i);
	return 0;
}

/* The number of a kind, that of a new one included. */
static int kind_of(struct frame_store *store, const struct frame *frame,
		   uint32_t *index)
{
	const struct kind kind = { .flow = frame->flow,
				   .rss = frame->rss,
				   .header_bytes = frame->header_bytes,
				   .flags = frame->flags };
	uint32_t at = kind_hash(&kind), entry;

	while (store->table && (entry = store->table[at & store->table_mask])) {
		*index = entry - 1;
		if (kind_equal(&store->kinds[*index], &kind))
			return 0;
		at++;
	}
	if (store->kind_count == store->kind_room && grow_kinds(store) < 0)
		return -1;
	*index = store->kind_count++;
	store->kinds[*index] = kind;
	table_put(store, *index);
	return 0;
}

/* --- packing --- */

static unsigned bytes_of(uint64_t value)
{
	return value ? 8 - (unsigned)__builtin_clzll(value) / 8 : 0;
}

static uint8_t *put(uint8_t *p, uint64_t value, unsigned bytes)
{
	uint64_t word = htole64(value);

	memcpy(p, &word, sizeof(word));
	return p + bytes;
}

static uint64_t get(const uint8_t **p, unsigned bytes)
{
	uint64_t word;

	memcpy(&word, *p, sizeof(word));
	*p += bytes;
	word = le64toh(word);
	return bytes < 8 ? word & ((UINT64_C(1) << 8 * bytes) - 1) : word;
}

/* What the control word says of number and part. */
static unsigned step_of(const struct frame *before, const struct frame *frame)
{
	if (frame->number == before->number + 1 && !frame->part)
		return NEXT_NUMBER;
	if (frame->number == before->number && frame->part == before->part + 1)
		return NEXT_PART;
	return 0;
}

static uint8_t *pack(uint8_t *p, const struct frame *before,
		     const struct frame *frame, uint32_t kind)
{
	uint64_t time = (uint64_t)(frame->at - before->at);
	unsigned unit = time % 1000 ? 0 : time % 1000000 ? 1 : 2;
	unsigned step = step_of(before, frame), times, kinds, lengths;

	time /= unit_ps[unit];
	times = bytes_of(time);
	kinds = bytes_of(kind | 1);
	lengths = bytes_of(frame->bytes | 1);
	p = put(p,
		times | unit << 4 | (kinds - 1) << 6 | (lengths - 1) << 8 |
			step | (unsigned)frame->direction << 12,
		2);
	p = put(p, time, times);
	p = put(p, kind, kinds);
	p = put(p, frame->bytes, lengths);
	if (step)
		return p;
	p = put(p, frame->number, 8);
	return put(p, frame->part, 4);
}

static int grow_chunks(struct frame_store *store)
{
	struct chunk *chunk = malloc(sizeof(*chunk));

	if (!chunk)
		return -1;
	chunk->next = NULL;
	chunk->used = 0;
	if (store->last)
		store->last->next = chunk;
	else
		store->first = chunk;
	store->last = chunk;
	store->bytes += sizeof(*chunk);
	return 0;
}

static int add(struct frame_store *store, const struct frame *frame)
{
	struct chunk *chunk = store->last;
	uint32_t kind;

	if ((!chunk || chunk->used + 2 * RECORD_MAX > CHUNK_BYTES) &&
	    grow_chunks(store) < 0)
		return -1;
	chunk = store->last;
	if (kind_of(store, frame, &kind) < 0)
		return -1;
	chunk->used = (size_t)(pack(chunk->bytes + chunk->used, &store->before,
				    frame, kind) -
			       chunk->bytes);
	store->before = *frame;
	store->frames++;
	return 0;
}

int frame_store_add(struct frame_store *store, const struct frame *frames,
		    size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (frames[i].layout)
			return 1;
		if (add(store, &frames[i]) < 0)
			return err_nomem(err, "frames in memory");
	}
	return store->bytes > store->limit;
}

void frame_store_close(struct frame_store *store)
{
	struct chunk *last = store->last;
	struct kind *kinds;

	free(store->table);
	store->table = NULL;
	store->bytes -= 2 * (size_t)store->kind_room * sizeof(*store->table);
	kinds = realloc(store->kinds, (store->kind_count + !store->kind_count) *
					      sizeof(*kinds));
	if (kinds) {
		store->kinds = kinds;
		store->bytes -=
			(store->kind_room - store->kind_count) * sizeof(*kinds);
		store->kind_room = store->kind_count;
	}
	/* The one chunk of a small trace; of others it is a small part. */
	if (!last || last != store->first)
		return;
	last = realloc(last,
		       sizeof(*last) - CHUNK_BYTES + last->used + RECORD_MAX);
	if (last) {
		store->first = store->last = last;
		store->bytes -= CHUNK_BYTES - last->used - RECORD_MAX;
	}
}

/* --- reading --- */

struct cursor {
	struct frame_source base;
	const struct frame_store *store;
	const struct chunk *chunk;
	size_t at; /* in its bytes */
	struct frame before;
};

static const uint8_t *unpack(const struct frame_store *store, const uint8_t *p,
			     const struct frame *before, struct frame *out)
{
	unsigned control = (unsigned)get(&p, 2);
	const struct kind *kind;

	out->at = before->at + (sim_time)(get(&p, TIME_BYTES(control)) *
					  unit_ps[TIME_UNIT(control)]);
	kind = &store->kinds[get(&p, KIND_BYTES(control))];
	out->bytes = (uint32_t)get(&p, LENGTH_BYTES(control));
	out->flow = kind->flow;
	out->rss = kind->rss;
	out->header_bytes = kind->header_bytes;
	out->direction = (uint8_t)DIRECTION(control);
	out->flags = (uint8_t)kind->flags;
	out->layout = 0;
	if (control & NEXT_NUMBER) {
		out->number = before->number + 1;
		out->part = 0;
	} else if (control & NEXT_PART) {
		out->number = before->number;
		out->part = before->part + 1;
	} else {
		out->number = get(&p, 8);
		out->part = (uint32_t)get(&p, 4);
	}
	return p;
}

static long cursor_read(struct frame_source *source, struct frame *out,
			size_t max, struct err *err)
{
	struct cursor *cursor = (struct cursor *)source;
	const struct frame *before = &cursor->before;
	size_t n = 0;

	(void)err;
	while (n < max && cursor->chunk) {
		const struct chunk *chunk = cursor->chunk;
		const uint8_t *p = chunk->bytes + cursor->at;
		const uint8_t *end = chunk->bytes + chunk->used;

		while (n < max && p < end) {
			p = unpack(cursor->store, p, before, &out[n]);
			before = &out[n++];
		}
		cursor->at = (size_t)(p - chunk->bytes);
		if (p == end) {
			cursor->chunk = chunk->next;
			cursor->at = 0;
		}
	}
	if (n)
		cursor->before = out[n - 1];
	return (long)n;
}

static int cursor_rewind(struct frame_source *source, struct err *err)
{
	struct cursor *cursor = (struct cursor *)source;

	(void)err;
	cursor->chunk = cursor->store->first;
	cursor->at = 0;
	memset(&cursor->before, 0, sizeof(cursor->before));
	return 0;
}

static void cursor_free(struct frame_source *source)
{
	free(source);
}

static const struct frame_source_ops cursor_ops = {
	.name = "store",
	.read = cursor_read,
	.rewind = cursor_rewind,
	.free = cursor_free,
};

struct frame_source *frame_store_open(const struct frame_store *store,
				      struct err *err)
{
	struct cursor *cursor = calloc(1, sizeof(*cursor));

	if (!cursor) {
		err_nomem(err, "frames in memory");
		return NULL;
	}
	cursor->base.ops = &cursor_ops;
	cursor->store = store;
	cursor->chunk = store->first;
	return &cursor->base;
}
