#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Nested calls: did any sample join two of them?  The module's clock runs around each call, so
# ours, inside, sees no more: neither in the longest nor in sum.
#
#	compare_nest.py STAT.json ORACLE
import json
import sys

from comparing import bad, finish

stat = json.load(open(sys.argv[1]))
lines = [line.split() for line in open(sys.argv[2])]
info = {words[1]: int(words[2]) for words in lines if words[1].startswith("nest_")}
made = {op: sum(int(words[2]) for words in lines if words[0] == op) for op in ("map", "unmap")}
side = {"to_device": "hard", "from_device": "task"}
samples = 0
spent = {}
for a in stat["aggregates"]:
    if a["op"] not in ("map", "unmap"):
        continue
    what = "nest_%s_%s" % (side[a["direction"]], a["op"])
    latency = a["latency"]
    samples += latency["count"]
    if latency["count"] > a["calls"]:
        bad.append("%s: %d samples of %d calls" % (what, latency["count"], a["calls"]))
    # a side's calls come in several rows, one for each path
    longest, total = spent.get(what, (0, 0))
    spent[what] = max(longest, latency["max_ns"] or 0), total + latency["sum_ns"]
for what in spent:
    for ours, name in zip(spent[what], ("_max_ns", "_sum_ns")):
        if not 0 < ours <= info[what + name]:
            bad.append("%s%s: %d, module %d" % (what, name, ours, info[what + name]))
calls = {op: sum(a["calls"] for a in stat["aggregates"] if a["op"] == op)
         for op in ("map", "unmap")}
missed = {op: sum(h["missed"] or 0 for h in stat["hooks"] if h["op"] == op) for op in calls}
for op in calls:
    if calls[op] + missed[op] != made[op]:
        bad.append("%s: %d calls + %d missed, %d made" % (op, calls[op], missed[op], made[op]))
lost = stat["losses"]["latency_lost"]
if samples + lost != sum(calls.values()) and not any(
        a["op"] in ("iommu_map", "iommu_unmap", "pgtable_map") for a in stat["aggregates"]):
    bad.append("%d samples, %d lost, %d calls" % (samples, lost, sum(calls.values())))
# How many is up to the emulator, but without any nothing above says much.
if not info.get("nest_inside"):
    bad.append("no call of the timer came inside one of the task")
print("calls %s missed %s latency lost %d nested %d" %
      (calls, missed, lost, info.get("nest_inside", 0)))
finish()
