/* SPDX-License-Identifier: Apache-2.0 */
#include "models/tx/wdf.h"

static const struct param_choice version_choices[] = {
	{ "2", "default on x86 and x64" },
	{ "3", "default on Arm" },
	{ NULL, NULL },
};

static const struct param_choice transaction_choices[] = {
	{ "reuse", "made at start, released and used again" },
	{ "create", "made and deleted for every request" },
	{ NULL, NULL },
};

const struct param tx_wdf_params[] = {
	{ .key = "tx.wdf_version",
	  .type = PARAM_CHOICE,
	  .preset_default = "2",
	  .choices = version_choices,
	  .help = "version of the HAL's DMA interface beneath KMDF",
	  .source = "KMDF" },
	{ .key = "tx.wdf_transactions",
	  .type = PARAM_CHOICE,
	  .preset_default = "reuse",
	  .choices = transaction_choices,
	  .help = "where a request's DMA transaction comes from",
	  .source = "WDK framework DMA" },
	{ .key = "tx.wdf_reserve",
	  .type = PARAM_BOOL,
	  .preset_default = "no",
	  .help = "registers reserved for the transaction (packet, version 3)",
	  .source = "WDK framework DMA" },
	{ .key = "tx.wdf_single_transfer",
	  .type = PARAM_BOOL,
	  .preset_default = "no",
	  .help = "a transaction is one transfer, or it fails",
	  .source = "WDK framework DMA" },
	{ .key = "tx.wdf_queue",
	  .qty = QTY_COUNT,
	  .unit = "descriptors",
	  .preset_default = "4096",
	  .max = 65536,
	  .help = "depth of the submission queue; 0: nic.tx_ring",
	  .source = "design" },
	{ .key = NULL },
};

bool wdf_version_3(const struct config *cfg)
{
	return config_choice(cfg, "tx.wdf_version") == 1;
}

void wdf_add_calls(struct tx_mapping *mapping, const struct config *cfg)
{
	enum routine *ask = mapping->also_ask;

	if (config_choice(cfg, "tx.wdf_transactions"))
		*ask++ = R_WDF_CREATE;
	*ask++ = R_WDF_INITIALIZE;
	*ask++ = R_WDF_EXECUTE;
	mapping->callback = R_WDF_PROGRAM;
	mapping->also_put[0] = R_WDF_COMPLETED;
	mapping->also_put[1] = R_WDF_RELEASE;
	/* Else TOO_MANY_TRANSFERS. */
	mapping->splits = !config_bool(cfg, "tx.wdf_single_transfer");
}
