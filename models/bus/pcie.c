/* SPDX-License-Identifier: Apache-2.0 */
#include "models/bus/pcie.h"

#include "models/component.h"

#define COMPLETION_HEADER 20u
#define DESCRIPTOR_BYTES  16u
#define MESSAGE_BYTES	  4u
#define BOUNDARY	  4096u
#define REQUEST_BITS	  12 /* of an event number, below the read's */

/* One read: a list of elements, cut into requests as tags allow. */
struct pcie_op {
	struct pcie_op *next;
	struct pcie_read_args args;
	uint64_t number, requests;
	uint32_t element, offset; /* where the next request begins */
	uint32_t pending;	  /* issued, not complete */
	bool issued;		  /* all of it */
	sim_time tag_since;	  /* waiting for a tag since */
};

struct pcie_request {
	struct pcie *pcie;
	struct pcie_op *op;
	uint32_t bytes, completions;
	uint64_t key;
	sim_time issued_at;
};

/* PCIe raw rate of a lane, kilobits per second, coding removed. */
static uint64_t lane_kbps(unsigned generation)
{
	switch (generation) {
	case 1:
		return 2000000;
	case 2:
		return 4000000;
	default: /* 128b/130b from 8 GT/s on */
		return (UINT64_C(8000000) << (generation - 3)) * 128 / 130;
	}
}

/* The specification's ACK latency limit, symbol times. */
static uint64_t ack_limit(unsigned generation, unsigned lanes, uint32_t mps)
{
	static const uint64_t internal_delay[] = { 0, 19, 70, 115, 115, 115 };
	uint64_t tenths;

	if (mps <= 256)
		tenths = lanes <= 4 ? 14 : lanes <= 8 ? 25 : 30;
	else
		tenths = lanes <= 8 ? 10 : 20;
	return ((uint64_t)(mps + 28) * tenths / 10 / lanes) +
	       internal_delay[generation];
}

uint64_t pcie_tlp_bps(unsigned generation, unsigned lanes, uint32_t mps)
{
	uint64_t raw = lane_kbps(generation) * 1000 * lanes;
	uint64_t limit = ack_limit(generation, lanes, mps);

	return raw - mul_div_u64(raw, 16, limit) - mul_div_u64(raw, 4, 1538);
}

int pcie_init(struct pcie *pcie, struct kernel *kernel, struct stats *stats,
	      unsigned component, const struct config *cfg, struct err *err)
{
	uint32_t mps = (uint32_t)config_u64(cfg, "pcie.mps");
	bool wide = config_u64(cfg, "nic.dma_width") > 32;
	uint64_t bps =
		pcie_tlp_bps((unsigned)config_u64(cfg, "pcie.generation"),
			     (unsigned)config_u64(cfg, "pcie.lanes"), mps);

	*pcie = (struct pcie){
		.kernel = kernel,
		.stats = stats,
		.component = component,
		.mps = mps,
		.mrrs = (uint32_t)config_u64(cfg, "pcie.mrrs"),
		.completion = (uint32_t)config_u64(cfg, "pcie.completion"),
		.header_write = wide ? 24 : 20,
		.header_read = wide ? 24 : 20,
		.tags = (uint32_t)config_u64(cfg, "pcie.tags"),
		.write_latency = (sim_time)config_u64(cfg, "host.dma_write"),
		.mmio_latency = (sim_time)config_u64(cfg, "host.mmio_write"),
	};
	if (pcie->completion > mps)
		pcie->completion = mps;
	if (!(pcie->completion & (pcie->completion - 1)))
		pcie->completion_bits =
			(unsigned)__builtin_ctz(pcie->completion);
	pcie->tags_free = pcie->tags;
	server_init(&pcie->up, kernel, component + COMP_PCIE_UP);
	server_init(&pcie->down, kernel, component + COMP_PCIE_DOWN);
	byte_clock_init(&pcie->up_clock, bps);
	byte_clock_init(&pcie->down_clock, bps);
	if (pool_init(&pcie->ops, sizeof(struct pcie_op), 256, err) < 0)
		return -1;
	return pool_init(&pcie->requests, sizeof(struct pcie_request), 256,
			 err);
}

void pcie_clear(struct pcie *pcie)
{
	server_clear(&pcie->up);
	server_clear(&pcie->down);
	pool_clear(&pcie->ops);
	pool_clear(&pcie->requests);
}

static void send_up(struct pcie *pcie, uint64_t bytes, sim_time delay,
		    uint64_t key, void (*done)(void *ctx, uint64_t arg),
		    void *ctx, uint64_t arg)
{
	pcie->stats->pcie.up_bytes += bytes;
	server_serve(&pcie->up, byte_clock_take(&pcie->up_clock, bytes), delay,
		     key, done, ctx, arg);
}

static void send_down(struct pcie *pcie, uint64_t bytes, sim_time delay,
		      uint64_t key, void (*done)(void *ctx, uint64_t arg),
		      void *ctx, uint64_t arg)
{
	pcie->stats->pcie.down_bytes += bytes;
	server_serve(&pcie->down, byte_clock_take(&pcie->down_clock, bytes),
		     delay, key, done, ctx, arg);
}

/* --- reads --- */

static void issue_reads(struct pcie *pcie);

static void request_done(void *ctx, uint64_t arg)
{
	struct pcie_request *request = ctx;
	struct pcie *pcie = request->pcie;
	struct pcie_op *op = request->op;
	sim_time now = pcie->kernel->now;
	uint64_t took = (uint64_t)(now - request->issued_at);

	(void)arg;
	pcie->tags_free++;
	gauge_add(&pcie->stats->pcie.tags_used, now, -1);
	hist_record(&pcie->stats->pcie.read_ps, took);
	pool_give(&pcie->requests, request);
	if (--op->pending == 0 && op->issued) {
		void (*done)(void *ctx, uint64_t arg) = op->args.done;
		void *done_ctx = op->args.ctx;
		uint64_t done_arg = op->args.arg;

		pool_give(&pcie->ops, op);
		done(done_ctx, done_arg);
	}
	if (pcie->head)
		issue_reads(pcie);
}

/* Memory has answered: the completions ask for the link now. */
static void data_ready(void *ctx, uint64_t arg)
{
	struct pcie_request *request = ctx;
	struct pcie *pcie = request->pcie;
	uint64_t bytes =
		request->bytes + request->completions * COMPLETION_HEADER;

	(void)arg;
	pcie->stats->pcie.completions += request->completions;
	pcie->stats->pcie.read_payload_bytes += request->bytes;
	pcie->stats->pcie.down_bytes += bytes;
	server_serve_last(&pcie->down,
			  byte_clock_take(&pcie->down_clock, bytes),
			  request->key | 1, request_done, request, 0);
}

/* The first completion ends at a multiple of the size: 1.5. */
static uint32_t completions_of(const struct pcie *pcie, uint64_t address,
			       uint32_t bytes)
{
	uint32_t size = pcie->completion;

	if (pcie->completion_bits)
		return ((uint32_t)(address & (size - 1)) + bytes + size - 1) >>
		       pcie->completion_bits;
	return ((uint32_t)(address % size) + bytes + size - 1) / size;
}

/* Cut the next request of @op: at MRRS and at 4 KiB. */
static struct pcie_request *next_request(struct pcie *pcie, struct pcie_op *op)
{
	const struct sg_element *element = &op->args.elements[op->element];
	struct pcie_request *request = pool_take(&pcie->requests);
	uint64_t address = element->address + op->offset;
	uint32_t to_boundary = BOUNDARY - (uint32_t)(address % BOUNDARY);
	uint32_t bytes = element->bytes - op->offset;

	if (bytes > pcie->mrrs)
		bytes = pcie->mrrs;
	if (bytes > to_boundary)
		bytes = to_boundary;
	request->pcie = pcie;
	request->op = op;
	request->bytes = bytes;
	request->issued_at = pcie->kernel->now;
	request->completions = completions_of(pcie, address, bytes);
	op->offset += bytes;
	if (op->offset == element->bytes) {
		op->offset = 0;
		op->element++;
	}
	op->issued = op->element == op->args.count;
	return request;
}

static void issue_reads(struct pcie *pcie)
{
	sim_time now = pcie->kernel->now;

	while (pcie->head && pcie->tags_free) {
		struct pcie_op *op = pcie->head;
		struct pcie_request *request = next_request(pcie, op);

		pcie->tag_wait_ps += (uint64_t)(now - op->tag_since);
		op->tag_since = now;
		request->key = event_key(
			EV_BUS, pcie->component + COMP_PCIE_READ,
			(op->number << REQUEST_BITS | op->requests++) << 1);
		op->pending++;
		pcie->tags_free--;
		gauge_add(&pcie->stats->pcie.tags_used, now, 1);
		pcie->stats->pcie.read_requests++;
		send_up(pcie, pcie->header_read, op->args.latency, request->key,
			data_ready, request, 0);
		if (op->issued) {
			pcie->head = op->next;
			if (!pcie->head)
				pcie->tail = NULL;
		}
	}
}

void pcie_read(struct pcie *pcie, const struct pcie_read_args *args)
{
	struct pcie_op *op = pool_take(&pcie->ops);

	op->next = NULL;
	op->args.elements = args->elements;
	op->args.count = args->count;
	op->args.latency = args->latency;
	op->args.done = args->done;
	op->args.ctx = args->ctx;
	op->args.arg = args->arg;
	op->number = pcie->reads++;
	op->requests = 0;
	op->element = op->offset = op->pending = 0;
	op->issued = false;
	op->tag_since = pcie->kernel->now;
	if (pcie->tail)
		pcie->tail->next = op;
	else
		pcie->head = op;
	pcie->tail = op;
	issue_reads(pcie);
}

/* --- posted writes --- */

static uint64_t write_bytes(struct pcie *pcie, uint32_t bytes)
{
	uint32_t tlps =
		bytes > pcie->mps ? (bytes + pcie->mps - 1) / pcie->mps : 1;

	pcie->stats->pcie.writes += tlps;
	pcie->stats->pcie.write_payload_bytes += bytes;
	return bytes + (uint64_t)tlps * pcie->header_write;
}

void pcie_write(struct pcie *pcie, uint32_t bytes, uint64_t key,
		void (*done)(void *ctx, uint64_t arg), void *ctx, uint64_t arg)
{
	send_up(pcie, write_bytes(pcie, bytes), pcie->write_latency, key, done,
		ctx, arg);
}

void pcie_write_with_descriptor(struct pcie *pcie, uint32_t bytes, uint64_t key,
				void (*done)(void *ctx, uint64_t arg),
				void *ctx, uint64_t arg)
{
	uint64_t all = write_bytes(pcie, bytes);

	all += write_bytes(pcie, DESCRIPTOR_BYTES);
	send_up(pcie, all, pcie->write_latency, key, done, ctx, arg);
}

void pcie_message(struct pcie *pcie, uint64_t key,
		  void (*done)(void *ctx, uint64_t arg), void *ctx,
		  uint64_t arg)
{
	pcie->stats->pcie.messages++;
	send_up(pcie, MESSAGE_BYTES + pcie->header_write, pcie->write_latency,
		key, done, ctx, arg);
}

void pcie_mmio_write(struct pcie *pcie, uint64_t key,
		     void (*done)(void *ctx, uint64_t arg), void *ctx,
		     uint64_t arg)
{
	pcie->stats->pcie.mmio_writes++;
	send_down(pcie, 4 + pcie->header_write, pcie->mmio_latency, key, done,
		  ctx, arg);
}
