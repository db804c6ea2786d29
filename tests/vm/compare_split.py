#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Were the parts of allocations seen as often as the paths they took have them, and are they with
# the rest the whole?
#
#	compare_split.py STAT.json STEPS pages|cma
#
# A line of STEPS is COMMAND : PATH.  The last word says where more than a page in a row comes from.
import collections
import json
import sys

from comparing import bad, expect, finish, number

PAGE = 4096
SLABS = 4	# pages that the kernel's own structures, of I/O addresses or of areas, may take


def parts_of(path, size, contiguous):
    """The parts each allocation has; behind an IOMMU pages need not be in a row."""
    where = contiguous if size > PAGE else "pages"
    return {"direct_pages": {"pages"}, "direct_cma": {"cma"}, "direct_remap": {"pages", "remap"},
            "direct_cma_remap": {"cma", "remap"},
            "atomic_pool": set(), "iommu_pool": set(), "iommu_contiguous": {where},
            "iommu_remap": {"pages", "remap"}}[path]


def main():
    stat, contiguous = json.load(open(sys.argv[1])), sys.argv[3]
    want, more = collections.defaultdict(collections.Counter), collections.Counter()
    for line in open(sys.argv[2]):
        command, path = (half.split() for half in line.split(":"))
        n, size = int(command[1]), number(command[2])
        for part in parts_of(path[0], size, contiguous):
            want[command[0]][part] += n
        if path[0] == "iommu_remap":
            more[command[0]] += 2 * (n * size // PAGE - n)
        if path[0].startswith("iommu") or path[0].endswith("_remap"):
            more[command[0]] += SLABS
    rows = {row["op"]: row for row in stat["latency_split"] if row["driver"] == "dmt_oracle"}
    expect("operations split", set(rows), set(want))
    for op, row in rows.items():
        print(row)
        for part in ("pages", "cma", "remap"):
            got, least = row[part + "_calls"] or 0, want[op][part]
            # pieces of what is remapped are of any size, and lists of them take pages, too
            most = least + more[op] if part == "pages" else least
            if not least <= got <= most:
                bad.append("%s: %d times %s, not %d to %d" % (op, got, part, least, most))
            if bool(row[part + "_ns"]) != bool(got):
                bad.append("%s: %s ns of %s" % (op, row[part + "_ns"], part))
        parts = sum(row[part + "_ns"] or 0 for part in
                    ("page_table", "iova", "pages", "cma", "remap", "rest"))
        expect("%s parts" % op, parts, row["ns"])
        if not row["rest_ns"]:
            bad.append("%s: no rest" % op)
    finish()


main()
