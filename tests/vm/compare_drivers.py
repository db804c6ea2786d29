#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Does a report of dmatrace agree with what the kernel's own tracing saw of the same time?  Knows
# how trace files read; what was done meanwhile is the case's business.
#
#	compare_drivers.py STAT.json TRACE KPROBE_PROFILE [DRIVER OP,... BYTES]...
#
# DRIVER must have done at least BYTES by these operations together.
import collections
import json
import re
import sys

EVENTS = {
    "dma_map_page": "map", "dma_map_phys": "map", "dma_map_resource": "map_resource",
    "dma_unmap_page": "unmap", "dma_unmap_phys": "unmap", "dma_unmap_resource": "unmap_resource",
    "dma_map_sg": "map_sg", "dma_map_sg_err": "map_sg", "dma_unmap_sg": "unmap_sg",
    "dma_alloc": "alloc", "dma_alloc_pages": "alloc_pages", "dma_alloc_sgt": "alloc_noncontiguous",
    "dma_free": "free", "dma_free_pages": "free_pages", "dma_free_sgt": "free_noncontiguous",
    "dma_sync_single_for_cpu": "sync_cpu", "dma_sync_sg_for_cpu": "sync_cpu",
    "dma_sync_single_for_device": "sync_device", "dma_sync_sg_for_device": "sync_device",
    "swiotlb_bounced": "bounce", "map": "iommu_map", "unmap": "iommu_unmap",
    "try_alloc": "iova_alloc", "link": "iova_link", "unlink": "iova_unlink",
    "destroy": "iova_free", "free": "iova_free",
}
LINE = re.compile(r"\s\d+\.\d+: (\w+): (.*)")
DEVICE = re.compile(r'(?:dev_name: |\(.*\) dev=")?([\w:.-]+)')
SIZE = re.compile(r"\bsize=(\d+)")
SIZES = re.compile(r"\bsizes=\{([^}]*)\}")
ERROR = re.compile(r"dma_addr=f{16}|virt_addr=0000000000000000|dma_map_sg_err")
IOVA_SIZE = ~(1 << 63)      # the top bit says that swiotlb is used
DIRECTED = {"map", "unmap", "map_sg", "unmap_sg", "map_resource", "unmap_resource"}
NO_DEVICE = {"iommu_map", "iommu_unmap"}
DIRECTIONS = ["bidirectional", "to_device", "from_device", "none"]


def key(op, device, direction):
    if op in NO_DEVICE:
        return op, "any", "any"
    return op, device, direction if op in DIRECTED else "any"


def size_of(text):
    many = SIZES.search(text)
    if many:
        return sum(int(size, 16) for size in many[1].split(",") if size)
    one = SIZE.search(text)
    if one:
        return 0 if "got=0" in text else int(one[1]) & IOVA_SIZE
    return None


def direction_of(text):
    found = re.search(r"dir=(\w+)", text)
    if not found:
        return None
    return DIRECTIONS[int(found[1])] if found[1].isdigit() else found[1].lower()


# By key: calls, errors, and bytes unless the events do not tell.
def traced(path):
    totals = collections.defaultdict(lambda: [0, 0, 0])
    for line in open(path):
        found = LINE.search(line)
        if not found:
            continue
        event, text = found.groups()
        op = EVENTS[event]
        if op in ("map", "unmap") and "MMIO" in text:
            op += "_resource"
        total = totals[key(op, DEVICE.match(text)[1], direction_of(text))]
        failed = bool(ERROR.search(text))
        size = 0 if failed else size_of(text)
        total[0] += 1
        total[1] += failed
        total[2] = None if size is None or total[2] is None else total[2] + size
    return totals


def reported(stat, ops):
    totals = collections.defaultdict(lambda: [0, 0, 0])
    for a in stat["aggregates"]:
        if a["op"] in ops:
            total = totals[key(a["op"], a["device"], a["direction"])]
            total[0] += a["calls"]
            total[1] += a["errors"] or 0
            total[2] += a["bytes"]
    return totals


# What either side could not look at, because an interrupt came while it was looking: by operation.
def missed(stat, profile):
    mine, theirs = collections.Counter(), collections.Counter()
    for hook in stat["hooks"]:
        mine[hook["op"]] += hook["missed"] or 0
    for line in open(profile):
        name, _hits, misses = line.split()
        theirs[EVENTS.get(name)] += int(misses)     # others than ours under None
    return mine, theirs


def differences(got, want, mine, theirs):
    for k in sorted(set(got) | set(want)):
        same = got[k] == want[k] or want[k][2] is None and got[k][:2] == want[k][:2]
        if not same and not mine[k[0]] and not theirs[k[0]]:
            yield "%s %s %s: calls, errors, bytes %s, traced %s" % (*k, got[k], want[k])
    for op in sorted(set(mine) | set(theirs), key=str):
        calls = sum(t[0] for k, t in got.items() if k[0] == op) + mine[op]
        truth = sum(t[0] for k, t in want.items() if k[0] == op) + theirs[op]
        if calls != truth:
            yield "%s: %d calls with those missed, traced %d" % (op, calls, truth)


def too_little(stat, driver, ops, least):
    done = sum(a["bytes"] for a in stat["aggregates"]
               if a["driver"] == driver and a["op"] in ops.split(","))
    if done < int(least):
        yield "%s %s: %d bytes, less than the %s transferred" % (driver, ops, done, least)


def main(stat, trace, profile, *least):
    stat = json.load(open(stat))
    on = {h["op"] for h in stat["hooks"] if h["status"] == "on"}
    want = traced(trace)
    mine, theirs = missed(stat, profile)
    ops = set(EVENTS.values()) & on
    for k in [k for k in want if k[0] not in ops]:
        print("not compared, as its hook is off:", *k, *want.pop(k))
    bad = list(differences(reported(stat, ops), want, *(
        collections.Counter({op: n for op, n in m.items() if op in ops}) for m in (mine, theirs))))
    bad += ["loss %s %d" % loss for loss in stat["losses"].items()
            if loss[1] and loss[0] != "missed"]
    for i in range(0, len(least), 3):
        bad += too_little(stat, *least[i:i + 3])
    for k in sorted(want):
        print("traced", *k, *want[k])
    if bad:
        print("\n".join(bad))
        sys.exit("; ".join(bad)[:300])


main(*sys.argv[1:])
