/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/routines.h"

#include "models/machine.h"
#include "models/ndis/routines_table.h"

static const char *const irql_names[IRQL_COUNT] = { "PASSIVE", "DISPATCH",
						    "DIRQL" };

/* Shared memory asked for from the DPC; after registration for DMA only. */
static bool is_async(enum routine routine)
{
	return routine == R_SHARED_ASYNC || routine == R_SHARED_ASYNC_EX;
}

static unsigned levels_of(enum routine routine)
{
	unsigned level, levels = 0;

	for (level = routine_defs[routine].lowest;
	     level <= routine_defs[routine].highest; level++)
		levels |= 1u << level;
	return levels;
}

static void tell_call(const struct ledger *ledger, const struct core *core,
		      enum routine routine, const struct stage_clock *clock,
		      unsigned stage, uint64_t cycles)
{
	sim_time now = core->kernel->now;

	observers_tell(
		ledger->observers,
		&(struct observation){ .kind = SEEN_CALL,
				       .frame = clock ? clock->watch : NULL,
				       .from = now,
				       .to = now,
				       .track = core->id,
				       .what = routine,
				       .level = cpu_level(core),
				       .number = stage,
				       .value = cycles });
}

void ledger_observe(struct ledger *ledger, const struct observers *observers)
{
	unsigned i;

	ledger->observers = observers;
	for (i = 0; i < ROUTINES; i++)
		ledger->row[i].levels = 0;
}

void routine_look(struct ledger *ledger, struct core *core,
		  enum routine routine, struct stage_clock *clock,
		  unsigned stage, uint64_t cycles)
{
	if (is_async(routine) && !ledger->registered)
		hazards_note(&ledger->hazards, core->kernel->now,
			     HAZARD_ASYNC_WITHOUT_REGISTRATION, 0);
	if (!(levels_of(routine) >> cpu_level(core) & 1))
		hazards_note(&ledger->hazards, core->kernel->now,
			     HAZARD_WRONG_IRQL, 0);
	if (ledger->observers)
		tell_call(ledger, core, routine, clock, stage, cycles);
	cpu_charge(core, clock, stage, cycles);
}

void ledger_register(struct ledger *ledger)
{
	ledger->registered = true;
	if (ledger->observers)
		return;
	ledger->row[R_SHARED_ASYNC].levels = levels_of(R_SHARED_ASYNC);
	ledger->row[R_SHARED_ASYNC_EX].levels = levels_of(R_SHARED_ASYNC_EX);
}

void ledger_init(struct ledger *ledger, struct stats *stats,
		 const struct config *cfg)
{
	unsigned i;

	*ledger = (struct ledger){ 0 };
	for (i = 0; i < ROUTINES; i++) {
		bool stack = routine_defs[i].stack;

		if (routine_defs[i].base)
			ledger->row[i].base =
				config_u64(cfg, routine_defs[i].base);
		if (routine_defs[i].unit)
			ledger->row[i].unit =
				config_u64(cfg, routine_defs[i].unit);
		/* Not permitted at any level until then. */
		if (!is_async(i))
			ledger->row[i].levels = levels_of(i);
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
	ledger->row[routine].setups++;
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

/* @count calls of @routine, and of what it calls. */
static void add_calls(struct result_routine *rows, enum routine routine,
		      uint64_t count)
{
	for (; routine; routine = routine_defs[routine].inner)
		rows[routine - 1].calls += count;
}

size_t ledger_result(const struct ledger *ledger, struct result_routine *rows)
{
	unsigned i;

	for (i = 1; i < ROUTINES; i++)
		rows[i - 1] = (struct result_routine){
			.name = routine_defs[i].name,
			.cycles = ledger->row[i].cycles,
			.waits = ledger->row[i].waits,
			.wait_ps = ledger->row[i].wait_ps,
		};
	for (i = 1; i < ROUTINES; i++) {
		add_calls(rows, i, ledger->row[i].calls);
		add_calls(rows, routine_defs[i].undone, ledger->row[i].setups);
	}
	return ROUTINES - 1;
}

/* One row as text, in static tables only: nothing to free. */
const struct routine_info *routine_row(size_t index, struct routine_info *info)
{
	const struct routine_def *def;

	if (index >= ROUTINES - 1)
		return NULL;
	def = &routine_defs[index + 1];
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
		.calls = def->inner ? routine_defs[def->inner].name : NULL,
		.locks = def->cost.locks,
		.allocations = def->cost.allocations,
		.copies = def->cost.copies,
		.cache = def->cost.cache,
		.wait = def->cost.wait,
		.tlb = def->cost.tlb,
	};
	return info;
}
