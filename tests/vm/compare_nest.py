#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Nested calls: did any sample join two of them?  The module's clock runs around each call, so
# ours, inside, sees no more: neither in the longest nor in sum.
#
#	compare_nest.py STAT.json ORACLE
import json
import sys

stat = json.load(open(sys.argv[1]))
info = dict(line.split()[1:3] for line in open(sys.argv[2]) if line.startswith("info "))
side = {"to_device": "hard", "from_device": "task"}
bad = []
samples = 0
for a in stat["aggregates"]:
    if a["op"] not in ("map", "unmap"):
        continue
    what = "nest_%s_%s" % (side[a["direction"]], a["op"])
    latency = a["latency"]
    samples += latency["count"]
    for ours, theirs in (("max_ns", "_max_ns"), ("sum_ns", "_sum_ns")):
        if not 0 < latency[ours] <= int(info[what + theirs]):
            bad.append("%s: %s %s, module %s" % (what, ours, latency[ours], info[what + theirs]))
    if latency["count"] > a["calls"]:
        bad.append("%s: %d samples of %d calls" % (what, latency["count"], a["calls"]))
calls = {op: sum(a["calls"] for a in stat["aggregates"] if a["op"] == op)
         for op in ("map", "unmap")}
missed = {op: sum(h["missed"] or 0 for h in stat["hooks"] if h["op"] == op) for op in calls}
for op in calls:
    if calls[op] + missed[op] != 23000:
        bad.append("%s: %d calls + %d missed, 23000 made" % (op, calls[op], missed[op]))
lost = stat["losses"]["latency_lost"]
if samples + lost != sum(calls.values()) and not any(
        a["op"] in ("iommu_map", "iommu_unmap", "pgtable_map") for a in stat["aggregates"]):
    bad.append("%d samples, %d lost, %d calls" % (samples, lost, sum(calls.values())))
# How many really nested is up to the emulator: a boot may keep timer and task out of each other's
# way.  The counts above hold either way; most cells have thousands.
nested = info.get("nest_inside", "0")
print("calls %s missed %s latency lost %d nested %s" % (calls, missed, lost, nested))
if bad:
    print("\n".join(bad))
    sys.exit(1)
