// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of a recording, see shape.h; man/dmatrace-recording.5 explains them.
 */
#include "model/event.h"
#include "recording/shape.h"

#define SAME(type, field, want) \
	__builtin_types_compatible_p(__typeof__(((type *)0)->field), want)
#define CHECKED(type, field, ok) \
	(offsetof(type, field) + 0 * sizeof(char[(ok) ? 1 : -1]))
#define TEXT(type, field) \
	{ #field, FIELD_TEXT, CHECKED(type, field, SAME(type, field, char *)) }
#define NAME(type, field) \
	{ #field, FIELD_NAME, CHECKED(type, field, SAME(type, field, const char *)) }
#define CHARS(type, field) \
	{ #field, FIELD_CHARS, offsetof(type, field), .most = sizeof(((type *)0)->field) }
#define BOOL(type, field) BOOL_AS(#field, type, field)
#define BOOL_AS(name, type, field) \
	{ name, FIELD_BOOL, CHECKED(type, field, SAME(type, field, bool)) }
#define INT(type, field) \
	{ #field, FIELD_INT, CHECKED(type, field, sizeof(((type *)0)->field) == sizeof(int)) }
#define WORD(type, field) WORD_AS(#field, type, field)
#define WORD_AS(name, type, field) \
	{ name, FIELD_WORD, CHECKED(type, field, sizeof(((type *)0)->field) == 8) }
#define ENUM(type, field, text, max) ENUM_AS(#field, type, field, text, max)
#define ENUM_AS(name, type, field, text, max) \
	{ name, FIELD_ENUM, CHECKED(type, field, sizeof(((type *)0)->field) == sizeof(int)), \
	  0, max, text }
#define HIST(type, field) \
	{ #field, FIELD_HIST, CHECKED(type, field, SAME(type, field, struct hist)) }
#define ROWS(type, field, count, shape) \
	{ #field, FIELD_ROWS, offsetof(type, field), \
	  CHECKED(type, count, SAME(type, count, size_t)), .rows = shape }
#define STACK(type, field, shape) \
	{ #field, FIELD_LIST, offsetof(type, field.names), offsetof(type, field.count), \
	  .rows = shape }
#define SINCE(version) { "", FIELD_SINCE, .most = version }
#define END { NULL }

static const char *op_text(int value)
{
	return ops[value].name;
}

static const char *way_text(int value)
{
	return way_names[value];
}

/* What the tables of names leave out is "none" or "unknown". */
static const char *direction_text(int value)
{
	return direction_names[value] ? direction_names[value] : "unknown";
}

static const char *path_text(int value)
{
	return path_names[value] ? path_names[value] : "none";
}

static const char *reason_text(int value)
{
	return reason_names[value] ? reason_names[value] : "none";
}

static const char *context_text(int value)
{
	return context_names[value] ? context_names[value] : "none";
}

static const char *phase_text(int value)
{
	return phase_names[value] ? phase_names[value] : "none";
}

static const char *within_text(int value)
{
	return within_name(value) ? within_name(value) : "none";
}

static const char *failure_text(int value)
{
	static const char *const names[FAILS_MAX] = {
		[FAILS_NEVER] = "never",
		[FAILS_NULL] = "null",
		[FAILS_ADDRESS] = "address",
		[FAILS_ERRNO] = "errno",
		[FAILS_SHORT] = "short",
		[FAILS_FALSE] = "false",
		[FAILS_ZERO] = "zero",
	};

	return names[value];
}

static const char *caches_text(int value)
{
	static const char *const names[CACHES_MAX] = {
		[CACHES_UNKNOWN] = "unknown",
		[CACHES_COHERENT] = "coherent",
		[CACHES_NOT_COHERENT] = "not coherent",
	};

	return names[value];
}

static const char *hook_text(int value)
{
	return hook_names[value];
}

#define OPERATION(type) ENUM(type, op, op_text, DMT_OP_MAX)
#define DIRECTION(type) ENUM(type, direction, direction_text, DMT_DIR_MAX)

static const struct field value_fields[] = {
	ENUM(struct error_count, kind, failure_text, FAILS_MAX),
	WORD(struct error_count, value),
	WORD(struct error_count, count),
	END
};
static const struct shape value_shape = {
	"error_values", NULL, sizeof(struct error_count), value_fields
};

/* What tells aggregates apart. */
#define AGGREGATE_KEY									\
	TEXT(struct aggregate, device), TEXT(struct aggregate, bus),			\
	TEXT(struct aggregate, driver), OPERATION(struct aggregate), DIRECTION(struct aggregate), \
	ENUM(struct aggregate, path, path_text, VIA_MAX),				\
	ENUM(struct aggregate, reason, reason_text, REASON_MAX),			\
	ENUM(struct aggregate, context, context_text, CONTEXT_MAX),			\
	ENUM(struct aggregate, phase, phase_text, PHASE_MAX),				\
	ENUM(struct aggregate, within, within_text, WITHIN_UNKNOWN + 1),		\
	WORD(struct aggregate, page_size)

static const struct field series_fields[] = { AGGREGATE_KEY, END };
const struct shape shape_series = { "series", NULL, sizeof(struct aggregate), series_fields };

static const struct field aggregate_fields[] = {
	AGGREGATE_KEY,
	WORD(struct aggregate, calls), WORD(struct aggregate, errors),
	WORD(struct aggregate, bytes), WORD(struct aggregate, fell_back),
	BOOL(struct aggregate, errors_known),
	BOOL(struct aggregate, latency_known), HIST(struct aggregate, latency),
	HIST(struct aggregate, size),
	ROWS(struct aggregate, values, nvalues, &value_shape),
	END
};
static const struct shape aggregate_shape = {
	"aggregates", "aggregate_buckets", sizeof(struct aggregate), aggregate_fields
};

/* Innermost first. */
static const struct shape failed_frames = { "failed_frames" };
static const struct shape holder_frames = { "holder_frames" };
static const struct shape stack_frames = { "stack_frames" };
static const struct shape live_frames = { "live_frames" };
static const struct shape mapping_frames = { "mapping_frames" };

static const struct field failed_fields[] = {
	TEXT(struct failed, device), TEXT(struct failed, driver), OPERATION(struct failed),
	DIRECTION(struct failed), ENUM(struct failed, kind, failure_text, FAILS_MAX),
	WORD(struct failed, value), WORD(struct failed, count), WORD(struct failed, size),
	WORD(struct failed, iova), WORD(struct failed, paddr), WORD(struct failed, min_pagesz),
	WORD_AS("highest", struct failed, limit), WORD(struct failed, slots),
	WORD(struct failed, used_min),
	WORD(struct failed, used_max), STACK(struct failed, stack, &failed_frames),
	SINCE(3), WORD_AS("kept_bits", struct failed, offset),
	WORD_AS("alloc_align_mask", struct failed, align), WORD(struct failed, attrs),
	WORD(struct failed, gfp),
	END
};
static const struct shape failed_shape = {
	"failed", NULL, sizeof(struct failed), failed_fields
};

static const struct field holder_fields[] = {
	TEXT(struct holder, device), TEXT(struct holder, driver), TEXT(struct holder, pool),
	WORD(struct holder, count),
	WORD(struct holder, bytes), STACK(struct holder, stack, &holder_frames),
	END
};
static const struct shape holder_shape = {
	"holders", NULL, sizeof(struct holder), holder_fields
};

static const struct field stack_fields[] = {
	TEXT(struct path_count, device), TEXT(struct path_count, driver),
	OPERATION(struct path_count), DIRECTION(struct path_count), WORD(struct path_count, calls),
	WORD(struct path_count, bytes), WORD(struct path_count, ns),
	STACK(struct path_count, stack, &stack_frames),
	END
};
static const struct shape stack_shape = {
	"stacks", NULL, sizeof(struct path_count), stack_fields
};

static const struct field live_fields[] = {
	TEXT(struct live_row, device), TEXT(struct live_row, driver), OPERATION(struct live_row),
	WORD(struct live_row, count), WORD(struct live_row, bytes),
	WORD(struct live_row, oldest_ns), INT(struct live_row, slices),
	BOOL(struct live_row, pending), BOOL(struct live_row, unmaps_skipped),
	STACK(struct live_row, stack, &live_frames),
	END
};
static const struct shape live_shape = {
	"live", NULL, sizeof(struct live_row), live_fields
};

#define UNDER(name, n) WORD_AS(name, struct age_row, up_to[n])

static const struct field age_fields[] = {
	TEXT(struct age_row, device), TEXT(struct age_row, driver), OPERATION(struct age_row),
	HIST(struct age_row, age), UNDER("under_1ms", 0), UNDER("under_10ms", 1),
	UNDER("under_100ms", 2), UNDER("under_1s", 3), UNDER("under_10s", 4),
	UNDER("under_1min", 5), UNDER("under_1h", 6), UNDER("older", AGES - 1),
	END
};
static const struct shape age_shape = {
	"ages", "age_buckets", sizeof(struct age_row), age_fields
};

#define WRONG(name, n) WORD_AS(name, struct lifetime_row, wrong[n])

static const struct field lifetime_fields[] = {
	TEXT(struct lifetime_row, device), TEXT(struct lifetime_row, driver),
	OPERATION(struct lifetime_row), HIST(struct lifetime_row, lifetime),
	WORD(struct lifetime_row, unseen), WORD(struct lifetime_row, shared),
	SINCE(3), WORD(struct lifetime_row, unseen_until_ns),
	WRONG("wrong_inside", WRONG_INSIDE), WRONG("wrong_device", WRONG_DEVICE),
	WRONG("wrong_cut", WRONG_CUT), WRONG("wrong_phys", WRONG_PHYS),
	WRONG("wrong_repeated", WRONG_REPEATED),
	END
};
static const struct shape lifetime_shape = {
	"lifetimes", "lifetime_buckets", sizeof(struct lifetime_row), lifetime_fields
};

static const struct field mapping_fields[] = {
	TEXT(struct mapping_row, device), TEXT(struct mapping_row, driver),
	OPERATION(struct mapping_row), DIRECTION(struct mapping_row),
	WORD(struct mapping_row, count), WORD(struct mapping_row, size),
	WORD(struct mapping_row, age_ns),
	WORD(struct mapping_row, address), WORD(struct mapping_row, phys),
	WORD(struct mapping_row, virt), BOOL(struct mapping_row, pending),
	STACK(struct mapping_row, stack, &mapping_frames),
	END
};
static const struct shape mapping_shape = {
	"mappings", NULL, sizeof(struct mapping_row), mapping_fields
};

static const struct field hook_fields[] = {
	OPERATION(struct hook_state), NAME(struct hook_state, target),
	ENUM(struct hook_state, way, way_text, WAY_MAX), BOOL_AS("attached", struct hook_state, on),
	BOOL(struct hook_state, wanted), BOOL(struct hook_state, absent),
	CHARS(struct hook_state, reason), WORD(struct hook_state, calls),
	WORD(struct hook_state, missed), BOOL(struct hook_state, missed_known),
	WORD_AS("runs", struct hook_state, cost.runs),
	WORD_AS("run_ns", struct hook_state, cost.ns), BOOL(struct hook_state, cost_known),
	END
};
static const struct shape hook_shape = {
	"hooks", NULL, sizeof(struct hook_state), hook_fields, "hook"
};

static const struct field loss_fields[] = {
	NAME(struct loss, name), WORD(struct loss, count),
	END
};
static const struct shape loss_shape = { "losses", NULL, sizeof(struct loss), loss_fields };

static const struct field device_fields[] = {
	TEXT(struct device, name), TEXT(struct device, bus), TEXT(struct device, driver),
	TEXT(struct device, kind), TEXT(struct device, iommu),
	WORD(struct device, node), WORD(struct device, mask_bits),
	WORD(struct device, coherent_mask_bits), TEXT(struct device, domain),
	TEXT(struct device, removable), BOOL(struct device, bypasses),
	{ "pci_id", FIELD_TEXT, offsetof(struct device, id) },
	{ "iommu_group", FIELD_TEXT, offsetof(struct device, group) },
	SINCE(3), ENUM(struct device, caches, caches_text, CACHES_MAX),
	TEXT(struct device, restricted),
	END
};
static const struct shape device_shape = {
	"devices", NULL, sizeof(struct device), device_fields
};

static const struct field pool_fields[] = {
	TEXT(struct pool, kind), TEXT(struct pool, name), WORD(struct pool, size),
	WORD(struct pool, used), WORD(struct pool, high),
	SINCE(3), BOOL(struct pool, grows), WORD(struct pool, transient),
	END
};
static const struct shape pool_shape = { "pools", NULL, sizeof(struct pool), pool_fields };

static const struct field zone_fields[] = {
	TEXT(struct zone, name), WORD_AS("zone_end", struct zone, end), WORD(struct zone, size),
	WORD(struct zone, unused),
	END
};
static const struct shape zone_shape = { "zones", NULL, sizeof(struct zone), zone_fields };

static const struct field iommu_fields[] = {
	TEXT(struct iommu, name), WORD(struct iommu, devices),
	END
};
static const struct shape iommu_shape = { "iommus", NULL, sizeof(struct iommu), iommu_fields };

static const struct field traced_fields[] = {
	TEXT(struct traced_device, device), TEXT(struct traced_device, bus),
	TEXT(struct traced_device, driver), TEXT(struct traced_device, dma_ops),
	NAME(struct traced_device, domain), WORD_AS("mask", struct traced_device, reach.mask),
	WORD_AS("coherent_mask", struct traced_device, reach.coherent_mask),
	WORD_AS("bus_limit", struct traced_device, reach.bus_limit),
	TEXT(struct traced_device, pool), INT(struct traced_device, areas),
	SINCE(3), BOOL_AS("limits_known", struct traced_device, reach.known),
	WORD_AS("max_segment_size", struct traced_device, reach.segment),
	WORD_AS("segment_boundary_mask", struct traced_device, reach.boundary),
	WORD_AS("min_align_mask", struct traced_device, reach.align_mask),
	WORD_AS("range_cpu", struct traced_device, reach.range_cpu),
	WORD_AS("range_bus", struct traced_device, reach.range_bus),
	WORD_AS("range_size", struct traced_device, reach.range_size),
	ENUM_AS("caches", struct traced_device, reach.caches, caches_text, CACHES_MAX),
	BOOL_AS("restricted", struct traced_device, reach.restricted),
	END
};
static const struct shape traced_shape = {
	"traced", NULL, sizeof(struct traced_device), traced_fields
};

static const struct field model_fields[] = {
	TEXT(struct model, host), TEXT(struct model, release), TEXT(struct model, arch),
	WORD(struct model, duration_ns), BOOL(struct model, holders_known),
	INT(struct model, sampled), INT(struct model, extras), BOOL(struct model, followed),
	BOOL_AS("one_by_one", struct model, each), WORD(struct model, mappings_left),
	{ "parameters", FIELD_TEXT, offsetof(struct model, inventory.parameters) },
	WORD_AS("memory_top", struct model, inventory.facts.memory_top),
	BOOL_AS("bounce_forced", struct model, inventory.facts.bounce_forced),
	BOOL_AS("bounce_off", struct model, inventory.facts.bounce_off),
	BOOL_AS("pool_known", struct model, inventory.facts.pool_known),
	BOOL_AS("pool", struct model, inventory.facts.pool),
	BOOL_AS("lazy_shown", struct model, inventory.facts.lazy_shown),
	BOOL_AS("strict_asked", struct model, inventory.facts.strict_asked),
	BOOL_AS("vtd_ops", struct model, inventory.facts.vtd_ops),
	BOOL_AS("arch_ops", struct model, inventory.facts.arch_ops),
	{ "hooks", FIELD_NAMED, offsetof(struct model, hooks), 0, DMT_HOOK_MAX, hook_text,
	  &hook_shape },
	ROWS(struct model, aggregates, naggregates, &aggregate_shape),
	ROWS(struct model, traced, ntraced, &traced_shape),
	ROWS(struct model, failed, nfailed, &failed_shape),
	ROWS(struct model, holders, nholders, &holder_shape),
	ROWS(struct model, stacks, nstacks, &stack_shape),
	ROWS(struct model, live, nlive, &live_shape),
	ROWS(struct model, ages, nages, &age_shape),
	ROWS(struct model, lifetimes, nlifetimes, &lifetime_shape),
	ROWS(struct model, mappings, nmappings, &mapping_shape),
	{ "losses", FIELD_ARRAY, offsetof(struct model, losses),
	  offsetof(struct model, nlosses),
	  sizeof(((struct model *)0)->losses) / sizeof(struct loss), NULL, &loss_shape },
	ROWS(struct model, inventory.devices, inventory.ndevices, &device_shape),
	ROWS(struct model, inventory.pools, inventory.npools, &pool_shape),
	ROWS(struct model, inventory.iommus, inventory.niommus, &iommu_shape),
	SINCE(3), WORD_AS("largest_block", struct model, inventory.facts.largest_block),
	ROWS(struct model, inventory.zones, inventory.nzones, &zone_shape),
	END
};
static const struct field event_kind_fields[] = {
	NAME(struct event, device), NAME(struct event, bus), NAME(struct event, driver),
	OPERATION(struct event), DIRECTION(struct event),
	ENUM(struct event, path, path_text, VIA_MAX),
	ENUM(struct event, reason, reason_text, REASON_MAX),
	ENUM(struct event, context, context_text, CONTEXT_MAX),
	ENUM(struct event, phase, phase_text, PHASE_MAX), BOOL(struct event, failed),
	ENUM(struct event, failure, failure_text, FAILS_MAX),
	END
};
const struct shape shape_event_kind = {
	"event_kinds", NULL, sizeof(struct event), event_kind_fields
};
const struct shape shape_event_frames = { "event_frames" };

static const struct field event_fields[] = {
	WORD(struct event, time_ns), INT(struct event, cpu), NAME(struct event, task),
	INT(struct event, thread), WORD(struct event, size), WORD(struct event, address),
	WORD(struct event, phys), WORD(struct event, virt), BOOL(struct event, latency_known),
	WORD(struct event, latency_ns), WORD(struct event, value),
	END
};
const struct shape shape_event = { "event_rows", NULL, sizeof(struct event), event_fields };

const struct shape shape_model = { "run", NULL, sizeof(struct model), model_fields };

const struct field *field_from(const struct field *f, int version)
{
	static const struct field end = END;

	while (f->kind == FIELD_SINCE && f->name) {
		if (f->most > (size_t)version)
			return &end;
		f++;
	}
	return f;
}
