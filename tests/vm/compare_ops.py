#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""compare_ops.py STAT.json ORACLE [DEVICES.json]: who maps for the module's device, how far it
reaches and which domain it is in, as its own struct device says it to the module."""
import json
import sys

DOMAINS = {0: "blocked", 1: "unmanaged", 3: "DMA", 4: "identity", 11: "DMA-FQ"}

info = {}
for line in open(sys.argv[2]):
    words = line.split()
    if words[0] == "info":
        info[words[1]] = words[2:]
device = info["device"][0]
domain = DOMAINS.get(int(info["domain_type"][0])) if "domain_type" in info else None


def mapper():
    if info["dma_iommu"] == ["1"]:
        return "iommu-dma"
    if info.get("restricted") == ["1"]:
        return "restricted"
    if "dma_ops" in info:
        ops, function = info["dma_ops"]
        if ops == "iommu_dma_ops" or function == "iommu_dma_map_page":
            return "iommu-dma"
        return function if ops.startswith("0x") else ops
    return "passthrough" if domain == "identity" else "direct"


def row_of(path):
    return next(d for d in json.load(open(path))["devices"] if d["device"] == device)


row = row_of(sys.argv[1])
limit = int(info["bus_limit"][0], 16) or None
bad = [f"{name}: {row[name]}, the module says {value}" for name, value in (
    ("dma_ops", mapper()), ("domain", domain), ("bus_limit", limit), ("driver", "dmt_oracle"))
    if row[name] != value]
if len(sys.argv) > 3:
    listed = row_of(sys.argv[3])["dma_ops"]
    # sysfs does not name ops: what is none of these is not known there
    known = ("direct", "passthrough", "iommu-dma", "restricted")
    if listed != (mapper() if mapper() in known else None):
        bad.append(f"devices: {listed}, the module says {mapper()}")
    # these were set before tracing began, and never since
    bits = (row["mask_bits"], row["coherent_mask_bits"])
    told = (int(info["mask"][0]), int(info["coherent_mask"][0], 16).bit_length())
    if bits != told:
        bad.append(f"masks of {bits} bits, the module says {told}")
if bad:
    sys.exit("; ".join(bad))
