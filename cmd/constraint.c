/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/constraint.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/suggest.h"

#define WORD_MAX 128

enum kind {
	KIND_TRUTH,
	KIND_TEXT,
	KIND_AMOUNT,
	KIND_TIME,
	KIND_RATE,
	KIND_FREQ,
	KIND_SHARE,
	KIND_FACTOR,
	KIND_PPS
};

static const char *const kind_names[] = {
	"a comparison", "a text",  "an amount", "a time",	"a rate",
	"a frequency",	"a share", "a factor",	"a packet rate"
};

static const enum kind kind_of_qty[] = {
	[QTY_COUNT] = KIND_AMOUNT, [QTY_BYTES] = KIND_AMOUNT,
	[QTY_TIME] = KIND_TIME,	   [QTY_RATE] = KIND_RATE,
	[QTY_FREQ] = KIND_FREQ,	   [QTY_CYCLES] = KIND_AMOUNT,
	[QTY_SHARE] = KIND_SHARE,  [QTY_FACTOR] = KIND_FACTOR,
	[QTY_PPS] = KIND_PPS,
};

struct value {
	enum kind kind;
	__int128_t number; /* base units; a truth is 0 or 1 */
	bool bare;	   /* a number typed without a unit */
	char text[CONFIG_TEXT_MAX];
};

struct parser {
	const char *text, *at;
	const struct config *cfg;
	const struct constraint_names *names;
	unsigned depth;
	struct err *err;
};

static int wrong(const struct parser *p, const char *at, const char *what,
		 const char *more)
{
	return err_set(p->err, ERR_USAGE, "constraint '%s', column %d: %s%s",
		       p->text, (int)(at - p->text) + 1, what, more);
}

static const char *skip(struct parser *p)
{
	while (*p->at == ' ' || *p->at == '\t')
		p->at++;
	return p->at;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

static bool take(struct parser *p, const char *sign)
{
	size_t length = strlen(sign);

	skip(p);
	if (strncmp(p->at, sign, length) != 0)
		return false;
	if (is_word(sign[0]) && is_word(p->at[length]))
		return false;
	p->at += length;
	return true;
}

static int copy_word(struct parser *p, const char *extra, char word[WORD_MAX])
{
	const char *start = p->at;
	size_t length;

	while (*p->at && (is_word(*p->at) || strchr(extra, *p->at)))
		p->at++;
	length = (size_t)(p->at - start);
	if (length >= WORD_MAX)
		return wrong(p, start, "the word is too long", "");
	memcpy(word, start, length);
	word[length] = '\0';
	return 0;
}

/* --- what stands alone --- */

static int take_number(struct parser *p, struct value *value)
{
	static const enum quantity kinds[] = { QTY_COUNT, QTY_BYTES, QTY_TIME,
					       QTY_RATE,  QTY_FREQ,  QTY_PPS,
					       QTY_SHARE, QTY_FACTOR };
	const char *start = p->at;
	char word[WORD_MAX];
	uint64_t number;
	size_t i;

	if (copy_word(p, "%", word) < 0)
		return -1;
	/* "0.3" is a share elsewhere; here it takes its sign. */
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!units_parse(kinds[i], word, &number, NULL))
			break;
	if (i == sizeof(kinds) / sizeof(kinds[0]) ||
	    (strchr(word, '.') &&
	     isdigit((unsigned char)word[strlen(word) - 1])))
		return wrong(p, start, word,
			     " is no number; write 12, 64KiB, 10us, 25Gbps, "
			     "30% or 2.5x");
	value->kind = kind_of_qty[kinds[i]];
	value->number = number;
	value->bare = kinds[i] == QTY_COUNT;
	return 0;
}

static int take_text(struct parser *p, struct value *value)
{
	const char *start = ++p->at, *end = strchr(start, '"');

	if (!end)
		return wrong(p, start - 1, "the text does not end", "");
	if ((size_t)(end - start) >= sizeof(value->text))
		return wrong(p, start, "the text is too long", "");
	memcpy(value->text, start, (size_t)(end - start));
	value->text[end - start] = '\0';
	value->kind = KIND_TEXT;
	p->at = end + 1;
	return 0;
}

static int unknown(struct parser *p, const char *start, const char *word)
{
	char hint[SUGGEST_HINT_MAX];
	struct suggest suggest;
	const struct param *row;
	size_t i;

	suggest_init(&suggest, word);
	for (i = 0; (row = config_row(p->cfg, i)); i++)
		suggest_offer(&suggest, row->key);
	suggest_hint(&suggest, hint, sizeof(hint));
	return err_set(p->err, ERR_USAGE,
		       "constraint '%s', column %d: '%s' is no parameter, nor "
		       "tx, rx, machine or seed%s",
		       p->text, (int)(start - p->text) + 1, word,
		       suggest.best ? hint : "; put texts into \"\"");
}

static int take_name(struct parser *p, struct value *value)
{
	const char *start = p->at, *text;
	const struct param *row;
	char word[WORD_MAX];

	if (copy_word(p, "", word) < 0)
		return -1;
	row = config_find(p->cfg, word);
	if (row && row->type == PARAM_QUANTITY) {
		value->kind = kind_of_qty[row->qty];
		value->number = config_u64(p->cfg, word);
		return 0;
	}
	value->kind = KIND_TEXT;
	if (row) {
		config_text(p->cfg, word, value->text, sizeof(value->text));
		return 0;
	}
	text = p->names->text(p->names->ctx, word);
	if (!text)
		return unknown(p, start, word);
	snprintf(value->text, sizeof(value->text), "%s", text);
	if (strcmp(word, "seed") != 0)
		return 0;
	value->kind = KIND_AMOUNT;
	value->number = strtoull(text, NULL, 10);
	return 0;
}

static int parse_or(struct parser *p, struct value *value);

static int negate(const struct parser *p, const char *at, struct value *value)
{
	if (value->kind < KIND_AMOUNT)
		return wrong(p, at, "a minus before ", kind_names[value->kind]);
	if (__builtin_sub_overflow((__int128_t)0, value->number,
				   &value->number))
		return wrong(p, at, "the number is too large", "");
	return 0;
}

static int parse_unit(struct parser *p, struct value *value)
{
	const char *start = skip(p);
	int rc;

	memset(value, 0, sizeof(*value));
	if (++p->depth > CONSTRAINT_DEPTH)
		return wrong(p, start, "nested too deeply", "");
	if (take(p, "(")) {
		rc = parse_or(p, value);
		if (!rc && !take(p, ")"))
			rc = wrong(p, skip(p), "')' is missing", "");
	} else if (take(p, "-")) {
		rc = parse_unit(p, value);
		if (!rc)
			rc = negate(p, start, value);
	} else if (*start == '"') {
		rc = take_text(p, value);
	} else if (isdigit((unsigned char)*start)) {
		rc = take_number(p, value);
	} else if (isalpha((unsigned char)*start)) {
		rc = take_name(p, value);
	} else {
		rc = wrong(p, start, "a value is missing", "");
	}
	p->depth--;
	return rc;
}

/* --- arithmetic --- */

static int check_numbers(const struct parser *p, const char *at,
			 const struct value *a, const struct value *b)
{
	const struct value *bad = a->kind < KIND_AMOUNT ? a : b;

	if (bad->kind >= KIND_AMOUNT)
		return 0;
	return wrong(p, at, "cannot reckon with ", kind_names[bad->kind]);
}

static int divide(const struct parser *p, const char *at, char sign,
		  struct value *a, const struct value *b)
{
	if (!b->number)
		return wrong(p, at, "division by zero", "");
	if (sign == '/') {
		if (b->kind != KIND_AMOUNT && b->kind != a->kind)
			return wrong(p, at, "cannot divide by ",
				     kind_names[b->kind]);
		if (a->kind != KIND_AMOUNT && b->kind == a->kind) {
			a->kind = KIND_AMOUNT;
			a->bare = false;
		}
		if (b->number == -1)
			return negate(p, at, a);
		a->number /= b->number;
		return 0;
	}
	if (b->kind != a->kind)
		return wrong(p, at, "the two sides of % are of two kinds", "");
	a->number = b->number == -1 ? 0 : a->number % b->number;
	return 0;
}

static int multiply(const struct parser *p, const char *at, struct value *a,
		    const struct value *b)
{
	if (a->kind != KIND_AMOUNT && b->kind != KIND_AMOUNT)
		return wrong(p, at, "one side of * must be a plain number", "");
	if (a->kind == KIND_AMOUNT)
		a->kind = b->kind;
	a->bare = a->bare && b->bare;
	if (__builtin_mul_overflow(a->number, b->number, &a->number))
		return wrong(p, at, "the product is too large", "");
	return 0;
}

static int parse_product(struct parser *p, struct value *value)
{
	struct value right;

	if (parse_unit(p, value) < 0)
		return -1;
	for (;;) {
		const char *at = skip(p);
		int rc;

		if (*at != '*' && *at != '/' && *at != '%')
			return 0;
		p->at++;
		if (parse_unit(p, &right) < 0 ||
		    check_numbers(p, at, value, &right) < 0)
			return -1;
		rc = *at == '*' ? multiply(p, at, value, &right)
				: divide(p, at, *at, value, &right);
		if (rc < 0)
			return -1;
	}
}

/* Two that can be compared or added: 0 is of any kind. */
static int check_kinds(const struct parser *p, const char *at, struct value *a,
		       struct value *b)
{
	char both[96];

	if (a->bare && !a->number && b->kind >= KIND_AMOUNT)
		a->kind = b->kind;
	if (b->bare && !b->number && a->kind >= KIND_AMOUNT)
		b->kind = a->kind;
	if (a->kind == b->kind)
		return 0;
	snprintf(both, sizeof(both), "%s with %s", kind_names[a->kind],
		 kind_names[b->kind]);
	return wrong(p, at, "cannot compare or add ", both);
}

static int parse_sum(struct parser *p, struct value *value)
{
	struct value right;

	if (parse_product(p, value) < 0)
		return -1;
	for (;;) {
		const char *at = skip(p);
		bool over;

		if (*at != '+' && *at != '-')
			return 0;
		p->at++;
		if (parse_product(p, &right) < 0 ||
		    check_numbers(p, at, value, &right) < 0 ||
		    check_kinds(p, at, value, &right) < 0)
			return -1;
		over = *at == '+' ? __builtin_add_overflow(value->number,
							   right.number,
							   &value->number)
				  : __builtin_sub_overflow(value->number,
							   right.number,
							   &value->number);
		if (over)
			return wrong(p, at, "the sum is too large", "");
		value->bare = value->bare && right.bare;
	}
}

/* --- truth --- */

static int compare(const struct parser *p, const char *at, const char *sign,
		   struct value *a, struct value *b)
{
	int order;

	if (check_kinds(p, at, a, b) < 0)
		return -1;
	if (a->kind < KIND_AMOUNT && sign[0] != '=' && sign[0] != '!')
		return wrong(p, at, kind_names[a->kind],
			     " compares by = and != only");
	if (a->kind == KIND_TEXT)
		order = strcmp(a->text, b->text);
	else
		order = (a->number > b->number) - (a->number < b->number);
	switch (sign[0]) {
	case '!':
		a->number = order != 0;
		break;
	case '<':
		a->number = sign[1] ? order <= 0 : order < 0;
		break;
	case '>':
		a->number = sign[1] ? order >= 0 : order > 0;
		break;
	default:
		a->number = order == 0;
	}
	a->kind = KIND_TRUTH;
	a->bare = false;
	return 0;
}

static int parse_comparison(struct parser *p, struct value *value)
{
	static const char *const signs[] = { "==", "!=", "<=", ">=",
					     "=",  "<",	 ">" };
	struct value right;
	const char *at;
	size_t i;

	if (parse_sum(p, value) < 0)
		return -1;
	at = skip(p);
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (!take(p, signs[i]))
			continue;
		if (parse_sum(p, &right) < 0)
			return -1;
		return compare(p, at, signs[i], value, &right);
	}
	return 0;
}

static int want_truth(const struct parser *p, const char *at,
		      const struct value *value)
{
	if (value->kind == KIND_TRUTH)
		return 0;
	return wrong(p, at, "a comparison is missing, there is only ",
		     kind_names[value->kind]);
}

static int parse_not(struct parser *p, struct value *value)
{
	const char *at = skip(p);

	if (!take(p, "not"))
		return parse_comparison(p, value);
	if (++p->depth > CONSTRAINT_DEPTH)
		return wrong(p, at, "nested too deeply", "");
	if (parse_not(p, value) < 0 || want_truth(p, at, value) < 0)
		return -1;
	p->depth--;
	value->number = !value->number;
	return 0;
}

/* A chain of "and", or of "or", over what binds tighter. */
static int parse_chain(struct parser *p, struct value *value, const char *word,
		       int (*tighter)(struct parser *p, struct value *value))
{
	const char *at = skip(p);
	struct value right;

	if (tighter(p, value) < 0)
		return -1;
	while (take(p, word)) {
		const char *next = skip(p);

		if (want_truth(p, at, value) < 0 || tighter(p, &right) < 0 ||
		    want_truth(p, next, &right) < 0)
			return -1;
		value->number = word[0] == 'a' ? value->number && right.number
					       : value->number || right.number;
	}
	return 0;
}

static int parse_and(struct parser *p, struct value *value)
{
	return parse_chain(p, value, "and", parse_not);
}

static int parse_or(struct parser *p, struct value *value)
{
	return parse_chain(p, value, "or", parse_and);
}

int constraint_holds(const char *expression, const struct config *cfg,
		     const struct constraint_names *names, struct err *err)
{
	struct parser p = { .text = expression,
			    .at = expression,
			    .cfg = cfg,
			    .names = names,
			    .err = err };
	const char *at = skip(&p);
	struct value value;

	if (parse_or(&p, &value) < 0 || want_truth(&p, at, &value) < 0)
		return -1;
	if (*skip(&p))
		return wrong(&p, p.at, "what is this: ", p.at);
	return value.number != 0;
}
