#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Install what building and testing need, on Debian and its relatives.
#
#	tests/install-deps.sh build		(compiler, libraries, gnuplot)
#	tests/install-deps.sh build test lint	(and what those need)
#
# Does nothing when all is there; otherwise says what it installs and does so
# by apt-get, as root or through sudo.  On a system without dpkg it only says
# what is needed, and goes on.
set -eu

# One row a package: the group that needs it, then its name.
packages='
build gcc
build libc6-dev
build libpcap-dev
build libarchive-dev
build libjansson-dev
build libinih-dev
build libmd-dev
build libjemalloc-dev
build gnuplot-nox
test libcmocka-dev
test jq
test xz-utils
cluster slurm-wlm
cluster munge
cluster parallel
browser chromium
gate valgrind
gcov gcovr
analyze clang-tidy
analyze cppcheck
soak time
fuzz clang
fuzz-afl afl++
lint clang
lint clang-format
lint cppcheck
lint shellcheck
lint universal-ctags
lint mandoc
'

wanted() {
	local group
	for group in "$@"; do
		awk -v group="$group" '$1 == group { print $2 }' <<<"$packages"
	done
}

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = \
		installed ]
}

missing=()
mapfile -t list < <(wanted "${@:-build}")
if ! command -v dpkg-query >/dev/null; then
	echo "not a Debian system; needed, by Debian's names: ${list[*]}" >&2
	exit 0
fi
for package in "${list[@]}"; do
	# Any flavour of gnuplot draws.
	if [ "$package" = gnuplot-nox ] && command -v gnuplot >/dev/null; then
		continue
	fi
	installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "missing packages; install them as root and try again:" >&2
		echo "	apt-get install ${missing[*]}" >&2
		exit 1
	fi
	as_root=(sudo)
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q
	--no-install-recommends "${missing[@]}")
if ! { "${as_root[@]}" apt-get update -q &&
	"${as_root[@]}" "${install[@]}"; } </dev/null >"$log" 2>&1; then
	tail -20 "$log" >&2
	echo "could not install: ${missing[*]}" >&2
	exit 1
fi
