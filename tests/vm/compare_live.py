#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Does what the case `live` says of single mappings, lifetimes and losses agree with the oracle
# module?  Run where its files are; named is KERNEL-IOMMU.
import collections
import json
import os
import sys

from comparing import check, expect, finish

# there its mappings are left out, but not its allocations
only_allocs = sys.argv[1] == "7.x-none"


def read(name):
    report = json.load(open(name + ".json"))
    lost = {k: v for k, v in report["losses"].items() if v and k != "missed"}
    lines = [line.split() for line in open(name + ".oracle")]
    return report, lost, lines


def held(lines):
    """What the module has, in the order it was made."""
    found = [(w[1], int(w[2], 16), int(w[3], 16), int(w[4], 16), int(w[5]), w[6])
             for w in lines if w[0] == "held"]
    return [h for h in reversed(found) if h[0] == "alloc" or not only_allocs]


def made(lines, op):
    return sum(int(w[2]) for w in lines if w[0] == op)


def info(lines, name):
    return sum(int(w[2]) for w in lines if w[:2] == ["info", name])


def compare_each():
    report, lost, lines = read("each")
    truth = held(lines)
    expect("each: losses", lost, {})
    expect("each: held", len(truth), 3 if only_allocs else 8)
    rows = [(m["op"], m["address"], m["phys"] or 0, m["virt"], m["size"], m["direction"])
            for m in report["mappings"]]
    expect("each", rows, truth[:6])
    expect("each: not shown", report["mappings_not_shown"], len(truth[6:]))
    ages = [m["age_ns"] for m in report["mappings"]]
    check("each: not the oldest first", ages == sorted(ages, reverse=True))
    expect("each: ages", sum(a["age"]["count"] for a in report["ages"]), len(truth))
    oldest = max(a["age"]["max_ns"] for a in report["ages"])
    expect("each: oldest", ages[0], oldest)
    check("each: older than the run", 0 < oldest <= report["duration_ns"])


def site(frames):
    """How many frames there are up to the module's innermost, which called."""
    return next((i for i, name in enumerate(frames) if "[dmt_oracle]" in name), -1) + 1


def ways_rows(name):
    return sorted([r["op"], r["count"], r["stack"]]
                  for r in json.load(open("ways%s.json" % name))["live"])


def compare_ways():
    """
    Who called is in the second frame, though functions of the DMA layer may be between.  Where
    another tracer has taken its place, the whole path is there; up to 5.10 that tracer's kretprobe
    is where it ends.
    """
    taken = " watched", "alloc"
    old = sys.argv[1].startswith("5.10-")
    truth = ways_rows("--stack")
    found = collections.Counter()
    for op, count, frames in truth:
        found[op] += count
        check("call path: %s" % frames, site(frames) > 1 and len(frames) > 5)
    expect("held", found, {"alloc": 3} if only_allocs else {"alloc": 3, "map": 5, "map_sg": 2})
    for way in ["", "-w kprobe", " timed", " watched"]:
        rows = ways_rows(way)
        expect("by '%s'" % way, rows,
               [[op, count, (frames[:1] if old else frames) if (way, op) == taken else
                 [frames[0], frames[site(frames) - 1]]] for op, count, frames in truth])
    if os.path.exists("ways-w tracepoint.json"):
        expect("by tracepoints", sorted(frames[site(frames) - 1]
                                        for op, count, frames in ways_rows("-w tracepoint")),
               sorted(frames[site(frames) - 1] for op, count, frames in truth))


def compare_lives():
    report, lost, lines = read("lives")
    expect("lives: losses", lost, {})
    rows = {r["op"]: r for r in report["lifetimes"]}
    ops = {"alloc": (20, 3)} | ({} if only_allocs else {"map": (40, 5)})
    expect("lives: operations", set(rows), set(ops))
    for op, (known, unseen) in ops.items():
        expect("lives: %s" % op, (rows[op]["given_back"], rows[op]["lifetime"]["count"],
                                  rows[op]["unseen"], rows[op]["shared"]),
               (known, known, unseen, 0))
        check("lives: %s shorter than 0.3 s" % op, rows[op]["lifetime"]["p50_ns"] > 280000000)
    total = sum(r["lifetime"]["sum_ns"] for r in rows.values())
    if not only_allocs:
        check("lives: %d ns" % total,
              info(lines, "held_least_ns") <= total <= info(lines, "held_most_ns"))
    expect("lives: live", report["live"], [])


def compare_small():
    """A table for 100, of 150 and of 130: lost is what was made and not kept."""
    report, lost, lines = read("small")
    kept = sum(r["count"] for r in report["live"])
    row, = report["lifetimes"]
    allocs, frees = made(lines, "alloc"), made(lines, "free")
    expect("small: made", (allocs, frees), (280, 150))
    expect("small: kept", kept, 100)
    expect("small: lifetimes", row["given_back"], 100)
    expect("small: lost", lost, {"held_full": allocs - kept - row["given_back"]})
    expect("small: unseen", row["unseen"], frees - row["given_back"])


def compare_sampled():
    """All of them, and of a tenth the call path: 100, with a standard deviation of 9.5."""
    report = json.load(open("sampled.json"))
    expect("sampled: sample", report["sample"], 10)
    expect("sampled: live", sum(r["count"] for r in report["live"]), 1000)
    known = sum(r["count"] for r in report["live"] if len(r["stack"]) > 2)
    check("sampled: %d call paths" % known, 50 <= known <= 150)
    expect("sampled: callers", len({tuple(r["stack"][:2]) for r in report["live"]}), 1)


compare_each()
compare_ways()
compare_lives()
compare_small()
compare_sampled()
finish()
