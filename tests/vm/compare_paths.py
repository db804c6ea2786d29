#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Which way did each call go?  What the case says must happen, what the oracle module saw of its
# own mappings, and what dmatrace reports have to be the same, class by class, to the last call.
#
#	compare_paths.py [--reason REASON] [--no-copies] [--wiped] STAT.json ORACLE [STEPS]
#
# --no-copies: this kernel does not let anybody see them, and nothing may be claimed.  --wiped:
# before a mapping from the device returns, the kernel wipes the slot it has just copied to, so that
# the module cannot see that copy.
# A line of STEPS is COMMAND : PATH [WORKED [SLOTS]]: how many of the command's calls work, and how
# many of those that bounce get a slot; all when nothing is said.
import argparse
import collections
import json
import sys

from comparing import HARD_BYTES, bad, finish, number

PATH_OPS = {"alloc", "alloc_pages", "alloc_noncontiguous", "map", "map_sg", "map_resource",
            "iova_link"}


class Sums(collections.defaultdict):
    """Calls, errors and bytes by key; what is all zero is the same as absent."""

    def __init__(self):
        super().__init__(lambda: (0, 0, 0))

    def add(self, key, calls, errors, octets):
        self[key] = tuple(a + b for a, b in zip(self[key], (calls, errors, octets)))

    def expect_same(self, what, other, name, tolerate=lambda key, mine, theirs: False):
        for key in sorted(set(self) | set(other), key=str):
            mine, theirs = self.get(key, (0, 0, 0)), other.get(key, (0, 0, 0))
            if mine != theirs and not tolerate(key, mine, theirs):
                bad.append("%s %s: %s calls, errors, bytes; %s %s" % (
                    what, " ".join(map(str, key)), mine, name, theirs))


def calls_of(command):
    """What one command asks for: operation, direction, calls, bytes of each, slots of each."""
    words = command.split()
    name, n = words[0], number(words[1])
    if name == "sg":
        return "map_sg", words[4], n, number(words[2]) * number(words[3]), number(words[2])
    if name == "resource":
        return "map_resource", "bidirectional", n, 4096, 0
    size = number(words[2])
    if name == "iova":
        return "iova_link", "to_device", n, size, 1
    if name in ("map", "bounce", "fill"):
        return "map", words[3], n, size, 1
    return {"alloc_contiguous": "alloc"}.get(name, name), \
        "none" if name.startswith("alloc") and words[3] in ("kernel", "atomic") else words[3], \
        n, size, 0


class Steps:
    """What a case says: calls by operation, direction and path, and what bounces of them."""

    def __init__(self, path):
        self.paths, self.failed, self.slots = Sums(), Sums(), Sums()
        self.copies_seen = True
        for line in open(path):
            command, said = line.split(":")
            if command.split()[0] in ("mask", "pool", "thin", "drain"):
                continue
            op, direction, n, size, each = calls_of(command)
            said = said.split()
            worked = int(said[1]) if len(said) > 1 else n
            got = int(said[2]) if len(said) > 2 else worked
            self.paths.add((op, direction, said[0]), n, n - worked, worked * size)
            self.failed.add((op, direction), n - worked, 0, 0)
            if "bounce" not in said[0]:
                continue
            if not command.startswith("bounce"):
                self.copies_seen = False
            # what worked the module has seen bounce; all others, too, were made by a task
            self.slots.add((direction, "task"), (n - worked) * each, (n - got) * each,
                           (got - worked) * size)


class Oracle:
    """What the module saw; of calls that failed it only knows that they did."""

    def __init__(self, path):
        self.paths, self.failed = Sums(), Sums()
        self.bounces, self.copies = Sums(), Sums()
        self.device = None
        for line in open(path):
            words = line.split()
            if words[0] == "path" and words[3] == "failed":
                self.failed.add((words[1], words[2]), int(words[4]), 0, 0)
            elif words[0] == "path":
                self.paths.add(tuple(words[1:4]), int(words[4]), 0, int(words[5]))
            elif words[0] == "bounces":
                self.bounces.add(tuple(words[1:3]), int(words[3]), 0, int(words[4]))
            elif words[0] == "copies":
                self.copies.add(tuple(words[1:4]), int(words[4]), 0, int(words[5]))
            elif words[:2] == ["info", "device"]:
                self.device = words[2]


def check_keys(stat):
    """Each key where it means something, and nowhere else."""
    for a in stat["aggregates"]:
        if not {"path", "bounce_reason", "context"} <= set(a):
            bad.append("the report says nothing of paths")
            return
        for key, has in (("path", a["op"] in PATH_OPS | {"page_alloc"}),
                         ("bounce_reason", a["op"] == "bounce"),
                         ("context", a["op"] in ("bounce", "bounce_copy")),
                         ("phase", a["op"] == "bounce_copy")):
            if (a.get(key) is not None) != has:
                bad.append("%s %s has %s %s" % (a["device"], a["op"], key, a.get(key)))


def rows(stat, device, ops, keys):
    sums = Sums()
    for a in stat["aggregates"]:
        if a["op"] in ops and a["device"] == device:
            sums.add(tuple(a.get(key) for key in keys), a["calls"], a["errors"] or 0, a["bytes"])
    return sums


def without_errors(sums):
    kept = Sums()
    for key, (calls, errors, octets) in sums.items():
        if calls - errors:
            kept.add(key, calls - errors, 0, octets)
    return kept


def missed_by_interrupts(stat):
    """Calls of the module's own interrupts, which map to the device, may be known to be missing."""
    missed = collections.Counter()
    for h in stat["hooks"]:
        if h["status"] == "on":
            missed[h["op"]] += h["missed"] or 0

    def tolerate(key, mine, theirs):
        gone = theirs[0] - mine[0]
        return "to_device" in key and 0 < gone <= missed[key[0]]
    return tolerate, missed


def compare_ways(stat, mine, oracle, missed):
    """
    No class may have more calls than it had. Fewer only by those of the module's interrupts that
    are known to be missing, or whose way is said to be unknown as their entry or their bounce was
    not seen.
    """
    excuses = missed.copy()
    # a kprobe that is skipped leaves nothing to know it by
    ways = {(h["op"], h["way"]) for h in stat["hooks"]}
    hidden = missed["bounce"] if {("bounce", "kprobe"), ("map", "fentry")} <= ways else 0
    for op, direction, path in list(mine):
        calls, _, octets = mine[op, direction, path]
        if path == "direct" and calls <= hidden and octets == calls * HARD_BYTES and \
                (op, direction, path) not in oracle.paths:
            excuses[op] += calls
            del mine[op, direction, path]
    # an interrupt over the program that sees bounces hides those of its own calls
    excused = stat["losses"]["latency_lost"] + missed["bounce"]
    for (op, direction, path), (calls, _, _) in mine.items():
        if path == "unknown" and direction == "to_device" and calls <= excused:
            excuses[op] += calls
    for key in sorted((set(mine) | set(oracle.paths)) - {k for k in mine if k[2] == "unknown"}):
        got, want = mine.get(key, (0, 0, 0)), oracle.paths.get(key, (0, 0, 0))
        short = want[0] - got[0]
        if got != want and not (key[1] == "to_device" and 0 < short <= excuses[key[0]] and
                                want[2] - got[2] == short * HARD_BYTES):
            bad.append("%s: %s calls, errors, bytes; seen by the module %s" % (
                " ".join(key), got, want))
    unknown = sum(sums[0] for key, sums in mine.items() if key[2] == "unknown")
    if unknown > excused:
        bad.append("%d calls went an unknown way, of %d that can be" % (unknown, excused))


def with_reason(reason, *sources):
    """Slots by direction, context and reason."""
    want = Sums()
    for source in sources:
        for key, sums in source.items():
            want.add(("bounce",) + key + (reason,), *sums)
    return want


BOUNCE_KEYS = ("op", "direction", "context", "bounce_reason")


def compare_bounces(stat, oracle, steps, options):
    slots = with_reason(options.reason, oracle.bounces, steps.slots)
    copies = oracle.copies
    if options.wiped:
        for (direction, context), sums in oracle.bounces.items():
            if direction == "from_device":
                copies.add(("map", "to_device", context), *sums)
    if options.no_copies:
        copies = Sums()
    rows(stat, oracle.device, {"bounce"}, BOUNCE_KEYS).expect_same("", slots, "happened")
    if steps.copies_seen or options.no_copies:
        rows(stat, oracle.device, {"bounce_copy"}, ("phase", "direction", "context")).expect_same(
            "bounce_copy", copies, "seen")


def compare_slots(stat, oracle, options, tolerate):
    """Where the case says nothing of calls that fail: those that worked."""
    want = with_reason(options.reason, oracle.bounces)
    without_errors(rows(stat, oracle.device, {"bounce"}, BOUNCE_KEYS)).expect_same(
        "", want, "happened", tolerate)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reason")
    parser.add_argument("--no-copies", action="store_true")
    parser.add_argument("--wiped", action="store_true")
    parser.add_argument("stat")
    parser.add_argument("oracle")
    parser.add_argument("steps", nargs="?")
    options = parser.parse_args()
    stat, oracle = json.load(open(options.stat)), Oracle(options.oracle)
    if not oracle.paths and not oracle.failed:
        sys.exit("the oracle made no call")
    if options.steps:
        steps = Steps(options.steps)
        oracle.paths.expect_same("module:", without_errors(steps.paths), "expected")
        oracle.failed.expect_same("module, failed:", steps.failed, "expected")
    check_keys(stat)
    finish()
    mine = rows(stat, oracle.device, PATH_OPS, ("op", "direction", "path"))
    if options.steps:
        mine.expect_same("dmatrace:", steps.paths, "made")
        compare_bounces(stat, oracle, steps, options)
    else:
        tolerate, missed = missed_by_interrupts(stat)
        compare_ways(stat, without_errors(mine), oracle, missed)
        compare_slots(stat, oracle, options, tolerate)
    finish()


main()
