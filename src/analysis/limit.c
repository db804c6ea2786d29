// SPDX-License-Identifier: GPL-2.0
/*
 * Limits taken apart, see limit.h:  [GLOB:][OP.]QUANTITY=VALUE  or  findings[.KIND]=VALUE
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fmt.h"
#include "analysis/limit.h"
#include "base/list.h"

#define BOUNCING (OP(MAP) | OP(MAP_SG) | OP(IOVA_LINK))

const char *const bound_names[BOUNDS + 1] = { [BOUND_MAX] = "max", [BOUND_MIN] = "min" };

const char *const quantity_names[QUANTITIES + 1] = {
	[QUANTITY_CALLS] = "calls", [QUANTITY_ERRORS] = "errors", [QUANTITY_BYTES] = "bytes",
	[QUANTITY_BOUNCED] = "bounced", [QUANTITY_LIVE_GROWTH] = "live-growth",
	[QUANTITY_P50] = "p50", [QUANTITY_P90] = "p90", [QUANTITY_P99] = "p99",
	[QUANTITY_MAX] = "max", [QUANTITY_MEAN] = "mean", [QUANTITY_FINDINGS] = "findings",
};

/* Findings are of what these show besides what is always watched. */
static const struct finding_need {
	enum finding_id id;
	unsigned extras;
	dmt_ops ops;
} finding_needs[] = {
	{ FINDING_PENDING_AT_UNBIND, DMT_WANTS_LIVE, 0 },
	{ FINDING_MAPPING_LEAK, DMT_WANTS_LIVE, 0 },
	{ FINDING_IOVA_PRESSURE, 0, OP(IOVA_FAST_ALLOC) },
	{ FINDING_STRICT_FLUSH_COST, 0, OP(IOTLB_SYNC) },
};

#define WRONG(why, ...) (snprintf(why, LIMIT_WHY, __VA_ARGS__), -EINVAL)

static bool is(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && !memcmp(name, word, len);
}

static int quantity_find(const char *word, size_t len)
{
	int q = 0;

	while (q < QUANTITIES && !is(quantity_names[q], word, len))
		q++;
	return q;
}

/* "a, b or c", cut where there is no room. */
static const char *joined(const char *const *names, char *buf, size_t size)
{
	size_t len = 0;

	*buf = '\0';
	for (int i = 0; names[i] && len < size; i++)
		len += snprintf(buf + len, size - len, "%s%s",
				!i ? "" : names[i + 1] ? ", " : " or ", names[i]);
	return buf;
}

/* Operations it can be asked of, and those meant where none is named; 0: one must be. */
static void quantity_ops(enum quantity q, dmt_ops *may, dmt_ops *usual)
{
	dmt_ops api = 0;

	for (int op = 0; op < DMT_OP_MAX; op++)
		api |= ops[op].layer == LAYER_API ? op_bit(op) : 0;
	*may = OPS_ALL;
	*usual = 0;
	switch (q) {
	case QUANTITY_CALLS:
	case QUANTITY_ERRORS:
		*usual = api;
		break;
	case QUANTITY_BYTES:
		/* maps, syncs and unmaps of one buffer do not add up */
		*may = OPS_ALL & ~ops_without_size;
		break;
	case QUANTITY_BOUNCED:
		*may = *usual = BOUNCING;
		break;
	case QUANTITY_LIVE_GROWTH:
		*may = *usual = ops_taking;
		break;
	default:
		break;
	}
}

static int op_find(const char *word, size_t len)
{
	int op = 0;

	while (op < DMT_OP_MAX && !is(ops[op].name, word, len))
		op++;
	return op;
}

static int calls_parse(struct limit *limit, const char *what, size_t len, char why[LIMIT_WHY])
{
	const char *dot = memchr(what, '.', len), *word = dot ? dot + 1 : what;
	int op = dot ? op_find(what, dot - what) : 0;
	int q = quantity_find(word, what + len - word);
	dmt_ops may, usual;
	char names[128];

	if (op == DMT_OP_MAX)
		return WRONG(why, "names no operation before '.'; 'dmatrace hooks' lists them");
	if (q >= QUANTITY_FINDINGS)
		return WRONG(why, "is about none of %s",
			     joined(quantity_names, names, sizeof(names)));
	quantity_ops(q, &may, &usual);
	if (!dot && !usual)
		return WRONG(why, "needs an operation, as in map.%s", quantity_names[q]);
	if (dot && !(may & op_bit(op)))
		return WRONG(why, "makes no sense: %s has no %s", ops[op].name, quantity_names[q]);
	limit->quantity = q;
	limit->ops = dot ? op_bit(op) : usual;
	return 0;
}

static int findings_parse(struct limit *limit, const char *kind, size_t len, char why[LIMIT_WHY])
{
	limit->quantity = QUANTITY_FINDINGS;
	if (limit->device)
		return WRONG(why, "asks for findings of a device; use --device, or leave it out");
	if (!kind)
		return 0;
	for (int s = SEVERITY_INFO; s <= SEVERITY_ERROR; s++)
		if (is(severity_names[s], kind, len))
			limit->finding = severity_names[s];
	for (int i = 0; i < FINDING_MAX; i++)
		if (is(finding_kinds[i].id, kind, len))
			limit->finding = finding_kinds[i].id;
	return limit->finding ? 0 :
	       WRONG(why, "names no finding and no severity; 'dmatrace explain' lists them");
}

static int what_parse(struct limit *limit, const char *what, size_t len, char why[LIMIT_WHY])
{
	size_t word = strlen(quantity_names[QUANTITY_FINDINGS]);

	if (len >= word && !memcmp(what, quantity_names[QUANTITY_FINDINGS], word)) {
		if (len == word)
			return findings_parse(limit, NULL, 0, why);
		if (what[word] == '.')
			return findings_parse(limit, what + word + 1, len - word - 1, why);
	}
	return calls_parse(limit, what, len, why);
}

enum limit_unit limit_unit_of(const struct limit *limit)
{
	if (limit->quantity == QUANTITY_REGRESSION)
		return LIMIT_BASIS_POINTS;
	if (limit->quantity == QUANTITY_BYTES)
		return LIMIT_BYTES;
	return limit->quantity >= QUANTITY_P50 && limit->quantity <= QUANTITY_MEAN ?
	       LIMIT_NS : LIMIT_COUNT;
}

static int value_parse(struct limit *limit, const char *text, char why[LIMIT_WHY])
{
	const char *wrong = "";
	int err;

	switch (limit_unit_of(limit)) {
	case LIMIT_NS:
		/* elsewhere a bare number is seconds, and hardly ever meant here */
		if (*text && !text[strspn(text, "0123456789.")])
			return WRONG(why, "has no unit: say 20us");
		err = parse_duration(text, &limit->value, &wrong);
		break;
	case LIMIT_BYTES:
		err = parse_size(text, &limit->value, &wrong);
		break;
	default:
		err = parse_u64(text, 0, ~0ull, &limit->value, &wrong);
	}
	return err ? WRONG(why, "has a value that %s", wrong) : 0;
}

/* The last ':' and '=': a device's name may have them, what follows has not. */
static int limit_parse(struct limit *limit, const char *text, char why[LIMIT_WHY])
{
	const char *equals = strrchr(text, '='), *what = text, *colon;
	int err;

	if (!equals)
		return WRONG(why, "has no '=': say what and how much, as in bounced=0");
	colon = memrchr(text, ':', equals - text);
	if (colon) {
		if (colon == text)
			return WRONG(why, "has no pattern before ':'");
		limit->device = strndup(text, colon - text);
		if (!limit->device)
			return -ENOMEM;
		what = colon + 1;
	}
	err = what_parse(limit, what, equals - what, why);
	return err ? err : value_parse(limit, equals + 1, why);
}

static void limit_release(struct limit *limit)
{
	free(limit->text);
	free(limit->device);
}

int limits_add(struct limits *l, enum bound bound, const char *text, char why[LIMIT_WHY])
{
	struct limit *grown = reallocarray(l->list, l->count + 1, sizeof(*grown)), *limit;
	int err;

	snprintf(why, LIMIT_WHY, "found no memory");
	if (!grown)
		return -ENOMEM;
	l->list = grown;
	limit = &grown[l->count];
	*limit = (struct limit){ .bound = bound };
	err = limit_parse(limit, text, why);
	if (!err && asprintf(&limit->text, "%s %s", bound_names[bound], text) < 0) {
		limit->text = NULL;
		err = -ENOMEM;
	}
	if (err)
		limit_release(limit);
	else
		l->count++;
	return err;
}

int limits_regression(struct limits *l, const char *text, char why[LIMIT_WHY])
{
	struct limit limit = { .quantity = QUANTITY_REGRESSION };
	const char *wrong;

	snprintf(why, LIMIT_WHY, "found no memory");
	if (parse_percent(text, &limit.value, &wrong))
		return WRONG(why, "%s", wrong);
	if (asprintf(&limit.text, "max-regression %s", text) < 0)
		return -ENOMEM;
	limit_release(&l->regression);
	l->regression = limit;
	return 0;
}

/* Of a percentage: digits, and after a point up to four more. */
static int share_parse(unsigned long long *millionths, const char *text, size_t len)
{
	unsigned long long place = 10000, value = 0;
	bool point = false;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && i && i + 1 < len && !point) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || place == 1)
			return -EINVAL;
		if (point)
			place /= 10;
		value = point ? value + (text[i] - '0') * place :
				10 * value + (text[i] - '0') * place;
		if (value > 1000000)
			return -EINVAL;
	}
	*millionths = value;
	return len ? 0 : -EINVAL;
}

int allowance_parse(struct allowance *a, const char *text, char why[LIMIT_WHY])
{
	size_t len = strlen(text);
	const char *wrong;

	a->share = len && text[len - 1] == '%';
	if (a->share)
		return share_parse(&a->number, text, len - 1) ?
		       WRONG(why, "is not between 0%% and 100%%, such as 0.1%%") : 0;
	return parse_u64(text, 0, ~0ull, &a->number, &wrong) ? WRONG(why, "%s", wrong) : 0;
}

/* Of a limit on findings. */
static struct finding_need need_of(const struct limit *limit)
{
	struct finding_need need = { .ops = OPS_ALL & ~ops_on_request };

	for (size_t i = 0; limit->finding &&
	     i < ARRAY_SIZE(finding_needs); i++) {
		if (strcmp(finding_kinds[finding_needs[i].id].id, limit->finding))
			continue;
		need.ops |= finding_needs[i].ops;
		need.extras = finding_needs[i].extras;
	}
	return need;
}

dmt_ops limits_ops(const struct limits *l)
{
	/* what became slower may be anything */
	dmt_ops wanted = l->regression.text ? OPS_ALL & ~ops_on_request : 0;

	for (size_t i = 0; i < l->count; i++) {
		const struct limit *limit = &l->list[i];

		wanted |= limit->quantity == QUANTITY_FINDINGS ? need_of(limit).ops : limit->ops;
		if (limit->quantity == QUANTITY_LIVE_GROWTH)
			wanted |= ops_followed;
	}
	return wanted;
}

unsigned limits_extras(const struct limits *l)
{
	unsigned extras = 0;

	for (size_t i = 0; i < l->count; i++)
		if (l->list[i].quantity == QUANTITY_LIVE_GROWTH)
			extras |= DMT_WANTS_LIVE;
		else if (l->list[i].quantity == QUANTITY_FINDINGS)
			extras |= need_of(&l->list[i]).extras;
	return extras;
}

void limits_release(struct limits *l)
{
	for (size_t i = 0; i < l->count; i++)
		limit_release(&l->list[i]);
	free(l->list);
	limit_release(&l->regression);
	*l = (struct limits){ 0 };
}
