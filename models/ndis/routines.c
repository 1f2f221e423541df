/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/routines.h"

#include "models/machine.h"

struct routine_def {
	const char *name, *generation, *completion, *help, *source;
	enum irql lowest, highest;
	const char *base, *unit; /* price parameters, NULL: none */
	bool stack; /* protocol stack: not in the driver's account */
};

#define ANY_IRQL      .lowest = IRQL_PASSIVE, .highest = IRQL_DISPATCH
#define DISPATCH_ONLY .lowest = IRQL_DISPATCH, .highest = IRQL_DISPATCH

static const struct routine_def defs[ROUTINES] = {
	[R_STACK_TX] = { "ProtocolSend", "all", "sync",
			 "protocol stack, per frame", "assumed", ANY_IRQL,
			 "host.stack_tx", NULL, .stack = true },
	[R_STACK_RX] = { "ProtocolReceiveNetBufferLists", "NDIS 6", "sync",
			 "protocol stack, per frame", "assumed", DISPATCH_ONLY,
			 "host.stack_rx", NULL, .stack = true },
	[R_REGISTER_SG] = { "NdisMRegisterScatterGatherDma", "NDIS 6", "sync",
			    "in MiniportInitializeEx", "WDK SG DMA",
			    .lowest = IRQL_PASSIVE, .highest = IRQL_PASSIVE },
	[R_SHARED_MEMORY] = { "NdisMAllocateSharedMemory", "NDIS 4-6", "sync",
			      "in MiniportInitializeEx", "WDK shared memory",
			      .lowest = IRQL_PASSIVE, .highest = IRQL_PASSIVE },
	[R_SEND] = { "MiniportSendNetBufferLists", "NDIS 6", "sync",
		     "the driver's own work, per frame", "WDK send path",
		     ANY_IRQL, "cost.send", NULL },
	[R_SG_BUILD] = { "NdisMAllocateNetBufferSGList", "NDIS 6", "callback",
			 "page walk and list build; unit: page", "WDK SG DMA",
			 DISPATCH_ONLY, "cost.sg_build", "cost.sg_page" },
	[R_LIST_ALLOC] = { "ExAllocatePool2", "all", "sync",
			   "SG list larger than preallocated", "Brouer",
			   ANY_IRQL, "cost.pool_alloc", NULL },
	[R_PROCESS_SG] = { "MiniportProcessSGList", "NDIS 6", "sync",
			   "the driver's callback; unit: element", "WDK SG DMA",
			   DISPATCH_ONLY, "cost.process_sg",
			   "cost.sg_element" },
	[R_SG_FREE] = { "NdisMFreeNetBufferSGList", "NDIS 6", "sync",
			"put the list, flush; unit: page", "WDK SG DMA",
			DISPATCH_ONLY, "cost.sg_put", "cost.sg_put_page" },
	[R_HAL_LOCK] = { "HalMapRegisterLock", "HAL", "sync",
			 "work under the global register lock", "ReactOS HAL",
			 DISPATCH_ONLY, "cost.hal_lock", NULL },
	[R_BOUNCE] = { "HalCopyBufferMap", "HAL", "sync",
		       "copy of bytes in pages out of reach", "WDK MapTransfer",
		       DISPATCH_ONLY, NULL, NULL },
	[R_NDIS_FALLBACK] = { "NdisCopyToContiguous", "NDIS 5-6", "sync",
			      "copy of a frame with too many fragments",
			      "WDK SG DMA", DISPATCH_ONLY, "cost.pool_alloc",
			      NULL },
	[R_COPY] = { "NdisMoveMemory", "all", "sync",
		     "driver copy to shared memory", "NetKVM, e100bex",
		     ANY_IRQL, NULL, NULL },
	[R_SYSTEM_VA] = { "MmGetSystemAddressForMdlSafe", "all", "sync",
			  "system mapping of user pages; unit: page", "assumed",
			  ANY_IRQL, "host.system_va", "host.system_va_page" },
	[R_POST] = { "MiniportPostDescriptors", "all", "sync",
		     "descriptor writes; unit: descriptor", "assumed",
		     DISPATCH_ONLY, "cost.post", "cost.descriptor" },
	[R_DOORBELL] = { "NdisWriteRegisterUlong", "all", "sync",
			 "posted write of the tail register",
			 "e1000 register timing", ANY_IRQL, "cost.mmio_write",
			 NULL },
	[R_IOMMU_MAP] = { "IommuMapLogicalRange", "HAL", "sync",
			  "page-table writes; unit: page",
			  "Linux page-table posting", DISPATCH_ONLY,
			  "iommu.map", "iommu.map_page" },
	[R_IOMMU_UNMAP] = { "IommuUnmapLogicalRange", "HAL", "sync",
			    "page-table writes; unit: page",
			    "Linux page-table posting", DISPATCH_ONLY,
			    "iommu.unmap", "iommu.unmap_page" },
	[R_IOMMU_FLUSH] = { "IommuFlushTb", "HAL", "sync",
			    "wait for the invalidation queue",
			    "Linux page-table posting", DISPATCH_ONLY, NULL,
			    NULL },
	[R_ISR] = { "MiniportInterrupt", "NDIS 6", "sync",
		    "interrupt entry, exit, DPC request", "assumed",
		    .lowest = IRQL_DIRQL, .highest = IRQL_DIRQL, "cost.isr",
		    NULL },
	[R_ISR_READ] = { "NdisReadRegisterUlong", "all", "sync",
			 "stalling read of the cause register",
			 "e1000 register timing", .lowest = IRQL_PASSIVE,
			 .highest = IRQL_DIRQL, NULL, "cost.mmio_read" },
	[R_DPC] = { "MiniportInterruptDPC", "NDIS 6", "sync",
		    "DPC dispatch and fixed work", "assumed", DISPATCH_ONLY,
		    "cost.dpc", NULL },
	[R_UNMASK] = { "NdisMEnableInterrupt", "all", "sync",
		       "posted write that unmasks the vector",
		       "e1000 register timing", DISPATCH_ONLY,
		       "cost.mmio_write", NULL },
	[R_REAP] = { "MiniportReapDescriptors", "all", "sync",
		     "look at a written-back descriptor", "assumed",
		     DISPATCH_ONLY, "cost.reap", NULL },
	[R_SEND_COMPLETE] = { "NdisMSendNetBufferListsComplete", "NDIS 6",
			      "sync", "per net buffer list", "WDK send path",
			      DISPATCH_ONLY, "cost.send_complete", NULL },
	[R_RX_FRAME] = { "MiniportReceiveFrame", "all", "sync",
			 "the driver's own work, per frame", "assumed",
			 DISPATCH_ONLY, "cost.rx_frame", NULL },
	[R_RX_COPY] = { "NdisMoveMappedMemory", "all", "sync",
			"driver copy out of the slot", "WDK receive path",
			DISPATCH_ONLY, "cost.rx_copy_buffer", NULL },
	[R_INDICATE] = { "NdisMIndicateReceiveNetBufferLists", "NDIS 6", "sync",
			 "per call; unit: list", "WDK receive path",
			 DISPATCH_ONLY, "cost.indicate", "cost.indicate_list" },
	[R_INDICATE_COPY] = { "ProtocolCopyResources", "NDIS 6", "sync",
			      "copy in line forced by the RESOURCES flag",
			      "WDK receive path", DISPATCH_ONLY, NULL, NULL },
	[R_FIRST_TOUCH] = { "ConsumerFirstTouch", "all", "sync",
			    "the consumer's first read of the frame",
			    "memcpy_measured", DISPATCH_ONLY, NULL, NULL },
	[R_RETURN] = { "MiniportReturnNetBufferLists", "NDIS 6", "sync",
		       "per net buffer list", "WDK receive path", ANY_IRQL,
		       "cost.return", NULL },
	[R_REPOST] = { "MiniportPostReceive", "all", "sync",
		       "descriptor write of a receive buffer", "assumed",
		       ANY_IRQL, "cost.repost", NULL },
	[R_POOL_GROWTH] = { "HalGrowMapBuffers", "HAL", "worker",
			    "the PASSIVE worker that grows the pool",
			    "ReactOS HAL", .lowest = IRQL_PASSIVE,
			    .highest = IRQL_PASSIVE, "cost.pool_growth", NULL },
};

static const char *const irql_names[IRQL_COUNT] = { "PASSIVE", "DISPATCH",
						    "DIRQL" };

void ledger_init(struct ledger *ledger, struct stats *stats,
		 const struct config *cfg)
{
	unsigned i, level;

	*ledger = (struct ledger){ 0 };
	for (i = 0; i < ROUTINES; i++) {
		bool stack = defs[i].stack;

		if (defs[i].base)
			ledger->row[i].base = config_u64(cfg, defs[i].base);
		if (defs[i].unit)
			ledger->row[i].unit = config_u64(cfg, defs[i].unit);
		for (level = defs[i].lowest; level <= defs[i].highest; level++)
			ledger->row[i].levels |= 1u << level;
		ledger->row[i].account[DIR_TX] =
			stack ? &stats->tx.stack_cycles
			      : &stats->tx.driver_cycles;
		ledger->row[i].account[DIR_RX] =
			stack ? &stats->rx.stack_cycles
			      : &stats->rx.driver_cycles;
	}
}

void routine_setup(struct ledger *ledger, enum routine routine)
{
	ledger->row[routine].calls++;
}

void routine_wait(struct ledger *ledger, enum routine routine, uint64_t ps)
{
	ledger->row[routine].waits++;
	ledger->row[routine].wait_ps += ps;
}

void ledger_divide(uint64_t *shared, struct stats *stats, uint64_t tx,
		   uint64_t rx)
{
	uint64_t share;

	if (!tx && !rx)
		return; /* the next that handle frames carry it */
	share = mul_div_u64(*shared, tx, tx + rx);
	stats->tx.driver_cycles += share;
	stats->rx.driver_cycles += *shared - share;
	*shared = 0;
}

uint64_t ledger_cycles(const struct ledger *ledger)
{
	uint64_t cycles = 0;
	unsigned i;

	for (i = 0; i < ROUTINES; i++)
		cycles += ledger->row[i].cycles;
	return cycles;
}

void ledger_restart(struct ledger *ledger)
{
	unsigned i;

	for (i = 0; i < ROUTINES; i++) {
		ledger->row[i].calls = ledger->row[i].cycles = 0;
		ledger->row[i].waits = ledger->row[i].wait_ps = 0;
	}
}

void ledger_result(const struct ledger *ledger, struct result_routine *rows)
{
	unsigned i;

	for (i = 0; i < ROUTINES; i++)
		rows[i] = (struct result_routine){
			.name = defs[i].name,
			.calls = ledger->row[i].calls,
			.cycles = ledger->row[i].cycles,
			.waits = ledger->row[i].waits,
			.wait_ps = ledger->row[i].wait_ps,
		};
}

/* One row as text, in static tables only: nothing to free. */
const struct routine_info *routine_row(size_t index, struct routine_info *info)
{
	const struct routine_def *def = &defs[index];

	if (index >= ROUTINES)
		return NULL;
	*info = (struct routine_info){
		.name = def->name,
		.generation = def->generation,
		.irql_lowest = irql_names[def->lowest],
		.irql_highest = irql_names[def->highest],
		.completion = def->completion,
		.base_price = def->base,
		.unit_price = def->unit,
		.source = def->source,
		.help = def->help,
	};
	return info;
}
