/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows of a model by the device and driver they belong to.
 */
#ifndef OWNER_H
#define OWNER_H

#include "base/index.h"
#include "model/model.h"

struct owner {
	const char *device, *driver;	/* NULL: not known */
};

bool owner_has(const struct owner *o, const char *device, const char *driver);

/* For indexes of the model's arrays. */
extern const struct index_key aggregates_by_owner, failed_by_owner, live_by_owner, ages_by_owner,
	lifetimes_by_owner, traced_by_owner;
/* The same, by operation, too. */
extern const struct index_key aggregates_by_op, live_by_op, ages_by_op, lifetimes_by_op;
/* Of the inventory's devices, by name alone. */
extern const struct index_key devices_by_name;

#endif
