/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libFuzzer, and AFL++ through its driver of the same form, call.
 */
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("FUZZ_TARGET");

	(void)argc;
	(void)argv;
	target = name ? fuzz_target_find(name) : NULL;
	if (target)
		return 0;
	fprintf(stderr, "FUZZ_TARGET must name one of:");
	for (size_t i = 0; fuzz_targets[i]; i++)
		fprintf(stderr, " %s", fuzz_targets[i]->name);
	fputc('\n', stderr);
	_exit(64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target->run(data, size);
	return 0;
}
