/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines with cards of Intel's families.  "recalled": from the data sheet or
 * driver named, not looked up again.
 */
#include "models/presets/presets.h"

/* e1000 and e1000e in mode 3: 20000 to 4000 interrupts/s, never lowest. */
#define E1000_MODERATION                                                  \
	{ "nic.moderation_mode", "adaptive", "e1000e: mode 3" },          \
		{ "nic.adaptive_rule", "mix", "e1000e, recalled" },       \
		{ "nic.itr_lowest", "50us", "e1000e: 4000-20000 irq/s" }, \
		{ "nic.itr_low", "50us", "e1000e: 4000-20000 irq/s" },    \
	{                                                                 \
		"nic.itr_bulk", "250us", "e1000e: 4000-20000 irq/s"       \
	}

const struct preset preset_gbe_82540 = {
	.name = "gbe-82540",
	.kind = "machine",
	.summary = "82540-like gigabit NIC, its PCI bus taken for PCIe gen1 x1",
	.parent = &preset_hsw_3g3,
	.values =
		(const struct preset_value[]){
			{ "nic.wire", "1Gbps", "8254x" },
			{ "nic.dma_width", "32",
			  "e1000, recalled: 64 bits on PCI-X only" },
			{ "nic.tx_ring", "256", "e1000: 256" },
			{ "nic.rx_ring", "256", "e1000: 256" },
			{ "nic.sg_elements", "16", "driver survey" },
			{ "nic.desc_cache", "64", "8254x: 64 descriptors" },
			{ "nic.fetch_max", "8", "assumed: 8254x class" },
			{ "nic.prefetch", "8", "e1000e: PTHRESH 8" },
			{ "nic.tx_write_back", "1",
			  "e1000: one per descriptor" },
			{ "nic.rx_tail_batch", "16", "e1000: 16" },
			{ "nic.tx_fifo", "16KiB", "8254x: 16 of 64 KiB" },
			{ "nic.rx_fifo", "48KiB", "8254x: 48 of 64 KiB" },
			{ "nic.dma_reads", "4", "assumed" },
			{ "nic.isr_reads", "1", "e1000: cause read" },
			E1000_MODERATION,
			{ "pcie.generation", "1",
			  "assumed: 2 Gb/s for 2.1 Gb/s of PCI" },
			{ "pcie.lanes", "1",
			  "assumed: 2 Gb/s for 2.1 Gb/s of PCI" },
			{ "pcie.mps", "128B", "PB-model: desktop chips" },
			{ NULL, NULL, NULL },
		},
};

const struct preset preset_gbe_82574 = {
	.name = "gbe-82574",
	.kind = "machine",
	.summary = "82574-like gigabit NIC: PCIe gen1 x1, 64 bits, MSI-X",
	.parent = &preset_hsw_3g3,
	.values =
		(const struct preset_value[]){
			{ "nic.wire", "1Gbps", "82574" },
			{ "nic.dma_width", "64", "e1000e" },
			{ "nic.tx_ring", "256", "e1000e: 256" },
			{ "nic.rx_ring", "256", "e1000e: 256" },
			{ "nic.sg_elements", "16", "driver survey" },
			{ "nic.desc_cache", "64", "8254x: 64 descriptors" },
			{ "nic.fetch_max", "8", "assumed: 8254x class" },
			{ "nic.prefetch", "31",
			  "e1000e, recalled: PTHRESH 31" },
			{ "nic.host_threshold", "1",
			  "e1000e, recalled: HTHRESH 1" },
			{ "nic.tx_write_back", "5",
			  "e1000e, recalled: WTHRESH 5" },
			{ "nic.rx_write_back", "4",
			  "e1000e, recalled: WTHRESH 4" },
			{ "nic.rx_tail_batch", "16", "e1000e: 16" },
			{ "nic.tx_fifo", "8KiB",
			  "e1000e, recalled: 8 of 40 KiB" },
			{ "nic.rx_fifo", "32KiB",
			  "e1000e, recalled: 32 of 40 KiB" },
			{ "nic.dma_reads", "4", "assumed" },
			{ "nic.isr_reads", "0", "82574: MSI-X" },
			E1000_MODERATION,
			{ "pcie.generation", "1", "82574: 2.5 GT/s, x1" },
			{ "pcie.lanes", "1", "82574: 2.5 GT/s, x1" },
			{ "pcie.mps", "128B", "PB-model: desktop chips" },
			{ NULL, NULL, NULL },
		},
};

const struct preset preset_xge_82599 = {
	.name = "xge-82599",
	.kind = "machine",
	.summary = "82599-like NIC with its kernel driver, as PB-model has it",
	.parent = &preset_hsw_3g3,
	.values =
		(const struct preset_value[]){
			{ "nic.wire", "10Gbps", "82599" },
			{ "nic.dma_width", "64", "ixgbe" },
			{ "nic.tx_ring", "512", "ixgbe" },
			{ "nic.rx_ring", "512", "ixgbe" },
			{ "nic.sg_elements", "30", "driver survey" },
			{ "nic.lso", "yes", "82599" },
			{ "hal.max_mapping", "64KiB", "NetKVM: 65536" },
			{ "nic.fetch_max", "40", "82599 by PB-model" },
			{ "nic.rx_fetch_max", "1", "82599 by PB-model" },
			{ "nic.fetches", "32", "assumed: one per tag" },
			{ "nic.desc_cache", "64", "assumed" },
			{ "nic.prefetch", "32", "ixgbe: 32" },
			{ "nic.tx_write_back", "8", "82599 by PB-model" },
			{ "nic.rx_write_back", "1", "82598: default 1" },
			{ "nic.rx_tail_batch", "32", "82599 by PB-model" },
			{ "nic.tx_doorbell_batch", "1", "82599 by PB-model" },
			{ "nic.tx_head_read", "1", "82599 by PB-model" },
			{ "nic.rx_head_read", "8", "82599 by PB-model" },
			{ "nic.tx_fifo", "160KiB", "82599, recalled" },
			{ "nic.rx_fifo", "512KiB", "82599, recalled" },
			{ "nic.moderation_mode", "adaptive", "ixgbe" },
			{ "nic.adaptive_rule", "rate", "ixgbe, recalled" },
			{ "nic.itr_lowest", "10us", "ixgbe: 100000 irq/s" },
			{ "nic.itr_low", "50us", "ixgbe: 20000 irq/s" },
			{ "nic.itr_bulk", "83.333us", "ixgbe: 12000 irq/s" },
			{ "pcie.generation", "2", "82599: 5 GT/s, x8" },
			{ "pcie.lanes", "8", "82599: 5 GT/s, x8" },
			{ "pcie.mps", "256B", "PB-model: servers" },
			{ NULL, NULL, NULL },
		},
};

const struct preset preset_xge_82599_pmd = {
	.name = "xge-82599-pmd",
	.kind = "machine",
	.summary = "the same with a poll-mode driver: no interrupts, no reads",
	.parent = &preset_xge_82599,
	.values =
		(const struct preset_value[]){
			{ "nic.poll", "1us", "assumed" },
			{ "nic.tx_doorbell_batch", "32", "82599 by PB-model" },
			{ "nic.tx_head_read", "0", "82599 by PB-model" },
			{ "nic.rx_head_read", "0", "82599 by PB-model" },
			{ NULL, NULL, NULL },
		},
};

const struct preset preset_xlge_40 = {
	.name = "xlge-40",
	.kind = "machine",
	.summary = "40 GbE NIC: PCIe gen3 x8, head write-back, two queues",
	.parent = &preset_hsw_3g3,
	.values =
		(const struct preset_value[]){
			{ "nic.wire", "40Gbps", "design" },
			{ "nic.dma_width", "64", "i40e" },
			{ "nic.queues", "2", "design: one per core" },
			{ "nic.tx_ring", "512", "i40e, recalled: 512" },
			{ "nic.rx_ring", "512", "i40e, recalled: 512" },
			{ "nic.sg_elements", "30", "driver survey" },
			{ "nic.lso", "yes", "i40e" },
			{ "hal.max_mapping", "64KiB", "NetKVM: 65536" },
			{ "nic.completion", "head",
			  "i40e, recalled: head write-back" },
			{ "nic.fetch_max", "40", "assumed: as 82599" },
			{ "nic.desc_cache", "128", "assumed" },
			{ "nic.prefetch", "64", "assumed" },
			{ "nic.fetches", "4", "assumed" },
			{ "nic.tx_write_back", "8", "assumed: as 82599" },
			{ "nic.rx_write_back", "1", "assumed: as 82599" },
			{ "nic.rx_tail_batch", "16", "assumed: as ixgbe" },
			{ "nic.dma_reads", "32", "assumed" },
			{ "nic.tx_fifo", "256KiB", "assumed" },
			{ "nic.rx_fifo", "1MiB", "assumed" },
			{ "nic.moderation", "50us",
			  "i40e, recalled: 20000 irq/s" },
			{ "pcie.generation", "3", "i40e: 8 GT/s, x8" },
			{ "pcie.lanes", "8", "i40e: 8 GT/s, x8" },
			{ "pcie.mps", "256B", "PB-model: servers" },
			{ "pcie.tags", "64", "assumed: extended tags" },
			{ NULL, NULL, NULL },
		},
};
