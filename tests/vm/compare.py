#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Does a report of dmatrace agree with the oracle module, to the last call and byte?
#
#	compare.py STAT.json ORACLE
import json
import sys

NESTED = {"bounce", "iommu_alloc", "iommu_map", "iommu_unmap", "pgtable_map"}


def oracle(path):
    truth, unsupported = {}, {}
    for line in open(path):
        words = line.split()
        if words[0] == "unsupported":
            unsupported[words[1]] = " ".join(words[2:])
        elif words[0] != "info":
            truth[words[0], words[1]] = tuple(map(int, words[2:5]))
    return truth, unsupported


def seen(stat, device):
    totals = {}
    for a in stat["aggregates"]:
        if a["op"] in NESTED:       # of these the module counts its own direct calls only
            if a["device"] is not None:
                continue
        elif a["device"] != device:
            continue
        key = a["op"], a["direction"]
        old = totals.get(key, (0, 0, 0))
        totals[key] = (old[0] + a["calls"], old[1] + (a["errors"] or 0), old[2] + a["bytes"])
    return totals


def main():
    stat = json.load(open(sys.argv[1]))
    truth, unsupported = oracle(sys.argv[2])
    device = next(a["device"] for a in stat["aggregates"] if a["driver"] == "dmt_oracle")
    mine = seen(stat, device)
    on = {h["op"] for h in stat["hooks"] if h["status"] == "on"}
    bad = []
    for key in sorted(set(truth) | set(mine)):
        if key[0] in NESTED - {"iommu_map", "iommu_unmap"}:
            continue
        want, got = truth.get(key, (0, 0, 0)), mine.get(key, (0, 0, 0))
        if key[0] not in on:
            continue
        if want != got:
            bad.append("%s %s: calls errors bytes %s, oracle %s" % (*key, got, want))
    for name, count in stat["losses"].items():
        if count:
            bad.append("loss %s %d" % (name, count))
    if bad:
        print("\n".join(bad))
        sys.exit("; ".join(bad)[:300])


main()
