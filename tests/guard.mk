# SPDX-License-Identifier: Apache-2.0
# Watching the program at work: see docs/reliability.md.
#
#	make valgrind		commands under memcheck
#	make gcov		branches that the tests take (T=pattern)
#	make analyze		gcc -fanalyzer, clang-tidy, cppcheck (T=tools)
#	make soak TIME=3600	random studies under AddressSanitizer (SEED=1)

valgrind: ## commands under memcheck, each error fails
	@tests/install-deps.sh build gate
	+@$(PARALLEL) O=$(O)-valgrind CFLAGS="-O1 -g" MALLOC= all
	@tests/valgrind.sh $(O)-valgrind/dmasim

# The counts are written when a program ends, where a sandbox forbids it.
gcov: ## branch coverage of core, traces and models by all tests
	@tests/install-deps.sh build test gcov
	@find $(O)-gcov -name '*.gcda' -delete 2>/dev/null || true
	+@DMASIM_SANDBOX=off DEADLINE=900 $(PARALLEL) O=$(O)-gcov \
		CFLAGS="-O0 -g --coverage -fprofile-update=atomic" MALLOC= \
		gcov-tests
	@tests/gcov.sh $(O)-gcov

gcov-tests: all $(UNIT) $(O)/validate $(FUZZ_REPLAY)
	@tests/check.sh $(O) $(if $(T),'$(T)') || true

analyze: ## static analysis by gcc, clang-tidy and cppcheck
	@tests/install-deps.sh build analyze
	@tests/analyze.sh $(O) $(T)

soak: ## random studies for TIME seconds under AddressSanitizer
	@tests/install-deps.sh build test soak
	+@$(PARALLEL) O=$(O)-asan CFLAGS="$(asan_CFLAGS)" MALLOC= all
	@tests/soak.sh $(O)-asan/dmasim $(TIME) $(SEED)

.PHONY: valgrind gcov gcov-tests analyze soak
