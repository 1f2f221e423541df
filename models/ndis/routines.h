/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: every routine the models call, with its generation, permitted
 * IRQL, completion and prices.
 *
 * Models spend CPU time only through it: a call counts the routine, checks the
 * IRQL, turns the row's prices into cycles and charges them to the core, to a
 * stage of the frame and to the direction's account:
 *
 *	routine_call(m, core, R_SG_BUILD, &(struct charge){ DIR_TX,
 *			&frame->clock, TX_MAP, .units = pages });
 *
 * A call at a level outside the row's range is the hazard wrong_irql; all
 * hazards of a machine are counted here.  Some routines call another one: it is
 * counted with them and priced in them.  What is taken at set-up is given back
 * when the machine halts, by routines that are counted as well.
 */
#ifndef MODELS_NDIS_ROUTINES_H
#define MODELS_NDIS_ROUTINES_H

#include "core/param.h"
#include "core/result.h"
#include "models/hazards.h"
#include "models/host/cpu.h"
#include "models/stats.h"

enum routine {
	ROUTINE_NONE,
	R_STACK_TX,
	R_STACK_RX,
	R_RAISE_IRQL,
	R_LIST_ALLOC,
	R_COPY,
	R_SYSTEM_VA,
	R_MDL_WALK,
	R_POST,
	R_DOORBELL,
	R_ALLOC_MAP_REGISTERS,
	R_QUERY_MAP_REGISTERS,
	R_FREE_NDIS_REGISTERS,
	R_START_MAPPING,
	R_COMPLETE_MAPPING,
	R_FLUSH_BUFFER,
	R_REGISTER_CHANNEL,
	R_SETUP_TRANSFER,
	R_COMPLETE_TRANSFER,
	R_READ_COUNTER,
	R_DEREGISTER_CHANNEL,
	R_SHARED_MEMORY,
	R_FREE_SHARED,
	R_SHARED_ASYNC,
	R_SHARED_ASYNC_DONE,
	R_SHARED_ASYNC_EX,
	R_SHARED_ASYNC_EX_DONE,
	R_UPDATE_SHARED,
	R_INIT_SG5,
	R_SEND_PACKETS,
	R_PACKET_COMPLETE,
	R_REGISTER_SG,
	R_DEREGISTER_SG,
	R_SEND,
	R_SG_BUILD,
	R_PROCESS_SG,
	R_SG_FREE,
	R_NDIS_FALLBACK,
	R_SEND_COMPLETE,
	R_FLUSH_IO,
	R_GET_ADAPTER,
	R_PUT_ADAPTER,
	R_ALLOCATE_CHANNEL,
	R_MAP_TRANSFER,
	R_FLUSH_ADAPTER,
	R_FREE_REGISTERS,
	R_CALCULATE_SG,
	R_GET_LIST,
	R_BUILD_LIST,
	R_LIST_CONTROL,
	R_PUT_LIST,
	R_COMMON_BUFFER,
	R_FREE_COMMON,
	R_GET_LIST_EX,
	R_BUILD_LIST_EX,
	R_ALLOCATE_CHANNEL_EX,
	R_MAP_TRANSFER_EX,
	R_FLUSH_ADAPTER_EX,
	R_CANCEL_CHANNEL,
	R_TRANSFER_INFO,
	R_FREE_ADAPTER,
	R_WDF_ENABLER,
	R_WDF_COMMON_BUFFER,
	R_WDF_CREATE,
	R_WDF_RESERVE,
	R_WDF_INITIALIZE,
	R_WDF_EXECUTE,
	R_WDF_PROGRAM,
	R_WDF_COMPLETED,
	R_WDF_RELEASE,
	R_CX_POLL,
	R_CX_MAP,
	R_CX_BOUNCE,
	R_CX_RETURN,
	R_DMA_SET_MASK,
	R_DMA_ALLOC,
	R_DMA_FREE,
	R_XMIT,
	R_CONSUME,
	R_LINEARIZE,
	R_DMA_MAP,
	R_DMA_UNMAP,
	R_DMA_SYNC_CPU,
	R_DMA_SYNC_DEVICE,
	R_PAGE_POOL,
	R_PTR_RING,
	R_PAGE_ALLOC,
	R_HAL_LOCK,
	R_BOUNCE,
	R_POOL_GROWTH,
	R_IOMMU_MAP,
	R_IOMMU_UNMAP,
	R_IOMMU_FLUSH,
	R_ISR,
	R_ISR_READ,
	R_DPC,
	R_UNMASK,
	R_REAP,
	R_RX_FRAME,
	R_RX_COPY,
	R_INDICATE5,
	R_INDICATE,
	R_INDICATE_COPY,
	R_FIRST_TOUCH,
	R_RETURN5,
	R_RETURN,
	R_REPOST,
	ROUTINES
};

enum charge_direction { DIR_TX, DIR_RX, DIR_SHARED };

struct charge {
	enum charge_direction direction;
	struct stage_clock *clock; /* NULL: no frame's */
	unsigned stage;
	uint64_t units;	  /* times the price per unit */
	uint64_t cycles;  /* on top: copies, priced by memory */
	uint64_t *shared; /* DIR_SHARED: the account to be divided */
};

struct ledger {
	const struct observers *observers; /* then no level is permitted */
	struct {
		uint64_t base, unit; /* cycles */
		uint64_t calls, waits, cycles, wait_ps, setups;
		uint64_t *account[2]; /* by direction */
		unsigned levels;      /* bit per permitted IRQL */
	} row[ROUTINES];
	bool registered; /* for DMA: memory may be asked for */
	struct hazards hazards;
};

void ledger_init(struct ledger *ledger, struct stats *stats,
		 const struct config *cfg);

/*
 * It was called at a level, or at a time, that it does not permit, or somebody
 * watches: look, tell and charge it.
 */
void routine_look(struct ledger *ledger, struct core *core,
		  enum routine routine, struct stage_clock *clock,
		  unsigned stage, uint64_t cycles);

static inline void routine_call(struct ledger *ledger, struct core *core,
				enum routine routine,
				const struct charge *charge)
{
	uint64_t cycles = ledger->row[routine].base +
			  charge->units * ledger->row[routine].unit +
			  charge->cycles;

	ledger->row[routine].calls++;
	ledger->row[routine].cycles += cycles;
	*(charge->direction == DIR_SHARED
		  ? charge->shared
		  : ledger->row[routine].account[charge->direction]) += cycles;
	/* One call either way, the last: it saves no registers. */
	if (ledger->row[routine].levels >> core->running->level & 1)
		cpu_charge(core, charge->clock, charge->stage, cycles);
	else
		routine_look(ledger, core, routine, charge->clock,
			     charge->stage, cycles);
}

/* Every call is told to @observers from now on. */
void ledger_observe(struct ledger *ledger, const struct observers *observers);
/* The driver has registered for DMA. */
void ledger_register(struct ledger *ledger);
/* A call at set-up: counted, not timed. */
void routine_setup(struct ledger *ledger, enum routine routine);
/* A frame waited @ps inside @routine. */
void routine_wait(struct ledger *ledger, enum routine routine, uint64_t ps);
/* Divide the cycles in @shared over @tx and @rx frames and clear it. */
void ledger_divide(uint64_t *shared, struct stats *stats, uint64_t tx,
		   uint64_t rx);
/* Cycles of all routines. */
uint64_t ledger_cycles(const struct ledger *ledger);
/* The warm-up is over: count from zero. */
void ledger_restart(struct ledger *ledger);

/*
 * Fill @rows for the result, at most ROUTINES, as after halting; how many there
 * are.
 */
size_t ledger_result(const struct ledger *ledger, struct result_routine *rows);

#endif
