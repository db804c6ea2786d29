// SPDX-License-Identifier: GPL-2.0
/*
 * Keys of rows, see owner.h.
 */
#include "base/name.h"
#include "model/owner.h"

bool owner_has(const struct owner *o, const char *device, const char *driver)
{
	return name_same(o->device, device) && name_same(o->driver, driver);
}

static size_t owner_hash(const char *device, const char *driver)
{
	return hash_name(hash_name(0, device), driver);
}

#define BY_OWNER(list, type)								\
static size_t list##_hash(const void *row)						\
{											\
	const struct type *r = row;							\
											\
	return owner_hash(r->device, r->driver);					\
}											\
											\
static bool list##_same(const void *left, const void *right)				\
{											\
	const struct type *a = left, *b = right;					\
											\
	return name_same(a->device, b->device) && name_same(a->driver, b->driver);	\
}											\
											\
const struct index_key list##_by_owner = {						\
	sizeof(struct type), list##_hash, list##_same					\
}

#define BY_OP(list, type)								\
static size_t list##_op_hash(const void *row)						\
{											\
	return hash_number(list##_hash(row), ((const struct type *)row)->op);		\
}											\
											\
static bool list##_op_same(const void *a, const void *b)				\
{											\
	return ((const struct type *)a)->op == ((const struct type *)b)->op &&		\
	       list##_same(a, b);							\
}											\
											\
const struct index_key list##_by_op = {							\
	sizeof(struct type), list##_op_hash, list##_op_same				\
}

BY_OWNER(aggregates, aggregate);
BY_OP(aggregates, aggregate);
BY_OWNER(failed, failed);
BY_OWNER(live, live_row);
BY_OP(live, live_row);
BY_OWNER(traced, traced_device);
BY_OWNER(ages, age_row);
BY_OP(ages, age_row);
BY_OWNER(lifetimes, lifetime_row);
BY_OP(lifetimes, lifetime_row);

static size_t device_hash(const void *row)
{
	return hash_name(0, ((const struct device *)row)->name);
}

static bool device_same(const void *a, const void *b)
{
	return name_same(((const struct device *)a)->name, ((const struct device *)b)->name);
}

const struct index_key devices_by_name = { sizeof(struct device), device_hash, device_same };
