/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every parameter of a machine, strategies' own excepted.  The defaults are
 * those of the host hsw-3g3 and a plain 64-bit NIC; presets differ from them.
 */
#include "models/machine.h"

#define PS_NS(n) (UINT64_C(n) * 1000)
#define PS_US(n) (UINT64_C(n) * 1000000)
#define PS_MS(n) (UINT64_C(n) * 1000000000)
#define GIB(n)	 (UINT64_C(n) << 30)
#define MIB(n)	 (UINT64_C(n) << 20)
#define KIB(n)	 (UINT64_C(n) << 10)

#define CYCLES(key_, default_, max_, help_, source_)                        \
	{                                                                   \
		.key = key_, .qty = QTY_CYCLES, .preset_default = default_, \
		.max = max_, .help = help_, .source = source_               \
	}
#define COUNT(key_, unit_, default_, min_, max_, help_, source_)      \
	{                                                             \
		.key = key_, .qty = QTY_COUNT, .unit = unit_,         \
		.preset_default = default_, .min = min_, .max = max_, \
		.help = help_, .source = source_                      \
	}
#define BYTES(key_, default_, min_, max_, help_, source_)                  \
	{                                                                  \
		.key = key_, .qty = QTY_BYTES, .preset_default = default_, \
		.min = min_, .max = max_, .help = help_, .source = source_ \
	}
#define TIME(key_, default_, max_, help_, source_)                        \
	{                                                                 \
		.key = key_, .qty = QTY_TIME, .preset_default = default_, \
		.max = max_, .help = help_, .source = source_             \
	}
#define SHARE(key_, default_, help_, source_)                              \
	{                                                                  \
		.key = key_, .qty = QTY_SHARE, .preset_default = default_, \
		.max = 1000000, .help = help_, .source = source_           \
	}
#define CHOICE(key_, default_, choices_, help_, source_)                       \
	{                                                                      \
		.key = key_, .type = PARAM_CHOICE, .preset_default = default_, \
		.choices = choices_, .help = help_, .source = source_          \
	}

/* 64 bytes shifted by the index. */
static const struct param_choice rcb_choices[] = {
	{ "64B", "most hosts" },
	{ "128B", "where the root port says so" },
	{ NULL, NULL },
};

static const struct param_choice tx_times_choices[] = {
	{ "auto", "burst for wire captures, stamp for host captures" },
	{ "stamp", "a send call at each stamp" },
	{ "burst", "one call for a run of back-to-back departures" },
	{ "asap", "as soon as the frame received before it allows" },
	{ NULL, NULL },
};

static const struct param_choice superframe_choices[] = {
	{ "auto", "LSO where the NIC has it and it is TCP, else cut" },
	{ "lso", "LSO, cut what is not TCP" },
	{ "cut", "cut into frames of the MTU before the driver" },
	{ "refuse", "fail the send with INVALID_LENGTH" },
	{ NULL, NULL },
};

static const struct param_choice mdl_choices[] = {
	{ "split", "headers MDL and payload MDL" },
	{ "linear", "one MDL" },
	{ "fragments", "headers MDL, payload in MDLs of layout.fragment" },
	{ NULL, NULL },
};

static const struct param_choice source_choices[] = {
	{ "app-copied", "the stack copied it at the send call" },
	{ "zero-copy", "locked user pages, written earlier" },
	{ "file", "file pages, in DRAM" },
	{ NULL, NULL },
};

static const struct param_choice overhead_choices[] = {
	{ "striped", "DLLPs of 8 bytes over all lanes" },
	{ "formula", "a DLLP takes 8 symbol times, as published models have "
		     "it" },
	{ NULL, NULL },
};

static const struct param_choice numa_choices[] = {
	{ "local", "the adapter is on the socket of its memory" },
	{ "remote", "on the other socket" },
	{ NULL, NULL },
};

static const struct param_choice iommu_choices[] = {
	{ "off", "logical addresses are physical addresses" },
	{ "strict", "every unmap waits for its invalidation" },
	{ NULL, NULL },
};

static const struct param_choice page_choices[] = {
	{ "4KiB", "small pages" },
	{ "2MiB", "large pages" },
	{ "1GiB", "huge pages" },
	{ NULL, NULL },
};

static const struct param_choice replacement_choices[] = {
	{ "lru", "the least recently used of the set" },
	{ "random", "any of the set" },
	{ NULL, NULL },
};

const struct param machine_params[] = {
	/* How the machine reads the traffic. */
	CHOICE("traffic.tx_times", "auto", tx_times_choices,
	       "what a transmit stamp says of the send call", "design"),
	COUNT("traffic.send_batch_max", "frames", "64", 1, 4096,
	      "most frames of one send call", "assumed"),
	CHOICE("traffic.superframes", "auto", superframe_choices,
	       "what becomes of frames above the MTU that are sent", "design"),
	BYTES("traffic.window", "0B", 0, GIB(1),
	      "closed loop: most bytes a flow may have outstanding; 0: open",
	      "design"),
	SHARE("traffic.dpc_sends", "50%",
	      "share of send calls made in the receive DPC", "assumed"),
	TIME("run.warmup", "0", PS_MS(10000000),
	     "frames before this time are simulated and not counted", "design"),

	/* Host. */
	COUNT("host.cores", "cores", "2", 1, 64, "cores", "design"),
	{ .key = "host.clock",
	  .qty = QTY_FREQ,
	  .preset_default = "3.3GHz",
	  .min = UINT64_C(100000000),
	  .max = UINT64_C(10000000000),
	  .help = "clock of the cores",
	  .source = "design" },
	BYTES("host.ram", "8GiB", MIB(16), GIB(16384), "memory",
	      "driver survey"),
	BYTES("host.low_ram", "3GiB", MIB(16), GIB(4),
	      "memory below the 4 GiB hole", "design"),
	BYTES("host.l2", "256KiB", KIB(16), MIB(64), "L2 cache of a core",
	      "Haswell"),
	BYTES("host.llc", "15MiB", KIB(256), GIB(1), "last-level cache",
	      "PB-data hsw-2620v3"),
	SHARE("host.ddio", "10%", "share of the LLC that device writes may use",
	      "PB-data: min(1, 1.46 MiB / window) on 15 MiB"),
	TIME("host.dma_read_warm", "485ns", PS_US(100),
	     "DMA read from the LLC, root port to completion, mean",
	     "PB-data: 552 ns less device and link"),
	TIME("host.dma_read_cold", "534ns", PS_US(100),
	     "the same from DRAM, refresh not counted",
	     "PB-data: 604 ns less device, link and refresh"),
	TIME("host.read_jitter", "8ns", PS_US(1),
	     "mean of the exponential jitter, part of the read's mean",
	     "PB-data: quantiles of warm reads"),
	TIME("host.dram_refresh", "230ns", PS_US(10),
	     "a refresh blocks a rank for", "JEDEC DDR3/DDR4: 160-350 ns"),
	TIME("host.dram_refresh_every", "7.8us", PS_MS(1),
	     "from refresh to refresh", "JEDEC"),
	TIME("host.dram_row", "45ns", PS_US(1),
	     "row cycle of DRAM, for the wait under load", "JEDEC"),
	{ .key = "host.dram_load",
	  .qty = QTY_SHARE,
	  .preset_default = "0%",
	  .max = 990000,
	  .help = "load of DRAM by others: device accesses wait for it",
	  .source = "HN24, assumed: none" },
	TIME("host.dma_write", "220ns", PS_US(100),
	     "posted write, root port to visible",
	     "PB-data: write-then-read 777 less read 552"),
	COUNT("host.write_credits", "lines", "92", 1, 65536,
	      "lines of posted writes the root complex takes at a time",
	      "HN24"),
	COUNT("host.read_credits", "lines", "164", 1, 65536,
	      "lines it reads at a time", "HN24: more than 164"),
	CHOICE("host.numa", "local", numa_choices,
	       "where the adapter's memory is", "design"),
	TIME("host.numa_delta", "57ns", PS_US(10),
	     "what a DRAM read of the other socket takes longer",
	     "PB-data ib-2620v2: 675 less 617 ns"),
	TIME("host.mmio_write", "250ns", PS_US(100),
	     "register write to its effect in the device", "assumed"),
	TIME("host.dpc_median", "1.53us", PS_MS(100),
	     "interrupt to DPC on an idle core, median; mean 2.5 us",
	     "LatencyMon reports, seven"),
	TIME("host.dpc_p99", "15.3us", PS_MS(1000),
	     "interrupt to DPC, 99th percentile", "LatencyMon reports"),
	CYCLES("host.stack_tx", "1500", 1000000,
	       "protocol stack per frame sent", "assumed"),
	CYCLES("host.stack_rx", "2000", 1000000,
	       "protocol stack per received frame", "assumed"),
	CYCLES("host.system_va", "300", 100000, "system mapping of user pages",
	       "assumed"),
	CYCLES("host.system_va_page", "60", 100000, "the same, per page",
	       "assumed"),
	CYCLES("host.copy_call", "5", 10000, "a copy's fixed cost",
	       "memcpy_measured scaled: 1.3 ns at 4 GHz"),
	COUNT("host.copy_fills", "lines", "10", 1, 1024,
	      "line fill buffers: lines a short copy fetches at a time",
	      "HN24: 10-12 entries"),
	SHARE("host.copy_write", "15%",
	      "price of a destination line, of what reading it costs",
	      "memcpy_measured"),
	CYCLES("host.touch_l2", "11", 10000, "first line from the L2",
	       "memcpy_measured scaled: 2.7 ns at 4 GHz"),
	CYCLES("host.touch_llc", "88", 10000, "first line from the LLC",
	       "PB-data: 80 ns less the LLC's benefit of 53.3 ns"),
	CYCLES("host.touch_dram", "264", 10000, "first line from DRAM",
	       "PB18: DRAM 70-90 ns"),
	CYCLES("host.copy_l2", "63", 10000, "lines of a copy per KiB, L2",
	       "memcpy_measured scaled: 0.99 ns a line at 4 GHz"),
	CYCLES("host.copy_llc", "158", 10000, "lines of a copy per KiB, LLC",
	       "memcpy_measured scaled: 1.38 ns a line by latency"),
	CYCLES("host.copy_dram", "238", 10000, "lines of a copy per KiB, DRAM",
	       "memcpy_measured scaled: 7.6 ns a line by latency and fills"),
	CYCLES("host.stream_l2", "27", 10000, "the same beyond a page, L2",
	       "memcpy_measured scaled: 0.43 ns a line at 4 GHz"),
	CYCLES("host.stream_llc", "115", 10000, "the same beyond a page, LLC",
	       "memcpy_measured scaled: 1.01 ns a line by latency"),
	CYCLES("host.stream_dram", "186", 10000, "the same beyond a page, DRAM",
	       "memcpy_measured: 3.53 ns a line"),

	/* Prices of routines. */
	CYCLES("cost.send", "150", 100000, "driver work per frame sent",
	       "assumed"),
	CYCLES("cost.sg_build", "860", 10000,
	       "SG list build; with the put 400 ns, band 200 ns to 2 us",
	       "assumed"),
	CYCLES("cost.sg_page", "20", 10000, "SG list build per page",
	       "assumed"),
	CYCLES("cost.process_sg", "60", 10000, "MiniportProcessSGList",
	       "assumed"),
	CYCLES("cost.sg_element", "15", 10000, "the same per element",
	       "assumed"),
	CYCLES("cost.sg_put", "400", 10000, "SG list put", "assumed"),
	CYCLES("cost.sg_put_page", "10", 10000, "SG list put per page",
	       "assumed"),
	CYCLES("cost.hal_lock", "100", 10000,
	       "work under the map register lock", "assumed"),
	CYCLES("cost.pool_alloc", "213", 10000, "allocate and free memory",
	       "Brouer, order-0 page"),
	CYCLES("cost.pool_growth", "20000", 10000000,
	       "work of the register pool's growth", "assumed"),
	CYCLES("cost.post", "40", 10000, "post a frame: ring state, lock pair",
	       "Brouer, spin lock 34"),
	CYCLES("cost.descriptor", "15", 10000, "write one descriptor",
	       "assumed"),
	CYCLES("cost.mmio_write", "13", 10000, "posted register write",
	       "e1000 register timing: 4 ns"),
	CYCLES("cost.mmio_read", "2640", 100000, "stalling register read",
	       "e1000 register timing: 0.7 to 0.9 us"),
	CYCLES("cost.isr", "500", 100000, "interrupt entry and exit",
	       "assumed"),
	CYCLES("cost.dpc", "800", 100000, "DPC dispatch and fixed work",
	       "assumed"),
	CYCLES("cost.reap", "40", 10000, "look at a finished descriptor",
	       "assumed"),
	CYCLES("cost.send_complete", "120", 10000, "complete a list upwards",
	       "assumed"),
	CYCLES("cost.rx_frame", "120", 10000, "driver work per frame received",
	       "assumed"),
	CYCLES("cost.rx_copy_buffer", "30", 10000,
	       "take a pool buffer for a copy",
	       "published_primitives: page_pool recycle 15, twice"),
	CYCLES("cost.indicate", "150", 10000, "an indicate call", "assumed"),
	CYCLES("cost.indicate_list", "30", 10000, "the same per list",
	       "assumed"),
	CYCLES("cost.return", "60", 10000, "a returned list", "assumed"),
	CYCLES("cost.repost", "40", 10000, "post a receive buffer", "assumed"),

	/* HAL and IOMMU. */
	COUNT("hal.pool", "registers", "16384", 1, 1048576,
	      "map registers at first", "swiotlb: modern 64 MiB"),
	COUNT("hal.pool_cap", "registers", "16384", 1, 1048576,
	      "map registers at most", "swiotlb"),
	COUNT("hal.pool_growth", "registers", "16", 1, 65536,
	      "map registers added by one growth", "ReactOS HAL"),
	COUNT("hal.background", "registers", "0", 0, 1048576,
	      "map registers that other devices hold", "design"),
	TIME("hal.worker_delay", "100us", PS_MS(1000),
	     "until the PASSIVE worker that grows the pool runs",
	     "driver survey"),
	BYTES("hal.max_mapping", "1514B", 64, MIB(1),
	      "largest mapping registered (MaximumPhysicalMapping)",
	      "driver survey"),
	COUNT("hal.list_elements", "elements", "0", 0, 64,
	      "elements of a preallocated SG list (ScatterGatherListSize); 0: "
	      "nic.sg_elements",
	      "WDK SG DMA"),
	CHOICE("iommu.mode", "off", iommu_choices, "DMA remapping", "design"),
	CYCLES("iommu.map", "990", 100000, "map, fixed",
	       "Linux page-table posting: 300 ns"),
	CYCLES("iommu.map_page", "198", 100000, "map per page",
	       "Linux page-table posting: 60 ns"),
	CYCLES("iommu.unmap", "990", 100000, "unmap, fixed",
	       "Linux page-table posting: 300 ns"),
	CYCLES("iommu.unmap_page", "264", 100000, "unmap per page",
	       "Linux page-table posting: 80 ns"),
	CYCLES("iommu.invalidate", "2130", 100000, "one IOTLB invalidation",
	       "RIO15 as quoted: 2127-2135"),
	COUNT("iommu.iotlb", "entries", "128", 1, 65536, "IOTLB, 4 KiB pages",
	      "PB-data: 121 to 125 effective"),
	COUNT("iommu.iotlb_reserved", "entries", "5", 0, 65536,
	      "of these held for ever by others", "PB-data"),
	COUNT("iommu.iotlb_2m", "entries", "64", 1, 65536, "IOTLB, 2 MiB pages",
	      "assumed; PB-data: no miss over 32 of them"),
	COUNT("iommu.iotlb_1g", "entries", "16", 1, 65536, "IOTLB, 1 GiB pages",
	      "assumed"),
	COUNT("iommu.iotlb_ways", "entries", "8", 1, 65536, "entries of a set",
	      "assumed"),
	CHOICE("iommu.iotlb_replacement", "lru", replacement_choices,
	       "which entry of a full set goes", "assumed"),
	COUNT("iommu.psc", "entries", "64", 1, 65536,
	      "page-structure cache of each upper level", "FS24: 64-128"),
	CHOICE("iommu.page", "4KiB", page_choices,
	       "page size of memory mapped in one piece at set-up", "design"),
	COUNT("iommu.walks", "walks", "5", 1, 1024, "page walks at a time",
	      "PB-data: 228 ns each, one per 45 ns"),
	TIME("iommu.walk", "228ns", PS_US(100),
	     "page walk that reads one entry from memory", "PB-data"),
	TIME("iommu.walk_level", "197ns", PS_US(100), "every further entry",
	     "FS24: 197 ns a memory access"),

	/* PCIe. */
	COUNT("pcie.generation", "", "2", 1, 5, "generation", "design"),
	COUNT("pcie.lanes", "lanes", "8", 1, 16, "lanes", "design"),
	BYTES("pcie.mps", "256B", 128, 4096, "maximum payload size",
	      "PB-model"),
	BYTES("pcie.mrrs", "512B", 128, 4096, "maximum read request size",
	      "PB-model"),
	CHOICE("pcie.rcb", "64B", rcb_choices, "read completion boundary",
	       "PB-data"),
	{ .key = "pcie.ecrc",
	  .type = PARAM_BOOL,
	  .preset_default = "no",
	  .help = "end-to-end CRC, 4 bytes on every TLP",
	  .source = "PB-model" },
	BYTES("pcie.completion", "128B", 64, 4096,
	      "completions of a long request are cut at this size",
	      "PB-data: 128-150 B from 512 B on"),
	BYTES("pcie.line_request", "256B", 0, 4096,
	      "requests up to this return at the read completion boundary",
	      "PB-data: 64 B completions to 256 B"),
	TIME("pcie.completion_interval", "11ns", PS_US(1),
	     "least time from one completion to the next",
	     "PB-data: reads of 65 B and 129 B"),
	CHOICE("pcie.overhead", "striped", overhead_choices,
	       "what ACK and flow control take of a direction",
	       "PB-data: reads at 62.8 of 63.0 Gb/s"),
	COUNT("pcie.tags", "tags", "32", 1, 1024, "outstanding read requests",
	      "PB-data: extended tags off"),

	/* NIC. */
	{ .key = "nic.wire",
	  .qty = QTY_RATE,
	  .preset_default = "10Gbps",
	  .min = 1000000,
	  .max = UINT64_C(1000000000000),
	  .help = "Ethernet rate",
	  .source = "design" },
	COUNT("nic.queues", "queues", "1", 1, 16,
	      "queue pairs, each with a vector on its core", "design"),
	COUNT("nic.rss_table", "entries", "128", 1, 256,
	      "entries of the RSS indirection table, a power of two",
	      "WDK receive path: 128"),
	COUNT("nic.dma_width", "bits", "64", 24, 64, "width of DMA addresses",
	      "driver survey"),
	COUNT("nic.sg_elements", "elements", "16", 1, 64,
	      "SG elements of one send", "driver survey"),
	COUNT("nic.tx_ring", "descriptors", "512", 8, 65536, "transmit ring",
	      "ixgbe"),
	COUNT("nic.rx_ring", "descriptors", "512", 8, 65536, "receive ring",
	      "ixgbe"),
	COUNT("nic.fetch_max", "descriptors", "40", 1, 1024,
	      "descriptors of one fetch", "82599 by PB-model"),
	COUNT("nic.desc_cache", "descriptors", "64", 1, 4096,
	      "descriptors on chip, per queue and direction", "assumed"),
	COUNT("nic.prefetch", "descriptors", "32", 1, 4096,
	      "fetch when fewer are on chip (PTHRESH)", "ixgbe: 32"),
	COUNT("nic.host_threshold", "descriptors", "1", 1, 4096,
	      "and at least this many wait in memory (HTHRESH)", "ixgbe"),
	COUNT("nic.tx_write_back", "frames", "8", 1, 1024,
	      "completions of one write-back (WTHRESH)", "82599 by PB-model"),
	COUNT("nic.rx_write_back", "frames", "1", 1, 1024,
	      "received frames of one write-back", "82598: default 1"),
	COUNT("nic.rx_tail_batch", "buffers", "16", 1, 1024,
	      "buffers posted per tail write", "ixgbe: 16"),
	BYTES("nic.tx_fifo", "160KiB", 2048, MIB(16), "transmit FIFO",
	      "assumed: 82599 class"),
	BYTES("nic.rx_fifo", "512KiB", 2048, MIB(64), "receive FIFO",
	      "assumed: 82599 class"),
	COUNT("nic.dma_reads", "frames", "8", 1, 256,
	      "frames whose payload is read at a time", "assumed"),
	TIME("nic.dma_issue", "0", PS_US(10),
	     "the DMA engine issues a write this long after another",
	     "assumed: none; NFP6000 21.1 ns by PB-data"),
	BYTES("nic.dma_chunk", "128B", 16, 65536,
	      "writes are issued in chunks of", "PB-data: NFP6000"),
	TIME("nic.dma_chunk_time", "0", PS_US(10),
	     "and every further chunk takes",
	     "assumed: none; NFP6000 17 ns by PB-data"),
	TIME("nic.write_gap", "0", PS_US(1),
	     "the device's port idles between writes",
	     "assumed: none; NFP6000 4.5 ns by PB-data"),
	TIME("nic.dma_latency", "44ns", PS_US(10),
	     "DMA engine's share of a read's latency",
	     "PB-data: NFP6000; assumed of others"),
	{ .key = "nic.dma_store",
	  .qty = QTY_RATE,
	  .preset_default = "0",
	  .max = UINT64_C(10000000000000),
	  .help = "rate at which read data is stored before use; 0: at once",
	  .source = "assumed: at once; NFP6000 55 Gb/s by PB-data" },
	{ .key = "nic.lso",
	  .type = PARAM_BOOL,
	  .preset_default = "no",
	  .help = "large send offload",
	  .source = "design" },
	TIME("nic.moderation", "20us", PS_MS(100),
	     "least time between interrupts of a vector", "design"),
	COUNT("nic.isr_reads", "reads", "0", 0, 8,
	      "register reads of the interrupt routine", "MSI-X: none"),

	/* Driver. */
	COUNT("tx.queue_limit", "frames", "4096", 1, 1048576,
	      "frames that may wait in the driver, per queue", "design"),
	COUNT("tx.copy_pages", "pages", "0", 0, 1048576,
	      "common-buffer pages for copies; 0: one per descriptor",
	      "NetKVM, e100bex"),
	BYTES("rx.buffer", "2KiB", 256, 65536, "a receive buffer",
	      "driver survey"),
	COUNT("rx.buffers", "buffers", "0", 0, 1048576,
	      "receive buffers of mapping strategies; 0: one per descriptor",
	      "driver survey"),
	SHARE("rx.register_share", "50%",
	      "share of the map registers that posted buffers may hold",
	      "assumed"),
	SHARE("rx.low_watermark", "25%",
	      "of the posted buffers: below it RESOURCES is indicated",
	      "driver survey"),
	COUNT("rx.indicate_max", "lists", "32", 1, 1000,
	      "lists of one indicate call", "driver survey"),
	COUNT("rx.dpc_budget", "frames", "256", 1, 65536,
	      "frames received by one DPC", "assumed"),
	SHARE("rx.hold_share", "30%",
	      "bursts whose buffers the protocol keeps after the call",
	      "assumed"),
	TIME("rx.hold_median", "50us", PS_MS(1000), "how long it keeps them",
	     "assumed"),
	TIME("rx.hold_p99", "5ms", PS_MS(10000), "99th percentile", "assumed"),

	/* Layout of the sender's memory. */
	CHOICE("layout.mdl", "split", mdl_choices, "shape of the MDL chain",
	       "WDK MDLs, assumed"),
	BYTES("layout.fragment", "128B", 16, 65536,
	      "bytes of an MDL in layout.mdl=fragments", "WDK MDLs, assumed"),
	BYTES("layout.backfill", "0B", 0, 128,
	      "unused header room before the frame (CurrentMdlOffset)",
	      "WDK SG DMA"),
	SHARE("layout.merge", "10%",
	      "probability that the next page of a payload is adjacent",
	      "assumed"),
	COUNT("layout.tx_buffers", "buffers", "1024", 1, 1048576,
	      "payload buffers, used in turn", "assumed"),
	COUNT("layout.tx_headers", "buffers", "1024", 1, 1048576,
	      "header buffers, used in turn", "assumed"),
	CHOICE("layout.tx_source", "app-copied", source_choices,
	       "where the payload comes from", "design"),
	{ .key = NULL },
};
