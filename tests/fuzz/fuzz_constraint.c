/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constraints of studies: one that holds does not hold under "not", and the
 * other way round; one that is wrong stays wrong.
 */
#include <string.h>

#include "cmd/constraint.h"
#include "tests/fuzz/fuzz.h"

static const char *text_of(void *ctx, const char *name)
{
	(void)ctx;
	if (!strcmp(name, "tx"))
		return "ndis6-sg";
	return !strcmp(name, "seed") ? "7" : NULL;
}

static int holds(const char *text)
{
	const struct constraint_names names = { .text = text_of };
	struct err err = ERR_INIT;
	int rc = constraint_holds(text, fuzz_defaults(), &names, &err);

	FUZZ_CHECK(rc >= -1 && rc <= 1, "%d", rc);
	if (rc < 0)
		fuzz_refused(&err);
	return rc;
}

static void run(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	char *inverse = malloc(size + 8);
	int rc = holds(text), inverse_rc;

	FUZZ_CHECK(inverse, "memory");
	snprintf(inverse, size + 8, "not (%s)", text);
	inverse_rc = holds(inverse);
	/* One more level of parentheses may be too many. */
	if (rc >= 0 && inverse_rc >= 0)
		FUZZ_CHECK(inverse_rc == !rc, "%s", inverse);
	free(inverse);
	free(text);
}

const struct fuzz_target fuzz_constraint = { .name = "constraint", .run = run };
