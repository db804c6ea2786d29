#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""compare_hist.py KERNEL-IOMMU: do the histograms of the case `hist` hold each call, byte and
lifetime that the oracle module counted?  Run where its files are."""
import json
import re
import sys

OPS = ("map", "unmap", "map_sg", "unmap_sg", "alloc", "free")
bad = []


def expect(what, got, want):
    if got != want:
        bad.append(f"{what}: {got}, not {want}")


def oracle(name):
    """Calls and bytes by operation and direction."""
    lines = [line.split() for line in open(name + ".oracle")]
    return {(w[0], w[1]): (int(w[2]), int(w[4])) for w in lines if w[0] in OPS}


def calls(truth):
    sums = {}
    for (op, _), (count, _) in truth.items():
        sums[op] = sums.get(op, 0) + count
    return {op: count for op, count in sums.items() if count}


def held(histogram):
    """All that is in the buckets; the sum says the same."""
    expect("buckets of a histogram", sum(b["count"] for b in histogram["buckets"]),
           histogram["count"])
    return histogram["count"]


def compare_json():
    rows = {h["op"]: h for h in json.load(open("json.live"))["histograms"]}
    want = calls(oracle("json"))
    expect("json: calls", {op: rows[op]["calls"] for op in OPS if op in rows}, want)
    expect("json: in rows", {op: held(rows[op]["latency"]) for op in OPS if op in rows}, want)


def compare_text():
    sums, op = {}, None
    for line in open("text.live"):
        title = re.match(r"op (\w+): ", line)
        op = title[1] if title else op
        row = re.match(r"\[ *[\d.a-z]+, +[\d.a-z]+\) +(\d+)( #+)?$", line)
        if row:
            sums[op] = sums.get(op, 0) + int(row[1])
            expect(f"text: a bar for {row[1]}", bool(row[2]), row[1] != "0")
    expect("text: in rows", {op: sums[op] for op in OPS if op in sums}, calls(oracle("text")))


def compare_size():
    rows = {(h["op"], h["direction"]): h["size"]
            for h in json.load(open("size.live"))["histograms"]}
    for key, (count, size) in oracle("size").items():
        if count:
            expect(f"size: {key}", (held(rows[key]), rows[key]["sum_bytes"]), (count, size))


def compare_lives():
    report = json.load(open("lives.live"))
    rows = {h["op"]: h for h in report["histograms"]}
    # there drivers need not unmap, and nothing is followed but allocations
    want = {"alloc": 20} if sys.argv[1] == "7.x-none" else {"map": 40, "alloc": 20}
    expect("lives", {op: held(h["lifetime"]) for op, h in rows.items()}, want)
    expect("lives: unseen, shared", {(h["unseen"], h["shared"]) for h in rows.values()},
           {(0, 0)})


compare_json()
compare_text()
compare_size()
compare_lives()
if bad:
    print("\n".join(bad[:20]))
    sys.exit(1)
