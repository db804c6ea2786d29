// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of memory: physical ones and the CPU's, from what a call says.  Where the kernel has
 * its page structures and its direct map of memory is found out when first asked; what cannot be,
 * is not known.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include "base/err.h"
#include "live/private.h"

#define PAGE_BITS 12		/* 4 KiB, as README "Kernels" has it */
#define SECTION_FLAGS 0xfffull	/* of a section's map: the lower bits, the first two "present" */
#define SECTION_PRESENT 3
#define ROOTS 4096		/* tables of sections to look through: 64 TiB and more */

/* A word of the kernel's memory; 0: there is none. */
static __u64 peek(struct live *l, __u64 at)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);

	l->first->bss->peek_at = at;
	l->first->bss->peeked = 0;
	if (!at || bpf_prog_test_run_opts(bpf_program__fd(l->first->progs.peek), &run))
		return 0;
	return l->first->bss->peeked;
}

/*
 * The page structure frame 0 has or would have.  A section's map is kept as the address of its
 * first page's structure less that page's number, so with SPARSEMEM_VMEMMAP, which both arches
 * have, it is the same for each (sparse_encode_mem_map()).
 */
static __u64 pages_find(struct live *l, __u64 mem_section)
{
	__u64 roots = peek(l, mem_section), root = 0, map = 0;
	__u32 bytes = l->first->bss->section_bytes;

	for (__u64 n = 0; roots && !root && n < ROOTS; n++)
		root = peek(l, roots + n * 8);
	for (__u64 n = 0; root && bytes && n < 4096 / bytes; n++) {
		map = peek(l, root + n * bytes);
		if ((map & SECTION_PRESENT) == SECTION_PRESENT)
			return map & ~SECTION_FLAGS;
	}
	return 0;
}

/*
 * What the direct map adds to a physical address.  x86 says so; arm64 has it as a constant of its
 * build, of which the end of memory, known both ways, says what it must be: a negative power of
 * two.
 */
static bool linear_find(struct live *l, __u64 end, __u64 *linear)
{
	const unsigned long long *at = l->kernel.variables;
	__u64 start = peek(l, at[VAR_MEMSTART_ADDR]);
	__u64 least;

	if (at[VAR_PAGE_OFFSET_BASE]) {
		*linear = peek(l, at[VAR_PAGE_OFFSET_BASE]);
		return *linear;
	}
	if (!at[VAR_MEMSTART_ADDR] || !at[VAR_HIGH_MEMORY] || !end)
		return false;
	least = -(peek(l, at[VAR_HIGH_MEMORY]) - (end - start));
	*linear = -least - start;
	return least >> 32 && !(least & (least - 1));
}

static void memory_read(struct live *l)
{
	struct live_memory *m = &l->memory;

	if (m->read)
		return;
	m->read = true;
	if (bpf_program__fd(l->first->progs.peek) < 0)
		return;
	m->end = peek(l, l->kernel.variables[VAR_MAX_PFN]) << PAGE_BITS;
	m->pages = pages_find(l, l->kernel.variables[VAR_MEM_SECTION]);
	m->page_bytes = l->first->bss->page_bytes;
	m->linear_known = linear_find(l, m->end, &m->linear);
	debug("page structures at %#llx, %u bytes each; direct map at %#llx, known %d", m->pages,
	      m->page_bytes, m->linear, m->linear_known);
}

struct place live_place(struct live *l, enum dmt_op op, enum dmt_memory memory, __u64 base,
			__u64 phys)
{
	const struct live_memory *m = &l->memory;
	struct place place = { 0 };

	if (memory != DMT_MEMORY_PHYS || phys)
		memory_read(l);
	switch (memory) {
	case DMT_MEMORY_PHYS:
		place.phys = phys;
		/* others may be about what is no memory, as the registers of a device */
		if (op != DMT_OP_MAP && op != DMT_OP_BOUNCE)
			return place;
		break;
	case DMT_MEMORY_PAGE:
		if (base >= m->pages && m->pages && m->page_bytes)
			place.phys = ((base - m->pages) / m->page_bytes << PAGE_BITS) + phys;
		break;
	case DMT_MEMORY_TABLE:
		/* in several places */
		return place;
	case DMT_MEMORY_VIRT:
		place.virt = base;
		/* else it is remapped, and lies in more than one place */
		if (m->linear_known && base - m->linear < m->end)
			place.phys = base - m->linear;
		return place;
	}
	if (m->linear_known && place.phys && place.phys < m->end)
		place.virt = place.phys + m->linear;
	return place;
}
