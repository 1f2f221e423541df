/* SPDX-License-Identifier: Apache-2.0 */
#include "models/hazards.h"

#include <stddef.h>

const struct hazard_def hazard_defs[HAZARDS] = {
	[HAZARD_CONTIG_EXHAUSTED] = { "contig_exhausted", "0x00",
				      "asks for a longer run of map registers "
				      "than the pool can have",
				      "the request is never granted" },
	[HAZARD_DOUBLE_FREE] = { "double_free", "0x03 0x04 0x05 0x06",
				 "frees a list, registers, a channel or a "
				 "common buffer twice",
				 "what another driver holds is given away" },
	[HAZARD_LEAK_ON_RELEASE] = { "leak_on_release",
				     "0x07 0x08 0x09 0x0A 0x11",
				     "gives up the adapter with lists or "
				     "registers outstanding",
				     "the pool shrinks until nothing is "
				     "mapped" },
	[HAZARD_MULTI_CHANNEL] = { "multi_channel", "0x0B",
				   "asks for a channel in the callback of "
				   "another",
				   "the second waits for the first, or both "
				   "program the device" },
	[HAZARD_TOO_MANY_REGISTERS] = { "too_many_registers", "0x0C 0x15",
					"asks for more map registers than its "
					"adapter has",
					"the request fails, its callback "
					"never runs" },
	[HAZARD_NOT_FLUSHED] = { "not_flushed", "0x0D",
				 "ends a transfer without flushing it",
				 "bounced bytes stay in the bounce pages" },
	[HAZARD_PAGEABLE_BUFFER] = { "pageable_buffer", "0x0E",
				     "maps memory that is not locked",
				     "the page is elsewhere when the device "
				     "comes" },
	[HAZARD_OVERRUN] = { "overrun", "0x0F",
			     "has the device write more than the buffer holds",
			     "the memory behind it is overwritten" },
	[HAZARD_FREED_WHILE_MAPPED] = { "freed_while_mapped", "0x10",
					"frees registers of a live mapping",
					"the bounce pages serve two transfers "
					"at once" },
	[HAZARD_WRONG_IRQL] = { "wrong_irql", "0x13 0x14",
				"calls a routine at a level it does not "
				"permit",
				"corrupted queues, or a stop at once" },
	[HAZARD_FLUSH_UNMAPPED] = { "flush_unmapped", "0x16 0x20",
				    "flushes what is not mapped",
				    "memory of others is copied over" },
	[HAZARD_USE_AFTER_RELEASE] = { "use_after_release", "0x18 0x19",
				       "uses an adapter object it has "
				       "released",
				       "a call through freed memory" },
	[HAZARD_BAD_BUFFER] = { "bad_buffer", "0x1B 0x1F 0x21 0x22",
				"maps no bytes, or an address that the MDL "
				"does not describe",
				"the device reads what lies there" },
	[HAZARD_DOUBLE_MAP] = { "double_map", "0x1D", "maps a buffer twice",
				"two copies of it; one mapping is lost" },
	[HAZARD_FLUSH_ACTIVE] = { "flush_active", "0x23",
				  "flushes while the device is at work",
				  "half of the bytes are old" },
	[HAZARD_SHORT_LIST_BUFFER] = { "short_list_buffer", "0x24",
				       "gives a list buffer that is too small",
				       "BUFFER_TOO_SMALL, and no list" },
	[HAZARD_IOMMU_FAULT] = { "iommu_fault", "0x26",
				 "gives the device an address that is not "
				 "mapped",
				 "the IOMMU stops the machine" },
	[HAZARD_OOB_DMA] = { "oob_dma", NULL,
			     "gives the device physical addresses beyond its "
			     "reach",
			     "cut-off addresses: other pages are sent or "
			     "overwritten" },
	[HAZARD_LIST_FREED_EARLY] = { "list_freed_early", NULL,
				      "frees the list while the card may read "
				      "by it",
				      "wrong bytes on the wire" },
	[HAZARD_USE_BEFORE_CALLBACK] = { "use_before_callback", NULL,
					 "reads the list before the callback "
					 "has come",
					 "descriptors from memory that is not "
					 "filled" },
	[HAZARD_READ_BEFORE_FLUSH] = { "read_before_flush", NULL,
				       "hands up received bytes without "
				       "flushing them",
				       "the protocol reads stale bytes" },
	[HAZARD_EDIT_AFTER_MAP] = { "edit_after_map", NULL,
				    "writes to a frame that is mapped already",
				    "if it bounced, the old bytes are sent" },
	[HAZARD_BATCH_MAP] = { "batch_map", NULL,
			       "maps a batch before it sends any of it",
			       "a circular wait for registers: the machine "
			       "stops sending" },
	[HAZARD_HEADER_ROOM_NOT_SKIPPED] = { "header_room_not_skipped", NULL,
					     "does not skip CurrentMdlOffset",
					     "unused header room is sent "
					     "before the frame" },
	[HAZARD_LINE_TEARING] = { "line_tearing", NULL,
				  "lets a receive buffer share a cache line "
				  "with data of the CPU",
				  "one overwrites the other where caches are "
				  "not coherent" },
	[HAZARD_UNCACHED_INDICATION] = { "uncached_indication", NULL,
					 "hands up uncached memory",
					 "the protocol reads it word by "
					 "word" },
	[HAZARD_RESOURCES_KEPT] = { "resources_kept", NULL,
				    "waits for the return of what it handed up "
				    "with the RESOURCES flag",
				    "the buffer is lost; the ring runs dry" },
	[HAZARD_TOO_MANY_FRAGMENTS] = { "too_many_fragments", NULL,
					"posts more fragments than the card "
					"takes",
					"the frame is cut off, or the card "
					"hangs" },
	[HAZARD_LOCK_HELD_ACROSS_MAP] = { "lock_held_across_map", NULL,
					  "holds a lock that the callback "
					  "takes while it asks for the list",
					  "the core spins for ever" },
	[HAZARD_REGISTER_COUNT_MISMATCH] = { "register_count_mismatch", NULL,
					     "frees another number of "
					     "registers than it was given",
					     "registers are lost, or freed for "
					     "others" },
	[HAZARD_ASYNC_WITHOUT_REGISTRATION] = { "async_without_registration",
						NULL,
						"asks for shared memory before "
						"it has registered for DMA",
						"the request fails" },
};
