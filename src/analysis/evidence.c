// SPDX-License-Identifier: GPL-2.0
/*
 * What detectors find findings with: the rows of the device they look at, and a draft to write.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/diagnose_private.h"
#include "base/list.h"

void text_add(char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
}

void advise_more(struct draft *f)
{
	if (f->advised)
		ADD(f->remedy, "; else ");
	else
		*f->remedy = '\0';
	f->advised = true;
}

const char *plural(unsigned long long count)
{
	return count == 1 ? "" : "s";
}

const struct aggregate *next_aggregate(const struct diagnosis *d, const struct aggregate *before)
{
	const struct aggregate *rows = d->m->aggregates;
	size_t n = before ? index_next(&d->aggregates, before - rows) : d->first_aggregate;

	return n != INDEX_NONE ? &rows[n] : NULL;
}

const struct failed *next_failed(const struct diagnosis *d, const struct failed *before)
{
	const struct failed *rows = d->m->failed;
	size_t n = before ? index_next(&d->failed, before - rows) : d->first_failed;

	return n != INDEX_NONE ? &rows[n] : NULL;
}

const struct live_row *next_live(const struct diagnosis *d, const struct live_row *before)
{
	const struct live_row *rows = d->m->live;
	size_t n = before ? index_next(&d->live, before - rows) : d->first_live;

	return n != INDEX_NONE ? &rows[n] : NULL;
}

struct tally calls_tally(const struct diagnosis *d, dmt_ops ops_wanted, unsigned paths,
			 unsigned reasons)
{
	const struct aggregate *a = NULL;
	struct tally sum = { 0 };

	while ((a = next_aggregate(d, a))) {
		if (!(ops_wanted & op_bit(a->op)) || !(paths & 1u << a->path) ||
		    !(reasons & 1u << a->reason))
			continue;
		sum.calls += a->calls;
		sum.errors += a->errors;
		sum.bytes += a->bytes;
		sum.ns += a->latency.sum;
		sum.fell_back += a->fell_back;
		sum.untimed |= !a->latency_known;
	}
	return sum;
}

/* A module's function is the caller's, but for IOMMU drivers built as modules. */
const char *frames_site(const struct frames *stack)
{
	static const char *const layers[] = {
		"dma_", "__dma_", "dmam_", "iommu_", "__iommu_", "swiotlb_", "__swiotlb_",
		"intel_", "__intel_", "amd_iommu", "arm_smmu_", "bpf_", "__bpf_", "__trace", "trace_", "ftrace_",
		"0x",
	};

	for (size_t i = 0; i < stack->count; i++) {
		const char *name = stack->names[i];
		size_t n = 0;

		if (strchr(name, '[') && !strstr(name, "[virtio_iommu]"))
			return name;
		while (n < ARRAY_SIZE(layers) &&
		       strncmp(name, layers[n], strlen(layers[n])))
			n++;
		if (n == ARRAY_SIZE(layers))
			return name;
	}
	/* all that is known of it may be who called */
	return stack->count > 1 ? stack->names[stack->count - 1] : NULL;
}

/* The texts are one after the other, from the subject. */
int draft_keep(struct diagnosis *d)
{
	struct draft *f = &d->draft;
	size_t subject = strlen(f->subject) + 1, evidence = strlen(f->evidence) + 1;
	size_t cause = strlen(f->cause) + 1, remedy = strlen(f->remedy) + 1;
	struct finding *grown;
	char *text;

	if (!f->kind)
		return 0;
	grown = list_grow(d->out->list, d->out->count, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	d->out->list = grown;
	text = malloc(subject + evidence + cause + remedy);
	if (!text)
		return -ENOMEM;
	memcpy(text, f->subject, subject);
	memcpy(text + subject, f->evidence, evidence);
	memcpy(text + subject + evidence, f->cause, cause);
	memcpy(text + subject + evidence + cause, f->remedy, remedy);
	grown[d->out->count++] = (struct finding){ f->kind, text, text + subject,
						   text + subject + evidence,
						   text + subject + evidence + cause };
	f->kind = NULL;
	/* cppcheck-suppress memleak	; the list has it */
	return 0;
}

struct draft *raise_finding(struct diagnosis *d, enum finding_id id, const struct frames *stack)
{
	const char *site = stack ? frames_site(stack) : NULL;
	struct draft *f = &d->draft;

	if (draft_keep(d)) {
		d->err = -ENOMEM;
		return NULL;
	}
	f->kind = &finding_kinds[id];
	f->advised = false;
	*f->subject = *f->evidence = *f->cause = *f->remedy = '\0';
	ADD(f->remedy, "%s", f->kind->remedy);
	if (id == FINDING_DATA_INCOMPLETE || id == FINDING_NOTHING_SEEN)
		return f;
	ADD(f->subject, "%s", d->owner.device ? d->owner.device : "unknown device");
	if (d->owner.driver)
		ADD(f->subject, " (%s)", d->owner.driver);
	if (site)
		ADD(f->subject, ", called from %s", site);
	return f;
}

const struct frames *failed_stack(const struct diagnosis *d, dmt_ops ops_wanted)
{
	const struct failed *most = NULL, *f = NULL;

	while ((f = next_failed(d, f)))
		if (ops_wanted & op_bit(f->op) && (!most || f->count > most->count))
			most = f;
	return most ? &most->stack : NULL;
}

enum reason bounces_mostly(const struct diagnosis *d)
{
	unsigned long long most = 0;
	enum reason mostly = REASON_UNKNOWN;

	for (enum reason reason = 0; reason < REASON_MAX; reason++) {
		unsigned long long calls = calls_tally(d, OP(BOUNCE), ANY, 1u << reason).calls;

		if (calls > most) {
			most = calls;
			mostly = reason;
		}
	}
	return mostly;
}
