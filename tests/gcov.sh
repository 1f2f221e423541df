#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Coverage that tests left in a build with --coverage.
#
#	tests/gcov.sh BUILD		(after make gcov; writes BUILD/gcov.txt)
#
# Prints lines and branches of core, traces and models, and the ten files with
# most branches not taken.  Left out: BUG(), BUG_ON() and assert(), which
# cannot be true in a sound program.
set -euo pipefail
export LC_ALL=C
build=$(realpath "$1")
cd "$(dirname "$0")/.."

unreachable='.*\b(BUG|BUG_ON|assert)\(.*'
gcovr -j "$(nproc)" -r . --object-directory "$build" --filter '(core|traces|models)/' \
	--exclude-lines-by-pattern "$unreachable" \
	--exclude-branches-by-pattern "$unreachable" \
	--gcov-ignore-parse-errors --json "$build/gcov.trace" "$build"
for folder in core traces models '(core|traces|models)'; do
	gcovr -r . --add-tracefile "$build/gcov.trace" --filter "$folder/" \
		--json-summary-pretty >"$build/gcov.json"
	jq -r --arg folder "$folder" '"\($folder): \(.line_percent) % of \(
		.line_total) lines, \(.branch_percent) % of \(.branch_total
		) branches"' "$build/gcov.json"
done | tee "$build/gcov.txt"
jq -r '.files | sort_by(.branch_covered - .branch_total)[:10][] |
	"  \(.branch_total - .branch_covered) not taken of \(.branch_total
	) in \(.filename)"' "$build/gcov.json" | tee -a "$build/gcov.txt"
