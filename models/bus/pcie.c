/* SPDX-License-Identifier: Apache-2.0 */
#include "models/bus/pcie.h"

#include "models/component.h"
#include "models/host/walker.h"

#define MESSAGE_BYTES  4u
#define REGISTER_BYTES 4u
#define BOUNDARY       4096u
#define LINE	       64u
#define REQUEST_BITS   12 /* of an event number, below the read's */

/* One read: a list of elements, cut into requests as tags allow. */
struct pcie_read_op {
	struct pcie_read_op *next;
	struct pcie *pcie;
	void (*done)(void *ctx, uint64_t arg);
	void *ctx;
	uint64_t arg;
	sim_time store;
	sim_time latency;		  /* of its requests, less jitter */
	uint64_t address;		  /* where its next request begins */
	uint32_t bytes;			  /* from there on, of its element */
	const struct sg_element *element; /* that one */
	uint32_t left;			  /* elements not issued to their end */
	uint64_t number;		  /* of the next request */
	uint32_t pending;		  /* requests issued, not complete */
	sim_time tag_since;		  /* waiting for a tag since */
};

struct pcie_request {
	struct walker_request walk; /* first */
	struct pcie *pcie;
	struct pcie_read_op *op;
	uint32_t bytes, completions, lines;
	sim_time issued_at;
};

/* One posted write; a message is one without elements to translate. */
struct pcie_write_op {
	struct walker_request walk; /* first */
	struct pcie *pcie;
	struct pcie_write_op *next;
	struct pcie_write_args args;
	uint64_t link_bytes;
	uint32_t credits;
	uint32_t element, offset; /* of the page to be translated next */
	bool translated;
};

enum pcie_overhead { OVERHEAD_STRIPED, OVERHEAD_FORMULA };

uint64_t pcie_bps(const struct link *link, const struct config *cfg)
{
	uint64_t raw = link_raw_bps(link);

	if (config_choice(cfg, "pcie.overhead") == OVERHEAD_FORMULA)
		return link_tlp_bps(link);
	return raw -
	       mul_div_u64(raw, 8,
			   (uint64_t)link_ack_limit(link) * link->lanes) -
	       mul_div_u64(raw, 8,
			   (uint64_t)link_fc_interval(link) * link->lanes) -
	       mul_div_u64(raw, 4, 1538);
}

static struct pcie_size size_of_pieces(uint32_t bytes)
{
	return (struct pcie_size){
		.bytes = bytes,
		.inverse = ((UINT64_C(1) << 32) + bytes - 1) / bytes,
	};
}

/* @bytes / size, rounded up: exact below 2^20 bytes. */
static uint32_t pieces(const struct pcie_size *size, uint32_t bytes)
{
	return (uint32_t)((bytes + size->bytes - 1) * size->inverse >> 32);
}

void pcie_set_clock(struct pcie *pcie, const struct byte_clock *clock)
{
	pcie->up_clock = pcie->down_clock = *clock;
	byte_step_init(&pcie->request_step, clock, pcie->header_request);
	byte_step_init(&pcie->register_step, clock,
		       REGISTER_BYTES + pcie->header_write);
	pcie->turn = bytes_to_ps(
		pcie->completion.bytes + pcie->header_completion, clock->bps);
}

int pcie_init(struct pcie *pcie, struct kernel *kernel, struct stats *stats,
	      const struct memory *memory, struct walker *walker,
	      unsigned component, const struct config *cfg, uint64_t seed,
	      unsigned replicate, struct err *err)
{
	struct byte_clock clock;

	*pcie = (struct pcie){
		.kernel = kernel,
		.stats = stats,
		.memory = memory,
		.walker = walker,
		.component = component,
		.line_request = (uint32_t)config_u64(cfg, "pcie.line_request"),
		.completion_interval =
			(sim_time)config_u64(cfg, "pcie.completion_interval"),
		.write_gap = (sim_time)config_u64(cfg, "nic.write_gap"),
		.mmio_latency = (sim_time)config_u64(cfg, "host.mmio_write"),
		.read_return = (sim_time)config_u64(cfg, "host.read_return"),
		.tags = (uint32_t)config_u64(cfg, "pcie.tags"),
		.read_credits = (uint32_t)config_u64(cfg, "host.read_credits"),
		.write_credits =
			(uint32_t)config_u64(cfg, "host.write_credits"),
	};
	link_init(&pcie->link, cfg);
	pcie->header_write = link_write_header(&pcie->link);
	pcie->header_request = link_request_header(&pcie->link);
	pcie->header_completion = link_completion_header(&pcie->link);
	pcie->payload = size_of_pieces(pcie->link.mps);
	pcie->line = size_of_pieces(link_completion_bytes(
		&pcie->link, 0, BOUNDARY, pcie->link.rcb));
	pcie->completion = size_of_pieces(link_completion_bytes(
		&pcie->link, 0, BOUNDARY,
		(uint32_t)config_u64(cfg, "pcie.completion")));
	pcie->tags_free = pcie->tags;
	pcie->read_credits_all = pcie->read_credits;
	pcie->write_credits_all = pcie->write_credits;
	server_init(&pcie->up, kernel, component + COMP_PCIE_UP);
	server_init(&pcie->down, kernel, component + COMP_PCIE_DOWN);
	byte_clock_init(&clock, pcie_bps(&pcie->link, cfg));
	pcie_set_clock(pcie, &clock);
	pcie->read_key = event_key(EV_BUS, component + COMP_PCIE_READ, 0);
	pcie->write_key = event_key(EV_BUS, component + COMP_PCIE_WRITE, 0);
	rng_stream_init(&pcie->latency, seed, DRAW_READ_LATENCY + component,
			replicate);
	if (pool_init(&pcie->reads_pool, sizeof(struct pcie_read_op), 256,
		      err) < 0 ||
	    pool_init(&pcie->writes_pool, sizeof(struct pcie_write_op), 256,
		      err) < 0)
		return -1;
	return pool_init(&pcie->requests, sizeof(struct pcie_request), 256,
			 err);
}

void pcie_clear(struct pcie *pcie)
{
	server_clear(&pcie->up);
	server_clear(&pcie->down);
	pool_clear(&pcie->reads_pool);
	pool_clear(&pcie->writes_pool);
	pool_clear(&pcie->requests);
}

static inline void send_up(struct pcie *pcie, uint64_t bytes, sim_time gap,
			   sim_time delay, uint64_t key,
			   void (*done)(void *ctx, uint64_t arg), void *ctx)
{
	pcie->stats->pcie.up_bytes += bytes;
	server_serve(&pcie->up, byte_clock_take(&pcie->up_clock, bytes) + gap,
		     delay, key, done, ctx, 0);
}

/* Lines touched. */
static uint32_t lines_of(uint64_t address, uint32_t bytes)
{
	return ((uint32_t)(address % LINE) + bytes + LINE - 1) / LINE;
}

static void issue_reads(struct pcie *pcie);

/* --- posted writes --- */

static void start_writes(struct pcie *pcie);

static void write_visible(void *ctx, uint64_t arg)
{
	struct pcie_write_op *op = ctx;
	struct pcie *pcie = op->pcie;
	void (*done)(void *ctx, uint64_t arg) = op->args.done;
	void *done_ctx = op->args.ctx;
	uint64_t done_arg = op->args.arg;

	(void)arg;
	pcie->write_credits += op->credits;
	pcie->merging -= op->args.merge;
	pool_give(&pcie->writes_pool, op);
	if (done)
		done(done_ctx, done_arg);
	if (pcie->write_head) {
		start_writes(pcie);
		issue_reads(pcie);
	}
}

/* Into memory, not before the writes ahead of it. */
static void land(struct pcie_write_op *op)
{
	struct pcie *pcie = op->pcie;
	sim_time at = pcie->kernel->now +
		      memory_dma_write_ps(pcie->memory, op->args.merge);

	if (at < pcie->visible_at)
		at = pcie->visible_at;
	pcie->visible_at = at;
	kernel_at(pcie->kernel, at, op->walk.key, write_visible, op, 0);
}

static void land_translated(struct pcie *pcie)
{
	while (pcie->landing_head && pcie->landing_head->translated) {
		struct pcie_write_op *op = pcie->landing_head;

		pcie->landing_head = op->next;
		if (!pcie->landing_head)
			pcie->landing_tail = NULL;
		land(op);
	}
}

/* Page by page; a message has none. */
static void translate_write(struct pcie_write_op *op)
{
	while (op->element < op->args.count) {
		const struct sg_element *element =
			&op->args.elements[op->element];
		uint64_t address = element->address + op->offset;
		uint32_t bytes = BOUNDARY - (uint32_t)(address % BOUNDARY);

		if (bytes >= element->bytes - op->offset) {
			op->element++;
			op->offset = 0;
		} else {
			op->offset += bytes;
		}
		op->walk.address = address;
		if (!walker_translate(op->pcie->walker, &op->walk))
			return;
	}
	op->translated = true;
}

static void write_translated(struct walker_request *walk)
{
	struct pcie_write_op *op = (struct pcie_write_op *)walk;

	translate_write(op);
	land_translated(op->pcie);
}

/* The write is at the root complex, the device is rid of it. */
static void write_arrived(void *ctx, uint64_t arg)
{
	struct pcie_write_op *op = ctx;
	struct pcie *pcie = op->pcie;

	(void)arg;
	if (op->args.left)
		op->args.left(op->args.ctx, op->args.arg);
	if (!pcie->walker) {
		land(op);
		return;
	}
	op->next = NULL;
	op->element = op->offset = 0;
	op->translated = false;
	op->walk.write = true;
	op->walk.done = write_translated;
	if (pcie->landing_tail)
		pcie->landing_tail->next = op;
	else
		pcie->landing_head = op;
	pcie->landing_tail = op;
	translate_write(op);
	land_translated(pcie);
}

/* Where all take the same time to land they need no event to arrive. */
static void start_write(struct pcie *pcie, struct pcie_write_op *op)
{
	void (*done)(void *ctx, uint64_t arg) = write_visible;
	sim_time delay = memory_dma_write_ps(pcie->memory, false);

	pcie->write_credits -= op->credits;
	pcie->merging += op->args.merge;
	if (pcie->walker || op->args.left || pcie->merging) {
		done = write_arrived;
		delay = 0;
	}
	send_up(pcie, op->link_bytes, op->args.count ? pcie->write_gap : 0,
		delay, op->walk.key, done, op);
}

static void start_writes(struct pcie *pcie)
{
	while (pcie->write_head &&
	       pcie->write_head->credits <= pcie->write_credits) {
		struct pcie_write_op *op = pcie->write_head;

		pcie->write_head = op->next;
		if (!pcie->write_head)
			pcie->write_tail = NULL;
		start_write(pcie, op);
	}
}

static inline struct pcie_write_op *new_write(
	struct pcie *pcie, const struct pcie_write_args *args)
{
	struct pcie_write_op *op = pool_take(&pcie->writes_pool);

	op->pcie = pcie;
	op->next = NULL;
	op->args = *args;
	op->walk.key = pcie->write_key + pcie->writes++;
	return op;
}

/* Into the link, or behind the writes that wait for credits. */
static void post(struct pcie *pcie, struct pcie_write_op *op)
{
	if (!pcie->write_head && op->credits <= pcie->write_credits) {
		start_write(pcie, op);
		return;
	}
	pcie->stats->pcie.credit_waits++;
	if (pcie->write_tail)
		pcie->write_tail->next = op;
	else
		pcie->write_head = op;
	pcie->write_tail = op;
}

/* What the buffer of the root complex cannot hold at once goes in parts. */
static __attribute__((noinline)) void post_in_parts(struct pcie *pcie,
						    struct pcie_write_op *op)
{
	const struct pcie_write_args args = { .merge = op->args.merge };
	uint32_t most = pcie->write_credits_all;

	while (op->credits > most) {
		struct pcie_write_op *part = new_write(pcie, &args);

		part->credits = most;
		part->link_bytes = op->link_bytes * most / op->credits;
		op->link_bytes -= part->link_bytes;
		op->credits -= most;
		post(pcie, part);
	}
	post(pcie, op);
}

static uint64_t write_tlps(const struct pcie *pcie,
			   const struct sg_element *element)
{
	if (element->address % BOUNDARY + element->bytes <= BOUNDARY)
		return pieces(&pcie->payload, element->bytes);
	return link_write_tlps(&pcie->link, element->address, element->bytes);
}

void pcie_write(struct pcie *pcie, const struct pcie_write_args *args)
{
	struct pcie_write_op *op = new_write(pcie, args);
	uint64_t bytes = 0, tlps = 0;
	uint32_t i, lines = 0;

	for (i = 0; i < args->count; i++) {
		const struct sg_element *element = &args->elements[i];

		tlps += write_tlps(pcie, element);
		bytes += element->bytes;
		lines += lines_of(element->address, element->bytes);
	}
	op->credits = lines;
	op->link_bytes = bytes + tlps * pcie->header_write;
	pcie->stats->pcie.writes += tlps;
	pcie->stats->pcie.write_payload_bytes += bytes;
	if (lines <= pcie->write_credits_all)
		post(pcie, op);
	else
		post_in_parts(pcie, op);
}

void pcie_message(struct pcie *pcie, void (*done)(void *ctx, uint64_t arg),
		  void *ctx, uint64_t arg)
{
	struct pcie_write_op *op =
		new_write(pcie, &(struct pcie_write_args){
					.done = done, .ctx = ctx, .arg = arg });

	op->credits = 1;
	op->link_bytes = MESSAGE_BYTES + pcie->header_write;
	pcie->stats->pcie.messages++;
	post(pcie, op);
}

/* --- reads --- */

static void read_done(void *ctx, uint64_t arg)
{
	struct pcie_read_op *op = ctx;
	void (*done)(void *ctx, uint64_t arg) = op->done;
	void *done_ctx = op->ctx;
	uint64_t done_arg = op->arg;

	(void)arg;
	pool_give(&op->pcie->reads_pool, op);
	done(done_ctx, done_arg);
}

/* The device stores the data.  Callers have nothing more to do. */
static void store(struct pcie_read_op *op, uint64_t key)
{
	struct kernel *kernel = op->pcie->kernel;
	sim_time end = kernel->now + op->store;

	if (!op->store || kernel_skip(kernel, end))
		read_done(op, 0);
	else
		kernel_at(kernel, end, key, read_done, op, 0);
}

static void request_done(void *ctx, uint64_t arg)
{
	struct pcie_request *request = ctx;
	struct pcie *pcie = request->pcie;
	struct pcie_read_op *op = request->op;
	uint64_t key = request->walk.key;
	sim_time now = pcie->kernel->now;

	(void)arg;
	pcie->tags_free++;
	pcie->read_credits += request->lines;
	gauge_add(&pcie->stats->pcie.tags_used, now, -1);
	hist_record_bits(&pcie->stats->pcie.read_ps, HIST_BITS_COARSE,
			 (uint64_t)(now - request->issued_at), 1);
	if (pcie->walker)
		walker_release(pcie->walker, &request->walk);
	pool_give(&pcie->requests, request);
	op->pending--;
	if (pcie->read_head)
		issue_reads(pcie);
	if (!op->pending && !op->left)
		store(op, key);
}

/* Memory has answered: the completions ask for the link now. */
static void data_ready(void *ctx, uint64_t arg)
{
	struct pcie_request *request = ctx;
	struct pcie *pcie = request->pcie;
	uint64_t bytes =
		request->bytes + request->completions * pcie->header_completion;
	sim_time time = byte_clock_take(&pcie->down_clock, bytes);
	sim_time least = request->completions * pcie->completion_interval;

	(void)arg;
	pcie->stats->pcie.completions += request->completions;
	pcie->stats->pcie.read_payload_bytes += request->bytes;
	pcie->stats->pcie.down_bytes += bytes;
	server_serve_last(&pcie->down, time > least ? time : least,
			  request->walk.key | 1, request_done, request, 0);
}

static void read_translated(struct walker_request *walk)
{
	struct pcie_request *request = (struct pcie_request *)walk;
	struct kernel *kernel = request->pcie->kernel;

	kernel_at(kernel, kernel->now + request->pcie->read_return, walk->key,
		  data_ready, request, 0);
}

static void read_arrived(void *ctx, uint64_t arg)
{
	struct pcie_request *request = ctx;

	(void)arg;
	if (walker_translate(request->pcie->walker, &request->walk))
		read_translated(&request->walk);
}

/* A short request comes back line by line, a long one in larger pieces. */
static uint32_t completions_of(const struct pcie *pcie, uint64_t address,
			       uint32_t bytes)
{
	const struct pcie_size *size =
		bytes <= pcie->line_request ? &pcie->line : &pcie->completion;
	uint32_t to_rcb = (uint32_t)-address & (pcie->link.rcb - 1);

	if (bytes <= to_rcb)
		return 1;
	return (to_rcb != 0) + pieces(size, bytes - to_rcb);
}

/* What the next request of @op asks for: cut at MRRS and at 4 KiB. */
static uint32_t next_bytes(const struct pcie *pcie,
			   const struct pcie_read_op *op)
{
	uint32_t bytes = BOUNDARY - (uint32_t)(op->address % BOUNDARY);

	if (bytes > pcie->link.mrrs)
		bytes = pcie->link.mrrs;
	return bytes < op->bytes ? bytes : op->bytes;
}

static void begin_element(struct pcie_read_op *op,
			  const struct sg_element *element)
{
	op->element = element;
	op->address = element->address;
	op->bytes = element->bytes;
}

static void advance(struct pcie_read_op *op, uint32_t bytes)
{
	op->number++;
	op->address += bytes;
	op->bytes -= bytes;
	if (!op->bytes && --op->left)
		begin_element(op, op->element + 1);
}

/* Into the link; with an IOMMU, see the header on where translation stands. */
static void start_read(struct pcie *pcie, struct pcie_request *request,
		       sim_time latency)
{
	void (*arrived)(void *ctx, uint64_t arg) = data_ready;

	if (pcie->walker) {
		request->walk.write = false;
		request->walk.done = read_translated;
		latency -= pcie->read_return;
		if (latency < 0)
			latency = 0;
		arrived = read_arrived;
	}
	server_serve(&pcie->up,
		     byte_clock_step(&pcie->up_clock, &pcie->request_step),
		     latency, request->walk.key, arrived, request, 0);
}

/* False when there is no tag or no credit for the next request. */
static bool issue_next(struct pcie *pcie, struct pcie_read_op *op, sim_time now)
{
	uint32_t bytes = next_bytes(pcie, op);
	uint32_t lines = lines_of(op->address, bytes);
	struct pcie_request *request;

	if (lines > pcie->read_credits_all)
		lines = pcie->read_credits_all;
	if (lines > pcie->read_credits || !pcie->tags_free)
		return false;
	pcie->read_credits -= lines;
	pcie->tags_free--;
	request = pool_take(&pcie->requests);
	request->pcie = pcie;
	request->op = op;
	request->bytes = bytes;
	request->lines = lines;
	request->completions = completions_of(pcie, op->address, bytes);
	request->issued_at = now;
	request->walk.key = pcie->read_key + (op->number << 1);
	request->walk.address = op->address;
	start_read(pcie, request,
		   op->latency + (sim_time)memory_jitter_ps(
					 pcie->memory,
					 rng_draw(&pcie->latency, op->number)));
	advance(op, bytes);
	return true;
}

/* As many of its requests as there are tags and credits for. */
static void issue(struct pcie *pcie, struct pcie_read_op *op)
{
	struct pcie_stats *stats = &pcie->stats->pcie;
	sim_time now = pcie->kernel->now;
	uint32_t issued = 0;

	while (op->left && issue_next(pcie, op, now))
		issued++;
	if (!issued)
		return;
	op->pending += issued;
	pcie->tag_wait_ps += (uint64_t)(now - op->tag_since);
	op->tag_since = now;
	stats->read_requests += issued;
	stats->up_bytes += issued * pcie->header_request;
	gauge_add(&stats->tags_used, now, issued);
}

/* As long as no posted write is in the way. */
static void issue_reads(struct pcie *pcie)
{
	while (pcie->read_head && !pcie->write_head) {
		struct pcie_read_op *op = pcie->read_head;

		issue(pcie, op);
		if (op->left)
			return;
		pcie->read_head = op->next;
		if (!pcie->read_head)
			pcie->read_tail = NULL;
	}
}

static uint64_t lines_of_read(const struct pcie_read_args *args)
{
	uint64_t bytes = 0;
	uint32_t i;

	for (i = 0; i < args->count; i++)
		bytes += args->elements[i].bytes;
	return (bytes + LINE - 1) / LINE;
}

/* The requests of a read meet the same refreshes: they are sent at once. */
static __attribute__((noinline)) sim_time refreshes(
	const struct pcie *pcie, const struct pcie_read_args *args,
	uint64_t number)
{
	return (sim_time)memory_refresh_ps(
		pcie->memory, lines_of_read(args),
		rng_again(rng_draw(&pcie->latency, number)));
}

void pcie_read(struct pcie *pcie, const struct pcie_read_args *args)
{
	struct pcie_read_op *op = pool_take(&pcie->reads_pool);

	op->pcie = pcie;
	op->done = args->done;
	op->ctx = args->ctx;
	op->arg = args->arg;
	op->store = args->store;
	op->number = pcie->reads++ << REQUEST_BITS;
	op->latency = memory_latency_ps(pcie->memory, args->from);
	if (memory_device_sees(pcie->memory, args->from) == IN_DRAM)
		op->latency += refreshes(pcie, args, op->number);
	op->left = args->count;
	begin_element(op, args->elements);
	op->pending = 0;
	op->tag_since = pcie->kernel->now;
	if (!pcie->read_head && !pcie->write_head) {
		issue(pcie, op);
		if (!op->left)
			return;
	}
	op->next = NULL;
	if (pcie->read_tail)
		pcie->read_tail->next = op;
	else
		pcie->read_head = op;
	pcie->read_tail = op;
}

/* --- the host's accesses --- */

/*
 * A TLP of @bytes takes its turn between completions: for itself it waits for
 * no more than the one under way, and what it takes of the link it takes from
 * those behind.  How long it waits; @end: when it has left.
 */
static sim_time take_turn(struct pcie *pcie, uint64_t bytes,
			  const struct byte_step *step, sim_time *end)
{
	sim_time now = pcie->kernel->now;
	sim_time time = byte_clock_step(&pcie->down_clock, step);
	sim_time wait = server_serve(&pcie->down, time, 0, 0, NULL, NULL, 0) -
			time - now;

	if (wait > pcie->turn)
		wait = pcie->turn;
	pcie->stats->pcie.down_bytes += bytes;
	*end = now + wait + time;
	return wait;
}

void pcie_mmio_write(struct pcie *pcie, uint64_t key,
		     void (*done)(void *ctx, uint64_t arg), void *ctx,
		     uint64_t arg)
{
	sim_time end;

	pcie->stats->pcie.mmio_writes++;
	take_turn(pcie, REGISTER_BYTES + pcie->header_write,
		  &pcie->register_step, &end);
	if (done)
		kernel_at(pcie->kernel, end + pcie->mmio_latency, key, done,
			  ctx, arg);
}

/* Both kernels see it: the run ends no earlier. */
static void register_answered(void *ctx, uint64_t arg)
{
	(void)ctx;
	(void)arg;
}

/* The device answers: its completion takes its turn upstream. */
static void register_read(void *ctx, uint64_t arg)
{
	struct pcie *pcie = ctx;

	send_up(pcie, REGISTER_BYTES + pcie->header_completion, 0, 0, arg,
		register_answered, NULL);
}

sim_time pcie_mmio_read(struct pcie *pcie, uint64_t key)
{
	sim_time end;
	sim_time wait = take_turn(pcie, pcie->header_request,
				  &pcie->request_step, &end);

	pcie->stats->pcie.mmio_reads++;
	kernel_at(pcie->kernel, end + pcie->mmio_latency, key, register_read,
		  pcie, key);
	return wait;
}
