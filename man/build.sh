#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Make a manual page: the text of a .in file with the program's own tables.
#
#	man/build.sh DMASIM PAGE.in >PAGE
#
# A line "@NAME@" alone is replaced by a list in mdoc:
#	@COMMANDS@	what `dmasim --help` lists
#	@PARAMS@	every parameter, a subsection a group
#	@METRICS@	every metric, a subsection a group
#	@PRESETS@ @TX@ @RX@ @ROUTINES@
#	@TOPICS@	what `dmasim help` says of each topic
#	@INJECT@	what `dmasim run --help` lists for --inject
# and @VERSION@ inside a line by the version.
set -euo pipefail
export LC_ALL=C

dmasim=$1
page=$2

table() { "$dmasim" "$1" --format json; }

# jq functions for text in mdoc: backslashes, and dots and quotes that would
# begin a request.
# shellcheck disable=SC2016 # jq's variables, not the shell's
roff='
def esc: tostring | gsub("\\\\"; "\\e") | gsub("-"; "\\-")
	| gsub("\n"; " ") | if test("^[.\u0027]") then "\\&" + . else . end;
def sentence: if . == null or . == "" then "" else
	(.[0:1] | ascii_upcase) + .[1:] | if test("[.!?]$") then . else . + "." end
	end;
def line: select(. != null and . != "") | esc | gsub("\\. (?=[A-Z])"; ".\n");
'

list() { jq -r "$roff $1"; }

commands() {
	"$dmasim" --help | awk '
	/^$/ { on = 0 }
	/^Commands:/ { on = 1 }
	on && /^  / {
		name = $1
		$1 = ""
		sub(/^ +/, "")
		printf ".It Xr dmasim-%s 1\n%s\n", name, $0
	}'
}

# A group, its rows in the order of the table.
params() {
	table params | list '
	def permitted: if .choices then
		".Pp", ".Bl -tag -width 4n -compact",
		(.choices[] | ".It Cm " + (.name | esc), (.help | sentence | line)),
		".El"
	elif .min then
		"From " + (.permitted | esc) + (
			if .unit == "share" or .unit == "factor" then ", a " + .unit
			elif .unit and (.max | test("^[0-9]+$")) then " " + .unit
			else "" end | esc) + "."
	else empty end;
	group_by(.key | split(".")[0])[] |
	".Ss " + (.[0].key | split(".")[0]), ".Bl -tag -width 4n",
	(.[] | ".It Cm " + (.key | esc),
		(.help | sentence | line), (.doc // "" | sentence | line),
		"Default: " + (if .default == "" then "none" else
			.default | esc end) + ".",
		("Source: " + (.source // "none needed" | esc) + "."),
		permitted),
	".El"'
}

metrics() {
	table metrics | list '
	group_by(.name | split(".")[0])[] |
	".Ss " + (.[0].name | split(".")[0]), ".Bl -tag -width 4n",
	(.[] | ".It Va " + (.name | esc), (.help | sentence | line),
		"A " + (.kind | esc) + ", in " + (.unit | esc) + "."),
	".El"'
}

# LIST JQ-FILTER: names with their summaries.
summaries() {
	table "$1" | list "$2"' | ".Bl -tag -width 4n",
	(.[] | ".It Cm " + (.name | esc), (.summary | sentence | line)), ".El"'
}

routines() {
	table routines | list '".Bl -tag -width 4n",
	(.[] | ".It Fn " + (.name | esc), (.help | sentence | line),
		"IRQL " + (if .irql_lowest == .irql_highest then .irql_lowest
			else .irql_lowest + " to " + .irql_highest end | esc) + ",",
		(.completion | esc) + "; " + (.generation | esc) + "."), ".El"'
}

topics() {
	"$dmasim" --help | awk '/^Topics:/ { on = 1; next } /^$/ { on = 0 }
		on { print $1 }' | while read -r topic; do
		printf '.Ss %s\n.Bd -literal\n' "$topic"
		"$dmasim" help "$topic" | sed 's/\\/\\e/g; s/^[.'"'"']/\\\&&/; s/-/\\-/g'
		echo ".Ed"
	done
}

inject() {
	echo ".Bl -tag -width 4n"
	"$dmasim" run --help | awk '
	kinds && /^  [a-z_]+ / {
		name = $1
		$1 = ""
		sub(/^ +/, "")
		printf ".It Cm %s\n%s.\n", name, toupper(substr($0, 1, 1)) \
			substr($0, 2)
	}
	/^Kinds of/ { kinds = 1 }'
	echo ".El"
}

while IFS= read -r line; do
	case $line in
	@COMMANDS@) commands ;;
	@PARAMS@) params ;;
	@METRICS@) metrics ;;
	@PRESETS@) summaries presets . ;;
	@TX@) summaries strategies '[.[] | select(.direction == "tx")]' ;;
	@RX@) summaries strategies '[.[] | select(.direction == "rx")]' ;;
	@ROUTINES@) routines ;;
	@INJECT@) inject ;;
	@TOPICS@) topics ;;
	*@VERSION@*)
		version=$("$dmasim" --version | awk 'NR == 1 { print $NF }')
		printf '%s\n' "${line//@VERSION@/$version}"
		;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$page"
