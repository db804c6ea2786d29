/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Adding up a scatterlist, chained ones included.
 */
#ifndef SG_BPF_H
#define SG_BPF_H

/* The verifier walks the loop, so it has an end; a longer list is counted as truncated. */
#define SG_ENTRIES 1024
#define SG_CHAIN 1ul
#define SG_END 2ul

/*
 * A global function: the verifier walks it once by itself and not again with what follows at
 * every one of its ends.
 */
__noinline __u64 sg_bytes(__u64 list, __u32 nents)
{
	struct scatterlist *sg = (struct scatterlist *)list;
	__u64 total = 0;

	for (__u32 i = 0; i < SG_ENTRIES; i++) {
		unsigned long link;

		if (i >= nents)
			return total;
		link = BPF_CORE_READ(sg, page_link);
		if (link & SG_CHAIN) {		/* not an entry: the list goes on elsewhere */
			sg = (struct scatterlist *)(link & ~(SG_CHAIN | SG_END));
			link = BPF_CORE_READ(sg, page_link);
		}
		total += BPF_CORE_READ(sg, length);
		if (link & SG_END)
			return total;
		sg = (void *)sg + bpf_core_type_size(struct scatterlist);
	}
	lose(this_cpu(), DMT_LOSS_SG);
	return total;
}

#endif
