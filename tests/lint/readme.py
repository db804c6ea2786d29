#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The numbers in README.md, dmatrace(1) and tests/bench/README.md are the code's.

Memory: sizes come from the compiler, limits from the sources, totals are computed here.
Kernels: the hooks that can be attached are those of the plan for each file in tests/kernels.
Cost: the rows and the machines are those `make bench` measures.  README.md has at most 250 lines.
"""
import collections
import glob
import json
import os
import re
import subprocess
import sys

live = "src/live/load.c"
private = "src/live/private.h"
failure = "bpf/failure.bpf.h"


def number(path, pattern):
    return int(re.search(pattern, open(path).read())[1])


def compiled(expression):
    """What the compiler makes of it."""
    assembly = subprocess.run(
        [*os.environ.get("CC", "cc").split(), "-include", "bpf/dmatrace.h", "-x", "c", "-S", "-",
         "-o", "-"],
        input=f"unsigned value = {expression};", capture_output=True, text=True, check=True).stdout
    return int(re.search(r"^value:\n\t\.(?:long|word)\t(\d+)", assembly, re.M)[1])


def size(struct):
    return compiled(f"sizeof(struct dmt_{struct})")


facts = {
    "accounts of each CPU": number(live, r"naccounts = l->ncpus \* (\d+)u"),
    "fewest accounts": number(private, r"MIN_ACCOUNTS (\d+)"),
    "most accounts": number(private, r"MAX_ACCOUNTS (\d+)"),
    "bytes of an account": size("account"),
    "stacks": compiled("DMT_STACKS"),
    "bytes of a stack": size("stack"),
    "devices": number(live, r"ndevices = (\d+)"),
    "bytes of a device": size("device"),
    "CPUs": compiled("DMT_CPUS"),
    "bytes of a CPU": size("cpu"),
}


def total(cpus):
    accounts = min(max(facts["accounts of each CPU"] * cpus, facts["fewest accounts"]),
                   facts["most accounts"])
    return (accounts * facts["bytes of an account"] + facts["stacks"] * facts["bytes of a stack"] +
            facts["devices"] * facts["bytes of a device"] + facts["CPUs"] * facts["bytes of a CPU"])


def hashed(entries, *structs):
    """Bytes of a hash table, whose entries have 48 of the kernel's, and 16 in a list's head."""
    return entries * (48 + sum(map(size, structs)) + 16)


def traces(least):
    """Bytes of the table of call paths with traces_room(least): 16 of each are the kernel's."""
    return (least + 1) * (16 + compiled("DMT_STACK_DEPTH") * 8) + 2 * least * 8


def mib(bytes_more):
    return round(bytes_more / 2**20)


for cpus in (8, 256):
    facts[f"MiB in all with {cpus} CPUs"] = f"{total(cpus) / 2**20:.1f}"
mappings = number(live, r"max_mappings : (\d+)")
paths = number(live, r"max_stacks : (\d+)")
held = "held_key", "held_value"
held_always = number(failure, r"max_entries, (\d+)\);\s*/\* more for `live`")
traces_always = number(failure, r"max_entries, (\d+)\);\s*/\* see traces_room") - 1
lifetimes = number(private, r"LIFETIMES \((\d+) \*") * compiled("DMT_TAKER_MAX")
facts["memory of live"] = "needs %d MiB more for %d mappings" % (
    mib(hashed(mappings, *held) - hashed(held_always, *held) + lifetimes * size("lifetime")),
    mappings)
facts["memory of its call paths"] = "and another %d with Fl stack" % (
    mib(traces(number(live, r"traces_room\((\d+)\)")) - traces(traces_always)))
facts["memory of stacks"] = "stacks %d MiB more for %d call paths" % (
    mib(traces(paths * number(live, r"traces_room\(paths \* (\d+)\)")) - traces(traces_always) +
        hashed(paths, "stack_key", "stack_count")), paths)
ring = number(live, r"wished = (\d+) << 20")
events = (ring << 20) // (size("event") + 8) // 1000  # the kernel's header has 8 bytes


def section(title):
    return re.search(rf"^## {title}$(.*?)^## ", open("README.md").read(), re.M | re.S)[1]


def memory():
    page = open("man/dmatrace.1").read()
    return re.search(r"^\.Sh MEMORY$(.*?)^\.Sh ", page, re.M | re.S)[1]


def running(text):
    """In one line, without the macros of a manual page."""
    return " ".join(re.sub(r"^\.[A-Z][a-z] |^\.[A-Z][a-z]$", "", text, flags=re.M).split())


def hooks_on(path):
    """As the table has it: "20 fentry, 3 kprobe"."""
    report = json.loads(subprocess.run(
        ["./dmatrace", "hooks", "--kernel", path, "--format", "json"], capture_output=True,
        text=True, check=True).stdout)
    ways = collections.Counter(h["way"] for h in report["hooks"] if h["status"] == "on")
    return ", ".join(f"{count} {way}" for way, count in sorted(ways.items()))


def bench_rows():
    rows = re.search(r"^guest_rows\(\)(.*?)^\tEND$", open("tests/vm/cases/bench.sh").read(),
                     re.M | re.S)[1]
    return re.findall(r"^\t\t(.+?)\|", rows, re.M)


def bench_machines():
    return re.search(r"^machines='(.*?)'$", open("tests/bench/run.sh").read(), re.M | re.S)[1].split("\n")


status = 0
for what, value in facts.items():
    if not re.search(rf"(?<![\d.]){re.escape(str(value))}(?![\d.]\d)(?!\d)",
                     running(memory())):
        print(f"man/dmatrace.1: section MEMORY does not have: {what}: {value}")
        status = 1
bench = "tests/bench/README.md"
costs = open(bench).read()
cost = open("tests/vm/cases/cost.sh").read()
most = dict(re.findall(r"^(?:limits=')?([a-z-]+) (\d+)'?$", cost, re.M))
for path, text, phrase in (
        (bench, costs, f"{ring} MiB hold {events},000 of them"),
        (bench, costs,
         f"when `stat` adds more than {most['stat']} instructions to that map on 6.12 for amd64, or"
         f" {most['no-latency']} without latencies, or {most['kprobe']} by kprobes, or `live` more"
         f" than {most['live']}, and when it takes one of them more than"
         f" {re.search('^limit_on=([0-9.]+)', cost, re.M)[1]} s to start"),
        ("man/dmatrace-trace.1", open("man/dmatrace-trace.1").read(),
         f"The default, {ring}MiB, is enough for {events}000 of them")):
    if phrase not in running(text):
        print(f"{path}: does not have: {phrase}")
        status = 1
rows = re.findall(r"^\| ([\d.x]+) \(.*?\) \| (.*?) \| (.*?) \|$", section("Kernels"), re.M)
table = {f"{row[0]}-{arch}": cell for row in rows
         for arch, cell in zip(("amd64", "arm64"), row[1:])}
for path in sorted(glob.glob("tests/kernels/*.txt")):
    name = os.path.basename(path)[:-len(".txt")]
    if name in table and table[name] != hooks_on(path):
        print(f"README.md: {name} is '{table[name]}' in section Kernels, now '{hooks_on(path)}'")
        status = 1
tables = re.search(r"^```\n(.*?)\n```", costs, re.M | re.S)[1].split("\n\n")
for table in tables[:4]:  # notes follow
    title, head, *lines = table.split("\n")
    expected = ["bare"] * title.startswith("instructions") + bench_rows()
    if [re.split(" {2,}", line)[0] for line in lines] != expected:
        print(f"{bench}: '{title}' has other rows than case bench")
        status = 1
    if re.split(" {2,}", head.strip()) != bench_machines():
        print(f"{bench}: '{title}' has other machines than tests/bench/run.sh")
        status = 1
for cpus, phrase in ((8, "MiB with 8 CPUs"), (256, "with 256")):
    if f"{total(cpus) / 2**20:.1f}" not in running(section("Safety and cost")):
        print(f"README.md: section Safety and cost does not have: {total(cpus) / 2**20:.1f} {phrase}")
        status = 1
added = {row: int(re.search(rf"^{row} .*", tables[0], re.M)[0].split()[-8])
         for row in ("stat", "bpftrace histogram")}
phrase = "`stat` adds %d instructions to a map and its unmap: %.2f of what bpftrace adds" % (
    added["stat"], added["stat"] / added["bpftrace histogram"])
if phrase not in running(section("Safety and cost")):
    print(f"README.md: section Safety and cost does not have: {phrase}")
    status = 1
lines = len(open("README.md").readlines())
if lines > 250:
    print(f"README.md:{lines}: a front page has at most 250 lines")
    status = 1
sys.exit(status)
