#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""README.md's numbers are the code's.

Memory: sizes come from the BPF object's BTF, limits from the sources, totals are computed here.
Kernels: the hooks that can be attached are those of the plan for each file in tests/kernels.
Cost: the rows and the machines are those `make bench` measures.
"""
import collections
import glob
import json
import os
import re
import shutil
import subprocess
import sys

bpftool = shutil.which("bpftool") or "/usr/sbin/bpftool"
dump = subprocess.run([bpftool, "-j", "btf", "dump", "file", ".output/dmatrace.bpf.o"],
                      capture_output=True, text=True, check=True).stdout
SIZES = {t["name"]: t["size"] for t in json.loads(dump)["types"] if t["kind"] == "STRUCT"}


def number(path, pattern):
    return int(re.search(pattern, open(path).read())[1])


live = "src/live_load.c"
private = "src/live_private.h"
facts = {
    "accounts of each CPU": number(live, r"naccounts = l->ncpus \* (\d+)u"),
    "fewest accounts": number(private, r"MIN_ACCOUNTS (\d+)"),
    "most accounts": number(private, r"MAX_ACCOUNTS (\d+)"),
    "bytes of an account": SIZES["dmt_account"],
    "stacks": number("bpf/dmatrace.h", r"#define DMT_STACKS (\d+)"),
    "bytes of a stack": SIZES["dmt_stack"],
    "devices": number(live, r"ndevices = (\d+)"),
    "bytes of a device": SIZES["dmt_device"],
    "CPUs": number("bpf/dmatrace.h", r"#define DMT_CPUS (\d+)"),
    "bytes of a CPU": SIZES["dmt_cpu"],
}


def total(cpus):
    accounts = min(max(facts["accounts of each CPU"] * cpus, facts["fewest accounts"]),
                   facts["most accounts"])
    return (accounts * facts["bytes of an account"] + facts["stacks"] * facts["bytes of a stack"] +
            facts["devices"] * facts["bytes of a device"] + facts["CPUs"] * facts["bytes of a CPU"])


for cpus in (8, 256):
    facts[f"MiB in all with {cpus} CPUs"] = f"{total(cpus) / 2**20:.1f}"


def section(title):
    return re.search(rf"^## {title}$(.*?)^## ", open("README.md").read(), re.M | re.S)[1]


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
    return re.search(r"^machines='(.*?)'$", open("tests/bench.sh").read(), re.M | re.S)[1].split("\n")


status = 0
for what, value in facts.items():
    if not re.search(rf"(?<![\d.]){re.escape(str(value))}(?![\d.]\d)(?!\d)", section("Memory")):
        print(f"README.md: section Memory does not have: {what}: {value}")
        status = 1
rows = re.findall(r"^\| ([\d.x]+) \(.*?\) \| (.*?) \| (.*?) \|$", section("Kernels"), re.M)
table = {f"{row[0]}-{arch}": cell for row in rows
         for arch, cell in zip(("amd64", "arm64"), row[1:])}
for path in sorted(glob.glob("tests/kernels/*.txt")):
    name = os.path.basename(path)[:-len(".txt")]
    if name in table and table[name] != hooks_on(path):
        print(f"README.md: {name} is '{table[name]}' in section Kernels, now '{hooks_on(path)}'")
        status = 1
tables = re.search(r"^```\n(.*?)\n```", section("Cost"), re.M | re.S)[1].split("\n\n")
for table in tables[:4]:  # notes follow
    title, head, *lines = table.split("\n")
    expected = ["bare"] * title.startswith("instructions") + bench_rows()
    if [re.split(" {2,}", line)[0] for line in lines] != expected:
        print(f"README.md: '{title}' in section Cost has other rows than case bench")
        status = 1
    if re.split(" {2,}", head.strip()) != bench_machines():
        print(f"README.md: '{title}' in section Cost has other machines than tests/bench.sh")
        status = 1
sys.exit(status)
