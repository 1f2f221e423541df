# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# make install, and what is installed by itself; make uninstall.
unset MAKEFLAGS MAKELEVEL MFLAGS
build=$(dirname "$DMASIM")
make_it() {
	make -s -C "$SRC" O="$build" DESTDIR="$PWD/stage" PREFIX=/opt/x "$@" \
		>log 2>&1 || { echo "make $*: status $?"; tail -5 log; }
}

mkdir -p stage/opt/x/bin
echo other >stage/opt/x/bin/other
make_it install
cd stage/opt/x || exit
find . -type d | sort
for page in "$SRC"/man/*.in; do
	page=$(basename "$page" .in)
	[ -s "share/man/man${page##*.}/$page" ] || echo "missing: $page"
done
for schema in "$SRC"/reports/schema/*.json; do
	cmp "$schema" "share/dmasim/$(basename "$schema")"
done
bash -n share/bash-completion/completions/dmasim

echo "from elsewhere, without the tree:"
mkdir ../away
cd ../away || exit
cp "$SRC/examples/office.pcap.xz" .
PATH=../x/bin:$PATH
dmasim --version | head -1
dmasim run -q --limit 1000 office.pcap.xz | head -1
dmasim run -q --limit 1000 --format json office.pcap.xz -o result.json
dmasim report -q result.json && ls report/index.html
cd ../../..

make_it uninstall
echo "left after uninstall:"
find stage/opt/x -type f
ls stage/opt/x/share
