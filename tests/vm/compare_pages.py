#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Are pages by size those that page tables were asked for, and is what is inside each operation's
# calls what the oracle module made of them?
#
#	compare_pages.py STAT.json IOMMU.json STEPS EVENTS OVERRUNS
#
# EVENTS are lines of the kernel's trace buffer, one for each call of the function that writes page
# tables, with the arguments pgsize and pgcount, or length.
import collections
import json
import re
import sys

from comparing import bad, expect, finish, number

PAGE = 4096


def steps(path):
    """Calls by operation and the bytes an IOMMU maps for them."""
    calls, octets = collections.Counter(), collections.Counter()
    for line in open(path):
        words = line.split()
        n = int(words[1])
        size = number(words[2]) if len(words) > 2 else PAGE
        if words[0] == "sg":
            size *= number(words[3])
        op = {"alloc_contiguous": "alloc", "sg": "map_sg", "resource": "map_resource",
              "iova": "iova_link", "iommu": None}.get(words[0], words[0])
        calls[op] += n
        octets[op] += n * -(-size // PAGE) * PAGE
    return calls, octets


def events(path):
    """Calls and bytes by page size; None where only the length is an argument."""
    calls, octets = collections.Counter(), collections.Counter()
    for line in open(path):
        args = {k: int(v, 16) for k, v in re.findall(r"(\w+)=(0x[0-9a-f]+)", line)}
        if "length" in args:
            # 5.10's counts 4K pages
            size = args["length"] * (PAGE if args["length"] < PAGE else 1)
            key = PAGE if size == PAGE else None
        else:
            key = args["pgsize"]
            size = key * args.get("pgcount", 1)
        calls[key] += 1
        octets[key] += size
    return calls, octets


def sums(rows, op, key):
    calls, octets = collections.Counter(), collections.Counter()
    for a in rows:
        if a["op"] == op:
            calls[a[key]] += a["calls"]
            octets[a[key]] += a["bytes"]
    return calls, octets


def check_pages(stat, path):
    want, got = events(path), sums(stat["aggregates"], "pgtable_map", "page_size")
    if not want[0]:
        sys.exit("no page was mapped")
    expect("calls by page size", got[0], want[0])
    expect("bytes by page size", got[1], want[1])
    sized = {size for size in want[0] if size}
    if None not in want[0] and not {PAGE, 2 << 20} <= sized:
        bad.append("page sizes are only %s" % sorted(sized))
    table = collections.Counter(), collections.Counter()
    for row in stat["iommu_pages"]:
        table[0][row["page_size"]] += row["calls"]
        table[1][row["page_size"]] += row["bytes"]
        size = row["page_size"]
        expect("pages of %s" % size, row["pages"], row["bytes"] // size if size else None)
    expect("table of pages", table, got)
    return want[0]


def check_within(stat, calls, octets):
    """Calls of whoever maps for the IOMMU, by the module's call around them."""
    mapper = "iommu_map"
    got = sums(stat["aggregates"], mapper, "within")
    if not set(got[0]) - {None}:
        # VT-d on 5.10 has no iommu_map but for others than the DMA API
        mapper = "pgtable_map"
        got = sums(stat["aggregates"], mapper, "within")
        got[0][None], got[1][None] = got[0].pop("iommu_map"), got[1].pop("iommu_map")
    for counter in got:
        counter["alloc"] += counter.pop("iommu_alloc", 0)
    expect("%s by the call around" % mapper, got[0], calls)
    expect("bytes of %s by the call around" % mapper, got[1], octets)
    for a in stat["aggregates"]:
        if a["op"] not in ("iommu_map", "pgtable_map") and a["within"] is not None:
            bad.append("%s is within %s" % (a["op"], a["within"]))


def check_split(stat, calls):
    rows = {row["op"]: row for row in stat["latency_split"]}
    expect("operations split", set(rows), {op for op in calls if op})
    for op, row in rows.items():
        whole = sum(a["latency"]["sum_ns"] for a in stat["aggregates"] if a["op"] == op)
        expect("%s calls" % op, row["calls"], calls[op])
        expect("%s ns" % op, row["ns"], whole)
        expect("maps inside %s" % op, row["page_table_calls"], calls[op])
        if not 0 < row["page_table_ns"] <= row["ns"]:
            bad.append("%s: %s ns of %s" % (op, row["page_table_ns"], row["ns"]))
        expect("%s parts" % op, row["page_table_ns"] + (row["rest_ns"] or 0), row["ns"])
        expect("%s: I/O addresses that nobody watched" % op, row["iova_ns"], None)
        share = row["page_table_share"] + row["rest_share"]
        if abs(row["page_table_share"] - row["page_table_ns"] / row["ns"]) > 0.0051 or \
                not 0.99 <= share <= 1.01:
            bad.append("%s shares %s" % (op, row))


def check_iova(iommu, calls):
    """
    Where I/O addresses are watched they are a part as well: one range a call.  Which of them are
    for resources nobody can say where one function maps both.
    """
    rows = {row["op"]: row for row in iommu["latency_split"]}
    # the two-step API takes a range first, and then maps into it
    ranges = {op: 0 if op == "iova_link" else n for op, n in calls.items() if op}
    if "iova_link" in calls:
        ranges["iova_alloc"] = calls["iova_link"]
    targets = {h["op"]: h["target"] for h in iommu["hooks"]}
    if targets["map"] == targets["map_resource"]:
        ranges["map"] = ranges["map_resource"] = None
    expect("ranges of I/O addresses", {op: row["iova_calls"] for op, row in rows.items()}, ranges)
    for op, row in rows.items():
        parts = row["page_table_ns"] + (row["iova_ns"] or 0) + row["rest_ns"]
        expect("%s: page tables, I/O addresses, rest" % op, parts, row["ns"])
        if bool(row["iova_ns"]) != bool(row["iova_calls"]):
            bad.append("%s: %s" % (op, row))


def main():
    stat, iommu = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
    calls, octets = steps(sys.argv[3])
    if any(int(line) for line in open(sys.argv[5])):
        sys.exit("the trace buffer overran")
    made = check_pages(stat, sys.argv[4])
    check_within(stat, calls, octets)
    check_split(stat, calls)
    check_iova(iommu, calls)
    per_map = sum(row["calls_per_map"] or 0 for row in stat["iommu_pages"] if row["device"])
    maps = sum(a["calls"] for a in stat["aggregates"] if a["op"] == "iommu_map" and a["device"])
    inside = sum(a["calls"] for a in stat["aggregates"]
                 if a["op"] == "pgtable_map" and a["device"] and a["within"] == "iommu_map")
    if maps and abs(per_map - inside / maps) > 0.02:
        bad.append("%s calls for each iommu_map, of %d for %d" % (per_map, inside, maps))
    finish()
    print("calls by page size: %s" % dict(made))


main()
