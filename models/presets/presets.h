/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Presets are data: a name, a parent, values with the source of each.  A new
 * one is a struct here and a line in preset_registry.
 */
#ifndef MODELS_PRESETS_PRESETS_H
#define MODELS_PRESETS_PRESETS_H

#include "core/param.h"

extern const struct preset preset_hsw_3g3;
extern const struct preset preset_nfp6000;
extern const struct preset preset_hsw_2620v3;
extern const struct preset preset_ib_2620v2;
extern const struct preset preset_gbe_32bit;
extern const struct preset preset_xge_64bit;
extern const struct preset preset_xge_strict;
extern const struct preset preset_xge_cvm;
/* nic_intel.c */
extern const struct preset preset_gbe_82540;
extern const struct preset preset_gbe_82574;
extern const struct preset preset_xge_82599;
extern const struct preset preset_xge_82599_pmd;
extern const struct preset preset_xlge_40;
/* nic_other.c */
extern const struct preset preset_cge_100;
extern const struct preset preset_virtio;
extern const struct preset preset_bcm_30bit;
extern const struct preset preset_simple_fifo;
/* embedded.c */
extern const struct preset preset_arm_noncoherent;
extern const struct preset preset_ce_isa;

#endif
