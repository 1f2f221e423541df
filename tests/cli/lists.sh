# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Presets, strategies, metrics and routines: their lists hold together.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

try presets
try presets xge
try strategies
try strategies ndis6-hybrid
try strategies null
try strategies ndis
try metrics rx.latency_ps
try metrics rx.latency
try routines NdisMAllocateNetBufferSGList
try routines NdisMAllocateNetBufferSGLst

echo "assumed or sourced, every value of every preset:"
"$DMASIM" presets --format json | jq -r '
	.[] | .name as $p | .values | to_entries[]
	| select(.value.source == null or .value.source == "")
	| "\($p) \(.key) has no source"'
echo "every key of a preset is a parameter:"
"$DMASIM" params --format json | jq -r '.[].key' | sort >keys
"$DMASIM" presets --format json | jq -r '.[].values | keys[]' | sort -u |
	comm -13 keys -
echo "every price of a routine is a parameter:"
"$DMASIM" routines --format json |
	jq -r '.[] | .base_price, .unit_price | select(. != null)' | sort -u |
	comm -13 keys -
echo "names of metrics end in their unit, each once:"
"$DMASIM" metrics --format json | jq -r '.[].name' | sort | uniq -d
