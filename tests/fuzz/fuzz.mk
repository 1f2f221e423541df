# SPDX-License-Identifier: Apache-2.0
# Fuzzing: see docs/reliability.md.
#
#	make fuzz T=capture TIME=600	libFuzzer with sanitizers
#	make fuzz-afl T=capture TIME=600	AFL++, persistent, without
#	make fuzz-smoke			each target a fixed number of times
#	make fuzz-replay T=ini FILES=x	files, or folders of them, once
#
# One program holds every target; without a fuzzer it replays files, which
# `make check` does with the corpora.

FUZZ_TESTS := $(filter-out %/engine.o %/replay.o,$(call objs,tests/fuzz))
FUZZ_REPLAY := $(O)/fuzz-replay
FUZZ_OBJS := $(call objs,tests/fuzz)

fuzz_link = $(CC) $(ALL_CFLAGS) $(LDFLAGS) $(1) -o $@ $(filter %.o,$^) \
	$(filter %.a,$^) $(LIBS)

$(FUZZ_REPLAY): $(O)/tests/fuzz/replay.o $(FUZZ_TESTS) $(O)/libcmd.a $(LIBS_A)
	@echo "  LINK  $@"
	$(Q)$(call fuzz_link)

$(O)/fuzz: $(O)/tests/fuzz/engine.o $(FUZZ_TESTS) $(O)/libcmd.a $(LIBS_A)
	@echo "  LINK  $@"
	$(Q)$(call fuzz_link,-fsanitize=fuzzer)

TIME ?= 60
fuzz_target = $(or $(T),capture)
fuzz_CFLAGS := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
	-fsanitize=fuzzer-no-link,address,undefined
# Models see no bytes to be guessed: watching what they compare tells nothing
# and takes a third of the time.
$(O)/models/%.o: HARDEN += $(if $(findstring fuzzer,$(CFLAGS)),\
	-fno-sanitize-coverage=trace-cmp)
FUZZ_CLANG ?= clang
FUZZ_AFL ?= afl-clang-fast

fuzz: ## fuzz target T for TIME seconds with libFuzzer
	@tests/install-deps.sh build fuzz
	+@$(PARALLEL) O=$(O)-fuzz CC="$(FUZZ_CLANG)" CFLAGS="$(fuzz_CFLAGS)" \
		MALLOC= $(O)-fuzz/fuzz $(O)-fuzz/dmasim
	tests/fuzz/libfuzzer.sh $(O)-fuzz $(fuzz_target) $(TIME)

fuzz-afl: ## the same with AFL++
	@tests/install-deps.sh build fuzz fuzz-afl
	+@$(PARALLEL) O=$(O)-afl CC="$(FUZZ_AFL)" CFLAGS="-O2 -g" MALLOC= \
		$(O)-afl/fuzz $(O)-afl/dmasim
	tests/fuzz/afl.sh $(O)-afl $(fuzz_target) $(TIME)

fuzz-smoke: ## each fuzz target a fixed number of times from a fixed seed
	@tests/install-deps.sh build fuzz
	+@$(PARALLEL) O=$(O)-fuzz CC="$(FUZZ_CLANG)" CFLAGS="$(fuzz_CFLAGS)" \
		MALLOC= $(O)-fuzz/fuzz
	tests/fuzz/libfuzzer.sh $(O)-fuzz smoke

fuzz-replay: $(FUZZ_REPLAY) ## FILES through fuzz target T, without a fuzzer
	$(FUZZ_REPLAY) $(fuzz_target) $(or $(FILES),tests/fuzz/corpus/$(fuzz_target))

lint-build: $(FUZZ_OBJS)
.PHONY: fuzz fuzz-afl fuzz-smoke fuzz-replay
-include $(FUZZ_OBJS:.o=.d)
