/* SPDX-License-Identifier: GPL-2.0 */
/*
 * I/O addresses: how many bytes a range of them has, and whose domain they are of.  A flush queue
 * is worked off in a timer, where no call around tells the device.
 */
#ifndef IOVA_BPF_H
#define IOVA_BPF_H

/* struct iova_domain * -> struct device *; 0: of several devices. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} iova_owners SEC(".maps");

static __always_inline __u64 iova_granule(__u64 iovad)
{
	return BPF_CORE_READ((struct iova_domain *)iovad, granule);
}

static __always_inline __u64 cookie_iovad(__u64 cookie)
{
	return (__u64)&((struct iommu_dma_cookie *)cookie)->iovad;
}

static __always_inline __u64 domain_iovad(__u64 domain)
{
	return cookie_iovad((__u64)BPF_CORE_READ((struct iommu_domain___cookie *)domain,
						 iova_cookie));
}

static __always_inline __u64 msi_device(__u64 desc)
{
	return (__u64)BPF_CORE_READ((struct msi_desc *)desc, dev);
}

/* The end is the last byte; nothing was gathered where it lies before the start. */
static __always_inline __u64 gather_bytes(__u64 addr)
{
	struct iommu_iotlb_gather *gather = (void *)addr;
	__u64 start = BPF_CORE_READ(gather, start), end = BPF_CORE_READ(gather, end);

	return end < start ? 0 : end - start + 1;
}

/* A device takes addresses: the domain is its own, as long as no other one does. */
__noinline int iova_taken(__u64 iovad, __u64 dev)
{
	__u64 *known, shared = 0;

	if (!dev)
		return 0;
	known = bpf_map_lookup_elem(&iova_owners, &iovad);
	if (known && (*known == dev || !*known))
		return 0;
	/* one whose driver is gone has given the domain up, too */
	if (known && bpf_map_lookup_elem(&device_index, known))
		dev = shared;
	/* where there is no room, what happens to the domain in the background has no device */
	bpf_map_update_elem(&iova_owners, &iovad, &dev, BPF_ANY);
	return 0;
}

/* 0: not known. */
__noinline __u64 iova_owner(__u64 iovad)
{
	__u64 *known = bpf_map_lookup_elem(&iova_owners, &iovad);

	return known && bpf_map_lookup_elem(&device_index, known) ? *known : 0;
}

#endif
