#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Run the examples of a text: every "$ dmasim ..." must succeed.
#
#	tests/docs.sh BUILD FILE...	(TAP on stdout)
#
# An example is a line `.Dl $ dmasim ...` of a manual page, or `$ dmasim ...`
# in a code block of a *.md file.  It runs in a directory where every capture
# it names (*.pcap, *.pcap.xz) is the beginning of the bundled one; a result
# it names (*.json) is one of a run on that.  The example of a page about a
# configuration file must be read without an error.
set -euo pipefail
export LC_ALL=C

build=$(realpath "$1")
shift
cd "$(dirname "$0")/.."
root=$PWD
PATH=$build:$PATH

examples() {
	case $1 in
	*.in) sed -n 's/^\.Dl \$ \(dmasim .*\)/\1/p' "$1" |
		sed 's/\\(dq/"/g; s/\\(aq/'"'"'/g; s/\\e/\\/g; s/\\-/-/g' ;;
	*) sed -n 's/^ *\$ \(dmasim .*\)/\1/p' "$1" ;;
	esac
}

failed=0
number=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
dmasim trace convert "$root/examples/office.pcap.xz" --limit 2000 -q \
	-o "$tmp/base.pcap"
dmasim run "$tmp/base.pcap" -q --format json -o "$tmp/base.json"
for file in "$@"; do
	while read -r line; do
		number=$((number + 1))
		rm -rf "$tmp/cwd"
		mkdir -p "$tmp/cwd"
		cd "$tmp/cwd"
		for word in $line; do
			case $word in
			/* | *\"* | *\'*) ;;
			*.pcap | *.pcap.?z) mkdir -p "$(dirname "$word")"
				cp "$tmp/base.pcap" "$word" ;;
			*.json) cp "$tmp/base.json" "$word" ;;
			*.conf | *.ini) printf '[nic]\ntx_ring = 128\n' >"$word" ;;
			esac
		done
		# What an example writes is not there yet.
		while read -r word; do
			rm -rf "$word"
		done < <(grep -oE -e '(-o|>) *[^ ]+' <<<"$line" |
			sed 's/^\(-o\|>\) *//')
		if timeout "${DEADLINE:-120}" bash -o pipefail -c "$line" \
			>"$tmp/out" 2>&1 </dev/null; then
			echo "ok $number - $file: $line"
		else
			echo "not ok $number - $file: $line"
			tail -5 "$tmp/out" | sed 's/^/# /'
			failed=1
		fi
		cd "$root"
	done < <(examples "$file")
	[[ $file == *.conf.5.in ]] || continue
	number=$((number + 1))
	sed -n '/^\.Bd -literal/,/^\.Ed/{/^\.[BE]d/!p}' "$file" >"$tmp/conf"
	if dmasim params -c "$tmp/conf" >/dev/null 2>"$tmp/out"; then
		echo "ok $number - $file: its example is read"
	else
		echo "not ok $number - $file: its example is read"
		sed 's/^/# /' "$tmp/out"
		failed=1
	fi
done
exit $failed
