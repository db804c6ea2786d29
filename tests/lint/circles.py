#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""No two source files call each other, not even by way of others: what a file uses can be read, and
tested, before it.  The objects' symbols say who uses whom."""
import collections
import glob
import os
import subprocess
import sys

OUTPUT = os.environ.get("OUTPUT", ".output")

defined, wanted = {}, collections.defaultdict(set)
for source in glob.glob("src/*.c") + glob.glob("src/*/*.c"):
    unit = source[len("src/"):-len(".c")]
    symbols = subprocess.run(["nm", f"{OUTPUT}/{unit}.o"], capture_output=True, text=True, check=True)
    for line in symbols.stdout.splitlines():
        *_, kind, name = line.split()
        if kind == "U":
            wanted[unit].add(name)
        elif kind in "BDRTVW":
            defined[name] = unit
if len(defined) < 100:
    sys.exit(f"{OUTPUT}: no symbols found")

uses = collections.defaultdict(lambda: collections.defaultdict(list))
for unit, names in wanted.items():
    for name in names & defined.keys():
        uses[unit][defined[name]].append(name)


def reached(unit):
    seen, left = set(), [unit]
    while left:
        for other in uses[left.pop()]:
            if other not in seen:
                seen.add(other)
                left.append(other)
    return seen


everything = {unit: reached(unit) for unit in list(wanted)}
failed = False
for unit in sorted(everything):
    if unit not in everything[unit]:
        continue
    for other in sorted(uses[unit]):
        if unit in everything.get(other, ()):
            print(f"src/{unit}.c: in a circle with {other}.c: {', '.join(uses[unit][other][:4])}")
            failed = True
sys.exit(failed)
