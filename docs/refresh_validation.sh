#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Put the figures and pictures of validation into docs/validation.md, after a
# change of a model:
#
#	make validate RECORD=1 && docs/refresh_validation.sh build
set -euo pipefail
export LC_ALL=C.UTF-8

plots=$(realpath "$1")/validation
cd "$(dirname "$0")"

# The table of figures comes first, up to an empty line; then every point.
awk -v points="$plots/points.md" '
/^<!-- end -->/ { on = 0 }
!on { print }
/^<!-- (figures|points) -->/ {
	on = 1
	figures = $2 == "figures"
	seen = 0
	while ((getline line < points) > 0) {
		if (line == "" && !seen++ && figures)
			break
		if (figures || seen)
			print line
	}
	close(points)
}' validation.md >validation.md.new
mv validation.md.new validation.md
mkdir -p img
cp "$plots"/*.svg img/
