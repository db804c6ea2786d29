#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Do the I/O addresses, flushes and MSIs dmatrace has seen agree with the oracle module, which makes
# one mapping a call, and function by function with the kernel's own kprobe counts?
#
#	compare_iommu.py STAT.json ORACLE KPROBES ABOVE strict|lazy|unseen
#
# ABOVE: ranges of more than 32 pages the module asked for.  unseen: lazy, and ranges come back by a
# function that the compiler has put into another.
import json
import sys

from comparing import expect, finish

TAKES = {"map", "map_sg", "alloc"}
GIVES = {"unmap", "unmap_sg", "free"}

stat = json.load(open(sys.argv[1]))
calls, bytes_ = {}, {}
for line in open(sys.argv[2]):
    words = line.split()
    if words[0] in TAKES | GIVES:
        calls[words[0]] = calls.get(words[0], 0) + int(words[2])
        bytes_[words[0]] = bytes_.get(words[0], 0) + int(words[4])
hits = {}
for line in open(sys.argv[3]):
    name, hit, missed = line.split()
    hits[name] = int(hit) + int(missed)


def seen(op, what, paths=None, driver=None):
    return sum(a[what] or 0 for a in stat["aggregates"] if a["op"] == op and
               (not paths or a["path"] in paths) and (not driver or a["driver"] == driver))


def total(names, of):
    return sum(of.get(name, 0) for name in names)


MINE = {"driver": "dmt_oracle"}
SERVED = {"rcache", "rcache_miss", "above_rcache"}
asked = seen("iova_fast_alloc", "calls", SERVED, **MINE)
expect("ranges asked for", asked, total(TAKES, calls))
expect("their bytes", seen("iova_fast_alloc", "bytes", **MINE), total(TAKES, bytes_))
back = set() if sys.argv[5] == "unseen" else GIVES
expect("ranges given back", seen("iova_fast_free", "calls", **MINE), total(back, calls))
expect("bytes given back", seen("iova_fast_free", "bytes", **MINE), total(back, bytes_))
expect("ranges above the rcache", seen("iova_fast_alloc", "calls", {"above_rcache"}, **MINE),
       int(sys.argv[4]))
expect("failures", seen("iova_fast_alloc", "errors"), 0)
expect("ranges without a known path", seen("iova_fast_alloc", "calls", {"unknown"}), 0)
expect("searches of the tree", seen("iova_fast_alloc", "calls",
       {"rcache_miss", "above_rcache", "retried"}), hits.get("alloc_iova"))
if sys.argv[5] == "strict":
    # one of each unmap, and of free
    expect("flushes of unmaps", seen("iotlb_sync", "calls", **MINE), total(GIVES, calls))
    expect("bytes flushed", seen("iotlb_sync", "bytes", **MINE) >= total(GIVES, bytes_), True)
    expect("flushes of queues", seen("iotlb_flush", "calls"), 0)
else:
    expect("flushes of unmaps", seen("iotlb_sync", "calls", **MINE), 0)
    expect("flushes of queues, by the device", seen("iotlb_flush", "calls", **MINE) > 0, True)
for h in stat["hooks"]:
    if h["status"] == "on" and h["calls"] is not None and h["calls"] + (h["missed"] or 0):
        expect(f"function {h['target']}", h["calls"] + (h["missed"] or 0), hits.get(h["target"]))
lost = {name: n for name, n in stat["losses"].items() if n}
expect("losses", lost, {})
finish()
print(f"{asked} ranges, {seen('msi_map', 'calls')} MSIs, "
      f"{seen('iotlb_sync', 'calls')} and {seen('iotlb_flush', 'calls')} flushes")
