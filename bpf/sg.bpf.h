/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Adding up a scatterlist, chained ones included.
 *
 * The verifier walks every round of a loop, and a long one by itself took it longer than all
 * else.  So a list is read in blocks, each a call of a global function, which the verifier
 * walks once and then believes.  (bpf_loop() would do without blocks; 5.10 does not have it.)
 */
#ifndef SG_BPF_H
#define SG_BPF_H

#define SG_BLOCK 64
#define SG_BLOCKS 256		/* 16384 entries; a longer list is counted as truncated */
#define SG_CHAIN 1ul
#define SG_END 2ul

/* The entry at this address, or where the list goes on when it is a link of the chain. */
static __always_inline struct scatterlist *sg_entry(__u64 at, unsigned long *link)
{
	struct scatterlist *sg = (struct scatterlist *)at;

	*link = BPF_CORE_READ(sg, page_link);
	if (!(*link & SG_CHAIN))
		return sg;
	sg = (struct scatterlist *)(*link & ~(SG_CHAIN | SG_END));
	*link = BPF_CORE_READ(sg, page_link);
	return sg;
}

/* Bytes of a block that begins here. */
__noinline __u64 sg_block(__u64 at, __u32 nents)
{
	unsigned long link = 0;
	__u64 total = 0;

	for (__u32 i = 0; i < SG_BLOCK && i < nents && !(link & SG_END); i++) {
		struct scatterlist *sg = sg_entry(at, &link);

		total += BPF_CORE_READ(sg, length);
		at = (__u64)sg + bpf_core_type_size(struct scatterlist);
	}
	return total;
}

/* Where the next block begins; 0: the list ends here. */
__noinline __u64 sg_skip(__u64 at)
{
	unsigned long link = 0;

	for (__u32 i = 0; i < SG_BLOCK && !(link & SG_END); i++)
		at = (__u64)sg_entry(at, &link) + bpf_core_type_size(struct scatterlist);
	return link & SG_END ? 0 : at;
}

__noinline __u64 sg_bytes(__u64 at, __u32 nents)
{
	__u64 total = 0;

	for (__u32 i = 0; i < SG_BLOCKS; i++) {
		total += sg_block(at, nents);
		if (nents <= SG_BLOCK)
			return total;
		nents -= SG_BLOCK;
		at = sg_skip(at);
		if (!at)
			return total;
	}
	lose(this_cpu(), DMT_LOSS_SG);
	return total;
}

#endif
