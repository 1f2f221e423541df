/* SPDX-License-Identifier: Apache-2.0 */
#include "models/inject.h"

#include <string.h>

#include "core/suggest.h"

#define WORD_MAX 64

/* Hazards that no driver of ours can be made to commit frame by frame. */
#define NOT_INJECTED INJECT_BIT(HAZARD_UNCACHED_INDICATION)

static const struct {
	const char *name, *help;
} events[] = {
	[INJECT_PAUSE - HAZARDS] = { "pause",
				     "pause, and restart :for=1ms later" },
	[INJECT_CANCEL - HAZARDS] = { "cancel",
				      "cancel what the driver has not mapped" },
	[INJECT_RESET -
		HAZARDS] = { "reset", "reset the card, which takes :for=1ms" },
	[INJECT_HANG - HAZARDS] = { "hang", "the card stops; reset after 2 s" },
};

static const char *kind_name(unsigned kind)
{
	return kind < HAZARDS ? hazard_defs[kind].name
			      : events[kind - HAZARDS].name;
}

static bool injectable(unsigned kind)
{
	return !(NOT_INJECTED >> kind & 1);
}

const char *inject_kind(size_t index, const char **help)
{
	unsigned kind;

	for (kind = 0; kind < INJECT_KINDS; kind++) {
		if (!injectable(kind) || index--)
			continue;
		*help = kind < HAZARDS ? hazard_defs[kind].meaning
				       : events[kind - HAZARDS].help;
		return kind_name(kind);
	}
	return NULL;
}

/* --- reading --- */

static int read_kind(const char *word, unsigned *kind, struct err *err)
{
	struct suggest suggest;
	char hint[WORD_MAX * 2];
	unsigned i;

	suggest_init(&suggest, word);
	for (i = 0; i < INJECT_KINDS; i++) {
		if (!injectable(i))
			continue;
		if (!strcmp(word, kind_name(i))) {
			*kind = i;
			return 0;
		}
		suggest_offer(&suggest, kind_name(i));
	}
	return err_set(err, ERR_USAGE, "unknown kind '%s'%s", word,
		       suggest_hint(&suggest, hint, sizeof(hint)));
}

static int read_time(const char *text, sim_time *time, struct err *err)
{
	uint64_t value;

	if (units_parse(QTY_TIME, text, &value, err) < 0)
		return -1;
	if (value > (uint64_t)SIM_TIME_MAX / 2)
		return err_set(err, ERR_USAGE, "'%s' is too late", text);
	*time = (sim_time)value;
	return 0;
}

static int read_option(struct inject_rule *rule, const char *word,
		       struct err *err)
{
	bool event = rule->kind >= HAZARDS;

	if (!event && !strncmp(word, "every=", 6)) {
		if (units_parse(QTY_COUNT, word + 6, &rule->every, err) < 0)
			return -1;
		if (rule->every)
			return 0;
		return err_set(err, ERR_USAGE, "'%s': N is 1 or more", word);
	}
	if (event && !strncmp(word, "for=", 4))
		return read_time(word + 4, &rule->length, err);
	return err_set(err, ERR_USAGE, "'%s' is not %s", word,
		       event ? "for=TIME" : "every=N");
}

/* KIND[@TIME][:OPTION]..., cut up in place. */
static int read_rule(struct inject_rule *rule, char *word, struct err *err)
{
	char *option = strchr(word, ':'), *at, *next;

	if (option)
		*option++ = '\0';
	at = strchr(word, '@');
	if (at)
		*at++ = '\0';
	*rule = (struct inject_rule){ .every = at ? 0 : 1 };
	if (read_kind(word, &rule->kind, err) < 0 ||
	    (at && read_time(at, &rule->at, err) < 0))
		return -1;
	for (; option; option = next) {
		next = strchr(option, ':');
		if (next)
			*next++ = '\0';
		if (read_option(rule, option, err) < 0)
			return -1;
	}
	return 0;
}

static int add_rule(struct inject *inject, const char *text, size_t length,
		    struct err *err)
{
	char word[WORD_MAX];

	if (length >= sizeof(word) || inject->count == INJECT_MAX)
		return err_set(err, ERR_USAGE, "run.inject is too long");
	memcpy(word, text, length);
	word[length] = '\0';
	if (read_rule(&inject->rule[inject->count], word, err) < 0)
		return err_wrap(err, "run.inject: '%.*s'", (int)length, text);
	inject->kinds |= INJECT_BIT(inject->rule[inject->count++].kind);
	return 0;
}

int inject_init(struct inject *inject, const struct config *cfg,
		struct err *err)
{
	const char *text = config_string(cfg, "run.inject");

	*inject = (struct inject){ .count = 0 };
	while (*text) {
		size_t length = strcspn(text, ",");

		if (length && add_rule(inject, text, length, err) < 0)
			return -1;
		text += length;
		text += *text == ',';
	}
	return 0;
}

/* --- choosing --- */

static bool is_due(struct inject_rule *rule, sim_time now)
{
	if (rule->kind >= HAZARDS || now < rule->at)
		return false;
	return rule->every ? rule->seen++ % rule->every == 0 : !rule->seen++;
}

uint64_t inject_choose(struct inject *inject, uint64_t kinds, sim_time now)
{
	uint64_t chosen = 0;
	unsigned i;

	for (i = 0; i < inject->count; i++)
		if (kinds >> inject->rule[i].kind & 1 &&
		    is_due(&inject->rule[i], now))
			chosen |= INJECT_BIT(inject->rule[i].kind);
	return chosen;
}
