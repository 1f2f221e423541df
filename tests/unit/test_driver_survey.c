/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drivers as they are: rings, elements, copy rules, batches and moderation of
 * real ones, each a machine that sends and receives a while with balanced
 * books, and what is known of it from outside.
 */
#include "models/machine.h"
#include "tests/unit/machine_fixture.h"
#include "traces/params.h"

#define FRAMES 600u

struct driver {
	const char *name, *preset, *pairs, *tx, *rx;
	uint32_t longest;  /* frame sent */
	unsigned elements; /* most descriptors of a frame; 0: not looked at */
	bool copies_all_sent, copies_all_received;
};

#define FRAGMENTS "layout.mdl=fragments layout.fragment=96B "

static const struct driver drivers[] = {
	{ "NetKVM", "virtio",
	  "tx.submit=nbl rx.indicate_max=1000 rx.dpc_budget=1000 "
	  "hal.max_mapping=65536B",
	  "ndis6-headers", "sg", 62000, .elements = 1 },
	{ "e100bex, NDIS 6", "gbe-82540",
	  FRAGMENTS "nic.wire=100Mbps nic.sg_elements=8 nic.tx_ring=32 "
		    "nic.rx_ring=64 rx.buffers=20 rx.indicate_max=20 "
		    "rx.dpc_budget=1040 tx.copy_threshold=0B",
	  "ndis6-hybrid", "sg", 1514, .elements = 8 },
	{ "e100bex, NDIS 5", "gbe-82540",
	  FRAGMENTS "nic.wire=100Mbps nic.sg_elements=8 nic.tx_ring=32 "
		    "traffic.send_batch_max=10 hal.pool=64",
	  "ndis5-sg", "sg", 1514, .elements = 8 },
	{ "netvmini", "xge-64bit",
	  "nic.tx_ring=256 nic.rx_ring=256 rx.dpc_budget=64 "
	  "rx.indicate_max=64",
	  "ndis6-copy", "common-copy", 1514, .elements = 1,
	  .copies_all_sent = true, .copies_all_received = true },
	{ "IPoIB", "xge-64bit",
	  FRAGMENTS "nic.sg_elements=30 nic.tx_ring=512 nic.rx_ring=512 "
		    "traffic.mtu=2044B rx.buffer=4KiB rx.dpc_budget=16 "
		    "rx.indicate_max=16 rx.low_watermark=25% "
		    "hal.max_mapping=2048B",
	  "ndis6-hybrid", "sg", 2044, .elements = 30 },
	{ "RtEthSample", "gbe-82574",
	  "nic.sg_elements=16 nic.tx_ring=128 nic.rx_ring=128 "
	  "nic.moderation_mode=fixed nic.moderation=500us "
	  "tx.cx_batch=32 tx.cx_align=64B",
	  "netadaptercx", "sg", 1514, .elements = 16 },
	{ "rtl8139", "gbe-82540",
	  "nic.wire=100Mbps nic.sg_elements=1 nic.tx_ring=8 nic.tx_frames=4 "
	  "nic.rx_ring=16",
	  "ndis5-sg", "common-copy", 1514, .elements = 1,
	  .copies_all_received = true },
	{ "virtio_net", "virtio", "rx.copybreak=128B", "linux-map", "copybreak",
	  1514, .elements = 1 },
	{ "vmxnet3", "xge-64bit",
	  "nic.tx_ring=512 nic.rx_ring=1024 rx.buffer=3KiB", "ndis6-sg", "sg",
	  1514, .elements = 16 },
	{ "netvsc", "xge-64bit",
	  "tx.copy_pages=340 rx.buffer=2KiB nic.moderation_mode=none",
	  "ndis6-copy", "common-copy", 1514, .elements = 1,
	  .copies_all_sent = true, .copies_all_received = true },
	{ "igc", "gbe-82574",
	  "nic.tx_ring=256 nic.rx_ring=256 nic.moderation_mode=adaptive "
	  "nic.itr_lowest=14us nic.itr_low=50us nic.itr_bulk=166us "
	  "rx.copybreak=256B",
	  "ndis6-hybrid", "copybreak", 1514, .elements = 16 },
	{ "rtase", "xge-64bit",
	  FRAGMENTS "nic.sg_elements=64 nic.desc_cache=128", "ndis6-sg", "sg",
	  1514, .elements = 64 },
	{ "mana", "xge-64bit", FRAGMENTS "nic.sg_elements=30", "ndis6-sg", "sg",
	  1514, .elements = 30 },
	{ "mlx4", "cge-100",
	  "nic.wire=40Gbps nic.tx_ring=512 nic.moderation=16us "
	  "nic.moderation_frames=44 tx.copy_threshold=104B rx.copybreak=128B",
	  "ndis6-hybrid", "copybreak", 1514, .elements = 30 },
};

static struct frame *traffic(const struct driver *d)
{
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 11,
		.tx_ppm = 500000,
		.gap = 200 * PS_PER_US,
		.poisson = true,
		.min = 60,
		.max = 1514,
		.flows = 5,
	});
	size_t i;

	for (i = 0; i < FRAMES; i += 7)
		if (frames[i].direction == FRAME_TX)
			frames[i].bytes = d->longest;
	return frames;
}

static void drivers_run_as_they_are(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		const struct driver *d = &drivers[i];
		struct config *cfg = fix_config(d->preset, d->pairs);
		struct frame *frames = traffic(d);
		struct machine *m = fix_run(cfg, d->tx, d->rx, frames, FRAMES);
		const struct stats *s = &m->stats;

		if (s->tx.completed_frames != s->tx.offered_frames ||
		    s->rx.delivered_frames != s->rx.offered_frames)
			fail_msg("%s: not all frames arrive", d->name);
		if (s->tx.failed_frames)
			fail_msg("%s: sends fail", d->name);
		if (d->elements &&
		    s->tx.descriptors > d->elements * s->tx.sent_wire_frames)
			fail_msg("%s: more elements than it has", d->name);
		if (d->copies_all_sent !=
		    (s->tx.copied_frames == s->tx.offered_frames))
			fail_msg("%s: copies %llu of %llu sends", d->name,
				 (unsigned long long)s->tx.copied_frames,
				 (unsigned long long)s->tx.offered_frames);
		if (d->copies_all_received !=
		    (s->rx.copied_frames == s->rx.offered_frames))
			fail_msg("%s: copies %llu of %llu receives", d->name,
				 (unsigned long long)s->rx.copied_frames,
				 (unsigned long long)s->rx.offered_frames);
		machine_free(m);
		config_free(cfg);
		free(frames);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drivers_run_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
