/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices: what is known of one when it is first seen, kept under a number of its own.
 */
#ifndef DEVICE_BPF_H
#define DEVICE_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, __u32);
} free_devices SEC(".maps");

/* struct device * -> index in devices; forgotten when its driver lets go, see forget.  */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} device_index SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dmt_device);
} devices SEC(".maps");

/* struct iommu_domain * -> struct device * whose calls go through it; 0: of several devices. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} domain_owners SEC(".maps");

volatile __u32 generation = 1;	/* counts forgotten devices: accounts of an older one look again */

static __always_inline __u64 domain_of(__u64 dev)
{
	return (__u64)BPF_CORE_READ((struct device *)dev, iommu_group, domain);
}

/*
 * Whose calls go through the domain; 0: not known.  It may be gone, and another one at its address,
 * so what counts is whose it is now; and what is known of a device is forgotten with its driver.
 */
__noinline __u64 domain_owner(__u64 domain)
{
	__u64 *known = domain ? bpf_map_lookup_elem(&domain_owners, &domain) : NULL;

	if (!known || !*known || !bpf_map_lookup_elem(&device_index, known) ||
	    domain_of(*known) != domain)
		return 0;
	return *known;
}

/* A device's first call. */
static __always_inline void domain_taken(__u64 domain, __u64 dev)
{
	__u64 *known = bpf_map_lookup_elem(&domain_owners, &domain), owner = dev;

	if (known && *known != dev && (!*known || domain_owner(domain)))
		owner = 0;
	/* where there is no room, calls straight on the domain have no device */
	bpf_map_update_elem(&domain_owners, &domain, &owner, BPF_ANY);
}

/*
 * Global functions, as each branch of one would be walked with those of the others; what the
 * verifier is through with early counts, as every program has a copy.
 */

/* Which addresses it can use, and how much of them at once. */
__noinline int device_reach(__u32 id, __u64 addr)
{
	struct dmt_device *to = bpf_map_lookup_elem(&devices, &id);
	struct device *dev = (struct device *)addr;
	struct device_dma_parameters *parms;
	__u64 bits = 0;

	if (!to)
		return 0;
	/* without one the address is NULL, and nothing is read */
	bpf_probe_read_kernel(&bits, sizeof(bits), BPF_CORE_READ(dev, dma_mask));
	to->mask = bits;
	to->coherent_mask = BPF_CORE_READ(dev, coherent_dma_mask);
	to->bus_limit = BPF_CORE_READ(dev, bus_dma_limit);
	parms = BPF_CORE_READ(dev, dma_parms);
	to->segment = BPF_CORE_READ(parms, max_segment_size);
	to->boundary = BPF_CORE_READ(parms, segment_boundary_mask);
	to->align_mask = min_align_mask(parms);
	return 0;
}

/* Where its bus sees memory. */
__noinline int device_ranges(__u32 id, __u64 addr)
{
	struct dmt_device *to = bpf_map_lookup_elem(&devices, &id);
	struct bus_dma_region *first = BPF_CORE_READ((struct device *)addr, dma_range_map);

	if (!to)
		return 0;
	to->range_cpu = BPF_CORE_READ(first, cpu_start);
	to->range_bus = BPF_CORE_READ(first, dma_start);
	to->range_size = BPF_CORE_READ(first, size);
	return 0;
}

/* Who maps for it. */
__noinline int device_backend(__u32 id, __u64 addr)
{
	struct dmt_device *to = bpf_map_lookup_elem(&devices, &id);
	struct iommu_domain *domain = BPF_CORE_READ((struct device *)addr, iommu_group, domain);
	struct device___ops *with_ops = (void *)addr;
	struct dma_map_ops *dma_ops = NULL;

	if (!to)
		return 0;
	to->flags = tells_dma_iommu() * DMT_DEVICE_IOMMU_KNOWN |
		    uses_dma_iommu(addr) * DMT_DEVICE_IOMMU_FLAG |
		    skips_sync(addr) * DMT_DEVICE_SKIPS_SYNC |
		    (ARCH_COHERENT || says_coherent(addr)) * DMT_DEVICE_COHERENT;
	if (bpf_core_field_exists(with_ops->dma_ops))
		dma_ops = BPF_CORE_READ(with_ops, dma_ops);
	if (dma_ops) {
		to->flags |= DMT_DEVICE_OPS;
		to->ops = (__u64)dma_ops;
		to->ops_map = ops_map(dma_ops);
	}
	if (domain) {
		to->flags |= DMT_DEVICE_DOMAIN;
		to->domain_type = BPF_CORE_READ(domain, type);
		/* that is one for all devices of a kind since v6.7 */
		if (to->domain_type != DMT_DOMAIN_IDENTITY)
			domain_taken((__u64)domain, addr);
	}
	return 0;
}

/* Which swiotlb it has.  Since v5.15 device trees can give one its own. */
__noinline int device_pool(__u32 id, __u64 addr)
{
	struct dmt_device *to = bpf_map_lookup_elem(&devices, &id);
	struct device___io_tlb *dev = (void *)addr;
	struct io_tlb_mem *mem;

	if (!to || !bpf_core_field_exists(dev->dma_io_tlb_mem))
		return 0;
	mem = BPF_CORE_READ(dev, dma_io_tlb_mem);
	to->pool_areas = pool_areas((__u64)mem);
	if (bpf_core_field_exists(mem->for_alloc) && BPF_CORE_READ(mem, for_alloc))
		to->flags |= DMT_DEVICE_RESTRICTED;
	if (bpf_core_field_exists(mem->debugfs))
		bpf_probe_read_kernel_str(to->pool, sizeof(to->pool),
					  BPF_CORE_READ(mem, debugfs, d_name.name));
	return 0;
}

/* What it is called. */
__noinline int device_describe(__u32 id, __u64 addr)
{
	struct dmt_device *to = bpf_map_lookup_elem(&devices, &id);
	struct device *dev = (struct device *)addr;
	const char *name = BPF_CORE_READ(dev, kobj.name);

	if (!to)
		return 0;
	if (!name)
		name = BPF_CORE_READ(dev, init_name);
	bpf_probe_read_kernel_str(to->name, sizeof(to->name), name);
	bpf_probe_read_kernel_str(to->bus, sizeof(to->bus), BPF_CORE_READ(dev, bus, name));
	bpf_probe_read_kernel_str(to->driver, sizeof(to->driver), BPF_CORE_READ(dev, driver, name));
	return 0;
}

/* Is it one of those asked for? */
__noinline int device_choose(__u32 id)
{
	struct dmt_device *to = bpf_map_lookup_elem(&devices, &id);

	if (to && !(glob_matches(&device_glob, to->name) && glob_matches(&driver_glob, to->driver)))
		to->flags |= DMT_DEVICE_LEFT_OUT;
	return 0;
}

/* Rare: once per device and driver. 0 = no room. */
__noinline __u32 device_register(__u64 dev)
{
	__u32 id, *known = bpf_map_lookup_elem(&device_index, &dev);

	if (known)
		return *known;
	if (bpf_map_pop_elem(&free_devices, &id))
		return 0;
	device_describe(id, dev);
	device_reach(id, dev);
	device_ranges(id, dev);
	device_backend(id, dev);
	device_pool(id, dev);
	if (asked)
		device_choose(id);
	if (!bpf_map_update_elem(&device_index, &dev, &id, BPF_NOEXIST))
		return id;
	/* somebody was faster: take theirs, give ours back */
	known = bpf_map_lookup_elem(&device_index, &dev);
	bpf_map_push_elem(&free_devices, &id, 0);
	return known ? *known : 0;
}

/* Does it fit the patterns given?  Without one nobody needs to ask. */
__noinline int device_fits(__u64 dev)
{
	struct dmt_device *device;
	__u32 id;

	id = dev ? device_register(dev) : 0;
	device = bpf_map_lookup_elem(&devices, &id);
	return id && device && !(device->flags & DMT_DEVICE_LEFT_OUT);
}

/* Does what only some ask for want to know of this device? */
static __always_inline bool device_wanted(__u64 dev)
{
	return (!device_glob.given && !driver_glob.given) || device_fits(dev);
}

#endif
