#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Does a report of dmatrace agree with the oracle module, to the last call and byte, and with
# the kernel's own kprobe counts, function by function?
#
#	compare.py STAT.json ORACLE [KPROBES]
import json
import sys

from comparing import HARD_BYTES, bad, expect, finish, oracle_calls

# The module counts its own direct calls of these; dmatrace shows all, the DMA API's included.
CORE = {"iommu_map", "iommu_unmap"}
INNER = {"bounce", "bounce_copy", "iommu_alloc", "pgtable_map"}


def not_there(path):
    """Operations this kernel is too old for, as the module found."""
    lines = [line.split() for line in open(path)]
    return {words[1] for words in lines
            if words[0] == "unsupported" and words[2:4] == ["kernel", "before"]}


def totals(stat):
    mine = {}
    for a in stat["aggregates"]:
        if a["op"] in INNER or (a["op"] in CORE and a["device"] is not None):
            continue
        key = a["op"], a["direction"]
        old = mine.get(key, (0, 0, 0))
        mine[key] = (old[0] + a["calls"], old[1] + (a["errors"] or 0), old[2] + a["bytes"])
    return mine


def missed(stat, op):
    return sum(h["missed"] or 0 for h in stat["hooks"] if h["op"] == op and h["status"] == "on")


def blind(stat, op):
    return any(h["op"] == op and "successful calls only" in (h["reason"] or "")
               for h in stat["hooks"])


def compare_op(stat, op, truth, mine):
    """Equal by direction; what hard interrupts lost is known, and only theirs."""
    lost = missed(stat, op)
    # calls of the DMA API whose own entry an interrupt hid: their iommu_map has no device
    strays = stat["losses"]["latency_lost"] + stat["losses"]["missed"] if op in CORE else 0
    short = 0
    for direction in ("bidirectional", "to_device", "from_device", "none"):
        want = truth.get((op, direction), (0, 0, 0))
        got = mine.get((op, direction), (0, 0, 0))
        if blind(stat, op):
            want = (want[0] - want[1], 0, want[2])
        # a failing iommu_map takes back the nothing it mapped: 7.x calls for 0 bytes too
        extra = sum(truth.get(("iommu_map", d), (0, 0, 0))[1]
                    for d in ("bidirectional", "to_device", "from_device", "none")
                    ) if op == "iommu_unmap" else 0
        if strays and 0 <= got[0] - want[0] <= strays + extra:
            continue
        if 0 <= got[0] - want[0] <= extra:
            got = (want[0],) + got[1:]
        gone = want[0] - got[0]
        if 0 < gone <= lost and direction == "to_device":
            short += gone
            want = (got[0], want[1], want[2] - gone * HARD_BYTES)
        expect("%s %s calls, errors, bytes" % (op, direction), got, want)
    if op not in CORE:
        expect("%s calls known missed" % op, lost, short)


def compare_errors(stat):
    for a in stat["aggregates"]:
        if a["errors"] is not None:
            expect("%s %s error values" % (a["op"], a["direction"]),
                   sum(v["count"] for v in a["error_values"]), a["errors"])
        expect("%s size count" % a["op"], a["size"]["count"], a["calls"] - (a["errors"] or 0))
        expect("%s size sum" % a["op"], a["size"]["sum_bytes"], a["bytes"])
        if a["latency"]:
            expect("%s latency buckets" % a["op"],
                   sum(b["count"] for b in a["latency"]["buckets"]), a["latency"]["count"])


def only_marks(h):
    """A hook that counts nothing: it notes something about the call around it."""
    return h["calls"] is None and any(
        words in (h["reason"] or "") for words in ("tells the path of", "needed for"))


def compare_kprobes(stat, path):
    truth = {}
    for line in open(path):
        name, hits, misses = line.split()
        truth[name] = int(hits) + int(misses)
    mine = {}
    for h in stat["hooks"]:
        if h["status"] == "on" and not only_marks(h):
            mine[h["target"]] = mine.get(h["target"], 0) + h["calls"] + (h["missed"] or 0)
    for target in sorted(mine):
        expect("function %s" % target, mine[target], truth.get(target))


def compare_off(stat, unsupported):
    for op in sorted({h["op"] for h in stat["hooks"]}):
        states = [h for h in stat["hooks"] if h["op"] == op]
        for h in states:
            if h["status"] == "off" and not h["reason"]:
                bad.append("%s is off without a reason" % op)
        # what the module cannot do on this kernel, dmatrace cannot see there
        if op in unsupported - CORE and any(h["status"] == "on" for h in states):
            bad.append("%s is on, but this kernel has no such call" % op)


def main():
    stat = json.load(open(sys.argv[1]))
    truth = oracle_calls(sys.argv[2])
    if not truth:
        sys.exit("the oracle made no call")
    on = {h["op"] for h in stat["hooks"] if h["status"] == "on" and not only_marks(h)}
    mine = totals(stat)
    for op in sorted({op for op, _ in truth} | {op for op, _ in mine}):
        if op in on:
            compare_op(stat, op, truth, mine)
        elif any(k[0] == op for k in mine):
            bad.append("%s is off, but counted" % op)
    compare_errors(stat)
    compare_off(stat, not_there(sys.argv[2]))
    if len(sys.argv) > 3:
        compare_kprobes(stat, sys.argv[3])
    for name in ("accounts_full", "devices_full", "nested_too_deep", "sg_truncated",
                 "error_values_full"):
        expect("loss " + name, stat["losses"][name], 0)
    finish()


main()
