# SPDX-License-Identifier: Apache-2.0
# dmasim: build, test, install.  `make help` lists the targets.
#
#	make O=DIR		build elsewhere than in build/
#	make CFLAGS=-O0 MALLOC=	other compiler flags, without jemalloc
#	make V=1		show the commands

O ?= build
CC ?= gcc
CFLAGS ?= -O2 -g
MALLOC ?= -ljemalloc
PREFIX ?= /usr/local
Q := $(if $(V),,@)

STD := -std=gnu11 -ffp-contract=off -fno-math-errno -I. -pthread
WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wwrite-strings -Wundef
ALL_CFLAGS = $(STD) $(WARN) $(HARDEN) -DHAVE_JEMALLOC=$(if $(MALLOC),1,0) \
	$(CFLAGS)
LIBS := -lpcap -larchive -ljansson -linih -lmd -lm $(MALLOC) -pthread

# What makes an error of memory stop the program (docs/reliability.md).  For
# optimised builds without a sanitizer, which does more.
plain := $(if $(findstring -fsanitize,$(CFLAGS)),,$(filter -O1 -O2 -O3,$(CFLAGS)))
HARDEN := $(if $(plain),-D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	-fstack-clash-protection -fPIE -Wformat -Wformat-security \
	$(if $(filter x86_64,$(shell uname -m)),-fcf-protection=return))
# Models see no bytes of others: canaries only beside arrays of characters.
$(O)/models/%.o: HARDEN += $(if $(plain),-fstack-protector)
harden_ld := -pie -Wl,-z,relro,-z,now,-z,noexecstack
HARDEN_LD := $(if $(plain),$(harden_ld))
export UNHARDENED := $(if $(plain),,1)

srcs = $(sort $(wildcard $(1)/*.c $(1)/*/*.c))
objs = $(patsubst %.c,$(O)/%.o,$(call srcs,$(1)))
FOLDERS := core traces models reports
LIBS_A := $(patsubst %,$(O)/lib%.a,reports models traces core)
CMD_OBJS := $(filter-out $(O)/cmd/main.o,$(call objs,cmd))
ALL_OBJS := $(foreach f,$(FOLDERS) cmd tests/unit tests/validate bench,\
	$(call objs,$(f)))

all: $(O)/dmasim

$(O)/dmasim: $(O)/cmd/main.o $(O)/libcmd.a $(LIBS_A)
	@echo "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(LIBS)

define archive
$(O)/lib$(1).a: $(2)
	@echo "  AR    $$@"
	$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call archive,$(f),$(call objs,$(f)))))
$(eval $(call archive,cmd,$(CMD_OBJS)))

$(O)/%.o: %.c
	@echo "  CC    $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# A unit test is one cmocka program, linked with core and with the folders it
# includes; a test of cmd/ is linked with all.
UNIT := $(patsubst tests/unit/%.c,$(O)/unit/%,$(call srcs,tests/unit))
tests_of = $(patsubst tests/unit/%.c,$(O)/unit/%,$(sort \
	$(shell grep -lsE '^.include "($(1))/' tests/unit/*.c)))
$(UNIT): $(O)/libcore.a
$(call tests_of,cmd): $(O)/libcmd.a
$(foreach f,reports models traces,\
	$(eval $(call tests_of,cmd|$(f)): $(O)/lib$(f).a))
$(UNIT): $(O)/unit/%: $(O)/tests/unit/%.o
	@echo "  LINK  $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
		-lcmocka $(LIBS)

# Install what is missing, then build with all processors.
PARALLEL = $(MAKE) --no-print-directory \
	$(if $(findstring jobserver,$(MAKEFLAGS)),,-j$$(nproc))

demo: ## build and compare strategies on the bundled capture, with plots
	@tests/install-deps.sh build
	+@$(PARALLEL) all
	+@$(PARALLEL) demo-run

DEMO := examples/office.pcap.xz
demo-run: $(O)/dmasim
	@rm -rf $(O)/demo
	$(O)/dmasim compare $(DEMO) --report $(O)/demo
	@echo
	@echo "a page to open in a browser, plots, results:"
	@ls $(O)/demo/index.html $(O)/demo/*.png $(O)/demo/*.json 2>/dev/null | sed 's/^/  /'

check: ## build and pass all tests
	@tests/install-deps.sh build test
	+@$(PARALLEL) all $(UNIT) $(O)/validate $(FUZZ_REPLAY) $(TORTURE)
	@tests/check.sh $(O)

check-slurm: ## a study on a Slurm cluster of this machine, as root
	@tests/install-deps.sh build cluster
	+@$(PARALLEL) all
	@tests/slurm.sh $(O)/dmasim

$(O)/validate: $(call objs,tests/validate) $(O)/libcmd.a $(LIBS_A)
	@echo "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

PLOTS := $(O)/validation
validate: ## compare with measurements, draw both (RECORD=1: take the figures)
	@tests/install-deps.sh build
	+@$(PARALLEL) $(O)/validate
	@rm -rf $(PLOTS) && mkdir -p $(PLOTS)
	@status=0; $(O)/validate tests/calibration docs/validation.tsv \
		--points $(PLOTS)/points.md --plots $(PLOTS) \
		$(if $(RECORD),--record) || status=$$?; \
		(cd $(PLOTS) && for f in *.gp; do gnuplot $$f; done); \
		ls $(PLOTS)/*.svg; \
		exit $$status

check-html: all ## look at the page of dmasim report with a browser
	@tests/install-deps.sh build test browser
	@tests/html.sh $(O)

asan_CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address
ubsan_CFLAGS := -O1 -g -fsanitize=undefined -fno-sanitize-recover=all
tsan_CFLAGS := -O1 -g -fsanitize=thread
asan ubsan tsan: ## all tests under a sanitizer
	@tests/install-deps.sh build test
	+@$(PARALLEL) O=$(O)-$@ CFLAGS="$($@_CFLAGS)" MALLOC= \
		DEADLINE=600 check

rerecord: all ## rewrite what cli and golden tests expect: look at the diff
	@tests/cli.sh --record $(O) $(T)
	@tests/golden.sh --record $(O) $(T)

mutants: ## break the models on purpose, see which law notices (T=pattern)
	@tests/install-deps.sh build test
	@REV="$(REV)" RECORD="$(RECORD)" tests/mutants/run.sh $(if $(T),'$(T)')

metamorphic: ## laws between runs of random machines (T=FIRST..LAST)
	@tests/install-deps.sh build test
	+@$(PARALLEL) $(O)/unit/test_metamorphic
	METAMORPHIC=$(or $(T),1..5000) $(O)/unit/test_metamorphic

lint: ## format, warnings, static checks, rules of the house
	@tests/install-deps.sh build test lint
	+@$(PARALLEL) O=$(O)/gcc CC=gcc CFLAGS="-O2 -Werror" lint-build
	+@$(PARALLEL) O=$(O)/clang CC=clang CFLAGS="-O1 -Werror" lint-build
	+@$(PARALLEL) all man
	@tests/lint.sh $(O)

lint-build: $(ALL_OBJS)

MAN := $(patsubst man/%.in,$(O)/man/%,$(sort $(wildcard man/*.in)))
man: $(MAN) ## manual pages, their lists made from the tables
$(MAN): $(O)/man/%: man/%.in man/build.sh $(O)/dmasim
	@echo "  MAN   $@"
	@mkdir -p $(@D)
	$(Q)man/build.sh $(O)/dmasim $< >$@.tmp && mv $@.tmp $@

SHARE = $(DESTDIR)$(PREFIX)/share
# Their paths begin with the names of the shells.
COMPLETIONS := bash-completion/completions/dmasim zsh/site-functions/_dmasim \
	fish/vendor_completions.d/dmasim.fish
SCHEMAS := $(wildcard reports/schema/*.json)
install: all man ## to $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/dmasim \
		$(dir $(COMPLETIONS:%=$(SHARE)/%)) \
		$(sort $(foreach p,$(MAN),$(SHARE)/man/man$(subst .,,$(suffix $(p)))))
	install $(O)/dmasim $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(SCHEMAS) $(SHARE)/dmasim
	$(foreach p,$(MAN),install -m 644 $(p) \
		$(SHARE)/man/man$(subst .,,$(suffix $(p))) &&) true
	$(foreach c,$(COMPLETIONS),$(O)/dmasim completion \
		$(firstword $(subst -, ,$(subst /, ,$(c)))) >$(SHARE)/$(c) &&) true

uninstall: ## what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/dmasim $(COMPLETIONS:%=$(SHARE)/%) \
		$(SCHEMAS:reports/schema/%=$(SHARE)/dmasim/%) \
		$(foreach p,$(MAN),$(SHARE)/man/man$(subst .,,$(suffix $(p)))/$(notdir $(p)))
	-rmdir $(SHARE)/dmasim

deb: all man ## a Debian package in $(O), unpacked and tried
	@.ci/deb $(O)

clean: ## remove everything built
	rm -rf $(O) $(O)-asan $(O)-ubsan $(O)-tsan $(O)-valgrind $(O)-gcov

help: ## this list
	@sed -n 's/^\([a-z -]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | \
		sort | expand -t 18

.PHONY: metamorphic check-slurm all demo demo-run check check-html validate mutants asan ubsan tsan rerecord lint lint-build man \
	install uninstall deb clean help
.SECONDARY:
.DELETE_ON_ERROR:
-include $(ALL_OBJS:.o=.d)
-include bench/bench.mk
-include tests/fuzz/fuzz.mk
-include tests/torture/torture.mk
-include tests/guard.mk
