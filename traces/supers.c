/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/source.h"

bool super_piece(const struct frame *whole, uint32_t limit, uint32_t part,
		 struct frame *piece)
{
	uint32_t header = whole->header_bytes;
	uint32_t room, payload, before, rest;

	/* Headers that leave no room cannot be repeated: cut the bytes. */
	if (header >= limit)
		header = 0;
	room = limit - header;
	payload = whole->bytes - header;
	before = part * room;
	rest = payload - before;
	*piece = *whole;
	piece->part = part;
	piece->flags = (uint8_t)(whole->flags & ~FRAME_SUPER);
	piece->bytes = header + (rest < room ? rest : room);
	if (piece->header_bytes > piece->bytes)
		piece->header_bytes = (uint16_t)piece->bytes;
	return rest > room;
}
