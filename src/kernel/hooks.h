/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hook table: which BPF program sees which operation through which kernel function, and
 * for what prototype it was compiled.  Pure data; plan.c chooses from it.
 */
#ifndef HOOKS_H
#define HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/dmatrace.h"

/* How a function is watched, in order of preference. */
enum way { WAY_FSESSION, WAY_FENTRY, WAY_KPROBE, WAY_TRACEPOINT, WAY_MAX };

enum layer { LAYER_API, LAYER_BACKEND, LAYER_CORE, LAYER_PGTABLE, LAYER_MAX };

/* What a failing call's value means. */
enum failure {
	FAILS_NEVER, FAILS_NULL, FAILS_ADDRESS, FAILS_ERRNO, FAILS_SHORT, FAILS_FALSE, FAILS_ZERO,
	FAILS_MAX
};

struct op {
	const char *name, *help;
	enum layer layer;
};
extern const struct op ops[DMT_OP_MAX];
extern const char *const way_names[WAY_MAX];
extern const char *const layer_names[LAYER_MAX];
extern const char *const direction_names[DMT_DIR_MAX];	/* NULL: unknown */
extern const char *const hook_names[DMT_HOOK_MAX];	/* as recordings have them */

/* One row: a program pair of bpf/hooks.bpf.h (PROBE) or one program (POINT). */
struct sight {
	enum dmt_hook hook;
	const char *prog;	/* without __fsession, __fentry and so on */
	const char *target;	/* function, or tracepoint as BTF names it */
	const char *proto;	/* what it was compiled for, alternatives separated by | */
	enum failure failure;
	bool blind;		/* sees successful calls only */
	enum dmt_hook also;	/* the program tells this hook's calls apart too; 0: none */
	enum dmt_hook unless;	/* where this earlier hook is wanted, it sees the same; 0: none */
};

/* Best first within a hook; ends with a NULL prog. */
extern const struct sight probes[];
extern const struct sight points[];

enum dmt_op hook_op(enum dmt_hook hook);

static inline dmt_ops op_bit(enum dmt_op op)
{
	return (dmt_ops)1 << op;
}

/* Does it only tell of other calls which path they take, or what became of what they took? */
static inline bool hook_marks(enum dmt_hook hook)
{
	return hook >= DMT_HOOK_IN_DEV_POOL;
}

/* Of its calls, are those counted that are part of others which are watched, and no others? */
static inline bool hook_is_part(enum dmt_hook hook)
{
	return hook >= DMT_HOOK_PAGES && hook <= DMT_HOOK_REMAP_PAGES;
}

/*
 * Does it tell the path of the call around it?  Then that call has to know when it was skipped:
 * the programs of entry and return must be two, so that the entry's frame is left to see.
 */
static inline bool hook_tells(enum dmt_hook hook)
{
	return hook_marks(hook) || hook_is_part(hook) || hook == DMT_HOOK_BOUNCE ||
	       hook == DMT_HOOK_IOMMU_ALLOC || hook == DMT_HOOK_INTEL_ALLOC;
}

/*
 * Operations (bits) that are watched only when asked for by name, or with all layers: they explain
 * others, at their cost in time.
 */
extern const dmt_ops ops_on_request;

/* Operations (bits) of an IOMMU. */
extern const dmt_ops ops_of_iommu;

/* Operations (bits) that are of no size: no bytes, which is not the same as 0. */
extern const dmt_ops ops_without_size;

/* Operations (bits) that make what `live` follows; and those with the ones that give it back. */
extern const dmt_ops ops_taking, ops_followed;

/* Other operations (bits) that cannot be told all about without this hook. */
dmt_ops hook_serves(enum dmt_hook hook);

#endif
