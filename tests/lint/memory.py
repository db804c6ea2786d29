#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""README.md's section on memory says what the code does: sizes come from the BPF object's BTF,
limits from the sources, and the totals are computed here."""
import json
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


live = "src/live.c"
private = "src/live_private.h"
facts = {
    "accounts of each CPU": number(live, r"naccounts = l->ncpus \* (\d+)u"),
    "fewest accounts": number(private, r"MIN_ACCOUNTS (\d+)"),
    "most accounts": number(private, r"MAX_ACCOUNTS (\d+)"),
    "bytes of an account": SIZES["dmt_account"],
    "stacks": number("bpf/core.bpf.h", r"#define STACKS (\d+)"),
    "bytes of a stack": SIZES["stack"],
    "devices": number(live, r"ndevices = (\d+)"),
    "bytes of a device": SIZES["dmt_device"],
    "bytes of a CPU": SIZES["dmt_cpu"],
}


def total(cpus):
    accounts = min(max(facts["accounts of each CPU"] * cpus, facts["fewest accounts"]),
                   facts["most accounts"])
    return (accounts * facts["bytes of an account"] + facts["stacks"] * facts["bytes of a stack"] +
            facts["devices"] * facts["bytes of a device"] + cpus * facts["bytes of a CPU"])


for cpus in (8, 256):
    facts[f"MiB in all with {cpus} CPUs"] = f"{total(cpus) / 2**20:.1f}"
section = re.search(r"^## Memory$(.*?)^## ", open("README.md").read(), re.M | re.S)[1]
missing = [f"{what}: {value}" for what, value in facts.items()
           if not re.search(rf"(?<![\d.]){re.escape(str(value))}(?![\d.]\d)(?!\d)", section)]
for line in missing:
    print(f"README.md: section Memory does not have: {line}")
sys.exit(len(missing) > 0)
