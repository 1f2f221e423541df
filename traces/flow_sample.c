/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/flow_sample.h"

#include <errno.h>
#include <stdlib.h>

#define SHARE_MAX 1000000u
#define SEED_MAX  0xffffffffu

/* A number at *@text, which moves behind it; false: none, or too large. */
static bool take(const char **text, uint64_t most, uint64_t *value)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*value = strtoull(*text, &end, 10);
	*text = end;
	return !errno && *value <= most;
}

static bool parse(struct flow_sample *sample, const char *text)
{
	if (!take(&text, SHARE_MAX, &sample->share) || *text++ != '/' ||
	    !take(&text, SHARE_MAX, &sample->of))
		return false;
	if (*text == ':') {
		text++;
		if (!take(&text, SEED_MAX, &sample->seed))
			return false;
	}
	return !*text && sample->share && sample->share <= sample->of;
}

int flow_sample_parse(struct flow_sample *sample, const char *text,
		      struct err *err)
{
	*sample = (struct flow_sample){ 0 };
	if (!*text || parse(sample, text))
		return 0;
	return err_set(err, ERR_USAGE,
		       "traffic.sample_flows: '%.60s' is no share of the "
		       "conversations, such as 1/8 or 1/8:SEED",
		       text);
}
