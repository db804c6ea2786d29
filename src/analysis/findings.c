// SPDX-License-Identifier: GPL-2.0
/*
 * What findings mean, how they are decided, what to do.  man/dmatrace-findings.7 says the same
 * in the same words; tests/lint/findings.py holds the two against each other.
 */
#include <string.h>
#include "analysis/diagnose.h"

const char *const severity_names[] = {
	[SEVERITY_INFO] = "info", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error",
};

const struct finding_kind finding_kinds[FINDING_MAX] = {
	[FINDING_BOUNCE_FORCED] = {
		"bounce-forced", SEVERITY_WARNING,
		"every mapping is copied through the swiotlb, because the command line says so",
		"The kernel was booted with swiotlb=force. "
		"Each mapping of a device no IOMMU translates for takes slots of the swiotlb, and "
		"a CPU copies its data there or back. "
		"When the pool is full, mappings fail.",
		"The pool the slots came from takes everything, and swiotlb=force stands in "
		"/proc/cmdline. "
		"Linux before 5.14 has no such mark on the pool: there the command line decides. "
		"These facts decide: the mark on the pool, and the command line.",
		"Boot without swiotlb=force, unless it is there for a test. "
		"If it has to stay, give the pool as many slots as the load needs: "
		"swiotlb=SLOTS,force, in slots of 2 KiB.",
		"boot without swiotlb=force",
	},
	[FINDING_BOUNCE_MASK] = {
		"bounce-mask", SEVERITY_WARNING,
		"buffers lie above the device's DMA mask and are copied through the swiotlb",
		"The mask says how far the device reaches; its driver sets it with "
		"dma_set_mask(). "
		"A buffer that ends above it is replaced by slots of the swiotlb below, and a CPU "
		"copies the data when the buffer is mapped, synced or unmapped.",
		"When the slots were taken, the last byte of the buffer lay above the mask, and "
		"the mask was not above the limit of the bus. "
		"These facts decide the remedy: whether the bus ends at the mask, above it or "
		"nowhere; whether one of the zones in /proc/zoneinfo lies within reach; and "
		"whether an IOMMU translates for the device, passes its addresses through, serves "
		"other devices only, was turned off on the command line, or is absent.",
		"If the hardware reaches further, let the driver say so: "
		"dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)). "
		"If the bus ends at the mask, the limit of the bus has to be raised, too. "
		"If not, give it memory below the mask (GFP_DMA32, dma_alloc_pages()). "
		"If its IOMMU passes addresses through, let it translate: boot without iommu=pt "
		"or iommu.passthrough=1, or with iommu.passthrough=0, or, since 5.11, write DMA "
		"to the type file of its group in sysfs while no driver is bound.",
		"give the device memory that it reaches",
	},
	[FINDING_BOUNCE_BUS_LIMIT] = {
		"bounce-bus-limit", SEVERITY_WARNING,
		"buffers lie above what the bus carries and are copied through the swiotlb",
		"The device may reach further, but a bus between it and the memory does not. "
		"Firmware tells the kernel so, with dma-ranges in a device tree or _DMA in ACPI.",
		"When the slots were taken, the last byte of the buffer lay above bus_dma_limit "
		"of the device, and that is below its mask. "
		"These facts decide the remedy: the architecture, as x86 asks no firmware and has "
		"such a limit only behind bridges of VIA; whether a zone lies below the limit; "
		"and what the IOMMU does for the device, as for bounce-mask.",
		"Correct the firmware's table if the bus carries more; on x86, boot with "
		"iommu=usedac. "
		"If not, give the driver memory below the limit. "
		"If its IOMMU passes addresses through, let it translate, see bounce-mask.",
		"give the device memory that it reaches",
	},
	[FINDING_BOUNCE_UNTRUSTED] = {
		"bounce-untrusted", SEVERITY_INFO,
		"parts of pages are copied for a device that is not trusted",
		"The device sits behind a port that firmware calls external, such as Thunderbolt. "
		"An IOMMU maps whole pages, so that a buffer that does not fill them would show "
		"the device what else is there. "
		"Such buffers go through the swiotlb.",
		"An IOMMU translates for the device, and its struct pci_dev has untrusted set. "
		"These facts decide: what the IOMMU does for the device, and whether the device "
		"is trusted; only a PCI device can be untrusted.",
		"This is protection, not a fault. "
		"A driver avoids the copies with buffers that begin and end at a page. "
		"For a port that is not external, firmware has to stop calling it so.",
		"none is needed; buffers of whole pages are not copied",
	},
	[FINDING_BOUNCE_UNALIGNED_KMALLOC] = {
		"bounce-unaligned-kmalloc", SEVERITY_INFO,
		"small buffers share cache lines with other data and are copied",
		"The device is not coherent: what it writes reaches memory behind the cache, and "
		"the cache line has to be thrown away. "
		"If other data lives in that line, it would be lost. "
		"Since 6.5 kmalloc() gives out such small buffers, and the kernel bounces them.",
		"The device may write to the buffer, its size is not that of a kmalloc() cache of "
		"whole cache lines, and no other reason to bounce it was there. "
		"These facts decide: whether the device is coherent, the direction, the size that "
		"is mapped, and the architecture, as x86 has no such buffers.",
		"Allocate and map multiples of dma_get_cache_alignment() bytes, or take the "
		"buffer from a DMA pool. "
		"The kernel looks at the size that is mapped, not at the one that was allocated.",
		"allocate and map multiples of dma_get_cache_alignment() bytes",
	},
	[FINDING_BOUNCE_RESTRICTED_POOL] = {
		"bounce-restricted-pool", SEVERITY_INFO,
		"everything is copied, because the device may reach nothing but its own pool",
		"The device tree gives the device a restricted-dma-pool. "
		"All its mappings go through that pool, so that it can be kept from all other "
		"memory without an IOMMU.",
		"The pool the slots came from is one for allocations, which restricted pools "
		"alone are. "
		"This fact decides: the kind of the pool. "
		"The kernel gives such a pool to devices without an IOMMU only.",
		"This is protection, not a fault. "
		"If copying costs too much, map fewer and larger buffers.",
		"none is needed: the pool keeps the device from all other memory",
	},
	[FINDING_BOUNCE_ENCRYPTED_GUEST] = {
		"bounce-encrypted-guest", SEVERITY_INFO,
		"everything is copied, because devices cannot read this guest's memory",
		"This is a confidential guest (SEV, TDX or CCA). "
		"The host and its devices see only memory that is shared with them, and that is "
		"the swiotlb.",
		"The pool takes everything, and nobody asked for it with swiotlb=force. "
		"These facts decide: the mark on the pool, and the command line.",
		"This is how such guests work. "
		"Fewer and larger transfers cost less, and a pool that is too small fails "
		"mappings: swiotlb=SLOTS, in slots of 2 KiB.",
		"none is needed; see that the pool is large enough",
	},
	[FINDING_SWIOTLB_FULL] = {
		"swiotlb-full", SEVERITY_ERROR,
		"a buffer had to be bounced, and there was no slot for it",
		"The swiotlb consists of slots of 2 KiB. "
		"A mapping takes neighbouring ones, at most 128, which is 256 KiB; a device with "
		"a minimum alignment (min_align_mask) gets less. "
		"A mapping that finds none fails, and most drivers fail the transfer or try "
		"again.",
		"These facts decide: the size, the bits of its address that min_align_mask keeps, "
		"and alloc_align_mask of each failing call, which are compared with what a "
		"segment holds; then the slots it needed and those the pool had left. "
		"A buffer that does not fit into an empty segment is above the limit. "
		"If too few slots were left, the pool was exhausted. "
		"If enough slots were left, but not next to each other, or not where the "
		"alignment or the CPU's part of the pool allowed, the pool was fragmented. "
		"There is no pool if swiotlb=noforce is given or memory is small, but a "
		"restricted one is there all the same; a kernel whose pools grow "
		"(SWIOTLB_DYNAMIC) then finds slots in none. "
		"Where the state of the pool could not be read, the cause is not told. "
		"These facts decide the remedy: whether the pool is restricted, grows or is "
		"absent; the command line; why buffers bounce; where the reach of the device "
		"ends; and what the IOMMU does for it.",
		"Above the limit: map in pieces of at most dma_max_mapping_size(), which no pool "
		"size changes; 'dmatrace devices -i' shows it as largest_bounce. "
		"Exhausted or fragmented: enlarge the pool with swiotlb=SLOTS, or look with "
		"'dmatrace swiotlb' for who holds the slots. "
		"A pool that grows is not enlarged: it fails where memory is short. "
		"The size of a restricted pool is that of its node in the device tree. "
		"No pool: boot without swiotlb=noforce. "
		"Where memory is too small for a pool, swiotlb=force makes one, and bounces "
		"everything. "
		"Best, remove the reason for bouncing, which is a finding of its own.",
		"look with 'dmatrace swiotlb' for who holds the slots",
	},
	[FINDING_SWIOTLB_OUT_OF_REACH] = {
		"swiotlb-out-of-reach", SEVERITY_ERROR,
		"the device cannot address the slot either, so that the mapping failed",
		"A buffer was out of the device's reach and got a slot of the swiotlb, but the "
		"pool itself lies above the device's mask or the limit of its bus. "
		"Bouncing cannot help this device.",
		"The mapping failed on the path bounce, though it got its slot. "
		"These facts decide: the mask, the limit of the bus, and which of them is lower; "
		"whether the pool is restricted; whether swiotlb=force has everything bounced; "
		"what the IOMMU does for the device; and whether a zone lies below the coherent "
		"mask.",
		"If the mask ends the reach, raise it if the hardware reaches further. "
		"If the bus does, correct dma-ranges or _DMA if it carries more. "
		"A restricted pool lies where the device tree has it. "
		"If its IOMMU passes addresses through, let it translate, see bounce-mask. "
		"If none of this is possible, copy from and to memory of dma_alloc_coherent().",
		"give the device memory that it reaches",
	},
	[FINDING_MAP_FAILED] = {
		"map-failed", SEVERITY_ERROR,
		"mappings failed, and no other finding says why",
		"The driver asked for a streaming mapping and got an error. "
		"A driver that does not check with dma_mapping_error() hands a bad address to the "
		"device.",
		"Failing calls that a full swiotlb, a slot out of reach or a failing iommu_map() "
		"explains are taken off; these are left. "
		"What they asked for decides first: with DMA_ATTR_REQUIRE_COHERENT (since 7.2) a "
		"buffer that would have to be bounced, or cleaned from caches, is refused; with "
		"DMA_ATTR_MMIO it is registers, which cannot be bounced. "
		"These facts decide then: whether the device is coherent, is restricted to a pool "
		"or has a DMA mask; whether an IOMMU translates for it; where its reach ends; "
		"whether there is a swiotlb and everything is bounced; and whether what would "
		"tell the cause was traced.",
		"Of DMA_ATTR_REQUIRE_COHERENT: let the buffer lie where the device reaches it, or "
		"map without the attribute and sync. "
		"The kernel's log may say more ('DMA addr ... "
		"overflow'). "
		"Behind an IOMMU that translates, look for I/O addresses that are never unmapped; "
		"else for memory the device cannot reach. "
		"Registers and memory of other devices: copy through memory. "
		"If its IOMMU passes addresses through, let it translate, see bounce-mask.",
		"check the kernel log, and look for mappings that are never unmapped",
	},
	[FINDING_ALLOC_FAILED] = {
		"alloc-failed", SEVERITY_ERROR,
		"allocations of coherent memory failed",
		"The driver asked for memory to share with its device and got none. "
		"Such memory is contiguous without an IOMMU, and large pieces get rare as memory "
		"fragments.",
		"Failing allocations that an empty atomic pool or a failing iommu_map() explains "
		"are taken off; these are left. "
		"These facts decide: the size, the flags and the attributes of each call, "
		"compared with the memory of this machine. "
		"A size above the page allocator's largest piece needs contiguous memory (CMA), "
		"if the kernel was built with it and some is set aside; a coherent mask, or bus "
		"limit, below the end of memory leaves the zones below it; a caller that must not "
		"sleep gets what is free right then, and no contiguous memory; a single page "
		"cannot be fragmented; behind an IOMMU that maps single pages the size does not "
		"matter. "
		"A device with memory of its own, or a restricted pool, gets none from elsewhere.",
		"Larger than a piece: allocate in smaller ones, or set contiguous memory aside "
		"with cma=SIZE where the kernel has it and the caller may sleep. "
		"A zone that is used up: raise the coherent mask if that ends the reach and the "
		"hardware reaches further, or correct what firmware says of the bus. "
		"Else allocate at probe time and keep it, or with GFP_KERNEL. "
		"A pool of the device's own is enlarged in the device tree, if it is from there. "
		"If its IOMMU passes addresses through, let it translate, see bounce-mask.",
		"allocate early and in smaller pieces",
	},
	[FINDING_PENDING_AT_UNBIND] = {
		"pending-at-unbind", SEVERITY_ERROR,
		"a driver let its device go and left something mapped or allocated",
		"What a driver maps it has to unmap before it lets the device go. "
		"What is left keeps its slots, I/O addresses or memory for good, and the device "
		"can still write to memory that has another owner by now.",
		"'dmatrace live' follows what is mapped and allocated. "
		"At the end these were not given back, and the driver they were made for had been "
		"unbound, or the device had gone, in the meantime. "
		"These facts decide: what was not given back, whether it was mapped or allocated, "
		"which driver made it, and whether that driver still has the device. "
		"Mappings that a driver need not unmap, since 6.18, do not count.",
		"Unmap and free what the call path shows in the driver's remove(), or let devm_ "
		"and dmam_ functions do it.",
		"unmap what is left in the driver's remove()",
	},
	[FINDING_MAPPING_LEAK] = {
		"mapping-leak", SEVERITY_WARNING,
		"a call site maps more than is unmapped, all the time",
		"Mappings that are never undone use up I/O addresses, bounce slots or memory, "
		"until mapping fails.",
		"'dmatrace live' follows what is mapped. "
		"A call site has at least 16 mappings left that were made in at least half of "
		"eight equal parts of the run. "
		"As many addresses as were given back and not seen mapped may have been mapped "
		"before the run, and what is left replaces them: so many are taken off. "
		"Not those that nobody can have been given, as they lie inside of a mapping that "
		"is held, are another device's, cut to 32 bits, physical instead of the device's, "
		"or the same again and again. "
		"A ring that is filled once, or keeps its size, is none. "
		"These facts decide: how many mappings of a call site are left, in which parts of "
		"the run they were made, which addresses were given back, and whether the driver "
		"has to unmap. "
		"Allocations do not count, as a device keeps them.",
		"Look at the call path: on which way out is the mapping forgotten? "
		"An error path or a timeout, most often. "
		"If wrong addresses are given back, unmap what mapping returned, for the same "
		"device.",
		"look for the way out on which this call site's mappings are forgotten",
	},
	[FINDING_UNMAP_UNSEEN] = {
		"unmap-unseen", SEVERITY_INFO,
		"addresses not seen mapped are unmapped, while mappings stay: it may be a leak",
		"Either what is unmapped was mapped before the run, and what stays replaces it, "
		"as in a ring of buffers that turns slowly: then all is well. "
		"Or the driver unmaps other addresses than it maps, and all that it maps stays.",
		"'dmatrace live' follows what is mapped. "
		"A call site has at least 16 mappings left that were made in at least half of "
		"eight equal parts of the run, and until its second half addresses were given "
		"back that nobody saw mapped, which do not show whether they are wrong. "
		"These facts decide: the same as for mapping-leak, and when the last such address "
		"was given back.",
		"Trace longer than the ring takes to turn, as then these end; or from before the "
		"driver binds, as then there are none. "
		"A kernel with CONFIG_DMA_API_DEBUG logs an address that was never mapped.",
		"trace longer than the ring takes to turn, or from before the driver binds",
	},
	[FINDING_IOMMU_UNALIGNED] = {
		"iommu-unaligned", SEVERITY_ERROR,
		"iommu_map() was called with an address or a size that is no multiple of a page",
		"An IOMMU maps whole pages. "
		"The I/O address, the physical address and the size all have to be multiples of "
		"the smallest page the domain has. "
		"The kernel refuses others with EINVAL and logs 'iommu: unaligned', or, with the "
		"page tables x86 has since 6.19, with ENXIO and no message.",
		"Each of the three was held against the smallest page of the domain at the time "
		"of the call; those that are no multiple of it are named. "
		"These facts decide: both addresses, the size, and the page sizes of the domain.",
		"This is a bug of the caller, as the DMA API aligns by itself. "
		"Align with the domain's pgsize_bitmap, not with PAGE_SIZE.",
		"align what iommu_map() gets to the smallest page of the domain",
	},
	[FINDING_IOMMU_MAP_FAILED] = {
		"iommu-map-failed", SEVERITY_ERROR,
		"the IOMMU refused a mapping",
		"Memory could not be entered into the IOMMU's page tables. "
		"DMA API callers see DMA_MAPPING_ERROR or no memory; callers of iommu_map() see "
		"the error itself.",
		"By the error it returned. "
		"ENOMEM: no memory for a page table. "
		"EADDRINUSE and EEXIST: the I/O address is mapped already. "
		"ERANGE and EFAULT: an address is beyond what the IOMMU can hold. "
		"EINVAL, with addresses and size aligned: neither reading nor writing was asked "
		"for, or the domain is not one that maps pages. "
		"These facts decide: the error, whether addresses and size are aligned, and "
		"whether the call came from within the DMA API, whose callers pass neither flags "
		"nor I/O addresses.",
		"Mapped already: somebody did not unmap, or two share the domain. "
		"Out of range: respect the domain's geometry, and the address width of the IOMMU. "
		"No memory: call iommu_map() where it may sleep; the DMA API does not sleep for "
		"it, so hold fewer mappings.",
		"look at what the caller maps, and into the kernel's log",
	},
	[FINDING_ATOMIC_POOL_EXHAUSTED] = {
		"atomic-pool-exhausted", SEVERITY_ERROR,
		"an allocation that must not sleep found the atomic pool empty",
		"For a device that is not coherent, and in encrypted guests, memory has to be "
		"remapped or shared before use, which sleeps. "
		"Callers that must not sleep get theirs from a pool made at boot, of 128 KiB for "
		"each GiB of memory. "
		"It grows in the background, too late for a burst.",
		"The allocation asked the pool, which had nothing that fits. "
		"These facts decide the remedy: the sizes of the pools, and the page allocator's "
		"largest piece, which no pool exceeds at boot.",
		"Allocate with GFP_KERNEL where sleeping is allowed, or at probe time. "
		"Else enlarge the pool with coherent_pool=SIZE, up to the page allocator's "
		"largest piece.",
		"allocate with GFP_KERNEL, or at probe time",
	},
	[FINDING_CMA_FALLBACK] = {
		"cma-fallback", SEVERITY_INFO,
		"the contiguous memory area was full, and other pages were taken",
		"Allocations larger than a page are taken from the contiguous memory area, where "
		"the kernel has one. "
		"If that has no free range of the size, the kernel takes pages from elsewhere, in "
		"one piece as well. "
		"Such pieces get rare as memory fragments, and then allocations fail.",
		"cma_alloc() returned nothing, the allocation succeeded all the same, and the "
		"machine has an area. "
		"These facts decide: whether there is an area, and of which name; cma=SIZE sets "
		"the size of the one that all devices share, not of a device's own.",
		"Allocations at probe time, in smaller pieces, find room more easily. "
		"Enlarge the area with cma=SIZE, or look for what keeps it: 'dmatrace live' "
		"follows allocations. "
		"The area of a single device is enlarged in the device tree.",
		"allocate at probe time, or in smaller pieces",
	},
	[FINDING_IOVA_PRESSURE] = {
		"iova-pressure", SEVERITY_WARNING,
		"I/O addresses are hard to come by: searched for in a tree, or not to be had",
		"A buffer mapped behind an IOMMU gets a range of I/O addresses. "
		"Ranges of up to 32 pages come from caches of each CPU, the rcaches; larger ones, "
		"and those the caches do not have, are searched for in a tree under one lock, "
		"which takes longer the more is mapped. "
		"When nothing is left below the device's mask, mapping fails.",
		"'dmatrace iommu' watches the allocator. "
		"At least 1000 ranges, and a tenth of all, were searched for in the tree, and "
		"that took more than a hundredth of one CPU; or a range was not to be had. "
		"A first try below 4 GiB that found nothing is none, as the kernel tries again "
		"above. "
		"These facts decide: the number, size and path of searches and their time; and, "
		"of a range that was not to be had, the lowest of the device's mask, the limit of "
		"its bus and the address width of the IOMMU.",
		"Too large: map in pieces of at most 128 KiB (32 pages), see "
		"dma_opt_mapping_size(), or map once and reuse. "
		"Not in the rcaches: hold fewer mappings at a time, or unmap on the CPU that "
		"maps. "
		"Not to be had: look with 'dmatrace live' for mappings that are not undone, or "
		"raise the device's mask where that is the limit.",
		"hold fewer mappings at a time, or reuse them",
	},
	[FINDING_STRICT_FLUSH_COST] = {
		"strict-flush-cost", SEVERITY_INFO,
		"most of the time of an unmap is spent waiting for the IOMMU to forget",
		"In a strict domain each unmap waits until the IOMMU has dropped the translation "
		"from its caches. "
		"A lazy domain collects them, at the price of a window in which the device still "
		"reaches the memory.",
		"'dmatrace iommu' watches the flush itself: of the time of all unmaps and frees "
		"it has more than half, and of one CPU more than a hundredth. "
		"Elsewhere it is estimated: of the median unmap, the page tables' part "
		"(iommu_unmap) is taken off, and what mapping costs besides its page tables, "
		"which is managing I/O addresses; what is left is held against the same bounds. "
		"These facts decide: the type of the domain, the latencies, the command line, "
		"whether the device can be removed, whose IOMMU it is, and whether the kernel "
		"lets a single domain be lazy.",
		"If the device may be trusted, let its domain be lazy: boot without what asks for "
		"strict invalidation, or with iommu.strict=0, or, since 5.15, write DMA-FQ to "
		"iommu_group/type in sysfs. "
		"In a virtual machine Intel's driver is strict whatever iommu.strict=0 says. "
		"If not, map fewer and larger buffers, or reuse mappings.",
		"map fewer and larger buffers, or reuse mappings",
	},
	[FINDING_MASK_TOO_NARROW] = {
		"mask-too-narrow", SEVERITY_INFO,
		"memory reaches further than the device does",
		"The machine has memory above the device's DMA mask, and no IOMMU translates for "
		"it. "
		"Any buffer it is given may lie there; it is then bounced, or fails if there is "
		"no pool.",
		"The mask, as sysfs shows it at the end of the run, is held against the highest "
		"memory in /proc/zoneinfo, for devices that mapped something. "
		"These facts decide: the mask, the limit of the bus, the highest memory, whether "
		"there is a swiotlb, and whether an IOMMU translates for the device, passes its "
		"addresses through, serves other devices only, was turned off on the command "
		"line, or is absent.",
		"Many drivers never ask for more than the 32 bits they begin with: "
		"dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)). "
		"If the bus ends below memory, correct dma-ranges or _DMA if it carries more. "
		"If its IOMMU passes addresses through, let it translate, see bounce-mask.",
		"give the device memory that it reaches",
	},
	[FINDING_NOTHING_SEEN] = {
		"nothing-seen", SEVERITY_INFO,
		"no call was seen, and none could come",
		"A virtio device without VIRTIO_F_ACCESS_PLATFORM, as most virtual machines have "
		"them, hands physical addresses to its host and never calls the DMA API. "
		"A device without a driver does not, either. "
		"Where all devices are of these kinds, there is nothing to trace.",
		"No call was counted, and sysfs shows for every device why it makes none; or "
		"calls were counted, and the filter left all of them out. "
		"These facts decide: whether each device has a driver, is a bridge, belongs to "
		"VFIO or bypasses the DMA API, and the filter.",
		"Let virtio devices offer the feature (QEMU: iommu_platform=on, which takes a "
		"guest that knows it), load drivers, or trace another machine.",
		"give virtio devices VIRTIO_F_ACCESS_PLATFORM (QEMU: iommu_platform=on)",
	},
	[FINDING_DATA_INCOMPLETE] = {
		"data-incomplete", SEVERITY_WARNING,
		"something escaped the counters, so that numbers are too low",
		"Calls were missed or not counted in full, or a function that exists could not be "
		"watched. "
		"Findings that need what is missing are not raised.",
		"A loss counter other than events_lost is not zero, or a hook that was asked for "
		"is off, though this kernel has the function. "
		"These facts decide: the loss counters, and of each hook whether it was asked "
		"for, is on, and could be.",
		"'dmatrace hooks' says why a hook is off. "
		"Each loss is explained in dmatrace-stat(1). "
		"Watching less, with --layers or --op, loses less.",
		"'dmatrace hooks' says why hooks are off, dmatrace-stat(1) what losses are",
	},
};

const struct finding_kind *finding_kind(const char *id)
{
	for (int i = 0; i < FINDING_MAX; i++)
		if (!strcmp(finding_kinds[i].id, id))
			return &finding_kinds[i];
	return NULL;
}
