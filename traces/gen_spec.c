/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/gen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "traces/source.h"

#define SPEC_MAX   2048
#define SIZE_MAX_B 65549u
#define FCS_BYTES  4u
#define FRAMES_MAX (UINT64_C(1) << 40)

#define IMIX_SIZES "60:7/590:4/1514:1"

struct spec_text {
	const char *rate, *size;
	bool fcs;
};

static int parse_count(const char *key, const char *text, uint64_t min,
		       uint64_t max, uint64_t *value, struct err *err)
{
	struct err inner = ERR_INIT;

	if (units_parse(QTY_COUNT, text, value, &inner) == 0 && *value >= min &&
	    *value <= max)
		return 0;
	return err_set(err, ERR_USAGE, "%s '%s' is not from %llu to %llu", key,
		       text, (unsigned long long)min, (unsigned long long)max);
}

static int parse_one_size(struct gen_spec *spec, char *text, bool fcs,
			  struct err *err)
{
	char *colon = strchr(text, ':');
	uint64_t bytes, weight = 1, min = spec->tcp ? 54 : 42;

	if (colon)
		*colon++ = '\0';
	if (fcs)
		min += FCS_BYTES;
	if (parse_count("size", text, min, SIZE_MAX_B, &bytes, err) < 0)
		return -1;
	if (colon && parse_count("weight", colon, 1, 1000000, &weight, err) < 0)
		return -1;
	if (fcs)
		bytes -= FCS_BYTES;
	spec->sizes[spec->size_count].bytes = (uint32_t)bytes;
	spec->sizes[spec->size_count++].weight = weight;
	spec->weights += weight;
	return 0;
}

static int parse_one_rate(struct gen_spec *spec, const char *text,
			  struct err *err)
{
	size_t len = strlen(text);
	bool pps = len > 3 && !strcmp(text + len - 3, "pps");
	uint64_t value;
	struct err inner = ERR_INIT;

	if (units_parse(pps ? QTY_PPS : QTY_RATE, text, &value, &inner) < 0 ||
	    !value || value > UINT64_C(10000000000000))
		return err_set(err, ERR_USAGE,
			       "rate '%s' is none, such as 1Mpps or 5Gbps",
			       text);
	spec->rates[spec->rate_count].value = value;
	spec->rates[spec->rate_count++].is_pps = pps;
	return 0;
}

/* Take the next word up to @stop off *@rest. */
static char *next_word(char **rest, char stop)
{
	char *word = *rest, *end = strchr(word, stop);

	*rest = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return word;
}

static int parse_lists(struct gen_spec *spec, const struct spec_text *text,
		       struct err *err)
{
	bool imix = !strcmp(text->size, "imix");
	char sizes[SPEC_MAX], rates[SPEC_MAX], *rest = sizes;

	/* Both are parts of a specification that fitted. */
	memcpy(sizes, imix ? IMIX_SIZES : text->size,
	       strlen(imix ? IMIX_SIZES : text->size) + 1);
	memcpy(rates, text->rate, strlen(text->rate) + 1);
	while (rest) {
		if (spec->size_count == GEN_LIST_MAX)
			return err_set(err, ERR_USAGE, "more than %d sizes",
				       GEN_LIST_MAX);
		if (parse_one_size(spec, next_word(&rest, '/'),
				   text->fcs && !imix, err) < 0)
			return -1;
	}
	for (rest = rates; rest;) {
		if (spec->rate_count == GEN_LIST_MAX)
			return err_set(err, ERR_USAGE, "more than %d rates",
				       GEN_LIST_MAX);
		if (parse_one_rate(spec, next_word(&rest, '/'), err) < 0)
			return -1;
	}
	return 0;
}

static int parse_kind(struct gen_spec *spec, const char *word, struct err *err)
{
	static const char *const names[] = {
		[GEN_CONSTANT] = "constant",
		[GEN_POISSON] = "poisson",
		[GEN_ONOFF] = "onoff",
		[GEN_IMIX] = "imix",
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(word, names[i])) {
			spec->kind = (enum gen_kind)i;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE,
		       "kind '%s' is none of constant, poisson, onoff, imix",
		       word);
}

static int parse_choice(const char *key, const char *value, const char *yes,
			const char *no, bool *out, struct err *err)
{
	*out = !strcmp(value, yes);
	if (*out || !strcmp(value, no))
		return 0;
	return err_set(err, ERR_USAGE, "%s '%s' is neither %s nor %s", key,
		       value, yes, no);
}

static int parse_quantity(enum quantity qty, const char *key, const char *value,
			  uint64_t min, uint64_t max, uint64_t *out,
			  struct err *err)
{
	if (units_parse(qty, value, out, err) < 0)
		return err_wrap(err, "%s", key);
	if (*out < min || *out > max)
		return err_set(err, ERR_USAGE, "%s '%s' is out of range", key,
			       value);
	return 0;
}

static int parse_pair(struct gen_spec *spec, struct spec_text *text, char *word,
		      struct err *err)
{
	char *value = strchr(word, '=');

	if (!value || !value[1])
		return err_set(err, ERR_USAGE, "'%s' is not KEY=VALUE", word);
	*value++ = '\0';
	if (!strcmp(word, "rate"))
		text->rate = value;
	else if (!strcmp(word, "size"))
		text->size = value;
	else if (!strcmp(word, "frames"))
		return parse_count(word, value, 1, FRAMES_MAX, &spec->frames,
				   err);
	else if (!strcmp(word, "flows"))
		return parse_count(word, value, 1, GEN_FLOWS_MAX, &spec->flows,
				   err);
	else if (!strcmp(word, "seed"))
		return parse_count(word, value, 0, UINT64_MAX, &spec->seed,
				   err);
	else if (!strcmp(word, "tx"))
		return parse_quantity(QTY_SHARE, word, value, 0, 1000000,
				      &spec->tx_ppm, err);
	else if (!strcmp(word, "on"))
		return parse_quantity(QTY_TIME, word, value, 1, SIM_TIME_MAX,
				      &spec->on_ps, err);
	else if (!strcmp(word, "off"))
		return parse_quantity(QTY_TIME, word, value, 0, SIM_TIME_MAX,
				      &spec->off_ps, err);
	else if (!strcmp(word, "proto"))
		return parse_choice(word, value, "tcp", "udp", &spec->tcp, err);
	else if (!strcmp(word, "fcs"))
		return parse_choice(word, value, "yes", "no", &text->fcs, err);
	else
		return err_set(err, ERR_USAGE,
			       "'%s' is none of rate, size, fcs, frames, tx, "
			       "flows, proto, on, off, seed",
			       word);
	return 0;
}

bool gen_is_spec(const char *path)
{
	return !strncmp(path, "gen:", 4);
}

static int parse_words(struct gen_spec *spec, char *rest, struct err *err)
{
	struct spec_text text = { .rate = "1Mpps", .size = NULL };

	if (parse_kind(spec, next_word(&rest, ','), err) < 0)
		return -1;
	while (rest) {
		if (parse_pair(spec, &text, next_word(&rest, ','), err) < 0)
			return -1;
	}
	if (!text.size)
		text.size = spec->kind == GEN_IMIX ? "imix" : "60";
	return parse_lists(spec, &text, err);
}

int gen_parse(struct gen_spec *spec, const char *text, struct err *err)
{
	char copy[SPEC_MAX];
	size_t len = strlen(text);

	if (len >= sizeof(copy))
		return err_set(err, ERR_USAGE,
			       "a generator of more than %d characters",
			       SPEC_MAX - 1);
	memcpy(copy, text, len + 1);
	*spec = (struct gen_spec){
		.frames = 10000,
		.tx_ppm = 500000,
		.flows = 16,
		.seed = 1,
		.on_ps = 100 * PS_PER_US,
		.off_ps = 900 * PS_PER_US,
	};
	if (parse_words(spec, copy + 4, err) < 0)
		return err_wrap(err, "'%.200s'", text);
	return 0;
}
