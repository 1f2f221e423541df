# SPDX-License-Identifier: Apache-2.0
# Benchmarks: not part of `make check`.  Figures go into bench/RESULTS.md.
#
#	make bench		all of these:
#	make bench-kernel	the event kernel against ns-3's
#	make bench-replay	replay against a read loop (FRAMES=10000000)
#	make bench-p2p		frames per second of both simulators
#	make bench-growth	CPU time a frame by size of rings, pool, IOTLB...
#	make bench-start	time to start
#	make bench-memory	peak memory up to 100,000,000 frames from a pipe
#	make bench-coverage	how often intervals of breakeven hold the truth
#
#	make gate		instructions a frame against bench/gate.tsv
#				(RECORD=1: take those of now)
#
# The peer is a program of its own under its own licence; nothing of ours is
# linked with it.

BENCH := $(O)/bench
CXX ?= g++
FRAMES ?= 10000000

bench: bench-kernel bench-replay bench-p2p ## measure: event kernel, replay of a capture, against ns-3

bench-kernel: $(BENCH)/kernel $(BENCH)/hold
	bench/kernel.sh $(BENCH)/kernel $(BENCH)/hold
	bench/shapes.sh $(BENCH)/kernel

bench-replay: $(O)/dmasim $(foreach p,measure readloop,$(BENCH)/$(p))
	bench/replay.sh $(O)/dmasim $(BENCH) $(FRAMES)

bench-growth bench-start bench-memory: bench-%: $(O)/dmasim $(BENCH)/measure
	bench/$*.sh $(O)/dmasim $(BENCH)

gate: $(O)/dmasim ## has replay become slower? (RECORD=1: take the figures)
	@tests/install-deps.sh build gate
	@bench/gate.sh $(if $(RECORD),--record) $(O)/dmasim \
		"$$($(CC) --version | sed -n "1s,^[^ ]* ,,p"), $(CFLAGS), $(MALLOC)"

BENCH_OURS := $(foreach p,kernel measure readloop,$(BENCH)/$(p))
$(BENCH_OURS): $(BENCH)/%: $(BENCH)/%.o $(O)/libcore.a
	@echo "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -lpcap $(MALLOC) -lm -pthread

bench-coverage: $(BENCH)/coverage
	$(BENCH)/coverage $(SEEDS)

$(BENCH)/coverage: $(BENCH)/coverage.o $(O)/libcmd.a $(LIBS_A)
	@echo "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BENCH)/hold: bench/peers/hold.cc | bench-deps
	@echo "  CXX   $<"
	@mkdir -p $(@D)
	$(Q)$(CXX) -O2 -o $@ $< -lns3-core

bench-p2p: $(O)/dmasim $(BENCH)/measure $(BENCH)/p2p
	bench/p2p.sh $(O)/dmasim $(BENCH)

$(BENCH)/p2p: bench/peers/p2p.cc | bench-deps
	@echo "  CXX   $<"
	@mkdir -p $(@D)
	$(Q)$(CXX) -O2 -o $@ $< -lns3-traffic-control -lns3-point-to-point \
		-lns3-internet -lns3-network -lns3-core

bench-study: $(O)/dmasim $(BENCH)/store $(BENCH)/alone
	$(BENCH)/store $(wildcard ../shared/captures/*.pcap*) \
		gen:imix,rate=5Gbps,frames=1000000
	bench/study.sh $(O)/dmasim $(BENCH)

bench-windows: $(O)/dmasim
	bench/windows.sh $(O)/dmasim examples/office.pcap.xz

$(BENCH)/store $(BENCH)/alone: $(BENCH)/%: $(BENCH)/%.o $(O)/libcmd.a $(LIBS_A)
	@echo "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# As root, or through sudo.
bench-deps:
	@dpkg -s g++ libns3-dev >/dev/null 2>&1 || \
		$$([ "$$(id -u)" = 0 ] || echo sudo) sh -c 'apt-get update -q && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
		--no-install-recommends g++ libns3-dev'

.PHONY: bench bench-growth bench-start bench-memory bench-study bench-windows gate bench-kernel bench-replay bench-p2p bench-coverage bench-deps
-include $(BENCH_OURS:=.d)
