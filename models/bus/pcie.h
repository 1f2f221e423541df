/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PCIe link between host and adapter, and the root complex behind it.
 *
 * Each direction is a server in time; a TLP occupies header and payload (see
 * link.h for the arithmetic).  Upstream carries the device's writes, its read
 * requests and interrupts; downstream carries completions and the host's
 * register accesses.
 *
 * A read is cut at MRRS and 4 KiB.  Each request takes a tag and the root
 * complex's read credits, crosses upstream, waits for memory, is translated,
 * and only then asks for the downstream link: what really goes first goes
 * first.  Requests without a tag wait in turn.  Translation stands so late
 * because a walk's slot is held until the completions left and yet not longer
 * for data from DRAM: all but host.read_return of the latency lies ahead.
 *
 *	pcie_read(pcie, &(struct pcie_read_args){ .elements = elements,
 *			.count = n, .from = IN_LLC, .done = done, .ctx = frame
 *});
 *
 * Writes are posted: they need write credits, which the root complex gives
 * back when the data is visible.  Nothing passes a write that waits for
 * credits; a request that waits for a tag is passed by writes.  Both kinds take
 * their credits as a whole, a line for each line touched.
 *
 * Invariants: (1) tags in use <= tags, lines in flight <= credits; (2)
 * completions of one request arrive in order; (3) posted writes and messages
 * become visible in the order of the calls.
 *
 * Source: PCIe specification, PB-model, PB-data, HN24.  Limits: completion
 * credits are infinite, as endpoints advertise them; the completions of one
 * request are contiguous on the link; a register read does not wait for what
 * its completion meets upstream.
 */
#ifndef MODELS_BUS_PCIE_H
#define MODELS_BUS_PCIE_H

#include "core/param.h"
#include "core/pool.h"
#include "core/rng.h"
#include "core/server.h"
#include "models/bus/link.h"
#include "models/host/memory.h"
#include "models/stats.h"

struct walker;

struct sg_element {
	uint64_t address; /* logical */
	uint32_t bytes;
};

struct pcie_read_op;
struct pcie_write_op;

/* Counts pieces of one size without dividing. */
struct pcie_size {
	uint32_t bytes;	  /* 1 to 4096 */
	uint64_t inverse; /* 2^32 / bytes, rounded up */
};

struct pcie {
	struct kernel *kernel;
	struct stats *stats;
	const struct memory *memory;
	struct walker *walker; /* NULL: addresses are physical */
	unsigned component;    /* of the adapter's block */
	struct link link;
	struct server up, down;
	struct byte_clock up_clock, down_clock;
	struct byte_step request_step, register_step;
	uint32_t header_write, header_request, header_completion;
	struct pcie_size payload;     /* of a write */
	struct pcie_size line;	      /* completions of a short request */
	struct pcie_size completion;  /* and of a long one */
	uint32_t line_request;	      /* longest that returns line by line */
	sim_time completion_interval; /* least time from one to the next */
	sim_time write_gap;	      /* of the device's port between writes */
	sim_time mmio_latency;
	sim_time turn;	      /* of the longest completion on the link */
	sim_time read_return; /* latency of a read behind its translation */
	uint32_t tags_free, tags;
	uint32_t read_credits, read_credits_all; /* lines of 64 B; free, all */
	uint32_t write_credits, write_credits_all;
	uint32_t merging; /* writes under way that merge */
	struct pool reads_pool, writes_pool, requests;
	struct pcie_read_op *read_head, *read_tail;	   /* to be issued */
	struct pcie_write_op *write_head, *write_tail;	   /* want credits */
	struct pcie_write_op *landing_head, *landing_tail; /* translated */
	sim_time visible_at;				   /* the last write */
	uint64_t read_key, write_key; /* of events, to which is added: */
	uint64_t reads, writes;
	struct rng_stream latency;
	uint64_t tag_wait_ps;
};

struct pcie_read_args {
	const struct sg_element *elements; /* valid until done */
	uint32_t count;
	enum residency from; /* where the host has the data */
	void (*done)(void *ctx, uint64_t arg);
	void *ctx;
	uint64_t arg;
	sim_time store; /* from the last completion to done */
};

/* One posted chain, its elements contiguous; @done and @left may be NULL. */
struct pcie_write_args {
	struct sg_element elements[2];
	uint32_t count;
	bool merge;			       /* see memory_dma_write_ps() */
	void (*left)(void *ctx, uint64_t arg); /* the device is rid of it */
	void (*done)(void *ctx, uint64_t arg); /* visible to the host */
	void *ctx;
	uint64_t arg;
};

/* Share of the raw rate left for TLPs; see pcie.overhead. */
uint64_t pcie_bps(const struct link *link, const struct config *cfg);

int pcie_init(struct pcie *pcie, struct kernel *kernel, struct stats *stats,
	      const struct memory *memory, struct walker *walker,
	      unsigned component, const struct config *cfg, uint64_t seed,
	      unsigned replicate, struct err *err);
void pcie_clear(struct pcie *pcie);
/* The rate of each direction from now on. */
void pcie_set_clock(struct pcie *pcie, const struct byte_clock *clock);

void pcie_read(struct pcie *pcie, const struct pcie_read_args *args);
void pcie_write(struct pcie *pcie, const struct pcie_write_args *args);
/* A message-signalled interrupt: behind every write before it. */
void pcie_message(struct pcie *pcie, void (*done)(void *ctx, uint64_t arg),
		  void *ctx, uint64_t arg);
/*
 * A 4-byte posted register write by the host.  Register accesses pass the
 * completions that are ready, as the specification lets them: they wait for
 * the TLP under way.
 */
void pcie_mmio_write(struct pcie *pcie, uint64_t key,
		     void (*done)(void *ctx, uint64_t arg), void *ctx,
		     uint64_t arg);
/*
 * A 4-byte register read: occupies both directions.  Returns how much longer
 * than on an idle link the core stalls, ps: the wait for the link downstream.
 */
sim_time pcie_mmio_read(struct pcie *pcie, uint64_t key);

#endif
