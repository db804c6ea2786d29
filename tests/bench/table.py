#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tables of what tests/vm/cases/bench.sh measured: table.py "KERNEL ARCH" FILE [...]

A line of such a file is NAME|MAP|SG|ALLOC|SECONDS|NOTE.
"""
import sys

TITLES = ("instructions: dma_map_single() of 256 bytes and its dma_unmap_single()",
          "instructions: dma_map_sg() of 8 entries of 4 KiB and its dma_unmap_sg()",
          "instructions: dma_alloc_coherent() of 4 KiB and its dma_free_coherent()",
          "seconds until it is on")
SECONDS, NOTE = 3, 4
BARE, EMPTY, EMPTY_KPROBE = "bare", "empty fentry + fexit", "empty kprobe + kretprobe"


def read(path):
    lines = (line.rstrip("\n").split("|") for line in open(path))
    return {name: columns for name, *columns in lines}


def cell_of(rows, name, column):
    """A number and, of instructions, how many times those of an empty pair it is."""
    value = rows[name][column]
    if column == SECONDS or value == "-":
        return value
    empty = rows[EMPTY_KPROBE if name.startswith("kprobe: ") else EMPTY][column]
    if name in (BARE, EMPTY, EMPTY_KPROBE) or empty == "-":
        return value + 5 * " "
    return f"{value} {int(value) / int(empty):4.1f}"


def main(machines, paths):
    measured = [read(path) for path in paths]
    for column, title in enumerate(TITLES):
        print(f"{title}\n{'':28}" + "".join(f"{machine:>12}" for machine in machines))
        for name in measured[0]:
            if column == SECONDS and name == BARE:
                continue
            print((f"{name:28}" + "".join(f"{cell_of(rows, name, column):>12}"
                                          for rows in measured)).rstrip())
        print()
    for machine, rows in zip(machines, measured):
        for name, columns in rows.items():
            if columns[NOTE]:
                print(f"{machine}, {name}: {columns[NOTE]}")


main(sys.argv[1::2], sys.argv[2::2])
