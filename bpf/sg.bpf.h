/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Adding up a scatterlist, chained ones included.
 *
 * The verifier walks every round of a loop, and in each program again: one long loop by itself
 * took it longer than all else.  So a list is read in blocks, and blocks in chunks, by global
 * functions, which are walked once and then believed.  (bpf_loop() would do without; 5.10 does not
 * have it.)
 */
#ifndef SG_BPF_H
#define SG_BPF_H

#define SG_BLOCK 16
#define SG_CHUNK 16		/* blocks */
#define SG_CHUNKS 32		/* 16384 entries; a longer list is counted as truncated */
#define SG_CHAIN 1ul
#define SG_END 2ul

struct sg_entry {
	__u64 at;
	unsigned long link;
	__u32 length;
};

/* In one piece, as every read is a call. */
static __always_inline void sg_read(struct sg_entry *e)
{
	char copy[16];

	bpf_probe_read_kernel(copy, sizeof(copy), (void *)e->at);
	e->link = *(unsigned long *)(copy + bpf_core_field_offset(struct scatterlist, page_link));
	e->length = *(__u32 *)(copy + bpf_core_field_offset(struct scatterlist, length));
}

/* The entry at this address, or where the list goes on when it is a link of the chain. */
static __always_inline struct sg_entry sg_entry(__u64 at)
{
	struct sg_entry e = { .at = at };

	sg_read(&e);
	if (e.link & SG_CHAIN) {
		e.at = e.link & ~(SG_CHAIN | SG_END);
		sg_read(&e);
	}
	return e;
}

/* Bytes of a block that begins here. */
__noinline __u64 sg_block(__u64 at, __u32 nents)
{
	struct sg_entry e = {};
	__u64 total = 0;

	for (__u32 i = 0; i < SG_BLOCK && i < nents && !(e.link & SG_END); i++) {
		e = sg_entry(at);
		total += e.length;
		at = e.at + bpf_core_type_size(struct scatterlist);
	}
	return total;
}

/* Where the next block begins; 0: the list ends here. */
__noinline __u64 sg_skip(__u64 at)
{
	struct sg_entry e = {};

	for (__u32 i = 0; i < SG_BLOCK && !(e.link & SG_END); i++) {
		e = sg_entry(at);
		at = e.at + bpf_core_type_size(struct scatterlist);
	}
	return e.link & SG_END ? 0 : at;
}

/* The same of a chunk. */
__noinline __u64 sg_chunk(__u64 at, __u32 nents)
{
	__u64 total = 0;

	for (__u32 i = 0; i < SG_CHUNK && at; i++) {
		total += sg_block(at, nents);
		if (nents <= SG_BLOCK)
			break;
		nents -= SG_BLOCK;
		at = sg_skip(at);
	}
	return total;
}

__noinline __u64 sg_skip_chunk(__u64 at)
{
	for (__u32 i = 0; i < SG_CHUNK && at; i++)
		at = sg_skip(at);
	return at;
}

__noinline __u64 sg_bytes(__u64 at, __u32 nents)
{
	__u64 total = 0;

	for (__u32 i = 0; i < SG_CHUNKS; i++) {
		total += sg_chunk(at, nents);
		if (nents <= SG_CHUNK * SG_BLOCK)
			return total;
		nents -= SG_CHUNK * SG_BLOCK;
		at = sg_skip_chunk(at);
		if (!at)
			return total;
	}
	lose(this_cpu(), DMT_LOSS_SG);
	return total;
}

#endif
